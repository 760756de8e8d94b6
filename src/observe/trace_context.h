#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eider::observe {

// A place in a trace as the headers traceparent and tracestate carry it (W3C Trace Context, level 1). A plain value.
struct TraceContext {
  std::uint64_t trace_high = 0;
  std::uint64_t trace_low = 0;
  std::uint64_t span = 0;
  bool sampled = false;  // Whoever began the trace records it.
  std::string state;     // What vendors pass along; handed on as it is.
};

// Reads the headers of a request. Nothing for a `parent` that is malformed; a `state` that is too long or has other
// characters than it may have is dropped.
std::optional<TraceContext> ParseTraceparent(std::string_view parent, std::string_view state);

// The value of the header traceparent.
std::string TraceparentOf(const TraceContext& context);

// 32 and 16 hex digits.
std::string TraceIdText(const TraceContext& context);
std::string SpanIdText(std::uint64_t span);

}  // namespace eider::observe
