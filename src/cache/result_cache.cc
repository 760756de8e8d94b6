#include "cache/result_cache.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace eider::cache {
namespace {

constexpr std::chrono::milliseconds kTick(50);

}  // namespace

ResultCache::ResultCache(const CacheOptions& options) : options_(options) {
  if (options_.local) local_.emplace(*options_.local);
  worker_ = std::thread([this] { Work(); });
}

ResultCache::~ResultCache() {
  {
    MutexLock lock(worker_mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  worker_.join();
}

EntryPtr ResultCache::Find(const Key& key) {
  if (!local_) return nullptr;
  EntryPtr found = local_->Find(key, Clock::now());
  (found == nullptr ? misses_ : hits_).fetch_add(1, std::memory_order_relaxed);
  return found;
}

Seat ResultCache::Join(const Wanted& wanted, Flight::Waiter waiter) {
  std::shared_ptr<Flight> flight;
  {
    MutexLock lock(mutex_);
    std::shared_ptr<Flight>& known = flights_[wanted.key];
    const bool joins = known != nullptr && !wanted.fresh && !known->is_abandoned() && known->stamps().AreCurrent();
    if (!joins) {
      if (known != nullptr) replaced_.push_back(known);
      known = std::make_shared<Flight>(tags_.Stamp(wanted.tags));
    }
    flight = known;
  }
  if (wanted.fresh && local_) local_->Erase(wanted.key);
  Flight::Role role = Flight::Role::kFollow;
  const Flight::Member member = flight->Join(std::move(waiter), role);
  return {std::move(flight), member, role};
}

void ResultCache::Run(const std::shared_ptr<Flight>& flight, const Wanted& wanted, const Compute& compute) {
  Result<Outcome> outcome = Produce(flight, wanted, compute);
  // What was kept is found from now on, so nobody can come between and compute it again.
  Forget(wanted.key, *flight);
  flight->Finish(std::move(outcome));
}

Result<Outcome> ResultCache::Produce(const std::shared_ptr<Flight>& flight, const Wanted& wanted,
                                     const Compute& compute) {
  // Another computation may have ended between this one's look-up and its beginning.
  if (local_ && !wanted.fresh) {
    if (EntryPtr known = local_->Find(wanted.key, Clock::now())) return Outcome{std::move(known), true, false};
  }
  EIDER_ASSIGN_OR_RETURN(Computed computed, compute(flight->stop_token()));
  if (computed.json.size() > kLargest) return Outcome{nullptr, false, true};
  return Outcome{Keep(flight, wanted, std::move(computed)), false, false};
}

EntryPtr ResultCache::Keep(const std::shared_ptr<Flight>& flight, const Wanted& wanted, Computed computed) {
  auto entry = std::make_shared<Entry>();
  entry->result = std::move(computed);
  entry->tags = flight->stamps();
  entry->stored = Clock::now();
  auto ttl = wanted.ttl;
  if (options_.max_local_ttl.count() > 0)
    ttl = ttl.count() == 0 ? options_.max_local_ttl : std::min(ttl, options_.max_local_ttl);
  if (ttl.count() > 0) entry->expires = entry->stored + ttl;
  if (!local_ || !flight->stamps().AreCurrent()) return entry;
  entry->result.json.shrink_to_fit();
  // A computation that was replaced must not put its older result over the newer one.
  MutexLock lock(mutex_);
  const auto found = flights_.find(wanted.key);
  if (found != flights_.end() && found->second == flight) (void)local_->Put(wanted.key, entry);
  return entry;
}

void ResultCache::Forget(const Key& key, const Flight& flight) {
  MutexLock lock(mutex_);
  const auto found = flights_.find(key);
  if (found != flights_.end() && found->second.get() == &flight) flights_.erase(found);
}

void ResultCache::Bump(const std::vector<std::string>& tags) {
  invalidations_.fetch_add(1, std::memory_order_relaxed);
  tags_.Bump(tags);
}

void ResultCache::BumpAll() {
  invalidations_.fetch_add(1, std::memory_order_relaxed);
  tags_.BumpAll();
}

CacheCounts ResultCache::counts() const {
  CacheCounts out;
  if (local_) out.local = local_->counts();
  out.local_hits = hits_;
  out.local_misses = misses_;
  out.invalidations = invalidations_;
  MutexLock lock(mutex_);
  for (const auto& [key, flight] : flights_) out.waiters += std::max<std::size_t>(flight->waiting(), 1) - 1;
  return out;
}

void ResultCache::Work() {
  auto next_sweep = Clock::now() + options_.clean_time;
  std::unique_lock lock(worker_mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, kTick);
    lock.unlock();
    ExpireWaits();
    if (const auto now = Clock::now(); now >= next_sweep) {
      next_sweep = now + std::max(options_.clean_time, kTick);
      if (local_) local_->Sweep(now);
      tags_.Sweep();
    }
    lock.lock();
  }
}

void ResultCache::ExpireWaits() {
  std::vector<std::shared_ptr<Flight>> flights;
  {
    MutexLock lock(mutex_);
    // One that was left before it began is nobody's any more.
    std::erase_if(flights_, [](const auto& item) { return item.second->is_abandoned(); });
    flights.reserve(flights_.size() + replaced_.size());
    for (const auto& [key, flight] : flights_) flights.push_back(flight);
    std::erase_if(replaced_, [](const auto& flight) { return flight.expired(); });
    for (const auto& flight : replaced_) {
      if (auto alive = flight.lock()) flights.push_back(std::move(alive));
    }
  }
  const auto now = Deadline::Clock::now();
  for (const auto& flight : flights) flight->Expire(now);
}

}  // namespace eider::cache
