#include "catalog/testing/compile.h"
#include "catalog/testing/library.h"

namespace eider::catalog {
namespace {

using testing::FieldOf;
using testing::Members;

std::shared_ptr<const CompiledSource> CompileAs(Source source, std::string sdl) {
  SourceDefinition definition;
  definition.source = std::move(source);
  definition.source.type = "duckdb";
  definition.source.catalog = definition.source.name;
  definition.files.push_back({"a.graphql", std::move(sdl)});
  auto compiled = CompileSource(definition, {});
  EXPECT_TRUE(compiled.ok()) << (compiled.ok() ? "" : compiled.error().message);
  return compiled.ok() ? *compiled : nullptr;
}

TEST(BuildSnapshotTest, WithoutSourcesOnlyTheFunctions) {
  const auto snapshot = BuildSnapshot({}, 7, {});
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ((*snapshot)->version, 7U);
  EXPECT_EQ(Members(**snapshot, "Query"),
            "function h3 jq _catalog _module _dataObject _function _dataSources _dataSource _types _search");
  EXPECT_EQ(Members(**snapshot, "Mutation"), "function");
}

TEST(BuildSnapshotTest, RootFieldsWithoutModuleHaveTheCompiledName) {
  const auto snapshot =
      BuildSnapshot({CompileAs({.name = "lib", .prefix = "l"}, "type t @table(name: \"t\") { id: Int! @pk }")}, 1, {});
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(Members(**snapshot, "Query"),
            "l_t l_t_by_pk l_t_aggregation l_t_bucket_aggregation function h3 jq _catalog _module _dataObject "
            "_function _dataSources _dataSource _types _search");
  EXPECT_EQ(Members(**snapshot, "Mutation"),
            "insert_l_t update_l_t delete_l_t function insert_many_l_t upsert_l_t upsert_many_l_t");
}

TEST(BuildSnapshotTest, SourcesShareAModule) {
  const auto one =
      CompileAs({.name = "one", .prefix = "o"}, "type t @table(name: \"t\") @module(name: \"a.b\") { id: Int }");
  const auto two =
      CompileAs({.name = "two", .prefix = "w"}, "type t @table(name: \"t\") @module(name: \"a.b\") { id: Int }");
  const auto snapshot = BuildSnapshot({one, two}, 1, {});
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(Members(**snapshot, "_module_a_query"), "b");
  EXPECT_EQ(Members(**snapshot, "_module_a_b_query"),
            "o_t o_t_aggregation o_t_bucket_aggregation w_t w_t_aggregation w_t_bucket_aggregation");
  EXPECT_EQ(FieldOf(**snapshot, "_module_a_b_query", "w_t")->catalog, "two");
}

TEST(BuildSnapshotTest, OneNameForTwoTypes) {
  const auto one = CompileAs({.name = "one"}, "type t @table(name: \"t\") { id: Int }");
  const auto two = CompileAs({.name = "two"}, "type t { id: Int }");
  EXPECT_EQ(BuildSnapshot({one, two}, 1, {}).error().message,
            "[PREPARE/Names] type \"t\" is defined by data source \"one\" and by data source \"two\"");
  const auto clash = CompileAs({.name = "one"}, "type t @table(name: \"t\") { id: Int } type t_filter { id: Int }");
  EXPECT_EQ(BuildSnapshot({clash}, 1, {}).error().message, "[PREPARE/Names] two types have the name \"t_filter\"");
}

TEST(BuildSnapshotTest, OneNameForAModuleAndAField) {
  const auto one = CompileAs({.name = "one", .as_module = true}, "type t @table(name: \"t\") { id: Int }");
  const auto two = CompileAs({.name = "two"}, "type one @table(name: \"t\") { id: Int }");
  const std::string message = BuildSnapshot({one, two}, 1, {}).error().message;
  EXPECT_NE(message.find("Query has a member \"one\" already"), std::string::npos) << message;
}

TEST(BuildSnapshotTest, BulkFieldsGiveWay) {
  const auto source = CompileAs({.name = "one"}, R"(type t @table(name: "t") { id: Int! @pk }
    type many_t @table(name: "m") { id: Int! @pk })");
  const auto snapshot = BuildSnapshot({source}, 1, {});
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(BindingOf(*FieldOf(**snapshot, "Mutation", "insert_many_t"))->kind, FieldKind::kInsert);
}

TEST(BuildSnapshotTest, FieldsClashWithTwins) {
  const auto source = CompileAs({.name = "one"}, R"(
    type a @table(name: "a") { id: Int! @pk  bs_aggregation: Int }
    type b @table(name: "b") { a_id: Int @field_references(references_name: "a", query: "a", references_query: "bs") })");
  EXPECT_EQ(BuildSnapshot({source}, 1, {}).error().message,
            "[PREPARE/Names] type \"a\" has two fields with the name \"bs_aggregation\"");
}

TEST(BuildSnapshotTest, KeepsItsSourcesAlive) {
  std::shared_ptr<const graphql::Schema> schema;
  {
    const auto snapshot = BuildSnapshot({CompileAs({.name = "lib"}, testing::kLibrary)}, 1, {});
    schema = (*snapshot)->schema;
  }
  EXPECT_EQ(BindingOf(*schema->query()->FindField("books"))->object->FindColumn("title")->name, "title");
}

TEST(BuildSnapshotTest, QueryDirectives) {
  const auto snapshot = BuildSnapshot({}, 1, {});
  EXPECT_NE((*snapshot)->schema->FindDirective("with_deleted"), nullptr);
  EXPECT_NE((*snapshot)->schema->FindDirective("no_pushdown"), nullptr);
  EXPECT_NE((*snapshot)->schema->FindDirective("unnest"), nullptr);
  EXPECT_EQ((*snapshot)->schema->FindDirective("function"), nullptr);
}

}  // namespace
}  // namespace eider::catalog
