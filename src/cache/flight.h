#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/deadline.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "cache/entry.h"

namespace eider::cache {

// How a computation ended well.
struct Outcome {
  EntryPtr entry;          // Null when `too_large`.
  bool hit = false;        // Another level of the cache had it.
  bool too_large = false;  // Everybody must compute it alone, without keeping it.
};

// One computation that several requests wait for. It belongs to all of them: whoever leaves, leaves alone, and the
// computation is stopped when the last one has left. Thread-safe.
class Flight {
 public:
  // How a request that blocks no thread waits. Without `done`, and for who leads, it is one that calls Wait().
  struct Waiter {
    // Called once, from whichever thread ends the wait, unless Leave() came before.
    std::function<void(const Result<Outcome>&)> done;
    // Called when the request that was to begin the computation left before: now this one is to, and to call Wait().
    std::function<void()> lead;
    Deadline deadline = Deadline::Never();
  };
  enum class Role { kLead, kFollow };  // Who leads is expected to call Begin() soon, or to leave.
  using Member = std::uint64_t;

  explicit Flight(TagStamps stamps) : stamps_(std::move(stamps)) {}

  // Adds a request. One that comes after the end gets its result as a waiting one does, before Join() returns.
  Member Join(Waiter waiter, Role& role);

  // Removes a request and returns whether it was still a member; then its callbacks are never called.
  bool Leave(Member member);

  // True for exactly one caller, who has to compute and then to call Finish().
  bool Begin();

  void Finish(Result<Outcome> result);

  // Waits for the end; blocks. Fails with kTimeout or kCancelled when that comes first; the caller must still leave.
  Result<Outcome> Wait(const Deadline& deadline, const StopToken& stop);

  // Ends the waits whose time is over, with kTimeout.
  void Expire(Deadline::Clock::time_point now);

  // Requested when nobody waits any more.
  StopToken stop_token() const { return stop_.get_token(); }
  bool is_abandoned() const { return stop_.stop_requested(); }

  // The versions of the tags before anything was read.
  const TagStamps& stamps() const { return stamps_; }
  std::size_t waiting() const;

 private:
  std::optional<std::function<void()>> NextLeader() REQUIRES_LOCK(mutex_);

  const TagStamps stamps_;
  StopSource stop_;
  mutable Mutex mutex_;
  CondVar ended_;
  std::map<Member, Waiter> members_ GUARDED_BY(mutex_);
  Member last_ GUARDED_BY(mutex_) = 0;
  Member leader_ GUARDED_BY(mutex_) = 0;
  bool begun_ GUARDED_BY(mutex_) = false;
  std::optional<Result<Outcome>> result_ GUARDED_BY(mutex_);
};

// Membership of a flight for as long as it lives.
class Seat {
 public:
  Seat() = default;
  Seat(std::shared_ptr<Flight> flight, Flight::Member member, Flight::Role role)
      : flight_(std::move(flight)),
        member_(member),
        role_(role) {}
  Seat(Seat&& other) noexcept { *this = std::move(other); }
  Seat& operator=(Seat&& other) noexcept {
    std::swap(flight_, other.flight_);
    std::swap(member_, other.member_);
    std::swap(role_, other.role_);
    return *this;
  }
  ~Seat() { (void)Leave(); }

  // As Flight::Leave().
  bool Leave() {
    const auto flight = std::move(flight_);
    return flight != nullptr && flight->Leave(member_);
  }

  explicit operator bool() const { return flight_ != nullptr; }
  const std::shared_ptr<Flight>& flight() const { return flight_; }
  bool is_leader() const { return role_ == Flight::Role::kLead; }

 private:
  std::shared_ptr<Flight> flight_;
  Flight::Member member_ = 0;
  Flight::Role role_ = Flight::Role::kFollow;
};

}  // namespace eider::cache
