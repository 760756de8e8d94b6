#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "catalog/model.h"
#include "graphql/ast.h"
#include "graphql/graphql_error.h"
#include "planner/bound.h"

namespace eider::query {

// Root fields with their literals taken out, for documents that come again without variables. Thread-safe.
class BoundFields {
 public:
  // The field that was kept as `key`; null = none.
  std::shared_ptr<const planner::BoundRoot> Find(std::string_view key) const {
    MutexLock lock(mutex_);
    for (const auto& [known, bound] : fields_) {
      if (known == key) return bound;
    }
    return nullptr;
  }
  // Keeps a field in the place of the oldest one, unless it is large.
  void Put(std::string key, std::shared_ptr<const planner::BoundRoot> bound) {
    if (bound->key.size() > kLargest) return;
    MutexLock lock(mutex_);
    if (fields_.size() >= kKept) fields_.erase(fields_.begin());
    fields_.emplace_back(std::move(key), std::move(bound));
  }

 private:
  static constexpr std::size_t kKept = 16;
  static constexpr std::size_t kLargest = 2 << 10;
  mutable Mutex mutex_;
  std::vector<std::pair<std::string, std::shared_ptr<const planner::BoundRoot>>> fields_ GUARDED_BY(mutex_);
};

// Whether roles may use all of a document, by RoleRules::id(). Thread-safe.
class RoleVerdicts {
 public:
  // What is known; null = not yet.
  std::optional<bool> Find(std::uint64_t role) const {
    MutexLock lock(mutex_);
    for (const auto& [known, allowed] : verdicts_) {
      if (known == role) return allowed;
    }
    return std::nullopt;
  }
  void Put(std::uint64_t role, bool allowed) {
    MutexLock lock(mutex_);
    if (verdicts_.size() >= kKept) verdicts_.erase(verdicts_.begin());
    verdicts_.emplace_back(role, allowed);
  }

 private:
  static constexpr std::size_t kKept = 16;
  mutable Mutex mutex_;
  std::vector<std::pair<std::uint64_t, bool>> verdicts_ GUARDED_BY(mutex_);
};

// A document parsed and validated against one schema snapshot, which it keeps alive. Immutable, cached by text.
struct Operation {
  std::shared_ptr<const catalog::Snapshot> snapshot;
  graphql::DocumentPtr document;              // Null when parsing failed.
  std::vector<graphql::GraphqlError> errors;  // Of parsing or validation; empty = valid.
  bool has_stats = false;                     // The text has the word @stats.
  bool has_jq = false;                        // The text has the word jq.
  mutable RoleVerdicts verdicts;
  mutable RoleVerdicts depths;  // Whether it is as flat as roles need it.
  mutable BoundFields bound;    // Of operations without variables.
};

// Parses and validates; never fails, as errors are part of the result.
std::shared_ptr<const Operation> CompileOperation(std::string text, std::shared_ptr<const catalog::Snapshot> snapshot,
                                                  std::size_t max_depth);

}  // namespace eider::query
