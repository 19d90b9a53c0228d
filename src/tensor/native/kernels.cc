// Layers of a transformer as single TensorFlow operations on the CPU, each with its gradient, and one step of AdamW.
//
// Calling an eager operation takes TensorFlow about twenty microseconds, longer than the operation of a small model takes to
// compute. What composedLayers.ts writes as a dozen operations is one operation here. All tensors are float32 unless said otherwise;
// layers.ts has the formulas.
//
// Set-up compiles this file once per instruction set, each into a library of its own (src/setup/compileTensorFlow.mjs).
// src/tensor/tensorflow.ts loads one of them after TensorFlow's binding; loading it registers the operations.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <thread>
#include <vector>

#include "Eigen/Core"
#include "absl/log/globals.h"
#include "node_api.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace {

struct Input {
  TF_Tensor* tensor;
  ~Input() { TF_DeleteTensor(tensor); }
  const float* data() const { return static_cast<const float*>(TF_TensorData(tensor)); }
  const int32_t* integers() const { return static_cast<const int32_t*>(TF_TensorData(tensor)); }
  int64_t dim(int axis) const { return TF_Dim(tensor, axis); }
  int64_t size() const { return TF_TensorElementCount(tensor); }
  int64_t last() const { return dim(TF_NumDims(tensor) - 1); }
  std::vector<int64_t> shape() const {
    std::vector<int64_t> dims(TF_NumDims(tensor));
    for (size_t axis = 0; axis < dims.size(); ++axis) dims[axis] = dim(axis);
    return dims;
  }
};

class Context {
 public:
  explicit Context(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Context() { TF_DeleteStatus(status_); }
  Input input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    return Input{tensor};
  }
  float* output(int index, const std::vector<int64_t>& shape) {
    int64_t count = 1;
    for (int64_t size : shape) count *= size;
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), shape.size(), count * sizeof(float), status_);
    float* data = static_cast<float*>(TF_TensorData(tensor));
    TF_DeleteTensor(tensor);
    return data;
  }
  // False, and the operation fails with the message, where a condition on the inputs does not hold.
  bool require(bool condition, const char* message) {
    if (condition) return true;
    TF_SetStatus(status_, TF_INVALID_ARGUMENT, message);
    TF_OpKernelContext_Failure(context_, status_);
    return false;
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
};

int threadCount() {
  static const int count = [] {
    const char* given = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int wanted = given == nullptr ? 0 : std::atoi(given);
    return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }();
  return count;
}

// Runs `work(begin, end)` over 0 to count, on several threads where a range is worth starting one (about 50 microseconds).
void parallel(int64_t count, int64_t operationsEach, const std::function<void(int64_t, int64_t)>& work) {
  const int64_t worthAThread = 500000;
  const int64_t pieces = std::min<int64_t>({threadCount(), count, count * operationsEach / worthAThread});
  if (pieces <= 1) return work(0, count);
  std::vector<std::thread> threads;
  for (int64_t piece = 1; piece < pieces; ++piece)
    threads.emplace_back(work, count * piece / pieces, count * (piece + 1) / pieces);
  work(0, count / pieces);
  for (std::thread& thread : threads) thread.join();
}

// e^x within two units in the last place, in a form that compilers vectorise; exactly 0 below -87, so a masked score weighs 0.
inline float exponential(float x) {
  const float bounded = x > 88.0f ? 88.0f : (x < -87.0f ? -87.0f : x);
  const float whole = std::floor(bounded * 1.44269504f + 0.5f);
  // ln 2 in two parts, the first with few bits. As products and sums, -fassociative-math would join the parts and lose the second.
  const float rest = __builtin_fmaf(whole, 2.12194440e-4f, __builtin_fmaf(whole, -0.693359375f, bounded));
  float series = 1.9875691500e-4f;
  series = series * rest + 1.3981999507e-3f;
  series = series * rest + 8.3334519073e-3f;
  series = series * rest + 4.1665795894e-2f;
  series = series * rest + 1.6666665459e-1f;
  series = series * rest + 5.0000001201e-1f;
  series = series * rest * rest + rest + 1.0f;
  const int32_t bits = (static_cast<int32_t>(whole) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof(power));
  return x < -87.0f ? 0.0f : series * power;
}

inline float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

