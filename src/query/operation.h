#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "catalog/model.h"
#include "graphql/ast.h"
#include "graphql/graphql_error.h"
#include "planner/bound.h"

namespace eider::query {

// The last few values by their keys. Thread-safe.
template <class Key, class Value>
class FewKept {
 public:
  // What was kept; nothing for an unknown key.
  template <class Lookup>
  std::optional<Value> Find(const Lookup& key) const {
    MutexLock lock(mutex_);
    for (const auto& [known, value] : kept_) {
      if (known == key) return value;
    }
    return std::nullopt;
  }
  // Takes the place of the oldest one.
  void Put(Key key, Value value) {
    MutexLock lock(mutex_);
    if (kept_.size() >= kMost) kept_.erase(kept_.begin());
    kept_.emplace_back(std::move(key), std::move(value));
  }

 private:
  static constexpr std::size_t kMost = 16;
  mutable Mutex mutex_;
  std::vector<std::pair<Key, Value>> kept_ GUARDED_BY(mutex_);
};

// By RoleRules::id().
using RoleVerdicts = FewKept<std::uint64_t, bool>;

// A document parsed and validated against one schema snapshot, which it keeps alive. Immutable, cached by text.
struct Operation {
  std::shared_ptr<const catalog::Snapshot> snapshot;
  graphql::DocumentPtr document;              // Null when parsing failed.
  std::vector<graphql::GraphqlError> errors;  // Of parsing or validation; empty = valid.
  bool has_stats = false;                     // The text has the word @stats.
  bool has_jq = false;                        // The text has the word jq.
  mutable RoleVerdicts verdicts;              // Whether roles may use all of it.
  mutable RoleVerdicts depths;                // Whether it is as flat as roles need it.
  // Root fields with their literals taken out, of operations without variables that come again.
  mutable FewKept<std::string, std::shared_ptr<const planner::BoundRoot>> bound;
};

// Parses and validates; never fails, as errors are part of the result.
std::shared_ptr<const Operation> CompileOperation(std::string text, std::shared_ptr<const catalog::Snapshot> snapshot,
                                                  std::size_t max_depth);

}  // namespace eider::query
