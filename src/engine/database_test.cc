#include "engine/database.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/session.h"

namespace eider::engine {
namespace {

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("eider_database_test_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(DatabaseTest, KeepsAFileOverARestart) {
  DatabaseOptions options;
  options.path = folder_ / "a.db";
  for (int round = 0; round < 2; ++round) {
    auto database = Database::Open(options);
    ASSERT_TRUE(database.ok()) << database.error().ToString();
    auto session = Session::Open(**database, {});
    ASSERT_TRUE(session.ok());
    ASSERT_TRUE((*session)->Run("CREATE TABLE IF NOT EXISTS t (a INTEGER); INSERT INTO t VALUES (1)").ok());
    auto rows = (*session)->Run("DELETE FROM t WHERE false");
    EXPECT_TRUE(rows.ok());
  }
  EXPECT_EQ((*Database::Open(options))->version(), "v1.5.5");
}

TEST_F(DatabaseTest, RefusesWhatIsNoDatabase) {
  DatabaseOptions options;
  options.path = folder_ / "broken.db";
  std::ofstream(options.path) << std::string(10'000, 'x');
  auto database = Database::Open(options);
  ASSERT_FALSE(database.ok());
  EXPECT_EQ(database.error().code, ErrorCode::kSourceUnavailable);
  options.path = folder_ / "missing" / "a.db";
  EXPECT_EQ(Database::Open(options).error().code, ErrorCode::kSourceUnavailable);
}

TEST_F(DatabaseTest, AppliesSettingsOrRefusesThem) {
  DatabaseOptions options;
  options.settings["default_null_order"] = "nulls_first";
  EXPECT_TRUE(Database::Open(options).ok());
  options.settings = {{"no_such_setting", "1"}};
  EXPECT_EQ(Database::Open(options).error().code, ErrorCode::kBadInput);
  options.settings.clear();
  options.time_zone = "Nowhere/City";
  EXPECT_EQ(Database::Open(options).error().code, ErrorCode::kBadInput);
}

TEST_F(DatabaseTest, TellsItsUsage) {
  DatabaseOptions options;
  options.memory_limit_bytes = 64LL << 20;
  options.temp_directory = folder_ / "spill";
  auto database = Database::Open(options);
  ASSERT_TRUE(database.ok());
  auto session = Session::Open(**database, {});
  ASSERT_TRUE((*session)->Run("CREATE TABLE t AS SELECT hash(i) AS a, hash(i + 1) AS b FROM range(8000000) r(i)").ok());
  const Database::Usage usage = (*database)->GetUsage();
  EXPECT_GT(usage.memory_bytes, 1 << 20);
  EXPECT_LE(usage.memory_bytes, 80LL << 20);
  EXPECT_GT(usage.temp_bytes, 0);
}

}  // namespace
}  // namespace eider::engine