// The sum of term(0) to term(count - 1): blocks in single precision, which compilers vectorise, and the sum of the blocks in double
// precision. One sum in single precision would lose 1e-5 of a vocabulary's exponentials, and everything that comes after a large one.
template <typename Term>
inline double sumOf(int64_t count, const Term& term) {
  constexpr int64_t block = 256;
  double sum = 0;
  for (int64_t start = 0; start < count; start += block) {
    const int64_t end = std::min(count, start + block);
    float part = 0;
    for (int64_t i = start; i < end; ++i) part += term(i);
    sum += part;
  }
  return sum;
}

// (x [rows, size], weight [size], epsilon []) -> (y, inverse [rows])
void rmsNorm(Context& context) {
  const Input x = context.input(0), weight = context.input(1), epsilon = context.input(2);
  const int64_t size = x.last(), rows = x.size() / size;
  if (!context.require(weight.size() == size, "rmsNorm: the weight has another size than the last axis")) return;
  float* y = context.output(0, x.shape());
  float* inverses = context.output(1, {rows});
  const float* w = weight.data();
  const float small = epsilon.data()[0];
  parallel(rows, size * 4, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float* in = x.data() + row * size;
      float* out = y + row * size;
      const double sum = sumOf(size, [&](int64_t i) { return in[i] * in[i]; });
      const float inverse = static_cast<float>(1.0 / std::sqrt(sum / size + small));
      inverses[row] = inverse;
      for (int64_t i = 0; i < size; ++i) out[i] = in[i] * inverse * w[i];
    }
  });
}

// (dy, x, weight, inverse) -> (dx, dweight)
void rmsNormGradient(Context& context) {
  const Input dy = context.input(0), x = context.input(1), weight = context.input(2), inverse = context.input(3);
  const int64_t size = x.last(), rows = x.size() / size;
  float* dx = context.output(0, x.shape());
  float* dw = context.output(1, {size});
  std::vector<double> sums(size, 0.0);
  const float* w = weight.data();
  for (int64_t row = 0; row < rows; ++row) {
    const float* g = dy.data() + row * size;
    const float* in = x.data() + row * size;
    float* out = dx + row * size;
    const float r = inverse.data()[row];
    for (int64_t i = 0; i < size; ++i) sums[i] += g[i] * in[i] * r;
    const float along = static_cast<float>(sumOf(size, [&](int64_t i) { return g[i] * w[i] * in[i]; }) * r * r / size);
    for (int64_t i = 0; i < size; ++i) out[i] = r * (g[i] * w[i] - in[i] * along);
  }
  for (int64_t i = 0; i < size; ++i) dw[i] = static_cast<float>(sums[i]);
}

// (gate, up) -> y
void swiGlu(Context& context) {
  const Input gate = context.input(0), up = context.input(1);
  if (!context.require(gate.size() == up.size(), "swiGlu: gate and up differ in size")) return;
  const float* z = gate.data();
  const float* u = up.data();
  float* y = context.output(0, gate.shape());
  parallel(gate.size(), 20, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = z[i] * sigmoid(z[i]) * u[i];
  });
}

// (dy, gate, up) -> (dgate, dup)
void swiGluGradient(Context& context) {
  const Input dy = context.input(0), gate = context.input(1), up = context.input(2);
  const float* g = dy.data();
  const float* z = gate.data();
  const float* u = up.data();
  float* dgate = context.output(0, gate.shape());
  float* dup = context.output(1, gate.shape());
  parallel(gate.size(), 24, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float s = sigmoid(z[i]), silu = z[i] * s;
      dgate[i] = g[i] * u[i] * (s + silu * (1.0f - s));
      dup[i] = g[i] * silu;
    }
  });
}

// Turns one head's vector by its position's angles: (x1, x2) -> (x1 c - x2 s, x2 c + x1 s), times a scale.
inline void turn(const float* in, const float* cosine, const float* sine, float direction, float scale, int64_t size, float* out) {
  const int64_t half = size / 2;
  for (int64_t i = 0; i < half; ++i) {
    const float first = in[i], second = in[i + half];
    const float s = direction * sine[i];
    out[i] = (first * cosine[i] - second * s) * scale;
    out[i + half] = (second * cosine[i] + first * s) * scale;
  }
}

struct Heads {
  int64_t rows, length, size, heads, keyHeads;
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(size)); }
};

// Sixteen floats at once; compilers split them where the processor has shorter vectors.
typedef float Lanes __attribute__((vector_size(64)));
constexpr int64_t lanes = sizeof(Lanes) / sizeof(float);

