// What has to be known and done before TensorFlow's libraries are loaded. Three functions:
//
// `instructionSets()`: the instruction sets of this processor for which the fused kernels may have been compiled, the fastest first;
// none if the processor lacks what TensorFlow's wheel itself needs. It asks the processor, so it is right in an emulator, too.
// `hold()` and `release()`: TensorFlow's libraries print notes about their build while they load, before any setting can stop
// them. What is written to standard error between these two calls is dropped.

#include <cstdint>
#include <initializer_list>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "node_api.h"

namespace {

int held = -1;

napi_value hold(napi_env, napi_callback_info) {
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (held >= 0 || nowhere < 0) return nullptr;
  held = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (held >= 0) dup2(nowhere, STDERR_FILENO);
  close(nowhere);
  return nullptr;
}

napi_value release(napi_env, napi_callback_info) {
  if (held < 0) return nullptr;
  dup2(held, STDERR_FILENO);
  close(held);
  held = -1;
  return nullptr;
}

#if defined(__x86_64__)
struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(unsigned leaf) {
  Registers r;
  __get_cpuid_count(leaf, 0, &r.a, &r.b, &r.c, &r.d);
  return r;
}

bool has(unsigned value, std::initializer_list<int> bits) {
  for (int bit : bits)
    if ((value >> bit & 1) == 0) return false;
  return true;
}

// Which vector registers the operating system saves: without that, an instruction that uses them is illegal.
uint64_t savedRegisters() {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

std::vector<const char*> instructionSetNames() {
  const Registers basic = cpuid(1), extended = cpuid(7), more = cpuid(0x80000001);
  // FMA, MOVBE, POPCNT, OSXSAVE, AVX, F16C; BMI1, AVX2, BMI2; LZCNT.
  if (!has(basic.c, {12, 22, 23, 27, 28, 29}) || !has(extended.b, {3, 5, 8}) || !has(more.c, {5})) return {};
  const uint64_t saved = savedRegisters();
  if ((saved & 0x06) != 0x06) return {};
  // AVX512F, DQ, CD, BW, VL.
  if (has(extended.b, {16, 17, 28, 30, 31}) && (saved & 0xe6) == 0xe6) return {"avx512", "avx2"};
  return {"avx2"};
}
#else
std::vector<const char*> instructionSetNames() { return {"neon"}; }
#endif

napi_value instructionSets(napi_env env, napi_callback_info) {
  napi_value names;
  napi_create_array(env, &names);
  uint32_t count = 0;
  for (const char* name : instructionSetNames()) {
    napi_value text;
    napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &text);
    napi_set_element(env, names, count++, text);
  }
  return names;
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback call;
  } functions[] = {{"instructionSets", instructionSets}, {"hold", hold}, {"release", release}};
  for (const auto& function : functions) {
    napi_value value;
    napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.call, nullptr, &value);
    napi_set_named_property(env, exports, function.name, value);
  }
  return exports;
}
