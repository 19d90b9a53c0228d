// What every operation uses: its inputs and outputs through TensorFlow's C interface, its registration, and fast exponentials.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <vector>

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
  int inputs() const { return TF_NumInputs(context_); }
  float* output(int index, const std::vector<int64_t>& shape) { return static_cast<float*>(allocate(index, TF_FLOAT, shape)); }
  int32_t* integerOutput(int index, const std::vector<int64_t>& shape) { return static_cast<int32_t*>(allocate(index, TF_INT32, shape)); }
  // False, and the operation fails with the message, if a condition on the inputs does not hold.
  bool require(bool condition, const char* message) {
    if (condition) return true;
    TF_SetStatus(status_, TF_INVALID_ARGUMENT, message);
    TF_OpKernelContext_Failure(context_, status_);
    return false;
  }

 private:
  // Both types have four bytes.
  void* allocate(int index, TF_DataType type, const std::vector<int64_t>& shape) {
    int64_t count = 1;
    for (int64_t size : shape) count *= size;
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, type, shape.data(), shape.size(), count * 4, status_);
    void* data = TF_TensorData(tensor);
    TF_DeleteTensor(tensor);
    return data;
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
};

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

template <void (*compute)(Context&)>
void computeKernel(void*, TF_OpKernelContext* context) {
  Context wrapped(context);
  compute(wrapped);
}

// Registers an operation and its kernel; a failure ends the process with TensorFlow's message, since it is a mistake here.
template <void (*compute)(Context&)>
void add(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs,
         std::initializer_list<const char*> attributes = {}) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* operation = TF_NewOpDefinitionBuilder(name);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(operation, attribute);
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

}  // namespace
