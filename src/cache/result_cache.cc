#include "cache/result_cache.h"

#include <algorithm>
#include <utility>

namespace eider::cache {
namespace {

constexpr std::chrono::milliseconds kTick(50);

std::int64_t WallNow() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

ResultCache::ResultCache(const CacheOptions& options, std::unique_ptr<ResultStore> shared) : options_(options) {
  if (options_.local) local_.emplace(*options_.local);
  worker_ = std::thread([this] { Work(); });
  if (shared == nullptr) return;
  shared = Timed(std::move(shared), options_.shared_times);
  shared_ = std::make_unique<SharedResults>(std::move(shared), options_.shared, [this](const auto& tags) {
    if (std::ranges::find(tags, kEverything) != tags.end()) return tags_.BumpAll();
    tags_.Bump(tags);
  });
}

ResultCache::~ResultCache() {
  shared_.reset();
  {
    MutexLock lock(worker_mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  worker_.join();
}

EntryPtr ResultCache::Find(const Key& key) {
  if (!local_) return nullptr;
  const auto now = Clock::now();
  EntryPtr found = local_->Find(key, now);
  if (observe::Histogram* times = options_.local_times.get) times->Observe(Clock::now() - now);
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
  if (shared_ != nullptr) return ProduceShared(flight, wanted, compute);
  EIDER_ASSIGN_OR_RETURN(Computed computed, compute(flight->stop_token()));
  if (computed.json.size() > kLargest) return Outcome{nullptr, false, true};
  const EntryPtr entry = MakeEntry(*flight, std::move(computed), wanted.ttl, {});
  Keep(flight, wanted.key, entry);
  return Outcome{entry, false, false};
}

Result<Outcome> ResultCache::ProduceShared(const std::shared_ptr<Flight>& flight, const Wanted& wanted,
                                           const Compute& compute) {
  using std::chrono::milliseconds;
  const std::string name = wanted.key.Text();
  std::vector<std::string> tags = wanted.tags;
  tags.emplace_back(kEverything);
  SharedResults::Found found = shared_->Fetch(name, tags, wanted.fresh, flight->stop_token());
  const std::int64_t now = WallNow();
  if (found.entry) {
    SharedEntry& known = *found.entry;
    const milliseconds left(known.expires_ms == 0 ? 0 : std::max<std::int64_t>(known.expires_ms - now, 1));
    const milliseconds age(std::max<std::int64_t>(now - known.stored_ms, 0));
    const EntryPtr entry = MakeEntry(*flight, std::move(known.result), left, age);
    Keep(flight, wanted.key, entry);
    return Outcome{entry, true, false};
  }
  auto computed = compute(flight->stop_token());
  const bool whole = computed && computed->json.size() <= kLargest;
  if (whole && found.versions) {
    SharedEntry entry;
    entry.result = *computed;
    entry.stored_ms = WallNow();
    entry.expires_ms = wanted.ttl.count() == 0 ? 0 : entry.stored_ms + wanted.ttl.count();
    for (std::size_t i = 0; i < tags.size(); ++i) entry.tags.emplace_back(tags[i], (*found.versions)[i]);
    shared_->StoreLater(name, std::move(entry), wanted.ttl);
  }
  // After what was stored: whoever waits for the lock finds it.
  if (found.locked) shared_->Release(name);
  if (!computed) return std::move(computed).error();
  if (!whole) return Outcome{nullptr, false, true};
  const EntryPtr entry = MakeEntry(*flight, std::move(*computed), wanted.ttl, {});
  Keep(flight, wanted.key, entry);
  return Outcome{entry, false, false};
}

std::shared_ptr<Entry> ResultCache::MakeEntry(const Flight& flight, Computed computed, std::chrono::milliseconds ttl,
                                              std::chrono::milliseconds age) const {
  auto entry = std::make_shared<Entry>();
  entry->result = std::move(computed);
  entry->result.json.shrink_to_fit();
  entry->tags = flight.stamps();
  const auto now = Clock::now();
  entry->stored = now - age;
  const auto bound = options_.max_local_ttl;
  if (bound.count() > 0) ttl = ttl.count() == 0 ? bound : std::min(ttl, bound);
  if (ttl.count() > 0) entry->expires = now + ttl;
  return entry;
}

void ResultCache::Keep(const std::shared_ptr<Flight>& flight, const Key& key, const EntryPtr& entry) {
  if (!local_ || !flight->stamps().AreCurrent()) return;
  // A computation that was replaced must not put its older result over the newer one.
  MutexLock lock(mutex_);
  const auto found = flights_.find(key);
  if (found == flights_.end() || found->second != flight) return;
  const auto now = Clock::now();
  (void)local_->Put(key, entry);
  if (observe::Histogram* times = options_.local_times.set) times->Observe(Clock::now() - now);
}

void ResultCache::Forget(const Key& key, const Flight& flight) {
  MutexLock lock(mutex_);
  const auto found = flights_.find(key);
  if (found != flights_.end() && found->second.get() == &flight) flights_.erase(found);
}

void ResultCache::Bump(const std::vector<std::string>& tags, Scope scope) {
  invalidations_.fetch_add(1, std::memory_order_relaxed);
  // First, so that nobody who finds nothing in memory believes what is outside.
  if (shared_ != nullptr) shared_->Announce(tags);
  tags_.Bump(tags);
  if (shared_ != nullptr) shared_->Tell();
  if (scope == Scope::kAllNodes && !tags.empty()) TellBump(tags);
}

void ResultCache::BumpAll(Scope scope) {
  invalidations_.fetch_add(1, std::memory_order_relaxed);
  if (shared_ != nullptr) shared_->Announce({std::string(kEverything)});
  tags_.BumpAll();
  if (shared_ != nullptr) shared_->Tell();
  if (scope == Scope::kAllNodes) TellBump({});
}

void ResultCache::TellBump(const std::vector<std::string>& tags) {
  MutexLock lock(on_bump_mutex_);
  if (on_bump_) on_bump_(tags);
}

void ResultCache::set_on_bump(OnBump on_bump) {
  MutexLock lock(on_bump_mutex_);
  on_bump_ = std::move(on_bump);
}

void ResultCache::Hear(const std::vector<std::string>& tags) {
  heard_.fetch_add(1, std::memory_order_relaxed);
  tags_.Bump(tags);
}

void ResultCache::HearAll() {
  heard_.fetch_add(1, std::memory_order_relaxed);
  tags_.BumpAll();
}

CacheCounts ResultCache::counts() const {
  CacheCounts out;
  if (local_) out.local = local_->counts();
  out.local_hits = hits_;
  out.local_misses = misses_;
  out.invalidations = invalidations_;
  out.heard = heard_;
  if (shared_ != nullptr) out.shared = shared_->counts();
  MutexLock lock(mutex_);
  for (const auto& [key, flight] : flights_) out.waiters += std::max<std::size_t>(flight->waiting(), 1) - 1;
  return out;
}

bool ResultCache::Rest() {
  MutexLock lock(worker_mutex_);
  if (!stopping_) (void)wake_.wait_for(worker_mutex_, kTick);
  return !stopping_;
}

void ResultCache::Work() {
  auto next_sweep = Clock::now() + options_.clean_time;
  while (Rest()) {
    ExpireWaits();
    const auto now = Clock::now();
    if (now < next_sweep) continue;
    next_sweep = now + std::max(options_.clean_time, kTick);
    if (local_) local_->Sweep(now);
    tags_.Sweep();
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
