// A language model's layers over the next tokens of many sequences, as one operation: tokens in, tokens out. Sequences are packed, so
// prompts of any lengths and single tokens go through the layers together; the keys and values of earlier tokens stay in a cache that
// is written in place. fusedDecoder.ts documents the inputs.

#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "attention.h"
#include "choose.h"
#include "maps.h"
#include "operation.h"
#include "parallel.h"

namespace {

struct DecoderLayer {
  int64_t window;  // 0: all earlier tokens are seen
  bool rotates;
  const float *inputNorm, *outputNorm, *queryNorm, *keyNorm;
  LinearMap query, key, value, output, gate, up, down;
};

struct DecoderModel {
  int64_t heads, keyHeads, size, hidden, intermediate, vocabulary;
  float epsilon, adapterScale;
  const float *embedding, *finalNorm, *frequencies;
  LinearMap head;
  std::vector<DecoderLayer> layers;

  int64_t group() const { return heads / keyHeads; }
  int64_t queryWidth() const { return heads * size; }
  int64_t keyWidth() const { return keyHeads * size; }
};

// A parameter by its place in the list; a place of -1 is one that the model does not have.
struct Parameters {
  Context& context;
  int first;
  const int32_t* layout;

  struct View {
    const float* data = nullptr;
    int64_t rows = 0, columns = 0;
  };
  View next() {
    const int32_t place = *layout++;
    if (place < 0) return {};
    const Input input = context.input(first + place);
    return {input.data(), input.dim(0), input.size() / std::max<int64_t>(1, input.dim(0))};
  }
  LinearMap nextMap() {
    const View weight = next(), bias = next(), down = next(), up = next();
    return {weight.data, bias.data, down.data, up.data, weight.columns, weight.rows, down.rows};
  }
};

// layout: layers, heads, keyHeads, size; the places of embedding, final norm and head; for each layer window, rotates, the places of
// four norms and seven maps. A map has four places: weight, bias, A, B.
DecoderModel decoderModel(Context& context, const int32_t* layout, const float* settings, int firstParameter) {
  DecoderModel model;
  Parameters parameters{context, firstParameter, layout + 4};
  model.heads = layout[1], model.keyHeads = layout[2], model.size = layout[3];
  model.epsilon = settings[0], model.adapterScale = settings[1], model.frequencies = settings + 2;
  const Parameters::View embedding = parameters.next();
  model.embedding = embedding.data, model.hidden = embedding.columns;
  model.finalNorm = parameters.next().data;
  model.head = parameters.nextMap();
  model.vocabulary = model.head.out;
  for (int64_t i = 0; i < layout[0]; ++i) {
    DecoderLayer layer;
    layer.window = *parameters.layout++;
    layer.rotates = *parameters.layout++ != 0;
    for (const float** norm : {&layer.inputNorm, &layer.outputNorm, &layer.queryNorm, &layer.keyNorm}) *norm = parameters.next().data;
    for (LinearMap* map : {&layer.query, &layer.key, &layer.value, &layer.output, &layer.gate, &layer.up, &layer.down}) *map = parameters.nextMap();
    model.layers.push_back(layer);
  }
  model.intermediate = model.layers.empty() ? 0 : model.layers[0].gate.out;
  return model;
}

// Keys and values of all layers and rows. Keys are rotated and lie in tiles of `keyTile` tokens, [tiles, size, keyTile], as attention
// multiplies them; values lie token by token, [capacity, size].
struct DecoderCache {
  float *keys, *values;
  int64_t slots, keyHeads, capacity, size;

