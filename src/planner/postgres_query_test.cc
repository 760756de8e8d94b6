#include <map>

#include "planner/testing/compile_request.h"

namespace eider::planner {
namespace {

constexpr const char* kSdl = R"(
type format { cover: String  height_mm: Int }
type authors @table(name: "authors") { id: Int! @pk  name: String! }
type notes @table(name: "notes") {
  id: Int! @pk
  v: Vector
  w: Vector
  numbers: Vector
  amount: Float
  hidden: Int @no_pushdown
}
type books @table(name: "books") {
  id: Int! @pk
  title: String!
  price: Float
  mood: String
  uid: ID
  secret: String @no_pushdown
  tags: [String]
  facts: JSON
  format: format
  printed_at: Timestamp
  sold_at: Timestamp
  span: IntRange
  author_id: Int @field_references(references_name: "authors", field: "id", query: "author", references_query: "books")
}
input price_window { lo: Float }
type dear @view(name: "dear", sql: "SELECT * FROM [$catalog].shop.books WHERE price > [$lo]") @args(name: "price_window") {
  id: Int! @pk
  price: Float
}
)";

using Types = std::vector<std::pair<std::string, std::string>>;

std::optional<Types> Describe(const catalog::DataObject& object) {
  static const std::map<std::string, Types> kTypes = {
      {"authors", {{"id", "integer"}, {"name", "character varying(40)"}}},
      {"notes",
       {{"id", "integer"},
        {"v", "vector(2)"},
        {"w", "ext.vector"},
        {"numbers", "real[]"},
        {"amount", "numeric"},
        {"hidden", "integer"}}},
      {"books",
       {{"id", "integer"},
        {"title", "text"},
        {"price", "numeric(10,2)"},
        {"mood", "mood"},
        {"uid", "uuid"},
        {"secret", "text"},
        {"tags", "text[]"},
        {"facts", "json"},
        {"format", "jsonb"},
        {"printed_at", "timestamp with time zone"},
        {"sold_at", "timestamp without time zone"},
        {"span", "int4range"},
        {"author_id", "integer"}}}};
  const auto found = kTypes.find(object.table);
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

catalog::testing::SnapshotPtr PublishPostgres() {
  catalog::SourceDefinition definition = catalog::testing::LibraryDefinition(kSdl);
  definition.source.type = "postgres";
  definition.source.default_schema = "public";
  definition.describe = Describe;
  auto snapshot = catalog::testing::Publish(definition);
  EXPECT_TRUE(snapshot.ok()) << (snapshot.ok() ? "" : snapshot.error().ToString());
  return snapshot.ok() ? *snapshot : nullptr;
}

class PostgresQueryTest : public ::testing::Test {
 protected:
  Plan Compile(const std::string& selection) { return testing::CompileRequest(*snapshot_, selection).plan; }
  std::string Sql(const std::string& selection) {
    const Plan plan = Compile(selection);
    EXPECT_EQ(plan.source, "lib") << selection;
    return plan.sql;
  }

  const catalog::testing::SnapshotPtr snapshot_ = PublishPostgres();
};

bool Has(const std::string& sql, std::string_view part) { return sql.find(part) != std::string::npos; }

TEST_F(PostgresQueryTest, NamesTablesWithoutTheCatalog) {
  EXPECT_EQ(Sql("books(limit: 3) { id }"), "SELECT t0.\"id\" AS x2 FROM \"public\".\"books\" t0 LIMIT 3");
}

TEST_F(PostgresQueryTest, GivesEveryPlaceholderTheTypeOfItsColumn) {
  EXPECT_TRUE(Has(Sql("books(filter: {id: {eq: 1}}) { id }"), "t0.\"id\" = CAST($1 AS bigint)"));
  EXPECT_TRUE(Has(Sql("books(filter: {price: {gt: 1}}) { id }"), "t0.\"price\" > CAST($1 AS numeric)"));
  EXPECT_TRUE(Has(Sql("books(filter: {uid: {eq: \"x\"}}) { id }"), "t0.\"uid\" = CAST($1 AS uuid)"));
  EXPECT_TRUE(Has(Sql("books(filter: {id: {in: [1, 2]}}) { id }"), "t0.\"id\" = ANY(CAST($1 AS bigint[]))"));
  EXPECT_TRUE(Has(Sql("authors(filter: {name: {eq: \"x\"}}) { id }"), "t0.\"name\" = CAST($1 AS text)"));
  EXPECT_TRUE(Has(Sql("books(filter: {tags: {contains: [\"x\"]}}) { id }"), "@> CAST($1 AS text[])"));
  EXPECT_TRUE(Has(Sql("books(filter: {span: {contains: 3}}) { id }"), "@> CAST($1 AS integer)"));
}

TEST_F(PostgresQueryTest, ComparesTypesOfTheDatabaseAsText) {
  EXPECT_TRUE(Has(Sql("books(filter: {mood: {eq: \"ok\"}}) { id }"), "CAST(t0.\"mood\" AS text) = CAST($1 AS text)"));
}

TEST_F(PostgresQueryTest, ReadsInstantsWithoutZoneAsUtc) {
  EXPECT_TRUE(Has(Sql("books(filter: {sold_at: {gt: \"2024-01-01\"}}) { id }"),
                  "(CAST($1 AS timestamp with time zone) AT TIME ZONE 'UTC')"));
}

TEST_F(PostgresQueryTest, LeavesTheBackslashOfPatternsAlone) {
  EXPECT_TRUE(Has(Sql("books(filter: {title: {like: \"a\"}}) { id }"), "LIKE CAST($1 AS text) ESCAPE ''"));
}

TEST_F(PostgresQueryTest, SortsTextByItsBytesAndNullsLast) {
  EXPECT_TRUE(Has(Sql("books(order_by: [{field: \"mood\", direction: DESC}]) { id }"), " DESC NULLS LAST"));
  // What is never NULL is sorted as an index has it.
  const std::string sql = Sql("books(order_by: [{field: \"title\", direction: DESC}]) { id }");
  EXPECT_TRUE(sql.ends_with("COLLATE \"C\" DESC")) << sql;
}

TEST_F(PostgresQueryTest, TakesShortListsOfFewParentsApart) {
  const std::string list = "books(nested_order_by: [{field: \"price\"}], nested_limit: 2) { title }";
  const std::string apart = Sql("authors(limit: 5) { " + list + " }");
  EXPECT_TRUE(Has(apart, "LEFT JOIN LATERAL (")) << apart;
  EXPECT_TRUE(Has(apart, " LIMIT 2")) << apart;
  EXPECT_FALSE(Has(Sql("authors { " + list + " }"), "LATERAL"));
}

TEST_F(PostgresQueryTest, KeepsTheFirstRowOfEachDistinctValueInTheOrder) {
  const std::string sql = Sql("books(distinct_on: [\"author_id\"], order_by: [{field: \"price\"}]) { author_id }");
  EXPECT_TRUE(Has(sql, "DISTINCT ON (x1) * FROM")) << sql;
  EXPECT_TRUE(Has(sql, "ORDER BY x1, x2) d5 ORDER BY x2")) << sql;
}

TEST_F(PostgresQueryTest, UsesNothingThatOnlyTheEngineKnows) {
  const std::string sql =
      Sql("authors(limit: 2) { name books(nested_limit: 1, order_by: [{field: \"title\"}]) { title format { cover } "
          "facts(struct: {rating: \"float\", tags: [\"string\"]}) author { name } printed_at(bucket: month) } "
          "books_aggregation { _rows_count price { sum avg any last } facts { sum(path: \"rating\") } } "
          "books_bucket_aggregation(nested_limit: 2) { key { tags title } aggregations { _rows_count } } }");
  for (const std::string_view word : {"struct_pack", " list(", "QUALIFY", "json_extract", "json_transform", "any_value",
                                      "TRY_CAST", "len(", "lambda", "list_", "\"lib\""}) {
    EXPECT_FALSE(Has(sql, word)) << word << " in " << sql;
  }
  EXPECT_FALSE(Has(sql, ";"));
}

TEST_F(PostgresQueryTest, AveragesAsTheEngineDoes) {
  const std::string sql = Sql("books_aggregation { price { avg } }");
  EXPECT_TRUE(Has(sql, " * 100 AS double precision) / CAST((nullif(count(")) << sql;
}

TEST_F(PostgresQueryTest, FillsViewsInTheServer) {
  const std::string sql = Sql("dear(args: {lo: 5}) { id }");
  EXPECT_TRUE(Has(sql, "(SELECT * FROM shop.books WHERE price > CAST(")) << sql;
  EXPECT_TRUE(Has(sql, "$1 AS double precision)")) << sql;
}

TEST_F(PostgresQueryTest, AnswersLookupsTogether) {
  const Plan plan = Compile("books_by_pk(id: 1) { title author { name } }");
  EXPECT_EQ(plan.source, "lib");
  EXPECT_TRUE(Has(plan.batch_sql, "unnest(CAST($1 AS bigint[])) WITH ORDINALITY")) << plan.batch_sql;
}

TEST_F(PostgresQueryTest, JoinsWhatTheServerCanCompare) {
  const std::string own = Sql("books { _join(fields: [\"author_id\"]) { lib_authors(fields: [\"id\"]) { name } } }");
  EXPECT_TRUE(Has(own, "\"author_id\"")) << own;
  EXPECT_EQ(Compile("books { _join(fields: [\"title\"]) { lib_authors(fields: [\"name\"]) { id } } }").source, "lib");
  EXPECT_EQ(Compile("books { _join(fields: [\"mood\"]) { lib_authors(fields: [\"name\"]) { id } } }").source, "");
}

TEST_F(PostgresQueryTest, RunsInTheEngineWhatIsMarkedSo) {
  EXPECT_EQ(Compile("books @no_pushdown { id }").source, "");
  EXPECT_EQ(Compile("authors { books { title @no_pushdown } }").source, "");
  EXPECT_EQ(Compile("books { secret }").source, "");
  EXPECT_EQ(Compile("authors(filter: {books: {any_of: {secret: {eq: \"x\"}}}}) { id }").source, "");
  EXPECT_TRUE(Has(Compile("books @no_pushdown { id }").sql, "\"lib\".\"public\".\"books\""));
  EXPECT_NE(testing::CompileRequest(*snapshot_, "books { id }").key,
            testing::CompileRequest(*snapshot_, "books @no_pushdown { id }").key);
}

TEST_F(PostgresQueryTest, OrdersByOperatorsThatAnIndexOfVectorsServes) {
  const std::string sql = Sql("notes(similarity: {name: \"v\", vector: [1, 2], distance: Cosine, limit: 5}) { id }");
  EXPECT_TRUE(Has(sql, "(t0.\"v\" <=> CAST(CAST($1 AS text) AS vector)) AS x")) << sql;
  EXPECT_TRUE(Has(sql, " LIMIT 5) ")) << sql;
  const std::string other = Sql("notes(similarity: {name: \"w\", vector: [1, 2], distance: L2}) { id }");
  EXPECT_TRUE(Has(other, "(t0.\"w\" OPERATOR(ext.<->) CAST(CAST($1 AS text) AS ext.vector)) AS x")) << other;
}

TEST_F(PostgresQueryTest, LeavesArraysOfNumbersToTheEngine) {
  EXPECT_EQ(Compile("notes(similarity: {name: \"numbers\", vector: [1], distance: L2}) { id }").source, "");
  EXPECT_EQ(Compile("notes { _numbers_distance(vector: [1], distance: L2) }").source, "");
  EXPECT_EQ(Compile("notes { _v_distance(vector: [1, 2], distance: L2) }").source, "lib");
}

TEST_F(PostgresQueryTest, LetsTheServerCheckNumbersThatTheEngineMayNotHold) {
  EXPECT_TRUE(Has(Compile("books @no_pushdown { price }").sql,
                  "postgres_query('lib', 'SELECT CAST(CASE WHEN \"price\" = ''NaN'' THEN"));
  // Lists come in their own type by the engine's reader alone.
  EXPECT_TRUE(Has(Compile("books @no_pushdown { price tags }").sql, "FROM \"lib\".\"public\".\"books\" t0"));
  EXPECT_TRUE(
      Has(Compile("books_aggregation { secret { count } price { sum } }").sql, "\"lib\".\"public\".\"books\" t0"));
  EXPECT_TRUE(Has(Compile("notes_aggregation { hidden { sum } amount { sum } }").sql, "NOT (abs(\"amount\") < 1000"));
  const std::string row = Compile("notes_by_pk(id: 1) { hidden amount }").sql;
  EXPECT_TRUE(Has(row, "NOT (abs(\"amount\") < 1000") && Has(row, "\"id\" = CAST(")) << row;
}

}  // namespace
}  // namespace eider::planner
