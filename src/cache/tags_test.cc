#include "cache/tags.h"

#include <gtest/gtest.h>

namespace eider::cache {
namespace {

using Tags = std::vector<std::string>;

TEST(TagTableTest, ABumpEndsStampsOfThatTagOnly) {
  TagTable table;
  const TagStamps both = table.Stamp(Tags{"a", "b"});
  const TagStamps b = table.Stamp(Tags{"b"});
  EXPECT_TRUE(both.AreCurrent());
  table.Bump(Tags{"a", "unknown"});
  EXPECT_FALSE(both.AreCurrent());
  EXPECT_TRUE(b.AreCurrent());
  EXPECT_TRUE(table.Stamp(Tags{"a"}).AreCurrent());
}

TEST(TagTableTest, EverythingEndsStampsWithoutTagsToo) {
  TagTable table;
  const TagStamps none = table.Stamp(Tags{});
  const TagStamps some = table.Stamp(Tags{"a"});
  table.BumpAll();
  EXPECT_FALSE(none.AreCurrent());
  EXPECT_FALSE(some.AreCurrent());
  EXPECT_TRUE(table.Stamp(Tags{}).AreCurrent());
}

TEST(TagTableTest, ForgottenCountersNeverComeBackWithAnOldValue) {
  TagTable table;
  TagStamps held = table.Stamp(Tags{"held"});
  for (int i = 0; i < 1000; ++i) (void)table.Stamp(Tags{"tag" + std::to_string(i)});
  EXPECT_EQ(table.size(), 1001U);
  table.Sweep();
  EXPECT_EQ(table.size(), 1U);
  table.Bump(Tags{"held"});
  EXPECT_FALSE(held.AreCurrent());
  held = table.Stamp(Tags{"held"});
  EXPECT_TRUE(held.AreCurrent());
}

}  // namespace
}  // namespace eider::cache
