// Attention over packed prefix trees. A token sees at most two ranges of tokens of its tree: the trunk, and its own branch up to
// itself. Scores are computed in tiles of queries by keys that fit the cache; a tile that no query sees is skipped, and the weights are
// never kept: the gradient computes them again from the logarithms of their sums (Dao et al. 2022, arXiv 2205.14135).

#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "operation.h"
#include "parallel.h"
#include "products.h"

namespace {

constexpr int64_t queryBlock = 32, keyTile = 64;

// The score of a key that a query does not see; its weight is exactly 0.
constexpr float hiddenScore = -1e30f;

// Turns one head's vector by its position's angles: (x1, x2) -> (x1 c - x2 s, x2 c + x1 s), times a scale. `direction` -1 turns back.
inline void turn(const float* in, const float* cosine, const float* sine, float direction, float scale, int64_t size, float* out) {
  const int64_t half = size / 2;
  for (int64_t i = 0; i < half; ++i) {
    const float first = in[i], second = in[i + half];
    const float s = direction * sine[i];
    out[i] = (first * cosine[i] - second * s) * scale;
    out[i + half] = (second * cosine[i] + first * s) * scale;
  }
}

// The inputs that attention and its gradient share.
struct Trees {
  const Input &cosine, &sine, &ranges, &offsets;
  int64_t tokens, heads, keyHeads, size;

  int64_t count() const { return offsets.size() - 1; }
  int64_t group() const { return heads / keyHeads; }
  int64_t queryWidth() const { return heads * size; }
  int64_t keyWidth() const { return keyHeads * size; }
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(size)); }
  const float* cosineOf(int64_t token) const { return cosine.data() + token * (size / 2); }
  const float* sineOf(int64_t token) const { return sine.data() + token * (size / 2); }
  // Start and end of the two ranges that a token sees.
  const int32_t* rangesOf(int64_t token) const { return ranges.integers() + token * 4; }

  bool fit(const Input& q, const Input& k, const Input& v) const {
    if (size <= 0 || keyHeads <= 0 || heads % keyHeads != 0 || count() < 0) return false;
    if (q.size() != tokens * queryWidth() || k.size() != tokens * keyWidth() || v.size() != k.size()) return false;
    if (sine.size() != cosine.size() || ranges.size() != tokens * 4) return false;
    const int32_t* at = offsets.integers();
    if (at[0] != 0 || at[count()] != tokens) return false;
    for (int64_t tree = 0; tree < count(); ++tree)
      for (int64_t token = at[tree]; token < at[tree + 1]; ++token) {
        const int32_t* r = rangesOf(token);
        const bool ordered = at[tree] <= r[0] && r[0] <= r[1] && r[1] <= r[2] && r[2] <= r[3] && r[3] <= at[tree + 1];
        if (!ordered || r[1] - r[0] + r[3] - r[2] <= 0) return false;
      }
    return true;
  }
};

Trees treesOf(const Input& q, const Input& k, const Input& cosine, const Input& sine, const Input& ranges, const Input& offsets) {
  const int64_t size = 2 * cosine.last();
  return {cosine, sine, ranges, offsets, cosine.dim(0), q.last() / size, k.last() / size, size};
}

// One tree's tokens and one head of its keys and values.
struct Part {
  const Trees& trees;
  int64_t first, length, keyHead;

  Part(const Trees& all, int64_t task) : trees(all), keyHead(task % all.keyHeads) {
    const int32_t* at = all.offsets.integers() + task / all.keyHeads;
    first = at[0];
    length = at[1] - at[0];
  }

  int64_t tiles() const { return (length + keyTile - 1) / keyTile; }
  int64_t tileLength(int64_t tile) const { return std::min(keyTile, length - tile * keyTile); }
  int64_t keyPlace(int64_t token) const { return (first + token) * trees.keyWidth() + keyHead * trees.size; }
  int64_t queryPlace(int64_t token, int64_t head) const { return (first + token) * trees.queryWidth() + head * trees.size; }

  // The keys of the part, turned by their positions: [length, size].
  std::vector<float> turnedKeys(const float* k) const {
    std::vector<float> keys(length * trees.size);
    for (int64_t i = 0; i < length; ++i)
      turn(k + keyPlace(i), trees.cosineOf(first + i), trees.sineOf(first + i), 1, 1, trees.size, keys.data() + i * trees.size);
    return keys;
  }

  void turnedQueries(const float* q, int64_t head, int64_t from, int64_t count, float* out) const {
    for (int64_t i = 0; i < count; ++i)
      turn(q + queryPlace(from + i, head), trees.cosineOf(first + from + i), trees.sineOf(first + from + i), 1, trees.scale(), trees.size, out + i * trees.size);
  }

