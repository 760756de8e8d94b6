#include "columnar/temporal_text.h"

#include <gtest/gtest.h>

#include <string>

namespace eider::columnar {
namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kMinute = 60'000'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

std::string Date(std::int64_t days) {
  char room[kTemporalRoom];
  return {room, WriteDate(days, room)};
}

std::string Timestamp(std::int64_t seconds, std::int64_t nanos = 0, int offset = 0) {
  char room[kTemporalRoom];
  return {room, WriteTimestamp(seconds, nanos, offset, room)};
}

std::string Interval(std::int64_t months, std::int64_t days, std::int64_t nanos) {
  char room[kTemporalRoom];
  return {room, WriteInterval(months, days, nanos, room)};
}

TEST(WriteDateTest, CoversTheCalendar) {
  EXPECT_EQ(Date(0), "1970-01-01");
  EXPECT_EQ(Date(-1614), "1965-08-01");
  EXPECT_EQ(Date(11016), "2000-02-29");
  EXPECT_EQ(Date(-719162), "0001-01-01");
  EXPECT_EQ(Date(2932896), "9999-12-31");
  EXPECT_EQ(Date(2932897), "10000-01-01");
  EXPECT_EQ(Date(-719163), "0000-12-31");
  EXPECT_EQ(Date(-719528 - 1), "-0001-12-31");
}

TEST(WriteTimestampTest, TrimsTheFractionAndPrintsTheOffset) {
  EXPECT_EQ(Timestamp(1714557600), "2024-05-01T10:00:00Z");
  EXPECT_EQ(Timestamp(1714557600, 500'000'000), "2024-05-01T10:00:00.5Z");
  EXPECT_EQ(Timestamp(1714557600, 1'000), "2024-05-01T10:00:00.000001Z");
  EXPECT_EQ(Timestamp(1714557600, 0, 3 * 3600), "2024-05-01T13:00:00+03:00");
  EXPECT_EQ(Timestamp(1714557600, 0, -(9 * 3600 + 1800)), "2024-05-01T00:30:00-09:30");
  EXPECT_EQ(Timestamp(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(Timestamp(-62135596800), "0001-01-01T00:00:00Z");
}

TEST(WriteTimestampTest, KeepsTheInstantOfAnOffsetWithSeconds) {
  // Berlin before 1893 was 53 minutes and 28 seconds east.
  EXPECT_EQ(Timestamp(-2500000000, 0, 3208), "1890-10-11T20:26:20+00:53");
}

TEST(SplitSecondsTest, RoundsDownBeforeTheEpoch) {
  EXPECT_EQ(SplitSeconds(-1, 1'000'000).seconds, -1);
  EXPECT_EQ(SplitSeconds(-1, 1'000'000).nanos, 999'999'000);
}

TEST(WriteIntervalTest, NormalisesOnlyTheClockPart) {
  EXPECT_EQ(Interval(0, 0, 2 * kHour), "PT2H");
  EXPECT_EQ(Interval(0, 0, 45 * kMinute), "PT45M");
  EXPECT_EQ(Interval(0, 1, 90 * kMinute), "P1DT1H30M");
  EXPECT_EQ(Interval(0, 0, 24 * kHour), "PT24H");
  EXPECT_EQ(Interval(0, 0, 0), "PT0S");
  EXPECT_EQ(Interval(2, 0, 0), "P2M");
  EXPECT_EQ(Interval(14, 40, 0), "P14M40D");
  EXPECT_EQ(Interval(0, 0, 90 * kSecond + 500'000'000), "PT1M30.5S");
  EXPECT_EQ(Interval(0, 0, 1000), "PT0.000001S");
}

TEST(WriteIntervalTest, SignsEveryPart) {
  EXPECT_EQ(Interval(0, -1, 2 * kHour), "P-1DT2H");
  EXPECT_EQ(Interval(0, 0, -90 * kMinute), "PT-1H-30M");
  EXPECT_EQ(Interval(0, 0, -500'000'000), "PT-0.5S");
  EXPECT_EQ(Interval(0, 0, -kMinute - 500'000'000), "PT-1M-0.5S");
}

}  // namespace
}  // namespace eider::columnar
