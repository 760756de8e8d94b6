#include "observe/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace eider::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class LogTest : public ::testing::Test {
 protected:
  LogOptions Options(LogFormat format) {
    LogOptions options;
    options.format = format;
    options.node = "n1";
    options.sink = [this](std::string_view line) { lines_.emplace_back(line); };
    return options;
  }
  std::vector<std::string> lines_;
};

TEST_F(LogTest, WritesOneJsonObjectAnEvent) {
  Log log(Options(LogFormat::kJson));
  log.Info("source attached", {{"source", "a\"b"}, {"rows", 7}, {"share", 0.5}, {"ready", true}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], MatchesRegex(R"(\{"ts":"[0-9T:.-]+Z","level":"info","node":"n1","msg":"source attached",)"
                                      R"("source":"a\\"b","rows":7,"share":0.5,"ready":true\})"));
}

TEST_F(LogTest, KeepsOneLineInTextForm) {
  Log log(Options(LogFormat::kText));
  log.Error("failed", {{"reason", "line 1\nline 2"}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], HasSubstr(" error failed reason=line 1 line 2"));
}

TEST_F(LogTest, RedactsSecretsEverywhere) {
  Log log(Options(LogFormat::kJson));
  log.Warn("cannot reach postgres://u:pw@h/d", {{"dsn", "host=h password=pw"}});
  EXPECT_THAT(lines_[0], HasSubstr("postgres://u:***@h/d"));
  EXPECT_THAT(lines_[0], HasSubstr("host=h password=***"));
}

TEST_F(LogTest, LeavesOutLowerLevels) {
  LogOptions options = Options(LogFormat::kJson);
  options.level = LogLevel::kWarn;
  Log log(std::move(options));
  log.Info("no");
  EXPECT_FALSE(log.Enabled(LogLevel::kInfo));
  EXPECT_TRUE(lines_.empty());
}

TEST_F(LogTest, DoesNotReadBracesInMessages) {
  Log log(Options(LogFormat::kText));
  log.Info("{} {0} %v");
  EXPECT_THAT(lines_[0], HasSubstr("{} {0} %v"));
}

}  // namespace
}  // namespace eider::observe