  // Rows of `length` vectors that lie `stride` apart, transposed in tiles: [tiles, size, keyTile]; 0 after the last row.
  std::vector<float> columnsOf(const float* rows, int64_t stride) const {
    std::vector<float> columns(tiles() * trees.size * keyTile, 0.0f);
    for (int64_t i = 0; i < length; ++i) {
      float* to = columns.data() + i / keyTile * trees.size * keyTile + i % keyTile;
      for (int64_t d = 0; d < trees.size; ++d) to[d * keyTile] = rows[i * stride + d];
    }
    return columns;
  }

  // Whether one of `count` queries sees a key of the tile.
  bool sees(int64_t from, int64_t count, int64_t tile) const {
    const int64_t start = first + tile * keyTile, end = start + tileLength(tile);
    for (int64_t i = 0; i < count; ++i) {
      const int32_t* r = trees.rangesOf(first + from + i);
      if ((r[0] < end && r[1] > start) || (r[2] < end && r[3] > start)) return true;
    }
    return false;
  }

  // Hides the scores of keys that the query does not see; false if it sees none of the tile.
  bool hide(int64_t query, int64_t tile, float* scores) const {
    const int32_t* r = trees.rangesOf(first + query);
    int64_t bounds[4];
    for (int i = 0; i < 4; ++i) bounds[i] = std::min(std::max<int64_t>(r[i] - first - tile * keyTile, 0), keyTile);
    std::fill(scores, scores + bounds[0], hiddenScore);
    std::fill(scores + bounds[1], scores + bounds[2], hiddenScore);
    std::fill(scores + bounds[3], scores + keyTile, hiddenScore);
    return bounds[1] > bounds[0] || bounds[3] > bounds[2];
  }
};

// The running softmax of one query: the largest score so far, and the sum of exponentials relative to it.
struct Softmax {
  float largest = hiddenScore, total = 0;

  // Turns a tile's scores into weights relative to the largest, and scales what was summed before.
  void add(float* scores, float* sums, int64_t size) {
    float most = largest;
    for (int64_t j = 0; j < keyTile; ++j) most = scores[j] > most ? scores[j] : most;
    const float factor = exponential(largest - most);
    float sum = 0;
    for (int64_t j = 0; j < keyTile; ++j) {
      scores[j] = exponential(scores[j] - most);
      sum += scores[j];
    }
    total = total * factor + sum;
    largest = most;
    if (factor != 1.0f)
      for (int64_t d = 0; d < size; ++d) sums[d] *= factor;
  }
};

// (q [tokens, heads size], k [tokens, keyHeads size], v, cosine [tokens, size / 2], sine, ranges int32 [tokens, 4], offsets int32 [trees + 1])
//   -> (y [tokens, heads size], logarithms of the sums [tokens, heads])
void attention(Context& context) {
  const Input q = context.input(0), k = context.input(1), v = context.input(2);
  const Input cosine = context.input(3), sine = context.input(4), ranges = context.input(5), offsets = context.input(6);
  const Trees trees = treesOf(q, k, cosine, sine, ranges, offsets);
  if (!context.require(trees.fit(q, k, v), "attention: queries, keys, values, rotation and trees do not fit together")) return;
  float* y = context.output(0, q.shape());
  float* logSums = context.output(1, {trees.tokens, trees.heads});
  Pool::ofProcess().run(trees.count() * trees.keyHeads, [&](int64_t task) {
    const Part part(trees, task);
    const int64_t size = trees.size;
    const std::vector<float> columns = part.columnsOf(part.turnedKeys(k.data()).data(), size);
    std::vector<float> queries(queryBlock * size), scores(queryBlock * keyTile), sums(queryBlock * size);
    for (int64_t head = part.keyHead * trees.group(); head < (part.keyHead + 1) * trees.group(); ++head)
      for (int64_t from = 0; from < part.length; from += queryBlock) {
        const int64_t count = std::min(queryBlock, part.length - from);
        part.turnedQueries(q.data(), head, from, count, queries.data());
        std::fill(sums.begin(), sums.end(), 0.0f);
        Softmax softmax[queryBlock];
        for (int64_t tile = 0; tile < part.tiles(); ++tile) {
          if (!part.sees(from, count, tile)) continue;
          product(count, keyTile, size, {queries.data(), size, 1}, columns.data() + tile * size * keyTile, keyTile, scores.data(), keyTile, false);
          for (int64_t i = 0; i < count; ++i) {
            float* row = scores.data() + i * keyTile;
            if (part.hide(from + i, tile, row)) softmax[i].add(row, sums.data() + i * size, size);
            else std::fill(row, row + keyTile, 0.0f);
          }
          product(count, size, part.tileLength(tile), {scores.data(), keyTile, 1}, v.data() + part.keyPlace(tile * keyTile), trees.keyWidth(), sums.data(), size, true);
        }
        for (int64_t i = 0; i < count; ++i) {
          float* out = y + part.queryPlace(from + i, head);
          for (int64_t d = 0; d < size; ++d) out[d] = sums[i * size + d] / softmax[i].total;
          logSums[(part.first + from + i) * trees.heads + head] = softmax[i].largest + std::log(softmax[i].total);
        }
      }
  });
}

