#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eider::cache {

// What `@cache` says, on a definition or on a field of a request.
struct Rule {
  std::optional<std::chrono::milliseconds> ttl;  // 0 = no limit.
  std::optional<std::string> key;
  std::vector<std::string> tags;
};

// Puts `over` over `under` member by member; tags are united.
Rule Merge(const Rule& under, const Rule& over);

// Reads a time to live: bare seconds, "1h30m", ISO-8601 ("PT10M") or SQL interval text ("10 minutes", "01:30:00").
// A month counts as 30 days. Nothing for any other text, for negative ones and beyond a hundred years.
std::optional<std::chrono::milliseconds> ParseTtl(std::string_view text);

}  // namespace eider::cache
