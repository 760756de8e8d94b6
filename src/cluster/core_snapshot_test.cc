#include "cluster/core_snapshot.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/digest.h"

namespace eider::cluster {
namespace {

CoreSnapshot Example() {
  CoreSnapshot snapshot;
  snapshot.versions = {7, 8, 9, 10};
  snapshot.rows["roles"][{"r\"1"}] = {std::string("r\"1"), std::nullopt, std::string("")};
  snapshot.rows["permissions"][{"r", "t", "f"}] = {std::string("r"), std::string("{\"a\": \"\xC3\xA9\"}")};
  snapshot.rows["api_keys"];
  CoreSnapshot::Source source;
  source.wanted = {.name = "shop", .generation = 3, .is_loaded = true, .record = {}, .model_hash = "ab"};
  source.wanted.record.name = "shop";
  source.wanted.record.path = "postgres://me:secret-word@db/shop";
  source.wanted.record.catalogs = {{"c", "text", "type t { id: Int }"}};
  source.model = "{\"files\":[]}";
  snapshot.sources.push_back(source);
  return snapshot;
}

class CoreSnapshotTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "eider_snapshot_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  CoreSnapshots Snapshots(char key = 'k', std::chrono::milliseconds max_age = std::chrono::hours(1)) {
    return {folder_.string(), max_age, *CoreCipher::Open({.key = Base64(std::string(32, key))})};
  }
  std::string File() const { return (folder_ / "core.snapshot").string(); }

  std::filesystem::path folder_;
};

TEST_F(CoreSnapshotTest, ComesBackAsItWas) {
  const CoreSnapshot before = Example();
  ASSERT_TRUE(Snapshots().Save(before));
  const auto after = Snapshots().Load();
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->versions, before.versions);
  EXPECT_EQ(after->rows, before.rows);
  ASSERT_EQ(after->sources.size(), 1U);
  EXPECT_EQ(after->sources[0].wanted.record, before.sources[0].wanted.record);
  EXPECT_EQ(after->sources[0].wanted.generation, 3);
  EXPECT_TRUE(after->sources[0].wanted.is_loaded);
  EXPECT_EQ(after->sources[0].wanted.model_hash, "ab");
  EXPECT_EQ(after->sources[0].model, before.sources[0].model);
}

TEST_F(CoreSnapshotTest, IsForNobodyElse) {
  ASSERT_TRUE(Snapshots().Save(Example()));
  std::ifstream in(File(), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text.find("secret-word"), std::string::npos);
  EXPECT_EQ(text.find("shop"), std::string::npos);
  EXPECT_EQ(std::filesystem::status(File()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(CoreSnapshotTest, TellsWhyItCannotBeUsed) {
  const auto why = [](const CoreSnapshots& snapshots) {
    const auto loaded = snapshots.Load();
    return loaded ? "" : loaded.error().message;
  };
  EXPECT_NE(why(Snapshots()).find("there is none"), std::string::npos);
  ASSERT_TRUE(Snapshots().Save(Example()));
  EXPECT_NE(why(Snapshots('x')).find("another CORE_DB_ENCRYPTION_KEY"), std::string::npos);
  EXPECT_NE(why(Snapshots('k', std::chrono::milliseconds(-1))).find("older than"), std::string::npos);
  std::ofstream(File(), std::ios::binary) << "{}";
  EXPECT_NE(why(Snapshots()).find("no snapshot"), std::string::npos);
}

TEST_F(CoreSnapshotTest, OtherTextIsRefused) {
  std::int64_t taken = 0;
  for (const char* text : {"", "[]", "{}", "{\"tables\":[],\"sources\":[]}", "{\"tables\":{},\"sources\":{}}",
                           "{\"tables\":{},\"sources\":[1]}", "{\"tables\":{},\"sources\":[{\"record\":\"x\"}]}"}) {
    EXPECT_FALSE(CoreSnapshotFromJson(text, taken)) << text;
  }
}

TEST_F(CoreSnapshotTest, AFolderThatCannotBeWrittenIsTold) {
  std::ofstream(folder_ / "file") << "x";
  const CoreSnapshots snapshots((folder_ / "file" / "below").string(), std::chrono::hours(1),
                                *CoreCipher::Open({.key = Base64(std::string(32, 'k'))}));
  EXPECT_FALSE(snapshots.Save(Example()));
}

}  // namespace
}  // namespace eider::cluster