// (dy, y, logarithms of the sums, q, k, v, cosine, sine, ranges, offsets) -> (dq, dk, dv)
void attentionGradient(Context& context) {
  const Input dy = context.input(0), y = context.input(1), logSums = context.input(2);
  const Input q = context.input(3), k = context.input(4), v = context.input(5);
  const Input cosine = context.input(6), sine = context.input(7), ranges = context.input(8), offsets = context.input(9);
  const Trees trees = treesOf(q, k, cosine, sine, ranges, offsets);
  float* dq = context.output(0, q.shape());
  float* dk = context.output(1, k.shape());
  float* dv = context.output(2, v.shape());
  Pool::ofProcess().run(trees.count() * trees.keyHeads, [&](int64_t task) {
    const Part part(trees, task);
    const int64_t size = trees.size;
    const std::vector<float> keys = part.turnedKeys(k.data());
    const std::vector<float> keyColumns = part.columnsOf(keys.data(), size);
    const std::vector<float> valueColumns = part.columnsOf(v.data() + part.keyPlace(0), trees.keyWidth());
    std::vector<float> keySums(part.length * size, 0.0f), valueSums(part.length * size, 0.0f);
    std::vector<float> queries(queryBlock * size), upstream(queryBlock * size), querySums(queryBlock * size);
    std::vector<float> weights(queryBlock * keyTile), slopes(queryBlock * keyTile);
    float along[queryBlock];
    for (int64_t head = part.keyHead * trees.group(); head < (part.keyHead + 1) * trees.group(); ++head)
      for (int64_t from = 0; from < part.length; from += queryBlock) {
        const int64_t count = std::min(queryBlock, part.length - from);
        part.turnedQueries(q.data(), head, from, count, queries.data());
        std::fill(querySums.begin(), querySums.end(), 0.0f);
        for (int64_t i = 0; i < count; ++i) {
          const float* g = dy.data() + part.queryPlace(from + i, head);
          const float* value = y.data() + part.queryPlace(from + i, head);
          along[i] = 0;
          for (int64_t d = 0; d < size; ++d) along[i] += g[d] * value[d];
          std::copy(g, g + size, upstream.data() + i * size);
        }
        for (int64_t tile = 0; tile < part.tiles(); ++tile) {
          if (!part.sees(from, count, tile)) continue;
          const int64_t length = part.tileLength(tile), start = tile * keyTile;
          product(count, keyTile, size, {queries.data(), size, 1}, keyColumns.data() + start * size, keyTile, weights.data(), keyTile, false);
          product(count, keyTile, size, {upstream.data(), size, 1}, valueColumns.data() + start * size, keyTile, slopes.data(), keyTile, false);
          for (int64_t i = 0; i < count; ++i) {
            float* weight = weights.data() + i * keyTile;
            float* slope = slopes.data() + i * keyTile;
            part.hide(from + i, tile, weight);
            const float logSum = logSums.data()[(part.first + from + i) * trees.heads + head];
            for (int64_t j = 0; j < keyTile; ++j) {
              weight[j] = exponential(weight[j] - logSum);
              slope[j] = weight[j] * (slope[j] - along[i]);
            }
          }
          product(length, size, count, {weights.data(), 1, keyTile}, upstream.data(), size, valueSums.data() + start * size, size, true);
          product(length, size, count, {slopes.data(), 1, keyTile}, queries.data(), size, keySums.data() + start * size, size, true);
          product(count, size, length, {slopes.data(), keyTile, 1}, keys.data() + start * size, size, querySums.data(), size, true);
        }
        for (int64_t i = 0; i < count; ++i) {
          const int64_t token = part.first + from + i;
          turn(querySums.data() + i * size, trees.cosineOf(token), trees.sineOf(token), -1, trees.scale(), size, dq + part.queryPlace(from + i, head));
        }
      }
    for (int64_t i = 0; i < part.length; ++i) {
      const int64_t token = part.first + i;
      turn(keySums.data() + i * size, trees.cosineOf(token), trees.sineOf(token), -1, 1, size, dk + part.keyPlace(i));
      std::copy(valueSums.data() + i * size, valueSums.data() + (i + 1) * size, dv + part.keyPlace(i));
    }
  });
}

}  // namespace
