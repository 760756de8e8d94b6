#include "sources/source_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/text.h"
#include "sources/test_node.h"

namespace eider::sources {
namespace {

using cluster::SourceRecord;
using testing::ElementsAre;
using testing::HasSubstr;

SourceRecord Duckdb(const std::string& name, const std::string& path) {
  SourceRecord record;
  record.name = name;
  record.type = "duckdb";
  record.path = path;
  record.self_defined = true;
  return record;
}

SourceRecord WithText(SourceRecord record, const std::string& sdl) {
  record.catalogs.push_back({"sdl", "text", sdl});
  return record;
}

TEST(SourceRegistry, LoadsAndUnloadsAFile) {
  ScratchFolder folder;
  TestNode node({Duckdb("lib", folder.Database("lib.duckdb", "CREATE TABLE books (id INTEGER PRIMARY KEY)"))});
  EXPECT_EQ(node.registry->State("lib").value(), SourceState::kDetached);
  ASSERT_EQ(MessageOf(node.registry->Load("lib")), "");
  EXPECT_EQ(node.registry->State("lib").value(), SourceState::kAttached);
  EXPECT_THAT(node.Objects(), ElementsAre("books"));
  EXPECT_EQ(node.snapshot.Get()->FindObject("books")->relation_sql, R"("lib"."main"."books")");

  ASSERT_EQ(MessageOf(node.registry->Unload("lib")), "");
  EXPECT_EQ(node.registry->State("lib").value(), SourceState::kDetached);
  EXPECT_TRUE(node.Objects().empty());
  EXPECT_EQ(MessageOf(node.registry->Unload("lib")), "data source already unloaded");
}

TEST(SourceRegistry, KnowsOnlyWhatIsRegistered) {
  TestNode node;
  EXPECT_EQ(MessageOf(node.registry->Load("lib")), "data source not found");
  EXPECT_EQ(MessageOf(node.registry->State("lib")), "data source not found");
  EXPECT_EQ(MessageOf(node.registry->Describe("lib", false)), "data source not found");
  EXPECT_EQ(MessageOf(node.registry->Unload("lib")), "data source already unloaded");
}

TEST(SourceRegistry, RegisteredSourcesSurviveARestart) {
  ScratchFolder folder;
  const std::string path = folder.Database("lib.duckdb", "CREATE TABLE books (id INTEGER PRIMARY KEY)");
  {
    TestNode node({}, folder.Path("core.duckdb"));
    node.Run("INSERT INTO core.eider.data_sources (name, type, path, self_defined) VALUES ('lib', 'duckdb', " +
             QuoteLiteral(path) + ", true), ('off', 'duckdb', '', false)");
    node.Run("UPDATE core.eider.data_sources SET disabled = true WHERE name = 'off'");
    ASSERT_EQ(MessageOf(node.registry->Load("lib")), "");
  }
  TestNode node({}, folder.Path("core.duckdb"));
  ASSERT_EQ(MessageOf(node.registry->LoadAll()), "");
  EXPECT_THAT(node.Objects(), ElementsAre("books"));
  EXPECT_EQ(node.registry->State("off").value(), SourceState::kDetached);
}

TEST(SourceRegistry, TheConfigurationWinsByName) {
  ScratchFolder folder;
  TestNode node({WithText(Duckdb("lib", ""), "type a @table(name: \"a\") { id: Int! @pk }")});
  node.Run("INSERT INTO core.eider.data_sources (name, type, path) VALUES ('lib', 'nosuch', '')");
  EXPECT_EQ(MessageOf(node.registry->Load("lib")), "");
}

TEST(SourceRegistry, FailedCompileOfAFirstLoadLeavesItAttached) {
  TestNode node({WithText(Duckdb("lib", ""), "type a @table(name: \"a\") {\n  id: Nosuch\n}")});
  const std::string message = MessageOf(node.registry->Load("lib"));
  EXPECT_THAT(message, testing::StartsWith("compile catalog \"lib\": catalog schema is invalid: sdl:2:7: ["));
  EXPECT_EQ(node.registry->State("lib").value(), SourceState::kAttached);
  EXPECT_EQ(node.registry->Reports().at(0).error, message);
  EXPECT_FALSE(node.registry->Reports().at(0).has_schema);
  EXPECT_EQ(MessageOf(node.registry->Unload("lib")), "");
}

TEST(SourceRegistry, FailedAttachLeavesItDetached) {
  ScratchFolder folder;
  TestNode node({Duckdb("gone", folder.Path("gone.duckdb")),
                 Duckdb("text", folder.Write("text.duckdb", std::string(9999, 'x'))),
                 Duckdb("folder", folder.Path(""))});
  EXPECT_EQ(MessageOf(node.registry->Load("gone")), "database file does not exist: " + folder.Path("gone.duckdb"));
  EXPECT_EQ(MessageOf(node.registry->Load("text")), "not a DuckDB database file: " + folder.Path("text.duckdb"));
  EXPECT_THAT(MessageOf(node.registry->Load("folder")), HasSubstr("is a folder, not a DuckDB database file"));
  EXPECT_EQ(node.registry->State("gone").value(), SourceState::kDetached);
}

TEST(SourceRegistry, OneBadSourceDoesNotHoldBackOthers) {
  ScratchFolder folder;
  TestNode node({Duckdb("bad", folder.Path("gone.duckdb")),
                 Duckdb("good", folder.Database("good.duckdb", "CREATE TABLE t (i INTEGER)")),
                 Duckdb("twin", folder.Database("twin.duckdb", "CREATE TABLE t (i INTEGER)"))});
  ASSERT_EQ(MessageOf(node.registry->LoadAll()), "");
  EXPECT_THAT(node.Objects(), ElementsAre("t"));
  const std::vector<SourceReport> reports = node.registry->Reports();
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_THAT(reports[0].error, HasSubstr("does not exist"));
  EXPECT_EQ(reports[1].error, "");
  EXPECT_THAT(reports[2].error, testing::StartsWith("compile catalog \"twin\": catalog schema is invalid: "));
}

TEST(SourceRegistry, RefusesReservedNamesAndUnknownTypes) {
  SourceRecord unknown = Duckdb("lib", "");
  unknown.type = "oracle";
  TestNode node({Duckdb("system", ""), unknown});
  EXPECT_EQ(MessageOf(node.registry->Load("system")), "data source name is reserved: system");
  EXPECT_THAT(MessageOf(node.registry->Load("lib")), testing::StartsWith("unknown data source type"));
}

TEST(SourceRegistry, AFailedReloadKeepsTheOldSchema) {
  ScratchFolder folder;
  const std::string sdl = folder.Write("lib.graphql", "type a @table(name: \"a\") { id: Int! @pk }");
  SourceRecord record = Duckdb("lib", "");
  record.self_defined = false;
  record.catalogs.push_back({"lib", "uriFile", sdl});
  TestNode node({record});
  ASSERT_EQ(MessageOf(node.registry->Load("lib")), "");
  const auto before = node.snapshot.Get();
  folder.Write("lib.graphql", "type a @table(name: \"a\") { id: Nosuch }");
  EXPECT_THAT(MessageOf(node.registry->Load("lib")), HasSubstr("lib.graphql:1:"));
  EXPECT_EQ(node.snapshot.Get(), before);
  folder.Write("lib.graphql", "type b @table(name: \"b\") { id: Int! @pk }");
  EXPECT_EQ(MessageOf(node.registry->Load("lib")), "");
  EXPECT_THAT(node.Objects(), ElementsAre("b"));
  EXPECT_GT(node.snapshot.Get()->version, before->version);
}

TEST(SourceRegistry, AReloadFollowsAChangedPath) {
  ScratchFolder folder;
  const std::string first = folder.Database("first.duckdb", "CREATE TABLE one AS SELECT 1 AS i");
  const std::string second = folder.Database("second.duckdb", "CREATE TABLE two AS SELECT 2 AS i");
  TestNode node;
  node.Run("INSERT INTO core.eider.data_sources (name, type, path, self_defined) VALUES ('lib', 'duckdb', " +
           QuoteLiteral(first) + ", true)");
  ASSERT_EQ(MessageOf(node.registry->Load("lib")), "");
  // A statement that runs while its source is replaced.
  auto session = engine::Session::Open(*node.database, {}).value();
  auto cursor = session->Query("SELECT i FROM lib.one, range(100000)", {}, {});
  ASSERT_TRUE(cursor);

  node.Run("UPDATE core.eider.data_sources SET path = " + QuoteLiteral(folder.Path("gone.duckdb")) +
           " WHERE name = 'lib'");
  EXPECT_THAT(MessageOf(node.registry->Load("lib")), HasSubstr("does not exist"));
  EXPECT_THAT(node.Objects(), ElementsAre("one"));

  node.Run("UPDATE core.eider.data_sources SET path = " + QuoteLiteral(second) + " WHERE name = 'lib'");
  ASSERT_EQ(MessageOf(node.registry->Load("lib")), "");
  EXPECT_THAT(node.Objects(), ElementsAre("two"));
  EXPECT_EQ(node.Rows("SELECT i FROM lib.two"), (std::vector<engine::TextRow>{{"2"}}));
  std::int64_t rows = 0;
  while (auto batch = (*cursor)->Next().value()) rows += batch->rows();
  EXPECT_EQ(rows, 100000);
}

TEST(SourceRegistry, AReloadFollowsTheReadOnlyFlag) {
  ScratchFolder folder;
  const std::string path = folder.Database("lib.duckdb", "CREATE TABLE t (i INTEGER PRIMARY KEY)");
  TestNode node;
  node.Run("INSERT INTO core.eider.data_sources (name, type, path, self_defined, read_only) VALUES ('lib', 'duckdb', " +
           QuoteLiteral(path) + ", true, true)");
  ASSERT_EQ(MessageOf(node.registry->Load("lib")), "");
  EXPECT_TRUE(node.snapshot.Get()->FindObject("t")->read_only);
  node.Run("UPDATE core.eider.data_sources SET read_only = false, path = " + QuoteLiteral(folder.Path("./lib.duckdb")) +
           " WHERE name = 'lib'");
  ASSERT_EQ(MessageOf(node.registry->Load("lib")), "");
  EXPECT_FALSE(node.snapshot.Get()->FindObject("t")->read_only);
  node.Run("INSERT INTO lib.t VALUES (1)");
  EXPECT_EQ(MessageOf(node.registry->Checkpoint("lib")), "");
  EXPECT_EQ(MessageOf(node.registry->Checkpoint("")), "");
}

TEST(SourceRegistry, SubstitutesEnvironmentVariablesInPaths) {
  ScratchFolder folder;
  folder.Database("lib.duckdb", "CREATE TABLE t (i INTEGER)");
  ::setenv("EIDER_TEST_FOLDER", folder.Path("").c_str(), 1);
  ::unsetenv("EIDER_TEST_UNSET");
  TestNode node({Duckdb("lib", "[$EIDER_TEST_FOLDER]/lib.duckdb"), Duckdb("unset", "[$EIDER_TEST_UNSET]/lib.duckdb")});
  EXPECT_EQ(MessageOf(node.registry->Load("lib")), "");
  EXPECT_EQ(MessageOf(node.registry->Load("unset")), "environment variable is not set: EIDER_TEST_UNSET");
}

TEST(SourceRegistry, DescribesTheDeclaredSchema) {
  const std::string sdl = R"(
# dropped
"A kind." type genres @table(name: "genres") {
  id: Int! @pk @default(sequence: "genres_id_seq")
  name: String! }
extend type genres { note: String @sql(exp: """a
b""") }
input price_window { lo: Float! hi: Float = 2.50 }
)";
  TestNode node({WithText(Duckdb("lib", ""), sdl)});
  ASSERT_EQ(MessageOf(node.registry->Load("lib")), "");
  EXPECT_EQ(node.registry->Describe("lib", false).value(), R"("""
A kind.
"""
type genres @table(name: "genres") {
	id: Int! @pk @default(sequence: "genres_id_seq")
	name: String!
}
input price_window {
	lo: Float!
	hi: Float = 2.50
}
extend type genres {
	note: String @sql(exp: "a\nb")
}
)");
  EXPECT_EQ(node.registry->Describe("lib", true).value(), "");
}

TEST(SourceRegistry, TwoSourcesCannotShareAFile) {
  ScratchFolder folder;
  const std::string path = folder.Database("lib.duckdb", "CREATE TABLE t (i INTEGER)");
  TestNode node({Duckdb("one", path), Duckdb("two", path)});
  ASSERT_EQ(MessageOf(node.registry->Load("one")), "");
  EXPECT_EQ(MessageOf(node.registry->Load("two")), "database file is already attached by data source \"one\": " + path);
}

TEST(SourceRegistry, ALoadAfterAnUnloadWaitsForRunningStatements) {
  ScratchFolder folder;
  TestNode node({Duckdb("lib", folder.Database("lib.duckdb", "CREATE TABLE t AS SELECT range AS i FROM range(1000)"))});
  ASSERT_EQ(MessageOf(node.registry->Load("lib")), "");
  auto session = engine::Session::Open(*node.database, {}).value();
  auto cursor = session->Query("SELECT a.i FROM lib.t a, lib.t b", {}, {}).value();
  ASSERT_EQ(MessageOf(node.registry->Unload("lib")), "");
  std::thread loader([&] { EXPECT_EQ(MessageOf(node.registry->Load("lib")), ""); });
  std::int64_t rows = 0;
  while (auto batch = cursor->Next().value()) rows += batch->rows();
  EXPECT_EQ(rows, 1'000'000);
  cursor.reset();
  loader.join();
}

TEST(SourceRegistry, LoadsSideBySideWhileStatementsRun) {
  ScratchFolder folder;
  TestNode node({Duckdb("a", folder.Database("a.duckdb", "CREATE TABLE a AS SELECT range AS i FROM range(1000)")),
                 Duckdb("b", folder.Database("b.duckdb", "CREATE TABLE b AS SELECT range AS i FROM range(1000)"))});
  ASSERT_EQ(MessageOf(node.registry->LoadAll()), "");
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    auto session = engine::Session::Open(*node.database, {}).value();
    while (!stop) {
      const auto snapshot = node.snapshot.Get();
      const catalog::DataObject* object = snapshot->FindObject("a");
      ASSERT_NE(object, nullptr);
      const auto rows = engine::ReadTextRows(*session, "SELECT count(*) AS n FROM " + object->relation_sql);
      ASSERT_TRUE(rows) << rows.error().message;
      EXPECT_EQ(rows->at(0).at(0), "1000");
    }
  });
  const auto reload = [&](const char* name, bool unload) {
    for (int i = 0; i < 20; ++i) {
      if (unload) {
        EXPECT_EQ(MessageOf(node.registry->Unload(name)), "");
      }
      EXPECT_EQ(MessageOf(node.registry->Load(name)), "");
    }
  };
  std::thread first(reload, "a", false);
  std::thread second(reload, "b", true);
  first.join();
  second.join();
  stop = true;
  reader.join();
  EXPECT_THAT(node.Objects(), ElementsAre("a", "b"));
}

TEST(SourceRegistry, ReadsCatalogFolders) {
  ScratchFolder folder;
  folder.Write("sdl/b/two.graphql", "type two @table(name: \"two\") { id: Int! @pk }");
  folder.Write("sdl/a.graphql", "type one @table(name: \"one\") { id: Int! @pk }");
  folder.Write("sdl/readme.md", "no SDL");
  SourceRecord record = Duckdb("lib", "");
  record.catalogs.push_back({"lib", "localFS", folder.Path("sdl")});
  SourceRecord missing = Duckdb("missing", "");
  missing.catalogs.push_back({"missing", "localFS", folder.Path("nosuch")});
  TestNode node({record, missing});
  EXPECT_EQ(MessageOf(node.registry->Load("lib")), "");
  EXPECT_THAT(node.Objects(), ElementsAre("one", "two"));
  EXPECT_THAT(MessageOf(node.registry->Load("missing")), HasSubstr("wrong localFS catalog source type: "));
}

}  // namespace
}  // namespace eider::sources
