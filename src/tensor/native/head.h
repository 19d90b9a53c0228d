// Log-probabilities under a large vocabulary, without its logits in memory: they are computed in blocks of the vocabulary, and again
// for the gradient. The number of parts does not depend on the threads, so neither do the sums' roundings.

#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "Eigen/Core"

#include "operation.h"
#include "parallel.h"

namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrix = Eigen::Map<const Matrix>;
using MutableMatrix = Eigen::Map<Matrix>;

constexpr int64_t vocabularyBlock = 512, rowBlock = 128, vocabularyParts = 16;

// Calls `work(first row, first entry, logits [rows, entries])` for every block of one part of the vocabulary.
template <typename Work>
void forLogits(const ConstMatrix& states, const ConstMatrix& weight, int64_t part, int64_t parts, const Work& work) {
  const int64_t begin = weight.rows() * part / parts, end = weight.rows() * (part + 1) / parts;
  Matrix logits;
  for (int64_t entry = begin; entry < end; entry += vocabularyBlock) {
    const int64_t entries = std::min(vocabularyBlock, end - entry);
    for (int64_t row = 0; row < states.rows(); row += rowBlock) {
      const int64_t rows = std::min<int64_t>(rowBlock, states.rows() - row);
      logits.noalias() = states.middleRows(row, rows) * weight.middleRows(entry, entries).transpose();
      work(row, entry, logits);
    }
  }
}

int64_t partsOf(int64_t vocabulary) { return std::min(vocabularyParts, (vocabulary + vocabularyBlock - 1) / vocabularyBlock); }

// (states [rows, width], weight [vocabulary, width], targets int32 [rows]) -> (log-probabilities [rows], largest logits [rows], logarithms of the sums relative to them [rows])
void headLogProbs(Context& context) {
  const Input statesInput = context.input(0), weightInput = context.input(1), targetsInput = context.input(2);
  const int64_t rows = statesInput.dim(0), width = statesInput.dim(1), vocabulary = weightInput.dim(0);
  const int32_t* targets = targetsInput.integers();
  if (!context.require(weightInput.dim(1) == width && targetsInput.size() == rows, "headLogProbs: states, weight and targets do not fit together")) return;
  for (int64_t row = 0; row < rows; ++row)
    if (!context.require(targets[row] >= 0 && targets[row] < vocabulary, "headLogProbs: a target is outside the vocabulary")) return;
  float* logProbs = context.output(0, {rows});
  float* largests = context.output(1, {rows});
  float* logSums = context.output(2, {rows});
  const ConstMatrix states(statesInput.data(), rows, width), weight(weightInput.data(), vocabulary, width);
  const int64_t parts = partsOf(vocabulary);
  std::vector<float> mosts(parts * rows, -1e30f), targetScores(rows);
  std::vector<double> totals(parts * rows, 0.0);
  Pool::ofProcess().run(parts, [&](int64_t part) {
    forLogits(states, weight, part, parts, [&](int64_t first, int64_t entry, const Matrix& logits) {
      for (int64_t i = 0; i < logits.rows(); ++i) {
        const float* scores = logits.data() + i * logits.cols();
        const int64_t row = first + i, target = targets[row] - entry, place = part * rows + row;
        if (target >= 0 && target < logits.cols()) targetScores[row] = scores[target];
        float most = mosts[place];
        for (int64_t j = 0; j < logits.cols(); ++j) most = scores[j] > most ? scores[j] : most;
        const double sum = sumOf(logits.cols(), [&](int64_t j) { return exponential(scores[j] - most); });
        totals[place] = totals[place] * std::exp(static_cast<double>(mosts[place]) - most) + sum;
        mosts[place] = most;
      }
    });
  });
  for (int64_t row = 0; row < rows; ++row) {
    float most = mosts[row];
    for (int64_t part = 1; part < parts; ++part) most = std::max(most, mosts[part * rows + row]);
    double total = 0;
    for (int64_t part = 0; part < parts; ++part) total += totals[part * rows + row] * std::exp(static_cast<double>(mosts[part * rows + row]) - most);
    largests[row] = most;
    logSums[row] = static_cast<float>(std::log(total));
    logProbs[row] = (targetScores[row] - most) - logSums[row];
  }
}

// (dy [rows], states, weight, targets, largest logits, logarithms of the sums) -> dstates, and dweight if it is asked for
void headGradient(Context& context, bool withWeight) {
  const Input dy = context.input(0), statesInput = context.input(1), weightInput = context.input(2);
  const Input targets = context.input(3), largests = context.input(4), logSums = context.input(5);
  const int64_t rows = statesInput.dim(0), width = statesInput.dim(1), vocabulary = weightInput.dim(0);
  const ConstMatrix states(statesInput.data(), rows, width), weight(weightInput.data(), vocabulary, width);
  const int64_t parts = partsOf(vocabulary);
  MutableMatrix dstates(context.output(0, {rows, width}), rows, width);
  float* dweight = withWeight ? context.output(1, {vocabulary, width}) : nullptr;
  if (withWeight) std::fill(dweight, dweight + vocabulary * width, 0.0f);
  std::vector<Matrix> sums(parts);
  Pool::ofProcess().run(parts, [&](int64_t part) {
    sums[part] = Matrix::Zero(rows, width);
    forLogits(states, weight, part, parts, [&](int64_t first, int64_t entry, Matrix& logits) {
      for (int64_t i = 0; i < logits.rows(); ++i) {
        float* slopes = logits.data() + i * logits.cols();
        const int64_t row = first + i, target = targets.integers()[row] - entry;
        const float g = dy.data()[row], most = largests.data()[row], logSum = logSums.data()[row];
        for (int64_t j = 0; j < logits.cols(); ++j) slopes[j] = -g * exponential((slopes[j] - most) - logSum);
        if (target >= 0 && target < logits.cols()) slopes[target] += g;
      }
      sums[part].middleRows(first, logits.rows()).noalias() += logits * weight.middleRows(entry, logits.cols());
      if (withWeight)
        MutableMatrix(dweight + entry * width, logits.cols(), width).noalias() += logits.transpose() * states.middleRows(first, logits.rows());
    });
  });
  dstates = sums[0];
  for (int64_t part = 1; part < parts; ++part) dstates += sums[part];
}

void headLogProbsGradient(Context& context) { headGradient(context, true); }
void frozenHeadLogProbsGradient(Context& context) { headGradient(context, false); }

}  // namespace
