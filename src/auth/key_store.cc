#include "auth/key_store.h"

#include <algorithm>

#include "auth/fetch.h"

namespace eider::auth {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kLeastAge = std::chrono::minutes(1);
constexpr auto kMostAge = std::chrono::hours(24);
constexpr auto kBetweenFetches = std::chrono::seconds(30);
constexpr auto kBetweenFirstFetches = std::chrono::seconds(1);

class FixedKeys final : public KeyStore {
 public:
  explicit FixedKeys(VerificationKeys keys) : keys_(std::make_shared<const VerificationKeys>(std::move(keys))) {}
  Found Get(std::string_view /*key_id*/, Patience /*patience*/) override { return {keys_, false}; }

 private:
  const std::shared_ptr<const VerificationKeys> keys_;
};

class RemoteKeys final : public KeyStore {
 public:
  explicit RemoteKeys(RemoteKeyOptions options) : options_(std::move(options)) {}

  Found Get(std::string_view key_id, Patience patience) override {
    Found found = Known(key_id);
    if (!found.must_wait || patience == Patience::kNone) return found;
    Update(key_id);
    found = Known(key_id);
    found.must_wait = false;
    return found;
  }

  void Refresh() override {
    {
      MutexLock lock(mutex_);
      const auto now = Clock::now();
      if (keys_ == nullptr || now < renew_at_ || now < next_attempt_) return;
    }
    MutexLock fetching(fetch_mutex_);
    FetchNow();
  }

 private:
  static bool Has(const VerificationKeys& keys, std::string_view key_id) {
    return key_id.empty() || std::any_of(keys.begin(), keys.end(), [&](const VerificationKey& key) {
             return key.id == key_id || key.id.empty();
           });
  }

  // What is known now, and whether a fetch may help and is allowed.
  Found Known(std::string_view key_id) {
    MutexLock lock(mutex_);
    const auto now = Clock::now();
    const bool usable = keys_ != nullptr && now < valid_until_;
    Found found{usable ? keys_ : nullptr, false};
    if (usable && Has(*keys_, key_id)) return found;
    found.must_wait = now >= next_attempt_;
    return found;
  }

  void Update(std::string_view key_id) {
    MutexLock fetching(fetch_mutex_);
    // Another request may have fetched while this one waited for its turn.
    if (Known(key_id).must_wait) FetchNow();
  }

  void FetchNow() REQUIRES_LOCK(fetch_mutex_) {
    auto answer = FetchDocument(*options_.client, {options_.url, "", options_.timeout, options_.tls_insecure});
    Result<VerificationKeys> keys = VerificationKeys();
    if (!answer) {
      keys = answer.error();
    } else if (answer->status != 200) {
      keys =
          Error(ErrorCode::kSourceUnavailable, options_.url + " answers with status " + std::to_string(answer->status));
    } else {
      keys = ReadKeySet(answer->body);
    }
    MutexLock lock(mutex_);
    const auto now = Clock::now();
    if (!keys) {
      next_attempt_ = now + (keys_ == nullptr ? Clock::duration(kBetweenFirstFetches) : kBetweenFetches);
      if (options_.on_problem) options_.on_problem(keys.error().message);
      return;
    }
    keys_ = std::make_shared<const VerificationKeys>(std::move(*keys));
    const auto age = answer->max_age.value_or(std::chrono::minutes(5));
    renew_at_ = now + std::clamp<Clock::duration>(age, kLeastAge, kMostAge);
    valid_until_ = now + kMostAge;
    next_attempt_ = now + kBetweenFetches;
  }

  const RemoteKeyOptions options_;
  Mutex fetch_mutex_;  // Held while fetching; taken before `mutex_`.
  Mutex mutex_;
  std::shared_ptr<const VerificationKeys> keys_ GUARDED_BY(mutex_);
  Clock::time_point renew_at_ GUARDED_BY(mutex_);
  Clock::time_point valid_until_ GUARDED_BY(mutex_);
  Clock::time_point next_attempt_ GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<KeyStore> MakeFixedKeys(VerificationKeys keys) { return std::make_unique<FixedKeys>(std::move(keys)); }

std::unique_ptr<KeyStore> MakeRemoteKeys(RemoteKeyOptions options) {
  return std::make_unique<RemoteKeys>(std::move(options));
}

}  // namespace eider::auth
