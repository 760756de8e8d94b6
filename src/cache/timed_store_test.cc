#include "cache/timed_store.h"

#include <gtest/gtest.h>

namespace eider::cache {
namespace {

// Knows one entry and refuses to store.
class FakeStore final : public ResultStore {
 public:
  Result<Fetched> Fetch(const std::string& key, std::span<const std::string> tags,
                        const Deadline& /*deadline*/) override {
    return Fetched{"entry of " + key, std::vector<std::uint64_t>(tags.size(), 7)};
  }
  Status Store(const std::string& /*key*/, std::string_view /*entry*/, std::chrono::milliseconds /*ttl*/,
               const Deadline& /*deadline*/) override {
    return Error(ErrorCode::kSourceUnavailable, "full");
  }
  Status Erase(const std::string& /*key*/, const Deadline& /*deadline*/) override { return {}; }
  Status Bump(std::span<const std::string> /*tags*/, const Deadline& /*deadline*/) override { return {}; }
  Result<bool> TryLock(const std::string& name, std::chrono::milliseconds /*lease*/,
                       const Deadline& /*deadline*/) override {
    return name == "free";
  }
  void Unlock(const std::string& /*name*/, const Deadline& /*deadline*/) override {}
  Result<std::vector<std::string>> Poll(const Deadline& /*deadline*/) override {
    return std::vector<std::string>{"tag"};
  }
};

std::uint64_t CountOf(const observe::Histogram& histogram) {
  std::uint64_t count = 0;
  for (int i = 0; i < observe::Histogram::kBuckets; ++i) count += histogram.count(i);
  return count;
}

TEST(TimedStoreTest, PassesEverythingOnAndCountsByKind) {
  observe::Histogram get;
  observe::Histogram set;
  observe::Histogram erase;
  observe::Histogram bump;
  // Locks are not counted here.
  const auto store = Timed(std::make_unique<FakeStore>(), {.get = &get, .set = &set, .erase = &erase, .bump = &bump});
  const Deadline deadline = Deadline::Never();
  const std::vector<std::string> tags = {"a", "b"};
  const auto fetched = store->Fetch("k", tags, deadline);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->entry, "entry of k");
  EXPECT_EQ(fetched->versions, (std::vector<std::uint64_t>{7, 7}));
  EXPECT_TRUE(store->Fetch("k", tags, deadline));
  EXPECT_FALSE(store->Store("k", "", std::chrono::seconds(1), deadline));
  EXPECT_TRUE(store->Bump(tags, deadline));
  EXPECT_EQ(store->TryLock("free", std::chrono::seconds(1), deadline), true);
  EXPECT_EQ(store->TryLock("taken", std::chrono::seconds(1), deadline), false);
  EXPECT_EQ(store->Poll(deadline)->size(), 1u);
  EXPECT_EQ(CountOf(get), 2u);
  EXPECT_EQ(CountOf(set), 1u);
  EXPECT_EQ(CountOf(erase), 0u);
  EXPECT_EQ(CountOf(bump), 1u);
}

}  // namespace
}  // namespace eider::cache
