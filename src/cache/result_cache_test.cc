#include "cache/result_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

namespace eider::cache {
namespace {

CacheOptions InMemory() {
  CacheOptions options;
  options.local.emplace();
  return options;
}

Wanted Named(std::uint64_t key, std::vector<std::string> tags = {}, bool fresh = false) {
  return {KeyBuilder().Add(key).Finish(), std::move(tags), std::chrono::milliseconds(60'000), fresh};
}

// Asks as a request that blocks does.
Result<Outcome> Ask(ResultCache& cache, const Wanted& wanted, const ResultCache::Compute& compute,
                    const StopToken& stop = {}) {
  if (!wanted.fresh) {
    if (EntryPtr known = cache.Find(wanted.key)) return Outcome{known, true, false};
  }
  const Seat seat = cache.Join(wanted, {});
  std::thread runner;
  if (seat.flight()->Begin()) runner = std::thread([&] { cache.Run(seat.flight(), wanted, compute); });
  auto outcome = seat.flight()->Wait(Deadline::Never(), stop);
  if (runner.joinable()) runner.join();
  return outcome;
}

ResultCache::Compute Giving(std::string text) {
  return [text](const StopToken&) -> Result<Computed> { return Computed{text, false}; };
}

TEST(ResultCacheTest, KeepsWhatWasComputed) {
  ResultCache cache(InMemory());
  EXPECT_FALSE(Ask(cache, Named(1), Giving("a"))->hit);
  const auto again = Ask(cache, Named(1), Giving("b"));
  EXPECT_TRUE(again->hit);
  EXPECT_EQ(again->entry->result.json, "a");
  EXPECT_EQ(Ask(cache, Named(1, {}, true), Giving("c"))->entry->result.json, "c");
  EXPECT_EQ(Ask(cache, Named(1), Giving("d"))->entry->result.json, "c");
}

TEST(ResultCacheTest, KeepsNoFailure) {
  ResultCache cache(InMemory());
  const auto fail = [](const StopToken&) -> Result<Computed> { return Error(ErrorCode::kConstraint, "no"); };
  EXPECT_EQ(Ask(cache, Named(1), fail).error().message, "no");
  EXPECT_EQ(Ask(cache, Named(1), Giving("yes"))->entry->result.json, "yes");
}

TEST(ResultCacheTest, WhatIsTooLargeIsForEverybodyAlone) {
  ResultCache cache(InMemory());
  const auto outcome = Ask(cache, Named(1), Giving(std::string(ResultCache::kLargest + 1, 'x')));
  EXPECT_TRUE(outcome->too_large);
  EXPECT_EQ(outcome->entry, nullptr);
  EXPECT_EQ(cache.Find(Named(1).key), nullptr);
}

TEST(ResultCacheTest, ExecutesOnceForAThousand) {
  ResultCache cache(InMemory());
  std::atomic<int> executed = 0;
  const auto slow = [&](const StopToken&) -> Result<Computed> {
    executed++;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return Computed{"slow", false};
  };
  std::atomic<int> answered = 0;
  std::vector<Seat> seats;
  for (int i = 0; i < 1000; ++i) {
    Flight::Waiter waiter;
    waiter.done = [&](const Result<Outcome>& outcome) { answered += outcome->entry->result.json == "slow" ? 1 : 0; };
    seats.push_back(cache.Join(Named(1), std::move(waiter)));
  }
  EXPECT_TRUE(seats[0].is_leader());
  ASSERT_TRUE(seats[0].flight()->Begin());
  // The first client goes while it runs.
  std::thread runner([&, flight = seats[0].flight()] { cache.Run(flight, Named(1), slow); });
  EXPECT_TRUE(seats[0].Leave());
  runner.join();
  EXPECT_EQ(executed, 1);
  EXPECT_EQ(answered, 999);
  EXPECT_TRUE(Ask(cache, Named(1), slow)->hit);
}

TEST(ResultCacheTest, NobodyJoinsWhatBeganBeforeABump) {
  ResultCache cache(InMemory());
  const Wanted wanted = Named(1, {"t"});
  const Seat before = cache.Join(wanted, {});
  ASSERT_TRUE(before.flight()->Begin());
  cache.Bump({"t"});
  const Seat after = cache.Join(wanted, {});
  EXPECT_NE(before.flight(), after.flight());
  ASSERT_TRUE(after.flight()->Begin());
  cache.Run(after.flight(), wanted, Giving("new"));
  cache.Run(before.flight(), wanted, Giving("old"));
  EXPECT_EQ(cache.Find(wanted.key)->result.json, "new");
}

TEST(ResultCacheTest, ALateOldResultIsNotPutOverTheOneThatReplacedIt) {
  ResultCache cache(InMemory());
  const Seat old_seat = cache.Join(Named(1), {});
  const Seat new_seat = cache.Join(Named(1, {}, true), {});
  ASSERT_NE(old_seat.flight(), new_seat.flight());
  cache.Run(new_seat.flight(), Named(1, {}, true), Giving("new"));
  cache.Run(old_seat.flight(), Named(1, {}, true), Giving("old"));
  EXPECT_EQ(cache.Find(Named(1).key)->result.json, "new");
}

TEST(ResultCacheTest, ABoundOfTheMemoryShortensLives) {
  CacheOptions options = InMemory();
  options.max_local_ttl = std::chrono::milliseconds(20);
  options.clean_time = std::chrono::milliseconds(10);
  ResultCache cache(options);
  EXPECT_TRUE(Ask(cache, Named(1), Giving("a")).ok());
  EXPECT_EQ(cache.counts().local.entries, 1U);
  const auto deadline = Deadline::After(std::chrono::seconds(5));
  while (cache.counts().local.entries > 0 && !deadline.Passed()) std::this_thread::yield();
  EXPECT_EQ(cache.counts().local.entries, 0U) << "the sweeper removes it without any access";
}

// Writers change a value and invalidate, then remember what they wrote; whoever asks afterwards sees nothing older.
TEST(ResultCacheTest, NothingStaleAfterAnInvalidationReturned) {
  ResultCache cache(InMemory());
  constexpr int kValues = 4;
  std::atomic<long> stored[kValues] = {};
  std::atomic<long> announced[kValues] = {};
  std::atomic<bool> stop = false;
  std::atomic<int> stale = 0;
  std::atomic<int> hits = 0;
  std::vector<std::thread> threads;
  for (int value = 0; value < kValues; ++value) {
    threads.emplace_back([&, value] {
      for (long version = 1; version <= 150; ++version) {
        stored[value] = version;
        cache.Bump({"v" + std::to_string(value)});
        announced[value] = version;
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
    });
  }
  for (unsigned seed = 1; seed <= 3; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      // The writers may have ended before anything was read twice.
      const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (!stop || (hits == 0 && std::chrono::steady_clock::now() < until)) {
        const auto value = static_cast<int>(random() % kValues);
        const long floor = announced[value];
        const auto read = [&](const StopToken&) -> Result<Computed> {
          return Computed{std::to_string(stored[value]), false};
        };
        const auto outcome = Ask(cache, Named(static_cast<std::uint64_t>(value), {"v" + std::to_string(value)}), read);
        hits += outcome->hit ? 1 : 0;
        stale += std::stol(outcome->entry->result.json) < floor ? 1 : 0;
      }
    });
  }
  for (int i = 0; i < kValues; ++i) threads[static_cast<std::size_t>(i)].join();
  stop = true;
  for (std::size_t i = kValues; i < threads.size(); ++i) threads[i].join();
  EXPECT_EQ(stale, 0);
  EXPECT_GT(hits, 0);
}

}  // namespace
}  // namespace eider::cache