inline Lanes load(const float* from) {
  Lanes value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

// out[0..size) = sum over i of factors[i * factorStride] * vectors[i * vectorStride + 0..size). Sixteen columns at a time stay
// in registers, as four sums each, since one would wait for its own last addition.
inline void combine(const float* factors, int64_t factorStride, const float* vectors, int64_t vectorStride, int64_t count, float* out, int64_t size) {
  int64_t start = 0;
  for (; start + lanes <= size; start += lanes) {
    Lanes sums[4] = {};
    const float* vector = vectors + start;
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
      for (int64_t part = 0; part < 4; ++part)
        sums[part] += factors[(i + part) * factorStride] * load(vector + (i + part) * vectorStride);
    for (; i < count; ++i) sums[0] += factors[i * factorStride] * load(vector + i * vectorStride);
    const Lanes sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    std::memcpy(out + start, &sum, sizeof(sum));
  }
  for (; start < size; ++start) {
    float sum = 0;
    for (int64_t i = 0; i < count; ++i) sum += factors[i * factorStride] * vectors[i * vectorStride + start];
    out[start] = sum;
  }
}

// How many keys a token sees at most: all up to the last that its mask does not hide.
int64_t seenBy(const float* mask, int64_t length) {
  int64_t count = length;
  while (count > 1 && mask[count - 1] < -1e8f) --count;
  return count;
}

// The length of a row of scores in memory: whole vectors, so that none is left over.
int64_t padded(int64_t length) { return (length + 15) / 16 * 16; }

// columns[i][j] = matrix[j][i] for a matrix of `rows` vectors that lie `stride` apart.
void transposed(const float* matrix, int64_t rows, int64_t size, int64_t stride, float* columns, int64_t columnStride) {
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < size; ++i) columns[i * columnStride + row] = matrix[row * stride + i];
}

// (q [tokens, heads size], k [tokens, keyHeads size], v, cosine [rows, 1, length, size], sine, mask [rows, 1, length, length])
//   -> (y [tokens, heads size], weights [rows, heads, length, length], turned q, turned k)
void attention(Context& context) {
  const Input q = context.input(0), k = context.input(1), v = context.input(2);
  const Input cosine = context.input(3), sine = context.input(4), mask = context.input(5);
  Heads h{cosine.dim(0), cosine.dim(2), cosine.dim(3), 0, 0};
  h.heads = q.last() / h.size;
  h.keyHeads = k.last() / h.size;
  const bool fits = q.size() == h.rows * h.length * h.heads * h.size && k.size() == v.size() &&
                    k.size() == h.rows * h.length * h.keyHeads * h.size && h.keyHeads > 0 && h.heads % h.keyHeads == 0 &&
                    mask.size() == h.rows * h.length * h.length && sine.size() == cosine.size();
  if (!context.require(fits, "attention: queries, keys, values, rotation and mask do not fit together")) return;
  float* y = context.output(0, q.shape());
  float* weights = context.output(1, {h.rows, h.heads, h.length, h.length});
  float* turnedQ = context.output(2, {h.rows, h.heads, h.length, h.size});
  float* turnedK = context.output(3, {h.rows, h.keyHeads, h.length, h.size});
  const int64_t queryWidth = h.heads * h.size, keyWidth = h.keyHeads * h.size, group = h.heads / h.keyHeads;
  parallel(h.rows * h.keyHeads, group * h.length * h.length * h.size * 4, [&](int64_t begin, int64_t end) {
    const int64_t stride = padded(h.length);
    std::vector<float> columns(h.size * stride), scores(stride);
    for (int64_t task = begin; task < end; ++task) {
      const int64_t row = task / h.keyHeads, keyHead = task % h.keyHeads;
      const float* cos = cosine.data() + row * h.length * h.size;
      const float* sin = sine.data() + row * h.length * h.size;
      const float* values = v.data() + row * h.length * keyWidth + keyHead * h.size;
      float* keys = turnedK + task * h.length * h.size;
      for (int64_t i = 0; i < h.length; ++i)
        turn(k.data() + (row * h.length + i) * keyWidth + keyHead * h.size, cos + i * h.size, sin + i * h.size, 1, 1, h.size, keys + i * h.size);
      transposed(keys, h.length, h.size, h.size, columns.data(), stride);
      for (int64_t head = keyHead * group; head < (keyHead + 1) * group; ++head) {
        for (int64_t i = 0; i < h.length; ++i) {
          const int64_t token = row * h.length + i, place = (row * h.heads + head) * h.length + i;
          const float* hidden = mask.data() + token * h.length;
          const int64_t seen = seenBy(hidden, h.length);
          float* query = turnedQ + place * h.size;
          turn(q.data() + token * queryWidth + head * h.size, cos + i * h.size, sin + i * h.size, 1, h.scale(), h.size, query);
          combine(query, 1, columns.data(), stride, h.size, scores.data(), padded(seen));
          float largest = scores[0] + hidden[0];
          for (int64_t j = 0; j < seen; ++j) {
            scores[j] += hidden[j];
            largest = scores[j] > largest ? scores[j] : largest;
          }
          float* w = weights + place * h.length;
          for (int64_t j = 0; j < seen; ++j) w[j] = exponential(scores[j] - largest);
          const float total = static_cast<float>(sumOf(seen, [&](int64_t j) { return w[j]; }));
          for (int64_t j = 0; j < seen; ++j) w[j] /= total;
          std::fill(w + seen, w + h.length, 0.0f);
          combine(w, 1, values, keyWidth, seen, y + token * queryWidth + head * h.size, h.size);
        }
      }
    }
  });
}