  int64_t place(int64_t layer, int64_t slot, int64_t head) const { return ((layer * slots + slot) * keyHeads + head) * capacity * size; }
  void write(int64_t layer, int64_t slot, int64_t head, int64_t position, const float* key, const float* value) const {
    float* column = keys + place(layer, slot, head) + position / keyTile * keyTile * size + position % keyTile;
    for (int64_t d = 0; d < size; ++d) column[d * keyTile] = key[d];
    std::copy(value, value + size, values + place(layer, slot, head) + position * size);
  }
};

// New tokens of one sequence, for one or more rows that have them in common.
struct Segment {
  int64_t first, count, position;
  std::vector<int64_t> rows;
};

// Some tokens of one segment that go through the layers together with those of others.
struct Piece {
  int64_t segment, first, count, position;
};

inline void normalise(const float* x, const float* weight, float epsilon, int64_t size, float* out) {
  const double sum = sumOf(size, [&](int64_t i) { return x[i] * x[i]; });
  const float inverse = static_cast<float>(1.0 / std::sqrt(sum / size + epsilon));
  for (int64_t i = 0; i < size; ++i) out[i] = x[i] * inverse * weight[i];
}

class Decoder {
 public:
  Decoder(const DecoderModel& model, const DecoderCache& cache, const int64_t* slots) : model_(model), cache_(cache), slots_(slots) {}

  // The scores of each segment's next token, [segments, vocabulary].
  const float* scores(Team& team, const std::vector<int32_t>& tokens, const std::vector<Segment>& segments) {
    const int64_t count = segments.size(), hidden = model_.hidden;
    finals_.resize(count * hidden);
    scores_.resize(count * model_.vocabulary);
    for (int64_t from = 0; from < static_cast<int64_t>(tokens.size()); from += tokensAtOnce) {
      prepare(tokens, segments, from);
      throughLayers(team, segments);
      team.phase(pieces_.size(), [&](int64_t i) {
        const Piece& piece = pieces_[i];
        normalise(states_.data() + (piece.first + piece.count - 1) * hidden, model_.finalNorm, model_.epsilon, hidden, finals_.data() + piece.segment * hidden);
      });
    }
    applyMaps(team, count, finals_.data(), {{&model_.head, scores_.data(), false, low_[0].data()}}, model_.adapterScale);
    return scores_.data();
  }

 private:
  // More tokens go through the layers in parts, so that a long prompt needs little memory.
  static constexpr int64_t tokensAtOnce = 1024;

  void prepare(const std::vector<int32_t>& tokens, const std::vector<Segment>& segments, int64_t from) {
    const int64_t count = std::min<int64_t>(tokensAtOnce, tokens.size() - from), hidden = model_.hidden, half = model_.size / 2;
    states_.resize(count * hidden), normed_.resize(count * hidden);
    queries_.resize(count * model_.queryWidth()), attended_.resize(count * model_.queryWidth());
    keys_.resize(count * model_.keyWidth()), values_.resize(count * model_.keyWidth());
    gate_.resize(count * model_.intermediate), up_.resize(count * model_.intermediate);
    cosine_.resize(count * half), sine_.resize(count * half), ones_.assign(half, 1.0f), zeros_.assign(half, 0.0f);
    int64_t rank = model_.head.rank;
    for (const DecoderLayer& layer : model_.layers)
      for (const LinearMap* map : {&layer.query, &layer.key, &layer.value, &layer.output, &layer.gate, &layer.up, &layer.down}) rank = std::max(rank, map->rank);
    for (std::vector<float>& low : low_) low.resize(std::max<int64_t>(count, segments.size()) * rank);
    pieces_.clear();
    pieceOf_.resize(count);
    for (int64_t s = 0; s < static_cast<int64_t>(segments.size()); ++s) {
      const int64_t begin = std::max(segments[s].first, from), end = std::min(segments[s].first + segments[s].count, from + count);
      if (begin >= end) continue;
      pieces_.push_back({s, begin - from, end - begin, segments[s].position + begin - segments[s].first});
      for (int64_t i = begin; i < end; ++i) pieceOf_[i - from] = pieces_.size() - 1;
    }
    for (int64_t i = 0; i < count; ++i) {
      std::copy_n(model_.embedding + tokens[from + i] * hidden, hidden, states_.data() + i * hidden);
      const Piece& piece = pieces_[pieceOf_[i]];
      for (int64_t d = 0; d < half; ++d) {
        const float angle = static_cast<float>(piece.position + i - piece.first) * model_.frequencies[d];
        cosine_[i * half + d] = std::cos(angle), sine_[i * half + d] = std::sin(angle);
      }
    }
    count_ = count;
    attentionTasks_.clear();
    const int64_t tokensOfTask = std::max<int64_t>(1, queryBlock / model_.group());
    for (const Piece& piece : pieces_)
      for (int64_t first = 0; first < piece.count; first += tokensOfTask)
        attentionTasks_.push_back({piece.segment, piece.first + first, std::min(tokensOfTask, piece.count - first), piece.position + first});
  }

