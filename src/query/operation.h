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

namespace eider::query {

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
};

// Parses and validates; never fails, as errors are part of the result.
std::shared_ptr<const Operation> CompileOperation(std::string text, std::shared_ptr<const catalog::Snapshot> snapshot,
                                                  std::size_t max_depth);

}  // namespace eider::query
