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
#include <cstdlib>
#include <cstring>

#include "absl/log/globals.h"
#include "node_api.h"

#include "attention.h"
#include "decoder.h"
#include "head.h"
#include "operation.h"
#include "parallel.h"

namespace {

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

// (dy [rows, out], weight [out, in]) -> dy weight
void linearInputGradient(Context& context) {
  const Input dy = context.input(0), weight = context.input(1);
  const int64_t rows = dy.dim(0), in = weight.dim(1), out = weight.dim(0);
  float* dx = context.output(0, {rows, in});
  const ConstMatrix upstream(dy.data(), rows, out), w(weight.data(), out, in);
  parallel(rows, in * out / 8, [&](int64_t begin, int64_t end) {
    MutableMatrix(dx + begin * in, end - begin, in).noalias() = upstream.middleRows(begin, end - begin) * w;
  });
}

// (dy [rows, out], x [rows, in]) -> dy^T x
void linearWeightGradient(Context& context) {
  const Input dy = context.input(0), x = context.input(1);
  const int64_t rows = x.dim(0), in = x.dim(1), out = dy.dim(1);
  float* dw = context.output(0, {out, in});
  const ConstMatrix inputs(x.data(), rows, in), upstream(dy.data(), rows, out);
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

// (parameter, gradient, mean, square, settings [beta1, beta2, epsilon, step size, correction, decay, scale of the gradient])
//   -> (parameter, mean, square)
void adamW(Context& context) {
  const Input parameter = context.input(0), gradient = context.input(1), mean = context.input(2), square = context.input(3);
  const Input settings = context.input(4);
  const int64_t size = parameter.size();
  const bool fits = gradient.size() == size && mean.size() == size && square.size() == size && settings.size() == 7;
  if (!context.require(fits, "adamW: parameter, gradient and moments differ in size")) return;
  const float* s = settings.data();
  const float beta1 = s[0], beta2 = s[1], epsilon = s[2], stepSize = s[3], correction = s[4], decay = s[5], scale = s[6];
  const float *p = parameter.data(), *g = gradient.data(), *m = mean.data(), *v = square.data();
  float* moved = context.output(0, parameter.shape());
  float* newMean = context.output(1, parameter.shape());
  float* newSquare = context.output(2, parameter.shape());
  parallel(size, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float slope = g[i] * scale;
      newMean[i] = m[i] * beta1 + slope * (1.0f - beta1);
      newSquare[i] = v[i] * beta2 + slope * slope * (1.0f - beta2);
      moved[i] = p[i] * decay - newMean[i] / (std::sqrt(newSquare[i]) / correction + epsilon) * stepSize;
    }
  });
}

const bool registered = [] {
  // TensorFlow would open every process with notes on its own build; warnings and errors stay.
  if (std::getenv("TF_CPP_MIN_LOG_LEVEL") == nullptr) absl::SetMinLogLevel(absl::LogSeverityAtLeast::kWarning);
  add<rmsNorm>("ApolabRmsNorm", {"x: float", "weight: float", "epsilon: float"}, {"y: float", "inverse: float"});
  add<rmsNormGradient>("ApolabRmsNormGradient", {"dy: float", "x: float", "weight: float", "inverse: float"}, {"dx: float", "dweight: float"});
  add<swiGlu>("ApolabSwiGlu", {"gate: float", "up: float"}, {"y: float"});
  add<swiGluGradient>("ApolabSwiGluGradient", {"dy: float", "gate: float", "up: float"}, {"dgate: float", "dup: float"});
  add<attention>("ApolabAttention", {"q: float", "k: float", "v: float", "cosine: float", "sine: float", "ranges: int32", "offsets: int32"},
                 {"y: float", "log_sums: float"});
  add<attentionGradient>("ApolabAttentionGradient",
                         {"dy: float", "y: float", "log_sums: float", "q: float", "k: float", "v: float", "cosine: float", "sine: float",
                          "ranges: int32", "offsets: int32"},
                         {"dq: float", "dk: float", "dv: float"});
  add<linear>("ApolabLinear", {"x: float", "weight: float"}, {"y: float"});
  add<linearInputGradient>("ApolabLinearInputGradient", {"dy: float", "weight: float"}, {"dx: float"});
  add<linearWeightGradient>("ApolabLinearWeightGradient", {"dy: float", "x: float"}, {"dweight: float"});
  add<targetLogProbs>("ApolabTargetLogProbs", {"logits: float", "targets: int32"}, {"log_probs: float", "largests: float", "log_sums: float"});
  add<targetLogProbsGradient>("ApolabTargetLogProbsGradient", {"dy: float", "logits: float", "targets: int32", "largests: float", "log_sums: float"}, {"dlogits: float"});
  add<headLogProbs>("ApolabHeadLogProbs", {"states: float", "weight: float", "targets: int32"}, {"log_probs: float", "largests: float", "log_sums: float"});
  add<headLogProbsGradient>("ApolabHeadLogProbsGradient",
                            {"dy: float", "states: float", "weight: float", "targets: int32", "largests: float", "log_sums: float"},
                            {"dstates: float", "dweight: float"});
  add<frozenHeadLogProbsGradient>("ApolabFrozenHeadLogProbsGradient",
                                  {"dy: float", "states: float", "weight: float", "targets: int32", "largests: float", "log_sums: float"}, {"dstates: float"});
  add<decode>("ApolabDecode",
              {"layout: int32", "settings: float", "tokens: int32", "segments: int32", "slots: int32", "sampling: int32", "draws: int32", "seen: int32",
               "ends: int32", "keys: float", "values: float", "parameters: N * float"},
              {"chosen: int32"}, {"N: int >= 1"});
  add<adamW>("ApolabAdamW", {"parameter: float", "gradient: float", "mean: float", "square: float", "settings: float"},
             {"moved: float", "new_mean: float", "new_square: float"});
  return true;
}();

}  // namespace

// Node loads a library only if it is a module; what it exports is empty, since TensorFlow calls the operations.
NAPI_MODULE_INIT() { return exports; }