  void throughLayers(Team& team, const std::vector<Segment>& segments) {
    const int64_t hidden = model_.hidden;
    const auto norm = [&](const float* weight) {
      team.phase(count_, [&](int64_t i) { normalise(states_.data() + i * hidden, weight, model_.epsilon, hidden, normed_.data() + i * hidden); });
    };
    const auto map = [&](const float* x, const std::vector<Target>& targets) { applyMaps(team, count_, x, targets, model_.adapterScale); };
    for (size_t l = 0; l < model_.layers.size(); ++l) {
      const DecoderLayer& layer = model_.layers[l];
      norm(layer.inputNorm);
      map(normed_.data(), {{&layer.query, queries_.data(), false, low_[0].data()}, {&layer.key, keys_.data(), false, low_[1].data()}, {&layer.value, values_.data(), false, low_[2].data()}});
      team.phase(count_, [&](int64_t i) { rotateAndKeep(l, i, segments[pieces_[pieceOf_[i]].segment]); });
      team.phase(attentionTasks_.size() * model_.keyHeads, [&](int64_t task) {
        const Piece& piece = attentionTasks_[task / model_.keyHeads];
        attend(l, piece, slots_[segments[piece.segment].rows[0]], task % model_.keyHeads);
      });
      map(attended_.data(), {{&layer.output, states_.data(), true, low_[0].data()}});
      norm(layer.outputNorm);
      map(normed_.data(), {{&layer.gate, gate_.data(), false, low_[0].data()}, {&layer.up, up_.data(), false, low_[1].data()}});
      team.phase(count_, [&](int64_t i) {
        float* gate = gate_.data() + i * model_.intermediate;
        const float* up = up_.data() + i * model_.intermediate;
        for (int64_t j = 0; j < model_.intermediate; ++j) gate[j] = gate[j] * sigmoid(gate[j]) * up[j];
      });
      map(gate_.data(), {{&layer.down, states_.data(), true, low_[0].data()}});
    }
  }

  // Rotates the queries of a token in place, and writes its rotated keys and its values into the cache of each row.
  void rotateAndKeep(int64_t l, int64_t token, const Segment& segment) {
    const DecoderLayer& layer = model_.layers[l];
    const int64_t size = model_.size;
    const float* cosine = layer.rotates ? cosine_.data() + token * (size / 2) : ones_.data();
    const float* sine = layer.rotates ? sine_.data() + token * (size / 2) : zeros_.data();
    const Piece& piece = pieces_[pieceOf_[token]];
    std::vector<float> given(size), turned(size);
    const auto rotate = [&](float* head, const float* weight, float scale) {
      if (weight != nullptr) normalise(head, weight, model_.epsilon, size, given.data());
      else std::copy_n(head, size, given.data());
      turn(given.data(), cosine, sine, 1, scale, size, turned.data());
      std::copy_n(turned.data(), size, head);
    };
    const float scale = 1.0f / std::sqrt(static_cast<float>(size));
    for (int64_t head = 0; head < model_.heads; ++head) rotate(queries_.data() + token * model_.queryWidth() + head * size, layer.queryNorm, scale);
    for (int64_t head = 0; head < model_.keyHeads; ++head) {
      float* key = keys_.data() + token * model_.keyWidth() + head * size;
      rotate(key, layer.keyNorm, 1);
      for (int64_t row : segment.rows)
        cache_.write(l, slots_[row], head, piece.position + token - piece.first, key, values_.data() + token * model_.keyWidth() + head * size);
    }
  }

