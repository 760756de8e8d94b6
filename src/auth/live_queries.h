#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/identity.h"
#include "base/mutex.h"

namespace eider::auth {

enum class QueryState { kQueued, kPlanning, kRunning, kWriting, kCancelling };

// "queued" …
std::string_view QueryStateName(QueryState state);

// One query while somebody waits for it. Its front end changes the numbers, others only read them.
struct LiveQuery {
  std::string id;  // The request's.
  std::string protocol;
  std::string operation_name;
  std::string text;
  std::shared_ptr<const Identity> identity;
  std::chrono::system_clock::time_point started_at;
  std::chrono::steady_clock::time_point started;

  void SetSources(std::vector<std::string> sources) {
    MutexLock lock(mutex_);
    sources_ = std::move(sources);
  }
  std::vector<std::string> Sources() const {
    MutexLock lock(mutex_);
    return sources_;
  }

  std::atomic<QueryState> state = QueryState::kPlanning;
  std::atomic<std::int64_t> queue_ms = 0;
  std::atomic<std::int64_t> bytes = 0;

 private:
  mutable Mutex mutex_;
  std::vector<std::string> sources_ GUARDED_BY(mutex_);
};

// The queries of this node that run or wait, of every front end. Owned by the composition root, outlives the front
// ends. Thread-safe.
class LiveQueries {
 public:
  // Takes the query out of the list when it is destroyed; afterwards `cancel` is not called any more.
  class Entry {
   public:
    Entry() = default;
    Entry(LiveQueries* owner, std::uint64_t number, std::shared_ptr<LiveQuery> query)
        : owner_(owner),
          number_(number),
          query_(std::move(query)) {}
    Entry(Entry&& other) noexcept { *this = std::move(other); }
    Entry& operator=(Entry&& other) noexcept;
    ~Entry();
    // Null when it was moved away.
    LiveQuery* operator->() const { return query_.get(); }
    explicit operator bool() const { return query_ != nullptr; }

   private:
    LiveQueries* owner_ = nullptr;
    std::uint64_t number_ = 0;
    std::shared_ptr<LiveQuery> query_;
  };

  // Adds a query. `cancel` makes it end soon, with an answer that says so; it must not block.
  Entry Add(std::shared_ptr<LiveQuery> query, std::function<void()> cancel);

  // The queries that `viewer` may see, in order of their beginning: its own principal's, or all for an administrator.
  // Who is anonymous sees none.
  std::vector<std::shared_ptr<const LiveQuery>> List(const Identity& viewer) const;

  // The sources of all queries that are older, each with the number of these.
  std::map<std::string, int> SourcesOfOlder(std::chrono::milliseconds age) const;

  // Which queries to cancel; an empty text is any.
  struct Selection {
    std::string id;
    std::string user_id;
    std::string role;
    std::string except;  // An id that is left alone.
    std::chrono::milliseconds older_than{0};
  };
  // Cancels those among the visible ones that fit and returns how many.
  int Cancel(const Identity& viewer, const Selection& selection);

 private:
  struct Item {
    std::shared_ptr<LiveQuery> query;
    std::shared_ptr<std::function<void()>> cancel;
  };
  void Remove(std::uint64_t number);

  mutable Mutex mutex_;
  std::map<std::uint64_t, Item> items_ GUARDED_BY(mutex_);
  std::uint64_t last_ GUARDED_BY(mutex_) = 0;
};

// Whether `viewer` may see and end queries of `owner`.
bool MaySee(const Identity& viewer, const Identity& owner);

// The text with every string and number replaced by `?`.
std::string WithoutLiterals(std::string_view text);

// What is known of a query as a JSON object; its text without literals unless `viewer` owns it or is an administrator.
std::string QueryJson(const LiveQuery& query, const Identity& viewer, std::string_view node);

// All queries that `viewer` may see as a JSON list, but for the one with the id `except`.
std::string QueriesJson(const LiveQueries& live, const Identity& viewer, std::string_view node,
                        std::string_view except = {});

}  // namespace eider::auth
