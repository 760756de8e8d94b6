#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "engine/batch_function.h"

namespace eider::engine {

// What batch functions have answered within one statement. Shared by the threads that work on it.
class CallMemo {
 public:
  // `limits`: of the statement.
  explicit CallMemo(Limits limits) : limits_(std::move(limits)) {}

  struct Entry {
    bool done = false;
    std::optional<std::string> value;
  };

  // The values of `calls`, which may repeat. Asks `function` for those that nobody has asked for, and waits for what
  // other threads are asking. An error stays failure().
  Result<std::vector<std::shared_ptr<const Entry>>> Answer(const BatchFunction& function,
                                                           const std::vector<TextRow>& calls);

  // The first error.
  std::optional<Error> failure();

 private:
  using EntryPtr = std::shared_ptr<Entry>;

  Status Ask(const BatchFunction& function, const std::vector<TextRow>& calls, const std::vector<EntryPtr>& entries);
  Status WaitFor(const std::vector<EntryPtr>& entries);
  void Keep(std::size_t bytes) REQUIRES_LOCK(mutex_);

  const Limits limits_;
  Mutex mutex_;
  CondVar answered_;
  std::unordered_map<std::string, EntryPtr> entries_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  std::optional<Error> failure_ GUARDED_BY(mutex_);
};

}  // namespace eider::engine