  // The attention of some tokens of one sequence, for the query heads that share a head of keys.
  void attend(int64_t l, const Piece& piece, int64_t slot, int64_t keyHead) {
    const int64_t size = model_.size, group = model_.group(), count = piece.count * group, window = model_.layers[l].window;
    const float* keys = cache_.keys + cache_.place(l, slot, keyHead);
    const float* values = cache_.values + cache_.place(l, slot, keyHead);
    const auto place = [&](int64_t i) { return (piece.first + i / group) * model_.queryWidth() + (keyHead * group + i % group) * size; };
    std::vector<float> queries(count * size), scores(count * keyTile), sums(count * size, 0.0f);
    std::vector<Softmax> softmax(count);
    for (int64_t i = 0; i < count; ++i) std::copy_n(queries_.data() + place(i), size, queries.data() + i * size);
    const int64_t end = piece.position + piece.count, begin = window == 0 ? 0 : std::max<int64_t>(0, piece.position - window + 1);
    for (int64_t start = begin / keyTile * keyTile; start < end; start += keyTile) {
      product(count, keyTile, size, {queries.data(), size, 1}, keys + start * size, keyTile, scores.data(), keyTile, false);
      for (int64_t i = 0; i < count; ++i) {
        const int64_t position = piece.position + i / group;
        const int64_t last = std::min(std::max<int64_t>(position + 1 - start, 0), keyTile);
        const int64_t first = window == 0 ? 0 : std::min(std::max<int64_t>(position + 1 - window - start, 0), last);
        float* row = scores.data() + i * keyTile;
        std::fill(row, row + first, hiddenScore);
        std::fill(row + last, row + keyTile, hiddenScore);
        if (last > first) softmax[i].add(row, sums.data() + i * size, size);
        else std::fill(row, row + keyTile, 0.0f);
      }
      product(count, size, std::min(keyTile, end - start), {scores.data(), keyTile, 1}, values + start * size, size, sums.data(), size, true);
    }
    for (int64_t i = 0; i < count; ++i)
      for (int64_t d = 0; d < size; ++d) attended_[place(i) + d] = sums[i * size + d] / softmax[i].total;
  }

