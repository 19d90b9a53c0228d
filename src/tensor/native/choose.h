// The choice of the next token from its scores, with the steps and the arithmetic of src/model/sampling.ts.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

struct Sampling {
  double temperature, topP, penalty;
  int64_t topK;  // 0: no limit
};

constexpr int32_t notFinite = -1;

// The first token with the highest score; `notFinite` if no score is the highest.
inline int32_t mostLikely(const float* scores, int64_t vocabulary) {
  int32_t best = 0;
  double sum = 0;
  for (int64_t token = 0; token < vocabulary; ++token) sum += scores[token];
  if (std::isnan(sum)) return notFinite;
  for (int64_t token = 1; token < vocabulary; ++token)
    if (scores[token] > scores[best]) best = static_cast<int32_t>(token);
  return best;
}

// The smallest of the largest weights that sum to `topP` of all: the largest are sorted in growing numbers until they suffice.
inline double leastOfTopP(const std::vector<double>& weights, double topP) {
  std::vector<double> some;
  double total = 0;
  for (double weight : weights)
    if (weight > 0) some.push_back(weight), total += weight;
  double reached = 0;
  for (size_t from = 0, until = 64; from < some.size(); from = until, until *= 4) {
    until = std::min(until, some.size());
    std::partial_sort(some.begin() + from, some.begin() + until, some.end(), [](double a, double b) { return a > b; });
    for (size_t i = from; i < until; ++i)
      if ((reached += some[i]) >= topP * total) return some[i];
  }
  return some.back();
}

inline void dropBelow(std::vector<double>& weights, double least) {
  for (double& weight : weights)
    if (weight < least) weight = 0;
}

// `scores` [vocabulary]; `seen` are the tokens that the penalty applies to; `draw` is uniform in [0, 1).
inline int32_t chooseToken(const Sampling& sampling, const float* scores, int64_t vocabulary, const std::vector<int32_t>& seen, double draw) {
  std::vector<float> penalised;
  if (sampling.penalty != 1) {
    penalised.assign(scores, scores + vocabulary);
    for (int32_t token : seen) {
      const double score = scores[token];
      penalised[token] = static_cast<float>(score < 0 ? score * sampling.penalty : score / sampling.penalty);
    }
    scores = penalised.data();
  }
  const int32_t best = mostLikely(scores, vocabulary);
  if (best == notFinite || sampling.temperature == 0) return best;
  std::vector<double> weights(vocabulary);
  const double top = scores[best];
  for (int64_t token = 0; token < vocabulary; ++token) weights[token] = std::exp((scores[token] - top) / sampling.temperature);
  if (sampling.topK > 0 && sampling.topK < vocabulary) {
    std::vector<double> sorted(weights);
    std::nth_element(sorted.begin(), sorted.begin() + (sampling.topK - 1), sorted.end(), [](double a, double b) { return a > b; });
    dropBelow(weights, sorted[sampling.topK - 1]);
  }
  if (sampling.topP < 1) dropBelow(weights, leastOfTopP(weights, sampling.topP));
  double left = 0;
  for (double weight : weights) left += weight;
  left *= draw;
  int32_t last = 0;
  for (int64_t token = 0; token < vocabulary; ++token) {
    if (weights[token] == 0) continue;
    left -= weights[token];
    last = static_cast<int32_t>(token);
    if (left < 0) break;
  }
  return last;
}

}  // namespace
