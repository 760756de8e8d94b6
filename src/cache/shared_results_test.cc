#include "cache/shared_results.h"

#include <gtest/gtest.h>

#include <set>

#include "cache/redis_channel.h"
#include "cache/result_cache.h"

namespace eider::cache {
namespace {

using Tags = std::vector<std::string>;

// A server in memory that can be away, or hang until the deadline.
struct FakeServer {
  Mutex mutex;
  std::map<std::string, std::string> entries GUARDED_BY(mutex);
  std::map<std::string, std::uint64_t> versions GUARDED_BY(mutex);
  std::set<std::string> locks GUARDED_BY(mutex);
  std::uint64_t next GUARDED_BY(mutex) = 1;
  std::atomic<bool> away = false;
  std::atomic<bool> hangs = false;
  std::atomic<int> calls = 0;

  Status Answer(const Deadline& deadline) {
    calls++;
    while (hangs && !deadline.Passed()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (away || hangs) return Error(ErrorCode::kSourceUnavailable, "away");
    return {};
  }
};

class FakeStore final : public ResultStore {
 public:
  explicit FakeStore(FakeServer& server) : server_(server) {}

  Result<Fetched> Fetch(const std::string& key, std::span<const std::string> tags, const Deadline& deadline) override {
    EIDER_RETURN_IF_ERROR(server_.Answer(deadline));
    MutexLock lock(server_.mutex);
    Fetched out;
    if (const auto found = server_.entries.find(key); found != server_.entries.end()) out.entry = found->second;
    for (const std::string& tag : tags) {
      auto& version = server_.versions[tag];
      if (version == 0) version = server_.next++;
      out.versions.push_back(version);
    }
    return out;
  }
  Status Store(const std::string& key, std::string_view entry, std::chrono::milliseconds /*ttl*/,
               const Deadline& deadline) override {
    EIDER_RETURN_IF_ERROR(server_.Answer(deadline));
    MutexLock lock(server_.mutex);
    server_.entries[key] = entry;
    return {};
  }
  Status Erase(const std::string& key, const Deadline& deadline) override {
    EIDER_RETURN_IF_ERROR(server_.Answer(deadline));
    MutexLock lock(server_.mutex);
    server_.entries.erase(key);
    return {};
  }
  Status Bump(std::span<const std::string> tags, const Deadline& deadline) override {
    EIDER_RETURN_IF_ERROR(server_.Answer(deadline));
    MutexLock lock(server_.mutex);
    for (const std::string& tag : tags) server_.versions[tag] = server_.next++;
    return {};
  }
  Result<bool> TryLock(const std::string& name, std::chrono::milliseconds /*lease*/,
                       const Deadline& deadline) override {
    EIDER_RETURN_IF_ERROR(server_.Answer(deadline));
    MutexLock lock(server_.mutex);
    return server_.locks.insert(name).second;
  }
  void Unlock(const std::string& name, const Deadline& /*deadline*/) override {
    MutexLock lock(server_.mutex);
    server_.locks.erase(name);
  }
  Result<std::vector<std::string>> Poll(const Deadline& deadline) override {
    EIDER_RETURN_IF_ERROR(server_.Answer(deadline));
    return Tags();
  }