  const DecoderModel& model_;
  const DecoderCache& cache_;
  const int64_t* slots_;
  int64_t count_ = 0;
  std::vector<float> states_, normed_, queries_, keys_, values_, attended_, gate_, up_, cosine_, sine_, ones_, zeros_, finals_, scores_, low_[3];
  std::vector<Piece> pieces_, attentionTasks_;
  std::vector<int64_t> pieceOf_;
};

// Doubles come as their bits, because operations have no inputs of that type.
inline double doubleAt(const int32_t* bits, int64_t index) {
  double value;
  std::memcpy(&value, bits + 2 * index, sizeof(value));
  return value;
}

// Inputs as fusedDecoder.ts documents them. -> tokens int32 [steps, rows]
void decode(Context& context) {
  const Input layout = context.input(0), settings = context.input(1), tokensInput = context.input(2), segmentsInput = context.input(3);
  const Input slotsInput = context.input(4), sampling = context.input(5), draws = context.input(6), seenInput = context.input(7), ends = context.input(8);
  const Input keys = context.input(9), values = context.input(10);
  const DecoderModel model = decoderModel(context, layout.integers(), settings.data(), 11);
  const int64_t rows = slotsInput.size(), slots = keys.dim(0) / std::max<int64_t>(1, model.layers.size() * model.keyHeads);
  // The one input that is written to: the caller made it for this, and nobody else has it.
  const DecoderCache cache{const_cast<float*>(keys.data()), const_cast<float*>(values.data()), slots, model.keyHeads, keys.last() / model.size, model.size};
  std::vector<int32_t> tokens(tokensInput.integers(), tokensInput.integers() + tokensInput.size());
  const std::vector<int64_t> slotOf(slotsInput.integers(), slotsInput.integers() + rows);
  const Sampling how{doubleAt(sampling.integers(), 0), doubleAt(sampling.integers(), 1), doubleAt(sampling.integers(), 2), sampling.integers()[6]};
  const int64_t steps = sampling.integers()[7], milliseconds = sampling.integers()[8];
  std::vector<Segment> segments;
  int64_t first = 0, row = 0;
  for (int64_t s = 0; s < segmentsInput.dim(0); ++s) {
    const int32_t* given = segmentsInput.integers() + 3 * s;
    Segment segment{first, given[0], given[1], {}};
    for (int32_t i = 0; i < given[2]; ++i) segment.rows.push_back(row++);
    first += segment.count;
    if (!context.require(segment.position + segment.count + steps - 1 <= cache.capacity, "decode: the cache is too small")) return;
    segments.push_back(std::move(segment));
  }
  for (int32_t token : tokens)
    if (!context.require(token >= 0 && token < model.vocabulary, "decode: a token is outside the vocabulary")) return;
  for (int64_t slot : slotOf)
    if (!context.require(slot >= 0 && slot < slots, "decode: a row has no place in the cache")) return;
  if (!context.require(first == static_cast<int64_t>(tokens.size()) && row == rows && values.size() == keys.size(), "decode: tokens, segments, rows and cache do not fit together")) return;

  std::vector<std::vector<int32_t>> seen(rows);
  if (how.penalty != 1)
    for (int64_t i = 0; i < rows; ++i) seen[i].assign(seenInput.integers() + seenInput.integers()[i], seenInput.integers() + seenInput.integers()[i + 1]);
  std::vector<int32_t> chosen(steps * rows);
  std::vector<int64_t> segmentOf(rows);
  Decoder decoder(model, cache, slotOf.data());
  const auto start = std::chrono::steady_clock::now();
  int64_t done = 0;
  bool goesOn = true;
  const bool isSmall = model.layers.empty() || model.hidden * (2 * model.queryWidth() + 3 * model.intermediate) * static_cast<int64_t>(tokens.size()) < (1 << 17);
  Pool::ofProcess().together(isSmall, [&](Team& team) {
    while (goesOn) {
      const float* scores = decoder.scores(team, tokens, segments);
      for (size_t s = 0; s < segments.size(); ++s)
        for (int64_t i : segments[s].rows) segmentOf[i] = s;
      int32_t* now = chosen.data() + done * rows;
      team.phase(rows, [&](int64_t i) {
        const double draw = draws.size() == 0 ? 0 : doubleAt(draws.integers(), i * steps + done);
        now[i] = chooseToken(how, scores + segmentOf[i] * model.vocabulary, model.vocabulary, seen[i], draw);
      });
      std::vector<Segment> next(rows);
      for (const Segment& segment : segments)
        for (int64_t i : segment.rows) next[i] = {i, 1, segment.position + segment.count, {i}};
      segments = std::move(next);
      tokens.assign(now, now + rows);
      ++done;
      goesOn = done < steps && std::chrono::steady_clock::now() - start < std::chrono::milliseconds(milliseconds);
      for (int64_t i = 0; i < rows; ++i) {
        const int32_t token = now[i];
        if (token == notFinite || std::find(ends.integers(), ends.integers() + ends.size(), token) != ends.integers() + ends.size()) goesOn = false;
        else if (how.penalty != 1 && std::find(seen[i].begin(), seen[i].end(), token) == seen[i].end()) seen[i].push_back(token);
      }
    }
  });
  std::copy_n(chosen.data(), done * rows, context.integerOutput(0, {done, rows}));
}

}  // namespace
