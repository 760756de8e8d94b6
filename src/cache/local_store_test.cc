#include "cache/local_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

namespace eider::cache {
namespace {

Key KeyOf(std::uint64_t number) { return KeyBuilder().Add(number).Finish(); }

EntryPtr EntryOf(std::size_t size, Clock::duration life = std::chrono::hours(1)) {
  auto entry = std::make_shared<Entry>();
  entry->result.json.assign(size, 'x');
  entry->result.json.shrink_to_fit();
  entry->stored = Clock::now();
  entry->expires = entry->stored + life;
  return entry;
}

TEST(LocalStoreTest, FindsWhatWasPutAndForgetsWhatWasErased) {
  LocalStore store({.max_bytes = 1 << 20});
  const EntryPtr entry = EntryOf(10);
  EXPECT_TRUE(store.Put(KeyOf(1), entry));
  EXPECT_EQ(store.Find(KeyOf(1), Clock::now()), entry);
  EXPECT_EQ(store.Find(KeyOf(2), Clock::now()), nullptr);
  EXPECT_EQ(store.counts().bytes, LocalStore::CostOf(*entry));
  EXPECT_GT(store.counts().bytes, 10 + sizeof(Key));
  const EntryPtr other = EntryOf(100);
  EXPECT_TRUE(store.Put(KeyOf(1), other));
  EXPECT_EQ(store.Find(KeyOf(1), Clock::now()), other);
  EXPECT_EQ(store.counts().entries, 1U);
  store.Erase(KeyOf(1));
  EXPECT_EQ(store.Find(KeyOf(1), Clock::now()), nullptr);
  EXPECT_EQ(store.counts().bytes, 0U);
}

TEST(LocalStoreTest, ExpiredEntriesAreNeitherFoundNorKept) {
  LocalStore store({.max_bytes = 1 << 20});
  for (std::uint64_t i = 0; i < 10; ++i) EXPECT_TRUE(store.Put(KeyOf(i), EntryOf(10, std::chrono::seconds(5))));
  EXPECT_TRUE(store.Put(KeyOf(99), EntryOf(10)));
  const auto later = Clock::now() + std::chrono::seconds(6);
  EXPECT_NE(store.Find(KeyOf(1), later - std::chrono::seconds(2)), nullptr);
  EXPECT_EQ(store.Find(KeyOf(1), later), nullptr);
  EXPECT_EQ(store.counts().entries, 10U);
  store.Sweep(later);
  EXPECT_EQ(store.counts().entries, 1U);
  EXPECT_EQ(store.counts().evicted_expired, 10U);
}

TEST(LocalStoreTest, InvalidatedEntriesAreNotFound) {
  LocalStore store({.max_bytes = 1 << 20});
  TagTable tags;
  const std::vector<std::string> names = {"a"};
  auto entry = std::make_shared<Entry>();
  entry->tags = tags.Stamp(names);
  EXPECT_TRUE(store.Put(KeyOf(1), entry));
  EXPECT_NE(store.Find(KeyOf(1), Clock::now()), nullptr);
  tags.Bump(names);
  EXPECT_EQ(store.Find(KeyOf(1), Clock::now()), nullptr);
  EXPECT_EQ(store.counts().evicted_invalid, 1U);
}

TEST(LocalStoreTest, ALargeEntryIsRefusedAndOneOfAnEighthIsKept) {
  LocalStore store({.max_bytes = 1 << 20});
  for (std::uint64_t i = 0; i < 2000; ++i) EXPECT_TRUE(store.Put(KeyOf(i), EntryOf(500)));
  EXPECT_FALSE(store.Put(KeyOf(5000), EntryOf((1 << 17) + 1)));
  EXPECT_TRUE(store.Put(KeyOf(5001), EntryOf((1 << 17) - 1024)));
  EXPECT_NE(store.Find(KeyOf(5001), Clock::now()), nullptr);
  EXPECT_EQ(store.counts().refused_large, 1U);
  EXPECT_LE(store.counts().bytes, std::size_t{1} << 20);
}

// What is asked for again and again stays while a scan of things asked for once goes through.
TEST(LocalStoreTest, AScanDoesNotPushOutWhatIsUsedOften) {
  LocalStore store({.max_bytes = 1 << 20, .shards = 4});
  constexpr std::uint64_t kOften = 200;
  for (int round = 0; round < 8; ++round) {
    for (std::uint64_t i = 0; i < kOften; ++i) {
      if (store.Find(KeyOf(i), Clock::now()) == nullptr) (void)store.Put(KeyOf(i), EntryOf(1000));
    }
  }
  for (std::uint64_t i = 10'000; i < 20'000; ++i) {
    if (store.Find(KeyOf(i), Clock::now()) == nullptr) (void)store.Put(KeyOf(i), EntryOf(1000));
  }
  int kept = 0;
  for (std::uint64_t i = 0; i < kOften; ++i) kept += store.Find(KeyOf(i), Clock::now()) != nullptr ? 1 : 0;
  EXPECT_GT(kept, static_cast<int>(kOften * 9 / 10));
}

// The promise under random load of several threads: never a byte above the limit, at no moment.
TEST(LocalStoreTest, BytesNeverExceedTheLimit) {
  constexpr std::size_t kLimit = 1 << 20;
  LocalStore store({.max_bytes = kLimit, .max_item_bytes = kLimit / 2, .shards = 16});
  std::atomic<bool> stop = false;
  std::atomic<std::size_t> highest = 0;
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int i = 0; i < 4000; ++i) {
        const Key key = KeyOf(random() % 3000);
        const auto action = random() % 10;
        if (action < 6) {
          const std::size_t size = random() % 50 == 0 ? random() % (kLimit / 2) : random() % 3000;
          (void)store.Put(key, EntryOf(size, std::chrono::milliseconds(random() % 100)));
        } else if (action < 9) {
          (void)store.Find(key, Clock::now());
        } else {
          store.Erase(key);
        }
        if (i % 1000 == 0) store.Sweep(Clock::now());
      }
    });
  }
  std::thread watcher([&] {
    while (!stop) highest = std::max<std::size_t>(highest, store.counts().bytes);
  });
  for (std::thread& thread : threads) thread.join();
  stop = true;
  watcher.join();
  EXPECT_LE(highest, kLimit);
  EXPECT_GT(highest, kLimit / 2) << "the limit was never near";
  store.Sweep(Clock::now() + std::chrono::hours(2));
  EXPECT_EQ(store.counts().bytes, 0U) << "every byte is given back";
  EXPECT_EQ(store.counts().entries, 0U);
}

}  // namespace
}  // namespace eider::cache
