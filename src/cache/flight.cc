#include "cache/flight.h"

#include <chrono>
#include <utility>

namespace eider::cache {
namespace {

Error TimeoutError() { return {ErrorCode::kTimeout, "query timeout"}; }

}  // namespace

Flight::Member Flight::Join(Waiter waiter, Role& role) {
  role = Role::kFollow;
  std::optional<Result<Outcome>> known;
  Member member = 0;
  {
    MutexLock lock(mutex_);
    member = ++last_;
    if (!result_ || !waiter.done) {
      if (!begun_ && leader_ == 0) {
        leader_ = member;
        role = Role::kLead;
        waiter = {};
      }
      members_.emplace(member, std::move(waiter));
      return member;
    }
    known = result_;
  }
  waiter.done(*known);
  return member;
}

bool Flight::Leave(Member member) {
  std::optional<std::function<void()>> lead;
  bool abandoned = false;
  {
    MutexLock lock(mutex_);
    if (members_.erase(member) == 0) return false;
    abandoned = members_.empty() && !result_;
    if (leader_ == member && !begun_) lead = NextLeader();
  }
  if (abandoned) stop_.request_stop();
  if (lead) (*lead)();
  return true;
}

std::optional<std::function<void()>> Flight::NextLeader() {
  leader_ = 0;
  for (auto& [member, waiter] : members_) {
    if (!waiter.lead) continue;
    leader_ = member;
    return std::exchange(waiter, {}).lead;
  }
  // Whoever blocks in Wait() has begun it before.
  return std::nullopt;
}

bool Flight::Begin() {
  MutexLock lock(mutex_);
  return !std::exchange(begun_, true);
}

void Flight::Finish(Result<Outcome> result) {
  std::vector<Waiter> ready;
  {
    MutexLock lock(mutex_);
    begun_ = true;
    result_ = result;
    for (auto it = members_.begin(); it != members_.end();) {
      const auto current = it++;
      if (!current->second.done) continue;
      ready.push_back(std::move(current->second));
      members_.erase(current);
    }
    ended_.notify_all();
  }
  for (const Waiter& waiter : ready) waiter.done(result);
}

Result<Outcome> Flight::Wait(const Deadline& deadline, const StopToken& stop) {
  const std::stop_callback wake(stop, [this] {
    MutexLock lock(mutex_);
    ended_.notify_all();
  });
  constexpr std::chrono::hours kLong(24);
  MutexLock lock(mutex_);
  while (!result_ && !stop.stop_requested()) {
    if (deadline.Passed()) return TimeoutError();
    (void)ended_.wait_until(mutex_, deadline.never() ? Deadline::Clock::now() + kLong : deadline.at());
  }
  if (result_) return *result_;
  return Error(ErrorCode::kCancelled, "query cancelled");
}

void Flight::Expire(Deadline::Clock::time_point now) {
  std::vector<Waiter> late;
  std::optional<std::function<void()>> lead;
  bool abandoned = false;
  {
    MutexLock lock(mutex_);
    bool leader_left = false;
    for (auto it = members_.begin(); it != members_.end();) {
      const auto current = it++;
      if (!current->second.done || current->second.deadline.at() > now) continue;
      leader_left |= current->first == leader_;
      late.push_back(std::move(current->second));
      members_.erase(current);
    }
    if (late.empty()) return;
    abandoned = members_.empty() && !result_;
    if (leader_left && !begun_) lead = NextLeader();
  }
  if (abandoned) stop_.request_stop();
  for (const Waiter& waiter : late) waiter.done(TimeoutError());
  if (lead) (*lead)();
}

std::size_t Flight::waiting() const {
  MutexLock lock(mutex_);
  return members_.size();
}

}  // namespace eider::cache
