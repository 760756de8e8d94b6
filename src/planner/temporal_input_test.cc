#include "planner/temporal_input.h"

#include <gtest/gtest.h>

namespace eider::planner {
namespace {

using catalog::ScalarKind;

std::string Timestamp(std::string_view text, const ZoneOffset& zone = {}) {
  return NormalizeTemporal(text, ScalarKind::kTimestamp, zone).value_or("refused");
}

TEST(NormalizeTemporalTest, ReadsEveryFormOfATimestamp) {
  EXPECT_EQ(Timestamp("2024-05-01T10:00:00Z"), "2024-05-01 10:00:00.000000+00");
  EXPECT_EQ(Timestamp("2024-05-01T10:00:00"), "2024-05-01 10:00:00.000000+00");
  EXPECT_EQ(Timestamp("2024-05-01 10:00"), "2024-05-01 10:00:00.000000+00");
  EXPECT_EQ(Timestamp("2024-05-01"), "2024-05-01 00:00:00.000000+00");
  EXPECT_EQ(Timestamp("01.05.2024"), "2024-05-01 00:00:00.000000+00");
  EXPECT_EQ(Timestamp("2024-05"), "2024-05-01 00:00:00.000000+00");
  EXPECT_EQ(Timestamp("2024"), "2024-01-01 00:00:00.000000+00");
  EXPECT_EQ(Timestamp("2024-05-01T10:00:00.5+02:00"), "2024-05-01 08:00:00.500000+00");
  EXPECT_EQ(Timestamp("0001-01-01T00:00:00+01:00"), "0000-12-31 23:00:00.000000+00");
  EXPECT_EQ(Timestamp("infinity"), "infinity");
}

TEST(NormalizeTemporalTest, ReadsATimestampWithoutOffsetInTheZone) {
  const ZoneOffset berlin_winter = [](std::int64_t) { return 3600; };
  EXPECT_EQ(Timestamp("2024-01-01T00:30:00", berlin_winter), "2023-12-31 23:30:00.000000+00");
  EXPECT_EQ(Timestamp("2024-01-01T00:30:00Z", berlin_winter), "2024-01-01 00:30:00.000000+00");
}

TEST(NormalizeTemporalTest, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "soon", "2024-13-01", "2024-02-30", "2024-05-01T25:00", "2024-05-01Tx", "2024-05-01 10:00 +1"}) {
    EXPECT_EQ(Timestamp(text), "refused") << text;
  }
}

TEST(NormalizeTemporalTest, KeepsDatesAndTimesOfDay) {
  EXPECT_EQ(NormalizeTemporal("2024-05-01T10:00:00Z", ScalarKind::kDate, {}), "2024-05-01");
  EXPECT_EQ(NormalizeTemporal("10:00:00", ScalarKind::kTime, {}), "10:00:00.000000");
  EXPECT_EQ(TemporalFromSeconds(1714557600, ScalarKind::kDateTime), "2024-05-01 10:00:00.000000");
  EXPECT_EQ(TemporalFromSeconds(-0.5, ScalarKind::kTimestamp), "1969-12-31 23:59:59.500000+00");
}

TEST(NormalizeIntervalTest, ReadsIsoGoAndSqlForms) {
  EXPECT_EQ(NormalizeInterval("PT2H"), "0 months 0 days 7200000000 microseconds");
  EXPECT_EQ(NormalizeInterval("P1DT3H"), "0 months 1 days 10800000000 microseconds");
  EXPECT_EQ(NormalizeInterval("1h30m"), "0 months 0 days 5400000000 microseconds");
  EXPECT_EQ(NormalizeInterval("300s"), "0 months 0 days 300000000 microseconds");
  EXPECT_EQ(NormalizeInterval("2 hours 30 minutes"), "2 hours 30 minutes");
  EXPECT_EQ(NormalizeInterval("10'; drop"), std::nullopt);
  EXPECT_EQ(NormalizeInterval(""), std::nullopt);
}

}  // namespace
}  // namespace eider::planner
