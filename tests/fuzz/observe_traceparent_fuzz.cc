// Any bytes as the headers of a trace: what is taken is well formed, and is written as it was read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "observe/trace_context.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(text.find('\n'), size);
  const std::string_view parent = text.substr(0, line);
  const auto context = eider::observe::ParseTraceparent(parent, text.substr(std::min(line + 1, size)));
  if (!context) return 0;
  if (context->span == 0 || (context->trace_high | context->trace_low) == 0) std::abort();
  if (context->state.size() > 512 || context->state.find_first_of("\r\n") != std::string::npos) std::abort();
  const std::string written = eider::observe::TraceparentOf(*context);
  // Version and flags may differ, the ids may not.
  if (written.size() != 55 || written.substr(2, 51) != parent.substr(2, 51)) std::abort();
  const auto again = eider::observe::ParseTraceparent(written, context->state);
  if (!again || again->span != context->span || again->sampled != context->sampled) std::abort();
  return 0;
}
