// Products of small matrices that lie in the processor's cache, such as the tiles of attention.

#pragma once

#include <cstdint>
#include <cstring>

namespace {

#if defined(__AVX512F__)
#define APOLAB_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define APOLAB_VECTOR_BYTES 32
#else
#define APOLAB_VECTOR_BYTES 16
#endif

// As many floats as a register holds.
typedef float Vector __attribute__((vector_size(APOLAB_VECTOR_BYTES)));
constexpr int64_t vectorSize = sizeof(Vector) / sizeof(float);

inline Vector load(const float* from) {
  Vector value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

inline void store(float* to, Vector value) { std::memcpy(to, &value, sizeof(value)); }

// The left matrix of a product, read as `data[row * rowStride + column * columnStride]`, so it may be transposed.
struct Left {
  const float* data;
  int64_t rowStride, columnStride;
};

// A block of `rows` by `columns` vectors of a product; its sums stay in registers.
template <int rows, int columns>
inline void productBlock(int64_t depth, Left left, const float* right, int64_t rightStride, float* out, int64_t outStride, bool add) {
  Vector sums[rows][columns] = {};
  for (int64_t k = 0; k < depth; ++k) {
    Vector factors[columns];
    for (int column = 0; column < columns; ++column) factors[column] = load(right + k * rightStride + column * vectorSize);
    for (int row = 0; row < rows; ++row) {
      const float factor = left.data[row * left.rowStride + k * left.columnStride];
      for (int column = 0; column < columns; ++column) sums[row][column] += factor * factors[column];
    }
  }
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      float* to = out + row * outStride + column * vectorSize;
      store(to, add ? load(to) + sums[row][column] : sums[row][column]);
    }
}

template <int columns>
void productColumns(int64_t rows, int64_t depth, Left left, const float* right, int64_t rightStride, float* out, int64_t outStride, bool add) {
  int64_t row = 0;
  const auto at = [&](int64_t first) { return Left{left.data + first * left.rowStride, left.rowStride, left.columnStride}; };
  for (; row + 6 <= rows; row += 6) productBlock<6, columns>(depth, at(row), right, rightStride, out + row * outStride, outStride, add);
  float* rest = out + row * outStride;
  switch (rows - row) {
    case 5: return productBlock<5, columns>(depth, at(row), right, rightStride, rest, outStride, add);
    case 4: return productBlock<4, columns>(depth, at(row), right, rightStride, rest, outStride, add);
    case 3: return productBlock<3, columns>(depth, at(row), right, rightStride, rest, outStride, add);
    case 2: return productBlock<2, columns>(depth, at(row), right, rightStride, rest, outStride, add);
    case 1: return productBlock<1, columns>(depth, at(row), right, rightStride, rest, outStride, add);
    default: return;
  }
}

// out [rows, columns] = left [rows, depth] right [depth, columns], or is increased by it.
void product(int64_t rows, int64_t columns, int64_t depth, Left left, const float* right, int64_t rightStride, float* out, int64_t outStride, bool add) {
  int64_t column = 0;
  for (; column + 2 * vectorSize <= columns; column += 2 * vectorSize)
    productColumns<2>(rows, depth, left, right + column, rightStride, out + column, outStride, add);
  for (; column + vectorSize <= columns; column += vectorSize)
    productColumns<1>(rows, depth, left, right + column, rightStride, out + column, outStride, add);
  for (; column < columns; ++column)
    for (int64_t row = 0; row < rows; ++row) {
      float sum = 0;
      for (int64_t k = 0; k < depth; ++k) sum += left.data[row * left.rowStride + k * left.columnStride] * right[k * rightStride + column];
      out[row * outStride + column] = add ? out[row * outStride + column] + sum : sum;
    }
}

}  // namespace