// (dy, weights, turned q, turned k, v, cosine, sine) -> (dq, dk, dv)
void attentionGradient(Context& context) {
  const Input dy = context.input(0), weights = context.input(1), turnedQ = context.input(2), turnedK = context.input(3);
  const Input v = context.input(4), cosine = context.input(5), sine = context.input(6);
  const Heads h{cosine.dim(0), cosine.dim(2), cosine.dim(3), turnedQ.dim(1), turnedK.dim(1)};
  const int64_t queryWidth = h.heads * h.size, keyWidth = h.keyHeads * h.size, group = h.heads / h.keyHeads;
  float* dq = context.output(0, dy.shape());
  float* dk = context.output(1, v.shape());
  float* dv = context.output(2, v.shape());
  parallel(h.rows * h.keyHeads, group * h.length * h.length * h.size * 8, [&](int64_t begin, int64_t end) {
    const int64_t stride = padded(h.length), headSize = h.length * h.size;
    std::vector<float> columns(h.size * stride), scores(h.length * stride), vector(h.size), keySums(headSize), valueSums(headSize);
    for (int64_t task = begin; task < end; ++task) {
      const int64_t row = task / h.keyHeads, keyHead = task % h.keyHeads;
      const float* cos = cosine.data() + row * headSize;
      const float* sin = sine.data() + row * headSize;
      const int64_t firstValue = row * h.length * keyWidth + keyHead * h.size;
      const float* keys = turnedK.data() + task * headSize;
      transposed(v.data() + firstValue, h.length, h.size, keyWidth, columns.data(), stride);
      std::fill(keySums.begin(), keySums.end(), 0.0f);
      std::fill(valueSums.begin(), valueSums.end(), 0.0f);
      for (int64_t head = keyHead * group; head < (keyHead + 1) * group; ++head) {
        const float* w = weights.data() + (row * h.heads + head) * h.length * h.length;
        const float* upstream = dy.data() + row * h.length * queryWidth + head * h.size;
        for (int64_t i = 0; i < h.length; ++i) {
          const float* wi = w + i * h.length;
          float* score = scores.data() + i * stride;
          combine(upstream + i * queryWidth, 1, columns.data(), stride, h.size, score, stride);
          float along = 0;
          for (int64_t j = 0; j < h.length; ++j) along += score[j] * wi[j];
          for (int64_t j = 0; j < h.length; ++j) score[j] = wi[j] * (score[j] - along);
          combine(score, 1, keys, h.size, h.length, vector.data(), h.size);
          turn(vector.data(), cos + i * h.size, sin + i * h.size, -1, h.scale(), h.size, dq + (row * h.length + i) * queryWidth + head * h.size);
        }
        const float* queried = turnedQ.data() + (row * h.heads + head) * headSize;
        for (int64_t j = 0; j < h.length; ++j) {
          combine(scores.data() + j, stride, queried, h.size, h.length, vector.data(), h.size);
          for (int64_t d = 0; d < h.size; ++d) keySums[j * h.size + d] += vector[d];
          combine(w + j, h.length, upstream, queryWidth, h.length, vector.data(), h.size);
          for (int64_t d = 0; d < h.size; ++d) valueSums[j * h.size + d] += vector[d];
        }
      }
      for (int64_t i = 0; i < h.length; ++i) {
        const int64_t token = row * h.length + i;
        turn(keySums.data() + i * h.size, cos + i * h.size, sin + i * h.size, -1, 1, h.size, dk + token * keyWidth + keyHead * h.size);
        std::memcpy(dv + firstValue + i * keyWidth, valueSums.data() + i * h.size, h.size * sizeof(float));
      }
    }
  });
}

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrix = Eigen::Map<const Matrix>;
using MutableMatrix = Eigen::Map<Matrix>;

