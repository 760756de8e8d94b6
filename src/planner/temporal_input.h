#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/model.h"

// The many forms in which clients write dates, times and intervals, brought into the one form that the engine reads.
namespace eider::planner {

// Seconds east of UTC at a UTC epoch second; null = UTC.
using ZoneOffset = std::function<int(std::int64_t epoch_seconds)>;

// `text` as a value of `kind` (kDate, kTime, kTimestamp, kDateTime): "2024-05-01 10:00:00.5+00" and the like. A
// timestamp without an offset is read in `zone`. Nothing when the text is no such value.
std::optional<std::string> NormalizeTemporal(std::string_view text, catalog::ScalarKind kind, const ZoneOffset& zone);

// A number of Unix seconds (may have a fraction) as a value of `kind`.
std::optional<std::string> TemporalFromSeconds(double seconds, catalog::ScalarKind kind);

// An ISO-8601 ("P1DT3H"), Go ("1h30m") or SQL ("2 hours 30 minutes") interval in the engine's own form.
std::optional<std::string> NormalizeInterval(std::string_view text);
std::string IntervalFromSeconds(double seconds);

}  // namespace eider::planner
