#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace eider::query {

// What tells whether rows were added to a table since somebody looked: equal marks = none were.
struct StreamMark {
  std::int64_t store = 0;   // Counts the tables: one that began anew is another one, whose keys begin anew as well.
  std::int64_t newest = 0;  // The greatest key.
  std::int64_t rows = 0;    // Rows among the greatest keys: some of these come later than greater ones.

  friend bool operator==(const StreamMark&, const StreamMark&) = default;
};

// Gives the mark as of a moment ago, at once; nothing while it is not known. Any thread.
using StreamTail = std::function<std::optional<StreamMark>()>;

// The tables whose rows are given as they are added, by full path of the field of subscriptions
// ("core.cluster.watch_events"). Filled by the composition root before the first request, read-only afterwards.
class StreamRegistry {
 public:
  void Register(std::string path, StreamTail tail) { tails_[std::move(path)] = std::move(tail); }
  const StreamTail* Find(std::string_view path) const {
    const auto it = tails_.find(path);
    return it == tails_.end() ? nullptr : &it->second;
  }

 private:
  std::map<std::string, StreamTail, std::less<>> tails_;
};

}  // namespace eider::query
