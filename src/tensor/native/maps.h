// Linear maps of few rows, such as the next tokens of a batch: every weight is read from memory once, in order, and multiplied by all
// rows while it is in a register. A sum is taken in the same order whatever the number of rows, so a row's result does not depend on the
// others.

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "parallel.h"
#include "products.h"

namespace {

// A linear map x W^T, plus a bias and an adapter's scale (x A^T) B^T if there are any: W is [out, in], A [rank, in], B [out, rank].
struct LinearMap {
  const float *weight = nullptr, *bias = nullptr, *down = nullptr, *up = nullptr;
  int64_t in = 0, out = 0, rank = 0;
};

// What is computed from the same rows: to [rows, out] = map(x), or is increased by it. `low` has room for x A^T.
struct Target {
  const LinearMap* map;
  float* to;
  bool add;
  float* low;
};

inline float sumOfVector(Vector value) {
  float parts[vectorSize];
  std::memcpy(parts, &value, sizeof(value));
  for (int64_t half = vectorSize / 2; half > 0; half /= 2)
    for (int64_t i = 0; i < half; ++i) parts[i] += parts[i + half];
  return parts[0];
}

// The first `count` floats, and 0 after them.
inline Vector loadSome(const float* from, int64_t count) {
  Vector value = {};
  std::memcpy(&value, from, count * sizeof(float));
  return value;
}

constexpr int64_t columnsAtOnce = sizeof(Vector) == 64 ? 4 : 2, rowsAtOnce = 6;

// emit(row, column, sum of x[row][k] w[column][k]) for a block of rows and columns; the sums stay in registers.
template <int rows, int columns, typename Emit>
inline void dots(int64_t depth, const float* x, const float* w, const Emit& emit) {
  Vector sums[rows][columns] = {};
  const int64_t whole = depth / vectorSize * vectorSize;
  for (int64_t k = 0; k < whole; k += vectorSize) {
    Vector factors[columns];
    for (int column = 0; column < columns; ++column) {
      factors[column] = load(w + column * depth + k);
      // Several weights' rows are read at a time, which the processor does not foresee: the next ones are asked for here.
      if (columns > 1) __builtin_prefetch(w + (columns + column) * depth + k);
    }
    for (int row = 0; row < rows; ++row) {
      const Vector factor = load(x + row * depth + k);
      for (int column = 0; column < columns; ++column) sums[row][column] += factor * factors[column];
    }
  }
  if (whole < depth) {
    Vector factors[columns];
    for (int column = 0; column < columns; ++column) factors[column] = loadSome(w + column * depth + whole, depth - whole);
    for (int row = 0; row < rows; ++row) {
      const Vector factor = loadSome(x + row * depth + whole, depth - whole);
      for (int column = 0; column < columns; ++column) sums[row][column] += factor * factors[column];
    }
  }
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) emit(row, column, sumOfVector(sums[row][column]));
}

template <int columns, typename Emit>
inline void dotsOfRows(int64_t rows, int64_t depth, const float* x, const float* w, const Emit& emit) {
  for (int64_t row = 0; row < rows; row += rowsAtOnce) {
    const float* some = x + row * depth;
    const auto at = [&](int64_t i, int64_t column, float sum) { emit(row + i, column, sum); };
    switch (std::min(rowsAtOnce, rows - row)) {
      case 1: dots<1, columns>(depth, some, w, at); break;
      case 2: dots<2, columns>(depth, some, w, at); break;
      case 3: dots<3, columns>(depth, some, w, at); break;
      case 4: dots<4, columns>(depth, some, w, at); break;
      case 5: dots<5, columns>(depth, some, w, at); break;
      default: dots<6, columns>(depth, some, w, at);
    }
  }
}

// emit for all `rows` of x [rows, depth] and `columns` rows of w [columns, depth].
template <typename Emit>
void dotProducts(int64_t rows, int64_t columns, int64_t depth, const float* x, const float* w, const Emit& emit) {
  int64_t column = 0;
  const auto at = [&](int64_t row, int64_t j, float sum) { emit(row, column + j, sum); };
  // A single row is bound by memory, which is read fastest in one sequence.
  if (rows > 1)
    for (; column + columnsAtOnce <= columns; column += columnsAtOnce)
      dotsOfRows<columnsAtOnce>(rows, depth, x, w + column * depth, at);
  for (; column < columns; ++column) dotsOfRows<1>(rows, depth, x, w + column * depth, at);
}

// The targets' maps of x [rows, in].
void applyMaps(Team& team, int64_t rows, const float* x, const std::vector<Target>& targets, float scale) {
  constexpr int64_t rowsOfTask = 48, columnsOfTask = 32;
  std::vector<LinearMap> downs;
  std::vector<Target> lows;
  for (const Target& target : targets)
    if (target.map->rank > 0) downs.push_back({target.map->down, nullptr, nullptr, nullptr, target.map->in, target.map->rank, 0});
  for (const Target& target : targets)
    if (target.map->rank > 0) lows.push_back({&downs[lows.size()], target.low, false, nullptr});
  if (!lows.empty()) applyMaps(team, rows, x, lows, scale);
  int64_t pieces = 0;
  for (const Target& target : targets) pieces += (target.map->out + columnsOfTask - 1) / columnsOfTask;
  const int64_t blocks = (rows + rowsOfTask - 1) / rowsOfTask;
  team.phase(blocks * pieces, [&](int64_t task) {
    const int64_t first = task / pieces * rowsOfTask, count = std::min(rowsOfTask, rows - first);
    int64_t piece = task % pieces;
    const Target* target = targets.data();
    for (;; ++target) {
      const int64_t own = (target->map->out + columnsOfTask - 1) / columnsOfTask;
      if (piece < own) break;
      piece -= own;
    }
    const LinearMap& map = *target->map;
    const int64_t column = piece * columnsOfTask;
    dotProducts(count, std::min(columnsOfTask, map.out - column), map.in, x + first * map.in, map.weight + column * map.in, [&](int64_t i, int64_t j, float sum) {
      if (map.bias != nullptr) sum += map.bias[column + j];
      if (map.rank > 0) {
        float added = 0;
        for (int64_t r = 0; r < map.rank; ++r) added += target->low[(first + i) * map.rank + r] * map.up[(column + j) * map.rank + r];
        sum += scale * added;
      }
      float& to = target->to[(first + i) * map.out + column + j];
      to = target->add ? to + sum : sum;
    });
  });
}

}  // namespace
