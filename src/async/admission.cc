#include "async/admission.h"

#include <algorithm>
#include <utility>

namespace eider::async {
namespace {

std::size_t Index(WorkClass work_class) { return work_class == WorkClass::kScan ? 1 : 0; }

Error Overloaded() { return {ErrorCode::kOverloaded, "too many requests; try again later"}; }

}  // namespace

Admission::Slot::~Slot() {
  if (admission_ != nullptr) admission_->Leave(class_);
}

Admission::Admission(const AdmissionOptions& options) : options_(options) {}

Admission::~Admission() = default;

bool Admission::HasRoom(WorkClass work_class) const {
  if (running_[0] + running_[1] >= options_.slots) return false;
  return work_class == WorkClass::kInteractive || running_[1] < options_.slots - options_.interactive_slots;
}

Admission::Ticket Admission::Enter(WorkClass work_class, Clock::time_point deadline, Done done, Clock::time_point now) {
  bool admitted = false;
  {
    MutexLock lock(mutex_);
    // Nobody who has room waits, so room means that it is this request's turn.
    admitted = HasRoom(work_class);
    if (admitted) {
      ++running_[Index(work_class)];
    } else if (queued_ == options_.max_queued) {
      ++refused_full_;
    } else {
      const bool endless = options_.queue_timeout.count() == 0;
      const auto patience = endless ? Clock::time_point::max() : now + options_.queue_timeout;
      queues_[Index(work_class)].push_back({++last_ticket_, deadline, patience, std::move(done)});
      if (++queued_ == options_.max_queued) full_since_ = now;
      return last_ticket_;
    }
  }
  if (admitted) {
    done(Slot(this, work_class));
  } else {
    done(Overloaded());
  }
  return 0;
}

void Admission::Remove(Queue& from, Queue::iterator at, Queue& to) {
  to.splice(to.end(), from, at);
  --queued_;
  full_since_ = Clock::time_point::max();
}

bool Admission::TakeNext(Queue& admitted, WorkClass& work_class) {
  Queue* next = nullptr;
  for (const WorkClass candidate : {WorkClass::kInteractive, WorkClass::kScan}) {
    Queue& queue = queues_[Index(candidate)];
    if (queue.empty() || !HasRoom(candidate)) continue;
    if (next != nullptr && next->front().ticket < queue.front().ticket) continue;
    next = &queue;
    work_class = candidate;
  }
  if (next == nullptr) return false;
  Remove(*next, next->begin(), admitted);
  ++running_[Index(work_class)];
  return true;
}

void Admission::Leave(WorkClass work_class) {
  Queue admitted;
  WorkClass admitted_class = WorkClass::kInteractive;
  {
    MutexLock lock(mutex_);
    --running_[Index(work_class)];
    // One slot came free, and whoever had room before does not wait: at most one request can follow.
    if (!TakeNext(admitted, admitted_class)) return;
  }
  admitted.front().done(Slot(this, admitted_class));
}

void Admission::Abort(Ticket ticket) {
  Queue aborted;
  {
    MutexLock lock(mutex_);
    for (Queue& queue : queues_) {
      const auto found = std::ranges::find(queue, ticket, &Waiting::ticket);
      if (found == queue.end()) continue;
      Remove(queue, found, aborted);
      break;
    }
  }
  if (!aborted.empty()) aborted.front().done(Error(ErrorCode::kCancelled, "request cancelled"));
}

void Admission::Expire(Clock::time_point now) {
  Queue expired;
  {
    MutexLock lock(mutex_);
    if (queued_ == 0) return;
    for (Queue& queue : queues_) {
      for (auto at = queue.begin(); at != queue.end();) {
        const auto next = std::next(at);
        if (std::min(at->deadline, at->patience) <= now) Remove(queue, at, expired);
        at = next;
      }
    }
    refused_timeout_ += expired.size();
  }
  for (Waiting& waiting : expired) {
    waiting.done(waiting.deadline <= now ? Error(ErrorCode::kTimeout, "query timeout") : Overloaded());
  }
}

Admission::Counts Admission::counts(Clock::time_point now) const {
  MutexLock lock(mutex_);
  Counts counts;
  counts.running = running_[0] + running_[1];
  counts.queued = queued_;
  counts.refused_full = refused_full_;
  counts.refused_timeout = refused_timeout_;
  if (full_since_ < now) counts.full_for = now - full_since_;
  return counts;
}

}  // namespace eider::async
