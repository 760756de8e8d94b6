#include "query/run_interval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace eider::query {
namespace {

using std::chrono::milliseconds;

milliseconds Read(std::string_view text) {
  const auto interval = ParseRunInterval(text);
  EXPECT_TRUE(interval.has_value()) << interval.error().ToString();
  return interval.value_or(milliseconds(-1));
}

std::string Problem(std::string_view text) {
  const auto interval = ParseRunInterval(text);
  return interval ? "none" : interval.error().message;
}

TEST(RunIntervalTest, ReadsNumbersAsSeconds) {
  EXPECT_EQ(Read("5"), milliseconds(5000));
  EXPECT_EQ(Read("0.25"), milliseconds(250));
  EXPECT_EQ(Read(" 7 "), milliseconds(7000));
  EXPECT_EQ(Read("1e1"), milliseconds(10'000));
  EXPECT_EQ(Read("0"), milliseconds(0));
}

TEST(RunIntervalTest, ReadsEveryForm) {
  EXPECT_EQ(Read("10s"), milliseconds(10'000));
  EXPECT_EQ(Read("1m30s"), milliseconds(90'000));
  EXPECT_EQ(Read("250ms"), milliseconds(250));
  EXPECT_EQ(Read("PT5S"), milliseconds(5000));
  EXPECT_EQ(Read("PT0.5S"), milliseconds(500));
  EXPECT_EQ(Read("P1DT1M"), milliseconds(86'460'000));
  EXPECT_EQ(Read("P1W"), milliseconds(604'800'000));
  EXPECT_EQ(Read("5 seconds"), milliseconds(5000));
  EXPECT_EQ(Read("1 hour 30 mins"), milliseconds(5'400'000));
  EXPECT_EQ(Read("2 Days"), milliseconds(172'800'000));
  EXPECT_EQ(Read("00:01:30.5"), milliseconds(90'500));
  EXPECT_EQ(Read("01:30"), milliseconds(5'400'000));
}

TEST(RunIntervalTest, SaysWhatIsAccepted) {
  for (const char* text : {"", "soon", "5 parrots", "PT", "P", "PTS", "5s later", "1:2:3:4", "00:61", ":", "inf", "nan",
                           "{}", "5ss", "P1H", "PT1D", "--5", "1h-"}) {
    EXPECT_THAT(Problem(text), ::testing::HasSubstr("cannot be read: give a number of seconds")) << text;
  }
  EXPECT_EQ(Problem("soon").find("interval \"soon\""), 0u);
}

TEST(RunIntervalTest, RefusesWhatIsNoTimeBetweenRuns) {
  for (const char* text : {"-5", "-PT5S", "-3s", "1s -2s"}) {
    EXPECT_THAT(Problem(text), ::testing::HasSubstr("is negative")) << text;
  }
  for (const char* text : {"1 month", "P1M", "P1Y", "2 years", "1mon"}) {
    EXPECT_THAT(Problem(text), ::testing::HasSubstr("no fixed length")) << text;
  }
  EXPECT_THAT(Problem("100000 days"), ::testing::HasSubstr("longer than ten years"));
}

}  // namespace
}  // namespace eider::query
