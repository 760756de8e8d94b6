#include "cache/rule.h"

#include <gtest/gtest.h>

namespace eider::cache {
namespace {

using std::chrono::milliseconds;

TEST(ParseTtlTest, ReadsAllForms) {
  const std::pair<const char*, std::int64_t> known[] = {
      {"0", 0},
      {"60", 60'000},
      {"1.5", 1500},
      {"10s", 10'000},
      {"250ms", 250},
      {"5m", 300'000},
      {"1h30m", 5'400'000},
      {"PT10M", 600'000},
      {"P1DT2H", 93'600'000},
      {"PT0.5S", 500},
      {"P2W", 1'209'600'000},
      {"10 minutes", 600'000},
      {"2 hours 30 minutes", 9'000'000},
      {"01:30:00", 5'400'000},
      {"1 day 00:00:05", 86'405'000},
      {" 7 sec ", 7'000},
      {"1 MONTH", 2'592'000'000},
  };
  for (const auto& [text, expected] : known) {
    const auto ttl = ParseTtl(text);
    ASSERT_TRUE(ttl.has_value()) << text;
    EXPECT_EQ(ttl->count(), expected) << text;
  }
}

TEST(ParseTtlTest, RefusesOtherTexts) {
  for (const char* text :
       {"",        " ",   "soon", "-5s",   "5 fortnights",           "P",         "PT",    "P5",   "PT5", "PTS", "5s 3",
        "1:99:00", "nan", "inf",  "1e400", "9999999999999999999999", "200 years", "10s x", "P1Y2", "0x10"}) {
    EXPECT_FALSE(ParseTtl(text).has_value()) << text;
  }
}

TEST(MergeTest, TheUpperWinsMemberByMemberAndTagsAreUnited) {
  const Rule merged = Merge({.ttl = milliseconds(1), .key = "under", .tags = {"a", "b"}},
                            {.ttl = std::nullopt, .key = "over", .tags = {"b", "c"}});
  EXPECT_EQ(merged.ttl, milliseconds(1));
  EXPECT_EQ(merged.key, "over");
  EXPECT_EQ(merged.tags, (std::vector<std::string>{"a", "b", "c"}));
}

}  // namespace
}  // namespace eider::cache