// (x [rows, in], weight [out, in]) -> x weight^T [rows, out]
void linear(Context& context) {
  const Input x = context.input(0), weight = context.input(1);
  const int64_t rows = x.dim(0), in = x.dim(1), out = weight.dim(0);
  if (!context.require(weight.dim(1) == in, "linear: the weight takes another width than x has")) return;
  float* y = context.output(0, {rows, out});
  const ConstMatrix w(weight.data(), out, in);
  parallel(rows, in * out / 8, [&](int64_t begin, int64_t end) {
    const ConstMatrix part(x.data() + begin * in, end - begin, in);
    MutableMatrix(y + begin * out, end - begin, out).noalias() = part * w.transpose();
  });
}

// (dy [rows, out], x [rows, in], weight [out, in]) -> (dy weight, dy^T x)
void linearGradient(Context& context) {
  const Input dy = context.input(0), x = context.input(1), weight = context.input(2);
  const int64_t rows = x.dim(0), in = x.dim(1), out = weight.dim(0);
  float* dx = context.output(0, {rows, in});
  float* dw = context.output(1, {out, in});
  const ConstMatrix inputs(x.data(), rows, in), upstream(dy.data(), rows, out), w(weight.data(), out, in);
  parallel(rows, in * out / 8, [&](int64_t begin, int64_t end) {
    MutableMatrix(dx + begin * in, end - begin, in).noalias() = upstream.middleRows(begin, end - begin) * w;
  });
  parallel(out, in * rows / 8, [&](int64_t begin, int64_t end) {
    MutableMatrix(dw + begin * in, end - begin, in).noalias() = upstream.middleCols(begin, end - begin).transpose() * inputs;
  });
}

// (logits [rows, vocabulary], targets int32 [rows])
//   -> (log-probabilities [rows], largest logits [rows], logarithms of the sums of exp(logit - largest) [rows])
// The largest logit and the logarithm stay apart: their sum would round the logarithm away if all logits are large.
void targetLogProbs(Context& context) {
  const Input logits = context.input(0), targets = context.input(1);
  const int64_t rows = logits.dim(0), vocabulary = logits.dim(1);
  for (int64_t row = 0; row < rows; ++row)
    if (!context.require(targets.integers()[row] >= 0 && targets.integers()[row] < vocabulary, "targetLogProbs: a target is outside the vocabulary")) return;
  float* logProbs = context.output(0, {rows});
  float* largests = context.output(1, {rows});
  float* logSums = context.output(2, {rows});
  parallel(rows, vocabulary * 12, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float* scores = logits.data() + row * vocabulary;
      float largest = scores[0];
      for (int64_t i = 1; i < vocabulary; ++i) largest = scores[i] > largest ? scores[i] : largest;
      const double logSum = std::log(sumOf(vocabulary, [&](int64_t i) { return exponential(scores[i] - largest); }));
      largests[row] = largest;
      logSums[row] = static_cast<float>(logSum);
      logProbs[row] = static_cast<float>(scores[targets.integers()[row]] - static_cast<double>(largest) - logSum);
    }
  });
}

// (dy [rows], logits, targets, largest logits, logarithms of the sums) -> dlogits
void targetLogProbsGradient(Context& context) {
  const Input dy = context.input(0), logits = context.input(1), targets = context.input(2);
  const Input largests = context.input(3), logSums = context.input(4);
  const int64_t rows = logits.dim(0), vocabulary = logits.dim(1);
  float* gradient = context.output(0, logits.shape());
  parallel(rows, vocabulary * 12, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float* scores = logits.data() + row * vocabulary;
      float* out = gradient + row * vocabulary;
      const float g = dy.data()[row], largest = largests.data()[row];
      const float scale = static_cast<float>(-g * std::exp(-static_cast<double>(logSums.data()[row])));
      for (int64_t i = 0; i < vocabulary; ++i) out[i] = scale * exponential(scores[i] - largest);
      out[targets.integers()[row]] += g;
    }
  });
}

