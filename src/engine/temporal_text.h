#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace eider::engine {

// Fast readers for the usual forms of dates and times; every other form is left to the engine's own casts.

// Days since 1970-01-01 of "YYYY-MM-DD".
std::optional<std::int32_t> ReadDate(std::string_view text);

struct Instant {
  std::int64_t micros = 0;  // Since 1970-01-01 00:00; in UTC when there was an offset.
  bool has_offset = false;
};

// Reads "YYYY-MM-DD[T or space]HH:MM[:SS[.f]]" with at most six fractional digits and an optional "Z" or "+HH[:MM]".
std::optional<Instant> ReadInstant(std::string_view text);

struct Duration {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t micros = 0;
};

// Reads an ISO-8601 duration, such as "P1Y2M3DT4H5M6.7S", "P2W" or "-PT30S". A sign may stand before each number.
std::optional<Duration> ReadIsoDuration(std::string_view text);

}  // namespace eider::engine
