#include "cache/shared_results.h"

#include <algorithm>
#include <utility>

namespace eider::cache {
namespace {

constexpr std::chrono::milliseconds kPollEvery(500);
constexpr std::chrono::milliseconds kPollTimeout(1000);
constexpr std::chrono::milliseconds kLease(5000);
constexpr std::chrono::milliseconds kLookAgain(25);
constexpr std::size_t kMaxPending = 10'000;
constexpr std::size_t kMaxJobs = 1000;
constexpr std::size_t kMaxText = std::size_t{256} << 20;

std::string LockOf(const std::string& key) { return key + ":lock"; }

std::int64_t WallNow() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// Whether no tag of the entry changed since; a tag that was not asked for counts as changed.
bool IsCurrent(const SharedEntry& entry, const std::vector<std::string>& tags,
               const std::vector<std::uint64_t>& versions) {
  if (entry.expires_ms != 0 && entry.expires_ms <= WallNow()) return false;
  return std::ranges::all_of(entry.tags, [&](const auto& seen) {
    const auto at = std::ranges::find(tags, seen.first);
    return at != tags.end() && versions[static_cast<std::size_t>(at - tags.begin())] == seen.second;
  });
}

}  // namespace

SharedResults::SharedResults(std::unique_ptr<ResultStore> store, const Options& options,
                             std::function<void(const std::vector<std::string>&)> bumped)
    : store_(std::move(store)),
      options_(options),
      bumped_(std::move(bumped)),
      worker_([this] { Work(); }),
      listener_([this] { Listen(); }) {}

SharedResults::~SharedResults() {
  {
    MutexLock lock(jobs_mutex_);
    stopping_ = true;
    wake_.notify_all();
    stopped_.notify_all();
  }
  worker_.join();
  listener_.join();
}

SharedResults::Found SharedResults::Fetch(const std::string& key, const std::vector<std::string>& tags, bool fresh,
                                          const StopToken& stop) {
  const Deadline deadline = Timeout();
  if (!breaker_.Admits()) return {};
  // What this node changed must be known there before anything of it is believed.
  if (HasPending() && !Flush(deadline)) return {};
  if (fresh) Note(store_->Erase(key, deadline), fetch_errors_);
  Found found = Read(key, tags, deadline);
  if (found.entry || !found.versions) return found;
  auto locked = store_->TryLock(LockOf(key), kLease, deadline);
  if (!locked) return found;
  found.locked = *locked;
  if (!found.locked && !fresh) AwaitOther(key, tags, stop, found);
  return found;
}

SharedResults::Found SharedResults::Read(const std::string& key, const std::vector<std::string>& tags,
                                         const Deadline& deadline) {
  Found found;
  auto fetched = store_->Fetch(key, tags, deadline);
  if (!fetched) {
    Note(fetched.error(), fetch_errors_);
    return found;
  }
  breaker_.Succeeded();
  if (fetched->entry) {
    found.entry = DecodeEntry(*fetched->entry, kMaxText);
    if (!found.entry) {
      (void)store_->Erase(key, deadline);
    } else if (!IsCurrent(*found.entry, tags, fetched->versions)) {
      found.entry.reset();
    }
  }
  (found.entry ? hits_ : misses_)++;
  found.versions = std::move(fetched->versions);
  return found;
}

void SharedResults::AwaitOther(const std::string& key, const std::vector<std::string>& tags, const StopToken& stop,
                               Found& found) {
  const Deadline lease = Deadline::After(kLease);
  while (!lease.Passed() && !stop.stop_requested()) {
    std::this_thread::sleep_for(kLookAgain);
    found = Read(key, tags, Timeout());
    if (found.entry || !found.versions) return;
    const auto locked = store_->TryLock(LockOf(key), kLease, Timeout());
    if (!locked) return;
    found.locked = *locked;
    if (found.locked) return;
  }
}

void SharedResults::StoreLater(const std::string& key, SharedEntry entry, std::chrono::milliseconds ttl) {
  Do([this, key, ttl, entry = std::move(entry)] {
    const std::string bytes = EncodeEntry(entry);
    if (bytes.size() > options_.max_item_bytes || !breaker_.Admits()) return;
    Note(store_->Store(key, bytes, ttl, Timeout()), store_errors_);
  });
}

void SharedResults::Release(const std::string& key) {
  Do([this, key] {
    if (breaker_.Admits()) store_->Unlock(LockOf(key), Timeout());
  });
}

void SharedResults::Do(Job job) {
  MutexLock lock(jobs_mutex_);
  // Nothing is lost but a result that could have been shared, or a lock that ends by itself.
  if (jobs_.size() >= kMaxJobs) return;
  jobs_.push_back(std::move(job));
  wake_.notify_all();
}

void SharedResults::Announce(const std::vector<std::string>& tags) {
  MutexLock lock(mutex_);
  ++last_bump_;
  for (const std::string& tag : tags) pending_[tag] = last_bump_;
  if (pending_.size() > kMaxPending) pending_ = {{std::string(kEverything), last_bump_}};
}

void SharedResults::Tell() {
  if (breaker_.Admits()) (void)Flush(Timeout());
}

bool SharedResults::HasPending() const {
  MutexLock lock(mutex_);
  return !pending_.empty();
}

bool SharedResults::Flush(const Deadline& deadline) {
  {
    MutexLock lock(mutex_);
    while (is_flushing_) {
      if (flushed_.wait_until(mutex_, deadline.at()) == std::cv_status::timeout && is_flushing_) return false;
    }
    is_flushing_ = true;
  }
  const bool done = FlushAlone(deadline);
  {
    MutexLock lock(mutex_);
    is_flushing_ = false;
  }
  flushed_.notify_one();
  return done;
}

bool SharedResults::FlushAlone(const Deadline& deadline) {
  std::map<std::string, std::uint64_t> told;
  {
    MutexLock lock(mutex_);
    told = pending_;
  }
  if (told.empty()) return true;
  std::vector<std::string> tags;
  tags.reserve(told.size());
  for (const auto& [tag, bump] : told) tags.push_back(tag);
  const Status done = store_->Bump(tags, deadline);
  Note(done, bump_errors_);
  if (!done) return false;
  MutexLock lock(mutex_);
  // Those that were bumped again meanwhile stay.
  for (const auto& [tag, bump] : told) {
    const auto found = pending_.find(tag);
    if (found != pending_.end() && found->second == bump) pending_.erase(found);
  }
  return pending_.empty();
}

void SharedResults::Note(const Status& done, std::atomic<std::uint64_t>& errors) {
  if (done) return breaker_.Succeeded();
  errors++;
  breaker_.Failed();
}

SharedCounts SharedResults::counts() const {
  SharedCounts out;
  out.hits = hits_;
  out.misses = misses_;
  out.fetch_errors = fetch_errors_;
  out.store_errors = store_errors_;
  out.bump_errors = bump_errors_;
  out.poll_errors = poll_errors_;
  out.bumps_of_others = foreign_;
  out.breaker_open = breaker_.is_open();
  return out;
}

bool SharedResults::TakeJob(Job& job) {
  MutexLock lock(jobs_mutex_);
  while (jobs_.empty() && !stopping_) wake_.wait(jobs_mutex_);
  if (stopping_) return false;
  job = std::move(jobs_.front());
  jobs_.pop_front();
  return true;
}

void SharedResults::Work() {
  Job job;
  while (TakeJob(job)) job();
}

bool SharedResults::Rest() {
  const auto until = std::chrono::steady_clock::now() + kPollEvery;
  MutexLock lock(jobs_mutex_);
  while (!stopping_ && std::chrono::steady_clock::now() < until) (void)stopped_.wait_until(jobs_mutex_, until);
  return !stopping_;
}

void SharedResults::Listen() {
  do {
    auto tags = store_->Poll(Deadline::After(kPollTimeout));
    if (!tags) poll_errors_++;
    if (tags && !tags->empty()) {
      foreign_++;
      bumped_(*tags);
    }
    // A server that answers again learns at once what it missed.
    if (tags && HasPending()) (void)Flush(Timeout());
  } while (Rest());
}

}  // namespace eider::cache
