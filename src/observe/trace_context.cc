#include "observe/trace_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace eider::observe {
namespace {

// version "-" trace "-" span "-" flags.
constexpr std::size_t kLength = 55;
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kIdDigits = 16;
constexpr std::size_t kLongestState = 512;

bool IsLowerHex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

std::uint64_t HexNumber(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

bool IsVisible(char c) { return c >= ' ' && c <= '~'; }

}  // namespace

std::optional<TraceContext> ParseTraceparent(std::string_view parent, std::string_view state) {
  if (parent.size() < kLength || parent[2] != '-' || parent[kSpanAt - 1] != '-' || parent[kFlagsAt - 1] != '-') {
    return std::nullopt;
  }
  const std::string_view version = parent.substr(0, 2);
  if (!IsLowerHex(version) || version == "ff") return std::nullopt;
  // Later versions may have more behind it.
  if (parent.size() > kLength && (version == "00" || parent[kLength] != '-')) return std::nullopt;
  const std::string_view trace = parent.substr(kTraceAt, 2 * kIdDigits);
  const std::string_view span = parent.substr(kSpanAt, kIdDigits);
  const std::string_view flags = parent.substr(kFlagsAt, 2);
  if (!IsLowerHex(trace) || !IsLowerHex(span) || !IsLowerHex(flags)) return std::nullopt;
  TraceContext context;
  context.trace_high = HexNumber(trace.substr(0, kIdDigits));
  context.trace_low = HexNumber(trace.substr(kIdDigits));
  context.span = HexNumber(span);
  if ((context.trace_high | context.trace_low) == 0 || context.span == 0) return std::nullopt;
  context.sampled = (HexNumber(flags) & 1) != 0;
  if (state.size() <= kLongestState && std::ranges::all_of(state, IsVisible)) context.state = state;
  return context;
}

std::string TraceparentOf(const TraceContext& context) {
  return fmt::format("00-{:016x}{:016x}-{:016x}-{}", context.trace_high, context.trace_low, context.span,
                     context.sampled ? "01" : "00");
}

std::string TraceIdText(const TraceContext& context) {
  return fmt::format("{:016x}{:016x}", context.trace_high, context.trace_low);
}

std::string SpanIdText(std::uint64_t span) { return fmt::format("{:016x}", span); }

}  // namespace eider::observe
