// Holds standard error back while TensorFlow's libraries are loaded: they open every process with notes on their own build,
// before any setting can reach them. Two functions, `hold()` and `release()`; what is written in between is dropped.

#include <fcntl.h>
#include <unistd.h>

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

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "hold", NAPI_AUTO_LENGTH, hold, nullptr, &function);
  napi_set_named_property(env, exports, "hold", function);
  napi_create_function(env, "release", NAPI_AUTO_LENGTH, release, nullptr, &function);
  napi_set_named_property(env, exports, "release", function);
  return exports;
}
