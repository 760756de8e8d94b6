#include "catalog/testing/compile.h"

namespace eider::catalog {
namespace {

using testing::LibraryDefinition;
using testing::Members;
using testing::Publish;
using testing::Refusal;

// The published schema of introspected and of written SDL together.
testing::SnapshotPtr PublishBoth(std::string introspected, std::string written) {
  SourceDefinition definition = LibraryDefinition(std::move(written));
  definition.introspected.push_back({"introspected", std::move(introspected)});
  auto snapshot = Publish(definition);
  EXPECT_TRUE(snapshot.ok()) << (snapshot.ok() ? "" : snapshot.error().message);
  return snapshot.ok() ? *snapshot : nullptr;
}

constexpr char kTable[] = "type t @table(name: \"t\") { id: Int! @pk  a: Int  b: String @exclude_filter }";

TEST(ReadSdlTest, ExtensionsMergeInAnyOrder) {
  SourceDefinition definition = LibraryDefinition("extend type t @module(name: \"m\") { c: Date }");
  definition.files.push_back({"second.graphql", kTable});
  const auto snapshot = Publish(definition);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(Members(**snapshot, "lib_t"), "id a b c _c_part _join");
  EXPECT_EQ((*snapshot)->FindObject("lib_t")->module, "lib.m");
}

TEST(ReadSdlTest, PatchesOfFields) {
  const auto snapshot = PublishBoth(kTable, R"(extend type t {
    a: Float @replace
    b: String @drop_directive(name: "exclude_filter") @deprecated(reason: "old")
    id: String @if_not_exists
    c: Int @if_not_exists
    no: Int @drop(if_exists: true)
  })");
  EXPECT_EQ(Members(*snapshot, "lib_t"), "id a b c _join");
  EXPECT_EQ(testing::Signature(*snapshot, "lib_t", "id"), "id: Int!");
  EXPECT_EQ(testing::Signature(*snapshot, "lib_t", "a"), "a: Float");
  EXPECT_EQ(testing::FieldOf(*snapshot, "lib_t", "b")->deprecation, "old");
  EXPECT_EQ(Members(*snapshot, "lib_t_filter"), "id a b c _and _or _not");
}

TEST(ReadSdlTest, PatchesOfTypes) {
  const std::string two = std::string(kTable) + " type u @table(name: \"u\") { id: Int }";
  EXPECT_EQ(PublishBoth(two, "extend type u @drop")->FindObject("lib_u"), nullptr);
  EXPECT_EQ(Members(*PublishBoth(two, "type u @table(name: \"u2\") @replace { x: Int }"), "lib_u"), "x _join");
  EXPECT_EQ(Members(*PublishBoth(two, "type u @table(name: \"u2\") @if_not_exists { x: Int }"), "lib_u"), "id _join");
  EXPECT_NE(PublishBoth(two, "extend type w @drop(if_exists: true)"), nullptr);
}

TEST(ReadSdlTest, DropDirectiveMatchesArguments) {
  const auto snapshot = PublishBoth(
      "type t @table(name: \"t\") @unique(fields: [\"id\"], query_suffix: \"x\") "
      "@unique(fields: [\"id\"], query_suffix: \"y\") { id: Int }",
      "extend type t @drop_directive(name: \"unique\", match: {query_suffix: \"x\"})");
  ASSERT_EQ(snapshot->FindObject("lib_t")->unique_keys.size(), 1U);
  EXPECT_EQ(snapshot->FindObject("lib_t")->unique_keys.front().suffix, "y");
}

TEST(ReadSdlTest, BadPatches) {
  EXPECT_EQ(Refusal(std::string(kTable) + "\nextend type t { z: Int @drop }"),
            "lib.graphql:2:17: [VALIDATE/Patches] cannot drop \"z\": type \"t\" has no such member");
  EXPECT_EQ(Refusal(std::string(kTable) + "\nextend input t { z: Int }"),
            "lib.graphql:2:14: [VALIDATE/ExtensionValidator] extend type t: the extended type is of another kind");
}

TEST(ReadSdlTest, MarksAreAccepted) {
  EXPECT_EQ(Refusal(R"(type t @table(name: "t") @exclude_mcp @cache(ttl: 60, tags: ["a"]) @wfs(name: "x") {
    id: Int! @pk @exclude_mcp
    g: Geometry @geometry_info(type: POINT, srid: 4326)
    v: Vector @dim(len: 3)
    n: Int @no_pushdown @deprecated
  })"),
            "");
}

}  // namespace
}  // namespace eider::catalog