// (parameter, gradient, mean, square, settings [beta1, beta2, epsilon, step size, correction, decay])
//   -> (parameter, mean, square)
void adamW(Context& context) {
  const Input parameter = context.input(0), gradient = context.input(1), mean = context.input(2), square = context.input(3);
  const Input settings = context.input(4);
  const int64_t size = parameter.size();
  const bool fits = gradient.size() == size && mean.size() == size && square.size() == size && settings.size() == 6;
  if (!context.require(fits, "adamW: parameter, gradient and moments differ in size")) return;
  const float* s = settings.data();
  const float beta1 = s[0], beta2 = s[1], epsilon = s[2], stepSize = s[3], correction = s[4], decay = s[5];
  const float *p = parameter.data(), *g = gradient.data(), *m = mean.data(), *v = square.data();
  float* moved = context.output(0, parameter.shape());
  float* newMean = context.output(1, parameter.shape());
  float* newSquare = context.output(2, parameter.shape());
  parallel(size, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      newMean[i] = m[i] * beta1 + g[i] * (1.0f - beta1);
      newSquare[i] = v[i] * beta2 + g[i] * g[i] * (1.0f - beta2);
      moved[i] = p[i] * decay - newMean[i] / (std::sqrt(newSquare[i]) / correction + epsilon) * stepSize;
    }
  });
}

template <void (*compute)(Context&)>
void computeKernel(void*, TF_OpKernelContext* context) {
  Context wrapped(context);
  compute(wrapped);
}

// Registers an operation and its kernel; a failure ends the process with TensorFlow's message, since it is a mistake here.
template <void (*compute)(Context&)>
void add(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* operation = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(operation, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(operation, output);
  TF_RegisterOpDefinition(operation, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder* kernel = TF_NewKernelBuilder(name, "CPU", nullptr, &computeKernel<compute>, nullptr);
    TF_RegisterKernelBuilder(name, kernel, status);
  }
  if (TF_GetCode(status) != TF_OK) {
    std::fprintf(stderr, "apolab: TensorFlow refuses the operation %s: %s\n", name, TF_Message(status));
    std::abort();
  }
  TF_DeleteStatus(status);
}

const bool registered = [] {
  // TensorFlow would open every process with notes on its own build; warnings and errors stay.
  if (std::getenv("TF_CPP_MIN_LOG_LEVEL") == nullptr) absl::SetMinLogLevel(absl::LogSeverityAtLeast::kWarning);
  add<rmsNorm>("ApolabRmsNorm", {"x: float", "weight: float", "epsilon: float"}, {"y: float", "inverse: float"});
  add<rmsNormGradient>("ApolabRmsNormGradient", {"dy: float", "x: float", "weight: float", "inverse: float"}, {"dx: float", "dweight: float"});
  add<swiGlu>("ApolabSwiGlu", {"gate: float", "up: float"}, {"y: float"});
  add<swiGluGradient>("ApolabSwiGluGradient", {"dy: float", "gate: float", "up: float"}, {"dgate: float", "dup: float"});
  add<attention>("ApolabAttention", {"q: float", "k: float", "v: float", "cosine: float", "sine: float", "mask: float"},
                 {"y: float", "weights: float", "turned_q: float", "turned_k: float"});
  add<attentionGradient>("ApolabAttentionGradient",
                         {"dy: float", "weights: float", "turned_q: float", "turned_k: float", "v: float", "cosine: float", "sine: float"},
                         {"dq: float", "dk: float", "dv: float"});
  add<linear>("ApolabLinear", {"x: float", "weight: float"}, {"y: float"});
  add<linearGradient>("ApolabLinearGradient", {"dy: float", "x: float", "weight: float"}, {"dx: float", "dweight: float"});
  add<targetLogProbs>("ApolabTargetLogProbs", {"logits: float", "targets: int32"}, {"log_probs: float", "largests: float", "log_sums: float"});
  add<targetLogProbsGradient>("ApolabTargetLogProbsGradient", {"dy: float", "logits: float", "targets: int32", "largests: float", "log_sums: float"}, {"dlogits: float"});
  add<adamW>("ApolabAdamW", {"parameter: float", "gradient: float", "mean: float", "square: float", "settings: float"},
             {"moved: float", "new_mean: float", "new_square: float"});
  return true;
}();

}  // namespace

// Node loads a library only if it is a module; what it exports is empty, since TensorFlow calls the operations.
NAPI_MODULE_INIT() { return exports; }
