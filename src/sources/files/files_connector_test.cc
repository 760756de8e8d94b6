#include "sources/files/files_connector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "sources/test_node.h"

namespace eider::sources {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

cluster::SourceRecord Files(const std::string& path) {
  cluster::SourceRecord record;
  record.name = "data";
  record.type = "files";
  record.path = path;
  return record;
}

// Writes `query` into a file of the format that its name says.
void Export(const ScratchFolder& folder, const std::string& query, const std::string& name) {
  const std::string path = folder.Path(name);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  auto database = engine::Database::Open({}).value();
  auto session = engine::Session::Open(*database, {}).value();
  const auto done = session->Run("COPY (" + query + ") TO " + QuoteLiteral(path));
  EXPECT_TRUE(done) << done.error().message;
}

TEST(FilesConnector, MakesAViewOfEachFile) {
  ScratchFolder folder;
  Export(folder, "SELECT 1 AS a, 'x' AS b", "one.parquet");
  Export(folder, "SELECT 2 AS y", "parts/year=2024/f.parquet");
  Export(folder, "SELECT 3 AS y", "parts/year=2025/f.parquet");
  Export(folder, "SELECT 4 AS c", "sub/my table.csv.gz");
  folder.Write("events.jsonl", "{\"id\": 1, \"at\": {\"x\": 1}, \"tags\": [\"a\"]}\n{\"id\": 2}\n");
  folder.Write("_hidden.csv", "a\n1\n");
  folder.Write("notes.txt", "nothing");
  TestNode node({Files(folder.Path(""))});
  ASSERT_EQ(MessageOf(node.registry->Load("data")), "");
  EXPECT_THAT(node.Objects(), ElementsAre("events", "one", "parts", "sub_my_table"));
  const auto snapshot = node.snapshot.Get();
  EXPECT_TRUE(snapshot->FindObject("one")->read_only);
  EXPECT_EQ(snapshot->FindObject("events")->FindColumn("at")->kind, catalog::ScalarKind::kStruct);
  EXPECT_TRUE(snapshot->FindObject("events")->FindColumn("tags")->is_list);
  EXPECT_EQ(node.Rows("SELECT sum(y), sum(year) FROM data.parts"), (std::vector<engine::TextRow>{{"5", "4049"}}));
  EXPECT_EQ(node.Rows("SELECT id, e.at.x FROM data.events e ORDER BY id"),
            (std::vector<engine::TextRow>{{"1", "1"}, {"2", std::nullopt}}));
}

TEST(FilesConnector, TakesASingleFileAndAGlob) {
  ScratchFolder folder;
  folder.Write("a[1].csv", "n;m\n1;2\n");
  folder.Write("b.csv", "n\n3\n");
  folder.Write("c.json", "[{\"n\": 4}]");
  {
    TestNode node({Files(folder.Path("a[1].csv"))});
    ASSERT_EQ(MessageOf(node.registry->Load("data")), "");
    EXPECT_THAT(node.Objects(), ElementsAre("a_1_"));
    EXPECT_EQ(node.Rows("SELECT n + m FROM data.a_1_"), (std::vector<engine::TextRow>{{"3"}}));
  }
  TestNode node({Files(folder.Path("*.csv"))});
  ASSERT_EQ(MessageOf(node.registry->Load("data")), "");
  EXPECT_THAT(node.Objects(), ElementsAre("a_1_", "b"));
}

TEST(FilesConnector, AReloadFindsNewAndRemovedFiles) {
  ScratchFolder folder;
  folder.Write("a.csv", "n\n1\n");
  TestNode node({Files(folder.Path(""))});
  ASSERT_EQ(MessageOf(node.registry->Load("data")), "");
  std::filesystem::remove(folder.Path("a.csv"));
  folder.Write("b.csv", "n,m\n1,x\n");
  ASSERT_EQ(MessageOf(node.registry->Load("data")), "");
  EXPECT_THAT(node.Objects(), ElementsAre("b"));
  // A broken file keeps everything as it was.
  folder.Write("c.parquet", "no parquet at all");
  EXPECT_THAT(MessageOf(node.registry->Load("data")),
              HasSubstr("cannot read Parquet file " + folder.Path("c.parquet")));
  EXPECT_THAT(node.Objects(), ElementsAre("b"));
  EXPECT_EQ(node.Rows("SELECT m FROM data.b"), (std::vector<engine::TextRow>{{"x"}}));
}

TEST(FilesConnector, NamesTheFileThatIsBroken) {
  struct Case {
    std::string name, text, message;
  };
  std::string binary;
  for (int i = 0; i < 5000; ++i) binary.push_back(static_cast<char>(i * 7));
  const Case cases[] = {
      {"a.parquet", "no parquet at all", "cannot read Parquet file "},
      {"a.csv", binary, "cannot read CSV file "},
      {"a.csv", "", "cannot read CSV file "},
      {"a.json", "{\"a\": 1,\n nope", "cannot read JSON file "},
      {"a.csv.gz", "not compressed", "cannot read CSV file "},
  };
  for (const Case& broken : cases) {
    ScratchFolder folder;
    const std::string path = folder.Write(broken.name, broken.text);
    TestNode node({Files(folder.Path(""))});
    EXPECT_THAT(MessageOf(node.registry->Load("data")), testing::StartsWith(broken.message + path + ": "));
    EXPECT_EQ(node.registry->State("data").value(), SourceState::kDetached);
  }
}

TEST(FilesConnector, SaysWhenThereIsNothing) {
  ScratchFolder folder;
  folder.Write("empty/readme.txt", "");
  const auto message = [&](const std::string& path) {
    return MessageOf(TestNode({Files(path)}).registry->Load("data"));
  };
  EXPECT_EQ(message(folder.Path("empty")), "no Parquet, CSV or JSON file in " + folder.Path("empty"));
  EXPECT_EQ(message(folder.Path("nosuch")), "file or folder does not exist: " + folder.Path("nosuch"));
  EXPECT_EQ(message(folder.Path("*.csv")), "no Parquet, CSV or JSON file matches " + folder.Path("*.csv"));
  EXPECT_EQ(message(folder.Path("empty/readme.txt")),
            "not a Parquet, CSV or JSON file by its name: " + folder.Path("empty/readme.txt"));
}

TEST(FilesConnector, CatalogsMayExtendWhatWasFound) {
  ScratchFolder folder;
  folder.Write("a.csv", "id,name\n1,x\n");
  cluster::SourceRecord record = Files(folder.Path(""));
  record.catalogs.push_back({"keys", "text", "extend type a { twice: Int @sql(exp: \"[id] * 2\") }"});
  TestNode node({record});
  ASSERT_EQ(MessageOf(node.registry->Load("data")), "");
  EXPECT_NE(node.snapshot.Get()->FindObject("a")->FindColumn("twice"), nullptr);
}

}  // namespace
}  // namespace eider::sources
