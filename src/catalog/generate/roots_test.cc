#include "catalog/testing/compile.h"

namespace eider::catalog {
namespace {

using testing::FieldOf;
using testing::Members;
using testing::PublishLibrary;
using testing::Signature;

constexpr char kGenres[] = R"(
type genres @table(name: "genres") @unique(fields: ["name"], query_suffix: "by_name") {
  id: Int! @pk
  name: String!
}
type log @table(name: "log") @module(name: "stats") { line: String }
type top @view(name: "top") { id: Int! @pk }
)";

TEST(RootFieldsTest, QueriesOfATable) {
  const auto snapshot = PublishLibrary(kGenres);
  EXPECT_EQ(Signature(*snapshot, "_module_lib_query", "genres"),
            "genres(filter: lib_genres_filter, order_by: [OrderByField], limit: Int = 2000, offset: Int = 0, "
            "distinct_on: [String]): [lib_genres]");
  EXPECT_EQ(Signature(*snapshot, "_module_lib_query", "genres_by_pk"), "genres_by_pk(id: Int!): lib_genres");
  EXPECT_EQ(Signature(*snapshot, "_module_lib_query", "genres_by_name"), "genres_by_name(name: String!): lib_genres");
  EXPECT_EQ(Signature(*snapshot, "_module_lib_query", "genres_aggregation"),
            "genres_aggregation(filter: lib_genres_filter, order_by: [OrderByField], limit: Int = 2000, "
            "offset: Int = 0, distinct_on: [String]): _lib_genres_aggregation");
  EXPECT_EQ(FieldOf(*snapshot, "_module_lib_query", "genres_bucket_aggregation")->type.ToString(),
            "[_lib_genres_aggregation_bucket]");
}

TEST(RootFieldsTest, MutationsOfATable) {
  const auto snapshot = PublishLibrary(kGenres);
  const std::string type = "_module_lib_mutation";
  EXPECT_EQ(Signature(*snapshot, type, "insert_genres"), "insert_genres(data: lib_genres_mut_input_data!): lib_genres");
  EXPECT_EQ(Signature(*snapshot, type, "update_genres"),
            "update_genres(filter: lib_genres_filter, data: lib_genres_mut_data!): OperationResult");
  EXPECT_EQ(Signature(*snapshot, type, "delete_genres"), "delete_genres(filter: lib_genres_filter): OperationResult");
  EXPECT_EQ(Signature(*snapshot, type, "insert_many_genres"),
            "insert_many_genres(data: [lib_genres_mut_input_data!]!, return_rows: Boolean = true): [lib_genres]");
  EXPECT_EQ(Signature(*snapshot, type, "upsert_genres"),
            "upsert_genres(data: lib_genres_mut_input_data!, on_conflict: [String!], update: [String!]): lib_genres");
  EXPECT_EQ(Signature(*snapshot, type, "upsert_many_genres"),
            "upsert_many_genres(data: [lib_genres_mut_input_data!]!, on_conflict: [String!], update: [String!]): "
            "OperationResult");
  EXPECT_EQ(FieldOf(*snapshot, "_module_lib_stats_mutation", "insert_log")->type.ToString(), "OperationResult");
  EXPECT_EQ(FieldOf(*snapshot, type, "insert_top"), nullptr);
}

TEST(RootFieldsTest, ModulesAreNested) {
  const auto snapshot = PublishLibrary(kGenres);
  EXPECT_EQ(FieldOf(*snapshot, "Query", "lib")->type.ToString(), "_module_lib_query");
  EXPECT_EQ(FieldOf(*snapshot, "_module_lib_query", "stats")->type.ToString(), "_module_lib_stats_query");
  EXPECT_EQ(Members(*snapshot, "_module_lib_stats_query"), "log log_aggregation log_bucket_aggregation");
  EXPECT_EQ(FieldOf(*snapshot, "Query", "function")->type.ToString(), "Function");
  EXPECT_EQ(FieldOf(*snapshot, "Function", "core")->type.ToString(), "_module_core_function");
  EXPECT_EQ(FieldOf(*snapshot, "MutationFunction", "core")->type.ToString(), "_module_core_mut_function");
  EXPECT_EQ(BindingOf(*FieldOf(*snapshot, "Query", "lib"))->kind, FieldKind::kModule);
}

TEST(RootFieldsTest, StreamsStandInSubscriptions) {
  const auto snapshot = PublishLibrary(
      "type trips @view(name: \"trips\", stream: \"watch_trips\") @module(name: \"fleet\") { id: BigInt! @pk }");
  EXPECT_EQ(Signature(*snapshot, "Subscription", "query"), "query(interval: Interval, count: Int = 0): Query");
  EXPECT_EQ(FieldOf(*snapshot, "_module_lib_subscription", "fleet")->type.ToString(), "_module_lib_fleet_subscription");
  EXPECT_EQ(Signature(*snapshot, "_module_lib_fleet_subscription", "watch_trips"),
            "watch_trips(after: BigInt): lib_trips");
}

TEST(RootFieldsTest, BindingsNameTheObject) {
  const auto snapshot = PublishLibrary(kGenres);
  const FieldBinding* binding = BindingOf(*FieldOf(*snapshot, "_module_lib_query", "genres_by_name"));
  EXPECT_EQ(binding->kind, FieldKind::kSelectUnique);
  EXPECT_EQ(binding->object, snapshot->FindObject("lib_genres"));
  EXPECT_EQ(binding->unique->columns.front()->name, "name");
  EXPECT_EQ(binding->object->relation_sql, R"("lib"."main"."genres")");
}

TEST(RootFieldsTest, BuiltinFunctionsHaveTheirPath) {
  const auto snapshot = PublishLibrary(kGenres);
  EXPECT_EQ(Signature(*snapshot, "_module_core_mut_function", "unload_data_source"),
            "unload_data_source(name: String!, hard: Boolean = false): OperationResult");
  const FieldBinding* binding = BindingOf(*FieldOf(*snapshot, "_module_core_function", "data_source_status"));
  EXPECT_EQ(binding->kind, FieldKind::kFunction);
  EXPECT_EQ(binding->function_name, "core.data_source_status");
}

}  // namespace
}  // namespace eider::catalog