 private:
  FakeServer& server_;
};

SharedEntry EntryWith(const SharedResults::Found& found, const Tags& tags) {
  SharedEntry entry;
  entry.result.json = "kept";
  for (std::size_t i = 0; i < tags.size(); ++i) entry.tags.emplace_back(tags[i], (*found.versions)[i]);
  return entry;
}

class SharedResultsTest : public testing::Test {
 protected:
  SharedResults::Found Fetch(bool fresh = false) { return results_.Fetch("k", tags_, fresh, {}); }
  bool IsThere() { return Fetch().entry.has_value(); }
  void Keep() {
    const auto found = Fetch();
    ASSERT_TRUE(found.versions);
    results_.StoreLater("k", EntryWith(found, tags_), std::chrono::milliseconds(60'000));
    results_.Release("k");
    const auto deadline = Deadline::After(std::chrono::seconds(5));
    while (!IsThere() && !deadline.Passed()) results_.Release("k");
    ASSERT_TRUE(IsThere());
  }
  void Bump() {
    results_.Announce({"t"});
    results_.Tell();
  }

  const Tags tags_ = {"t"};
  FakeServer server_;
  SharedResults results_{std::make_unique<FakeStore>(server_), {}, [](const Tags&) {}};
};

TEST_F(SharedResultsTest, KeepsUntilATagIsBumped) {
  Keep();
  Bump();
  EXPECT_FALSE(IsThere());
}

TEST_F(SharedResultsTest, FreshDropsWhatIsThere) {
  Keep();
  EXPECT_FALSE(Fetch(true).entry);
  EXPECT_FALSE(IsThere());
}

TEST_F(SharedResultsTest, ABumpWhileItIsAwayIsToldBeforeAnythingIsRead) {
  Keep();
  server_.away = true;
  Bump();
  EXPECT_FALSE(IsThere());
  server_.away = false;
  EXPECT_FALSE(IsThere()) << "the old entry is still there, but not current any more";
}

TEST_F(SharedResultsTest, AServerThatHangsCostsNoMoreThanTheTimeout) {
  Keep();
  server_.hangs = true;
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(Fetch(true).versions);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(180));
  }
}

TEST_F(SharedResultsTest, AfterFiveFailuresItIsLeftAlone) {
  server_.away = true;
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(Fetch().versions);
  EXPECT_TRUE(results_.counts().breaker_open);
  EXPECT_EQ(results_.counts().fetch_errors, 5U);
}

TEST_F(SharedResultsTest, WhatCannotBeDecodedIsDeleted) {
  {
    MutexLock lock(server_.mutex);
    server_.entries["k"] = "rubbish";
  }
  EXPECT_FALSE(IsThere());
  MutexLock lock(server_.mutex);
  EXPECT_TRUE(server_.entries.empty());
}

TEST(BreakerTest, PausesGrowToAMinute) {
  Breaker breaker;
  auto now = Breaker::Clock::now();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(breaker.Admits(now));
    breaker.Failed(now);
  }
  for (const int seconds : {5, 10, 20, 40, 60, 60}) {
    EXPECT_FALSE(breaker.Admits(now + std::chrono::milliseconds(seconds * 1000 - 1))) << seconds;
    now += std::chrono::seconds(seconds);
    EXPECT_TRUE(breaker.Admits(now)) << seconds;
    EXPECT_FALSE(breaker.Admits(now)) << "one at a time";
    breaker.Failed(now);
  }
  breaker.Succeeded();
  EXPECT_TRUE(breaker.Admits(now));
}

TEST(RedisSlotTest, FollowsTheClusterSpecification) {
  EXPECT_EQ(RedisSlot("123456789"), 0x31C3 % 16384);
  EXPECT_EQ(RedisSlot("{eider}:tag:a"), RedisSlot("{eider}:bumps"));
  EXPECT_EQ(RedisSlot("foo{}{bar}"), RedisSlot("foo{}{bar}"));
  EXPECT_NE(RedisSlot("foo{}{bar}"), RedisSlot("bar"));
  EXPECT_EQ(RedisSlot("foo{bar}{zap}"), RedisSlot("bar"));
}

// Two nodes over one server compute a result once.
TEST(ResultCacheSharedTest, AnotherNodeWaitsForTheResult) {
  FakeServer server;
  CacheOptions options;
  ResultCache a(options, std::make_unique<FakeStore>(server));
  ResultCache b(options, std::make_unique<FakeStore>(server));
  std::atomic<int> computed = 0;
  const auto compute = [&](const StopToken&) -> Result<Computed> {
    computed++;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return Computed{"x", false};
  };
  const Wanted wanted{KeyBuilder().Add("k").Finish(), {"t"}, std::chrono::milliseconds(60'000), false};
  std::vector<std::thread> threads;
  std::atomic<int> answers = 0;
  for (ResultCache* cache : {&a, &b}) {
    threads.emplace_back([&, cache] {
      const Seat seat = cache->Join(wanted, {});
      ASSERT_TRUE(seat.flight()->Begin());
      cache->Run(seat.flight(), wanted, compute);
      answers += seat.flight()->Wait(Deadline::Never(), {})->entry->result.json == "x" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers, 2);
  EXPECT_EQ(computed, 1);
}

}  // namespace
}  // namespace eider::cache
