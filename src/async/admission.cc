#include "async/admission.h"

#include <algorithm>
#include <utility>

namespace eider::async {
namespace {

std::size_t Index(WorkClass work_class) { return work_class == WorkClass::kScan ? 1 : 0; }

// Requests that wait for each reserved slot when every other waiting place is taken.
constexpr int kWaitsOfReserved = 8;

// How many requests may go before one that waits for memory alone.
constexpr int kMaxOvertaken = 16;

Error Overloaded() { return {ErrorCode::kOverloaded, "too many requests; try again later"}; }

}  // namespace

Admission::Slot::~Slot() {
  if (admission_ != nullptr) admission_->Leave(claim_);
}

Admission::Admission(const AdmissionOptions& options) : options_(options) {}

Admission::~Admission() = default;

std::int64_t Admission::GrantOf(const Claim& claim) const {
  if (options_.memory_pool == 0) return 0;
  return std::min(std::max(options_.memory_grant, claim.memory), options_.memory_pool);
}

bool Admission::MayWait(const Claim& claim) const {
  if (claim.group_queued < 0) return true;
  const auto group = groups_.find(claim.group);
  return (group == groups_.end() ? 0 : group->second.queued) < claim.group_queued;
}

void Admission::ForgetIfIdle(const std::string& group) {
  const auto found = groups_.find(group);
  if (found != groups_.end() && found->second.running == 0 && found->second.queued == 0) groups_.erase(found);
}

bool Admission::HasRoom(const Claim& claim, Ticket ticket) const { return HasSlot(claim) && HasMemory(claim, ticket); }

bool Admission::HasMemory(const Claim& claim, Ticket ticket) const {
  if (options_.memory_pool == 0) return true;
  if (claim.privileged && running_privileged_ < options_.reserved_slots) return true;
  const std::int64_t kept = ticket != 0 && ticket == kept_for_ ? 0 : kept_;
  return granted_ + GrantOf(claim) + kept <= options_.memory_pool;
}

bool Admission::HasSlot(const Claim& claim) const {
  const int running = running_[0] + running_[1];
  if (running >= options_.slots) return false;
  if (claim.group_slots >= 0) {
    const auto group = groups_.find(claim.group);
    if ((group == groups_.end() ? 0 : group->second.running) >= claim.group_slots) return false;
  }
  // What is reserved is for work of both classes.
  if (claim.privileged && running_privileged_ < options_.reserved_slots) return true;
  if (!claim.privileged && running - running_privileged_ >= options_.slots - options_.reserved_slots) return false;
  if (!HasSlotsOfSources(claim)) return false;
  return claim.work_class == WorkClass::kInteractive || running_[1] < options_.slots - options_.interactive_slots;
}

bool Admission::HasSlotsOfSources(const Claim& claim) const {
  // The only source there is has nobody to leave slots to.
  if (options_.source_slots == 0 || sources_.size() < 2) return true;
  return std::ranges::all_of(claim.sources, [this](const std::string& source) REQUIRES_LOCK(mutex_) {
    return sources_.at(source) < options_.source_slots;
  });
}

void Admission::CountRunning(const Claim& claim) {
  ++running_[Index(claim.work_class)];
  if (claim.privileged) ++running_privileged_;
  granted_ += GrantOf(claim);
  if (!claim.group.empty()) ++groups_[claim.group].running;
  for (const std::string& source : claim.sources) ++sources_[source];
}

void Admission::CountLeft(const Claim& claim) {
  --running_[Index(claim.work_class)];
  if (claim.privileged) --running_privileged_;
  granted_ -= GrantOf(claim);
  if (!claim.group.empty()) {
    --groups_[claim.group].running;
    ForgetIfIdle(claim.group);
  }
  for (const std::string& source : claim.sources) --sources_[source];
}

double Admission::TurnOf(const std::string& principal) const {
  const auto known = turns_.find(principal);
  return known == turns_.end() ? now_serving_ : std::max(known->second, now_serving_);
}

Admission::Ticket Admission::Enter(Claim claim, Clock::time_point deadline, Done done, Clock::time_point now) {
  bool admitted = false;
  {
    MutexLock lock(mutex_);
    for (const std::string& source : claim.sources) sources_.try_emplace(source, 0);
    // Nobody who has room waits, so room means that it is this request's turn. What is kept for another is no room.
    admitted = HasRoom(claim, 0);
    if (admitted) {
      CountRunning(claim);
      NoteOvertaking();
    } else if (!MayWait(claim) ||
               queued_ >= options_.max_queued + (claim.privileged ? kWaitsOfReserved * options_.reserved_slots : 0)) {
      ++refused_full_;
    } else {
      const bool endless = options_.queue_timeout.count() == 0;
      const auto patience = endless ? Clock::time_point::max() : now + options_.queue_timeout;
      Queue& queue = queues_[Index(claim.work_class)];
      if (!claim.group.empty()) ++groups_[claim.group].queued;
      queue.push_back({++last_ticket_, std::move(claim), deadline, patience, std::move(done), 0});
      if (++queued_ == options_.max_queued) full_since_ = now;
      return last_ticket_;
    }
  }
  if (admitted) {
    done(Slot(this, std::move(claim)));
  } else {
    done(Overloaded());
  }
  return 0;
}

void Admission::Remove(Queue& from, Queue::iterator at, Queue& to) {
  if (!at->claim.group.empty()) {
    --groups_[at->claim.group].queued;
    ForgetIfIdle(at->claim.group);
  }
  if (at->ticket == kept_for_) kept_for_ = 0;
  if (kept_for_ == 0) kept_ = 0;
  to.splice(to.end(), from, at);
  if (--queued_ < options_.max_queued) full_since_ = Clock::time_point::max();
}

bool Admission::TakeNext(Queue& admitted) {
  Queue* from = nullptr;
  Queue::iterator next;
  std::pair<double, Ticket> best;
  for (Queue& queue : queues_) {
    for (auto at = queue.begin(); at != queue.end(); ++at) {
      if (!HasRoom(at->claim, at->ticket)) continue;
      const std::pair<double, Ticket> turn(TurnOf(at->claim.principal), at->ticket);
      if (from != nullptr && best < turn) continue;
      from = &queue;
      next = at;
      best = turn;
    }
  }
  if (from == nullptr) return false;
  now_serving_ = best.first;
  turns_[next->claim.principal] = best.first + 1.0 / std::clamp(next->claim.priority, 1, 10);
  CountRunning(next->claim);
  Remove(*from, next, admitted);
  NoteOvertaking();
  // Who does not wait has no turn to remember.
  if (queued_ == 0) turns_.clear();
  return true;
}

void Admission::NoteOvertaking() {
  if (queued_ == 0 || options_.memory_pool == 0 || kept_for_ != 0) return;
  const Waiting* first = nullptr;
  for (Queue& queue : queues_) {
    for (Waiting& waiting : queue) {
      if (!HasSlot(waiting.claim) || HasMemory(waiting.claim, waiting.ticket)) continue;
      if (++waiting.overtaken < kMaxOvertaken) continue;
      if (first == nullptr || waiting.ticket < first->ticket) first = &waiting;
    }
  }
  if (first == nullptr) return;
  kept_for_ = first->ticket;
  kept_ = GrantOf(first->claim);
}

void Admission::AdmitAll(Queue& admitted) {
  // One slot came free, but the memory of one request may be enough for several.
  while (TakeNext(admitted)) {
  }
}

void Admission::Start(Queue& admitted) {
  for (Waiting& next : admitted) next.done(Slot(this, std::move(next.claim)));
}

void Admission::Leave(const Claim& claim) {
  Queue admitted;
  {
    MutexLock lock(mutex_);
    CountLeft(claim);
    AdmitAll(admitted);
  }
  Start(admitted);
}

void Admission::Abort(Ticket ticket) {
  Queue aborted;
  Queue admitted;
  {
    MutexLock lock(mutex_);
    for (Queue& queue : queues_) {
      const auto found = std::ranges::find(queue, ticket, &Waiting::ticket);
      if (found == queue.end()) continue;
      const bool was_kept_for = found->ticket == kept_for_;
      Remove(queue, found, aborted);
      if (was_kept_for) AdmitAll(admitted);
      break;
    }
  }
  Start(admitted);
  if (!aborted.empty()) aborted.front().done(Error(ErrorCode::kCancelled, "query cancelled"));
}

void Admission::Expire(Clock::time_point now) {
  Queue expired;
  Queue admitted;
  {
    MutexLock lock(mutex_);
    if (queued_ == 0) return;
    const Ticket kept_for = kept_for_;
    for (Queue& queue : queues_) {
      for (auto at = queue.begin(); at != queue.end();) {
        const auto next = std::next(at);
        if (std::min(at->deadline, at->patience) <= now) Remove(queue, at, expired);
        at = next;
      }
    }
    refused_timeout_ += expired.size();
    if (kept_for != 0 && kept_for_ == 0) AdmitAll(admitted);
  }
  Start(admitted);
  for (Waiting& waiting : expired) {
    waiting.done(waiting.deadline <= now ? Error(ErrorCode::kTimeout, "query timeout") : Overloaded());
  }
}

Admission::Counts Admission::counts(Clock::time_point now) const {
  MutexLock lock(mutex_);
  Counts counts;
  counts.running = running_[0] + running_[1];
  counts.queued = queued_;
  counts.granted = granted_;
  counts.refused_full = refused_full_;
  counts.refused_timeout = refused_timeout_;
  if (full_since_ < now) counts.full_for = now - full_since_;
  return counts;
}

}  // namespace eider::async
