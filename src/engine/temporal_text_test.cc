#include "engine/temporal_text.h"

#include <gtest/gtest.h>

namespace eider::engine {
namespace {

TEST(ReadDateTest, ReadsOnlyRealDays) {
  EXPECT_EQ(ReadDate("1970-01-01"), 0);
  EXPECT_EQ(ReadDate("2000-02-29"), 11016);
  EXPECT_FALSE(ReadDate("2023-02-29"));
  EXPECT_FALSE(ReadDate("2024-5-1"));
  EXPECT_FALSE(ReadDate("2024-05-01x"));
}

TEST(ReadInstantTest, AppliesTheOffset) {
  EXPECT_EQ(ReadInstant("1970-01-01T01:00:00+01:00")->micros, 0);
  EXPECT_EQ(ReadInstant("1970-01-01 00:00:00.5")->micros, 500'000);
  EXPECT_EQ(ReadInstant("1970-01-01 00:01")->micros, 60'000'000);
  EXPECT_EQ(ReadInstant("1969-12-31T23:00:00-0100")->micros, 0);
  EXPECT_TRUE(ReadInstant("1970-01-01T00:00:00Z")->has_offset);
  EXPECT_FALSE(ReadInstant("1970-01-01T00:00:00")->has_offset);
  for (const char* text : {"1970-01-01", "1970-01-01T24:00:00", "1970-01-01T00:00:00.", "1970-01-01T00:00:00.1234567",
                           "1970-01-01T00:00:00+", "1970-01-01T00:00:00Europe/Berlin"}) {
    EXPECT_FALSE(ReadInstant(text)) << text;
  }
}

TEST(ReadIsoDurationTest, ReadsEveryUnit) {
  const auto all = ReadIsoDuration("P1Y2M1W3DT4H5M6.5S");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->months, 14);
  EXPECT_EQ(all->days, 10);
  EXPECT_EQ(all->micros, ((4 * 60 + 5) * 60 + 6) * 1'000'000LL + 500'000);
  EXPECT_EQ(ReadIsoDuration("-PT30S")->micros, -30'000'000);
  EXPECT_EQ(ReadIsoDuration("PT-1H-30M")->micros, -5'400'000'000);
  for (const char* text : {"P", "PT", "1h", "P1H", "PT1D", "P1.5M", "P1"}) EXPECT_FALSE(ReadIsoDuration(text)) << text;
}

}  // namespace
}  // namespace eider::engine
