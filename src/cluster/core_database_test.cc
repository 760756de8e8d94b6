#include "cluster/core_database.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/text_rows.h"

namespace eider::cluster {
namespace {

class CoreDatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("core_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // An engine of its own, so that closing it releases the core file.
  struct Node {
    std::unique_ptr<engine::Database> database;
    std::unique_ptr<engine::SessionPool> sessions;
  };
  static Node Start() {
    Node node;
    node.database = engine::Database::Open({}).value();
    node.sessions =
        std::make_unique<engine::SessionPool>(engine::EngineSessions(*node.database), engine::SessionPool::Options{});
    return node;
  }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

TEST_F(CoreDatabaseTest, SeedsRolesAndPermissions) {
  Node node = Start();
  ASSERT_TRUE(CoreDatabase::Open(*node.sessions, {}));
  auto session = node.sessions->Acquire().value();
  const auto roles = engine::ReadTextRows(
      *session, "SELECT name, description, can_impersonate, disabled FROM core.eider.roles ORDER BY 1");
  ASSERT_TRUE(roles) << roles.error().message;
  const std::vector<engine::TextRow> expected = {{"admin", "Admin role", "true", "false"},
                                                 {"public", "Public role", "false", "false"},
                                                 {"readonly", "Readonly role", "false", "false"}};
  EXPECT_EQ(*roles, expected);
  const auto rules = engine::ReadTextRows(
      *session, "SELECT role, type_name, field_name, disabled, hidden FROM core.eider.permissions");
  EXPECT_EQ(*rules, (std::vector<engine::TextRow>{{"readonly", "Mutation", "*", "true", "false"}}));
}

TEST_F(CoreDatabaseTest, SourcesSurviveARestart) {
  {
    Node node = Start();
    auto core = CoreDatabase::Open(*node.sessions, {.path = Path("core.duckdb")});
    ASSERT_TRUE(core) << core.error().message;
    auto session = node.sessions->Acquire().value();
    ASSERT_TRUE(session->Run(
        "INSERT INTO core.eider.data_sources (name, type, path, as_module) VALUES ('b', 'duckdb', ':memory:', true), "
        "('a', 'files', '/data', false);"
        "INSERT INTO core.eider.catalog_sources (name, type, path) VALUES ('z', 'text', 'type t'), ('y', 'uriFile', "
        "'/f');"
        "INSERT INTO core.eider.data_source_catalogs VALUES ('z', 'b'), ('y', 'b')"));
  }
  Node node = Start();
  auto core = CoreDatabase::Open(*node.sessions, {.path = Path("core.duckdb")});
  ASSERT_TRUE(core) << core.error().message;
  const auto sources = (*core)->ListSources();
  ASSERT_TRUE(sources) << sources.error().message;
  ASSERT_EQ(sources->size(), 2u);
  EXPECT_EQ((*sources)[0].name, "a");
  EXPECT_FALSE((*sources)[0].disabled);
  const auto b = (*core)->FindSource("b");
  ASSERT_TRUE(b && b->has_value());
  EXPECT_TRUE((*b)->as_module);
  EXPECT_EQ((*b)->catalogs, (std::vector<CatalogRecord>{{"y", "uriFile", "/f"}, {"z", "text", "type t"}}));
  EXPECT_FALSE((*core)->FindSource("c")->has_value());
}

TEST_F(CoreDatabaseTest, SaysWhyAFileCannotBeOpened) {
  Node node = Start();
  std::ofstream(Path("broken.duckdb")) << std::string(20000, 'x');
  const auto broken = CoreDatabase::Open(*node.sessions, {.path = Path("broken.duckdb")});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kCoreUnavailable);
  EXPECT_NE(broken.error().message.find("not a valid DuckDB database file"), std::string::npos)
      << broken.error().message;
  const auto nowhere = CoreDatabase::Open(*node.sessions, {.path = Path("no/such/core.duckdb")});
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message.find("folder of the core database does not exist"), std::string::npos);
  const auto remote = CoreDatabase::Open(*node.sessions, {.path = "postgres://eider:secret@db/eider"});
  ASSERT_FALSE(remote);
  EXPECT_NE(remote.error().message.find("supported"), std::string::npos);
  EXPECT_EQ(remote.error().message.find("secret"), std::string::npos) << remote.error().message;
}

TEST_F(CoreDatabaseTest, RefusesANewerSchema) {
  {
    Node node = Start();
    ASSERT_TRUE(CoreDatabase::Open(*node.sessions, {.path = Path("core.duckdb")}));
    auto session = node.sessions->Acquire().value();
    ASSERT_TRUE(session->Run("INSERT INTO core.eider.schema_versions (version) VALUES (99)"));
  }
  Node node = Start();
  const auto core = CoreDatabase::Open(*node.sessions, {.path = Path("core.duckdb")});
  ASSERT_FALSE(core);
  EXPECT_NE(core.error().message.find("newer version"), std::string::npos) << core.error().message;
}

TEST_F(CoreDatabaseTest, ReadOnlyNeverWrites) {
  Node node = Start();
  const auto missing = CoreDatabase::Open(*node.sessions, {.path = Path("core.duckdb"), .read_only = true});
  ASSERT_FALSE(missing);
  EXPECT_FALSE(std::filesystem::exists(Path("core.duckdb")));
}

}  // namespace
}  // namespace eider::cluster
