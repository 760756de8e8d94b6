#include "engine/extensions.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "engine/engine_fixture.h"

namespace eider::engine {
namespace {

using testing::HasSubstr;

// The folder that ./x setup fills.
std::string ExtensionFolder() {
  if (const char* folder = std::getenv("EXTENSION_DIRECTORY")) return folder;
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  return cache != nullptr ? std::string(cache) + "/eider/extensions" : std::string(home) + "/.cache/eider/extensions";
}

class ExtensionsTest : public EngineTest {
 protected:
  void Open(const std::string& folder) {
    session_.reset();
    DatabaseOptions options;
    options.threads = 2;
    options.extension_directory = folder;
    database_ = Database::Open(options).value();
    session_ = OpenSession();
  }
};

TEST_F(ExtensionsTest, LoadsOnceForAllSessions) {
  Open(ExtensionFolder());
  ASSERT_TRUE(std::filesystem::exists(ExtensionFolder())) << "run ./x setup";
  ASSERT_TRUE(session_->Run("BEGIN"));
  const Status loaded = session_->LoadExtension("sqlite_scanner");
  ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
  EXPECT_EQ(Ask("SELECT count(*) AS n FROM duckdb_functions() WHERE function_name = 'sqlite_query'"), R"({"n":1})");
  ASSERT_TRUE(session_->Run("COMMIT"));
  session_ = OpenSession();
  EXPECT_TRUE(session_->LoadExtension("sqlite_scanner").ok());
  EXPECT_EQ(Ask("SELECT count(*) AS n FROM duckdb_functions() WHERE function_name = 'sqlite_query'"), R"({"n":1})");
}

TEST_F(ExtensionsTest, AMissingOneIsNamedWithWhatToDo) {
  Open("/nowhere/extensions");
  const Status missing = session_->LoadExtension("sqlite_scanner");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kSourceUnavailable);
  EXPECT_THAT(missing.error().message,
              HasSubstr("extension \"sqlite_scanner\" is not in the folder /nowhere/extensions"));
  EXPECT_THAT(missing.error().message, HasSubstr("./x setup"));
  EXPECT_THAT(missing.error().message, HasSubstr("EXTENSION_DIRECTORY"));
  EXPECT_TRUE(session_->Run("SELECT 1").ok());
}

}  // namespace
}  // namespace eider::engine
