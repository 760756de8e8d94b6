#include "server/event_tail.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace eider::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPause{250};
constexpr milliseconds kWanted{3000};
constexpr milliseconds kFresh{2000};
constexpr std::string_view kLate = "200";  // Of the newest events, which may come in another order.

std::int64_t NumberOf(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) (void)std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

EventTail::EventTail(cluster::CoreStore& store, std::function<std::string()> identity)
    : store_(store),
      identity_(std::move(identity)),
      thread_([this] { Run(); }) {}

EventTail::~EventTail() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  thread_.join();
}

std::optional<query::StreamMark> EventTail::Newest() {
  MutexLock lock(mutex_);
  if (wanted_.Passed()) wake_.notify_all();
  wanted_ = Deadline::After(kWanted);
  return fresh_.Passed() ? std::nullopt : mark_;
}

bool EventTail::WaitForLook() {
  MutexLock lock(mutex_);
  if (!stopping_ && !wanted_.Passed()) wake_.wait_for(mutex_, kPause);
  while (!stopping_ && wanted_.Passed()) wake_.wait(mutex_);
  return !stopping_;
}

void EventTail::Run() {
  while (WaitForLook()) {
    const Deadline fresh = Deadline::After(kFresh);
    auto mark = Look();
    MutexLock lock(mutex_);
    mark_ = mark ? std::optional(*mark) : std::nullopt;
    fresh_ = fresh;
  }
}

Result<query::StreamMark> EventTail::Look() {
  const std::string events = store_.Table("cluster_events");
  const std::string newest = "(SELECT max(id) FROM " + events + ")";
  EIDER_ASSIGN_OR_RETURN(const auto rows, store_.Read("SELECT CAST(max(id) AS text), CAST(count(*) AS text) FROM " +
                                                      events + " WHERE id > " + newest + " - " + std::string(kLate)));
  query::StreamMark mark;
  // After the answer, which may be the first of another one.
  const std::string identity = identity_ ? identity_() : std::string();
  if (identity != known_) {
    known_ = identity;
    ++stores_;
  }
  mark.store = stores_;
  if (!rows.empty() && rows[0].size() == 2) {
    mark.newest = NumberOf(rows[0][0]);
    mark.rows = NumberOf(rows[0][1]);
  }
  return mark;
}

}  // namespace eider::server
