#include <gtest/gtest.h>

#include "planner/testing/compile_request.h"

namespace eider::planner {
namespace {

constexpr const char* kSdl = R"(
type authors @table(name: "authors") { id: Int! @pk  name: String! }
type books @table(name: "books") {
  id: Int! @pk
  title: String!
  price: Float
  author_id: Int @field_references(references_name: "authors", field: "id", query: "author", references_query: "books")
}
)";

class CompileQueryTest : public ::testing::Test {
 protected:
  using Compiled = testing::CompiledRequest;

  Compiled Compile(const std::string& selection, std::int64_t default_limit = 0) {
    return testing::CompileRequest(*snapshot_, selection, default_limit);
  }

  const catalog::testing::SnapshotPtr snapshot_ = catalog::testing::PublishLibrary(kSdl);
};

TEST_F(CompileQueryTest, SelectsFlatRowsWithoutSubqueries) {
  const Compiled got =
      Compile("books(filter: {price: {gt: 5}}, order_by: [{field: \"title\"}], limit: 3) { id title }");
  EXPECT_EQ(
      got.plan.sql,
      "SELECT t0.\"title\" AS x1, t0.\"id\" AS x3 FROM \"lib\".\"main\".\"books\" t0 WHERE t0.\"price\" > CAST($1 AS "
      "DOUBLE) ORDER BY x1 ASC NULLS LAST LIMIT 3");
  EXPECT_FALSE(got.plan.is_scan);
}

TEST_F(CompileQueryTest, GivesTheSameTextForTheSameRequest) {
  const std::string request =
      "authors(limit: 2) { name books(nested_limit: 1) { title author { name } } books_aggregation { price { avg } } }";
  EXPECT_EQ(Compile(request).plan.sql, Compile(request).plan.sql);
}

TEST_F(CompileQueryTest, LimitsParentsBeforeTheirRelations) {
  const std::string sql = Compile("authors(limit: 2) { name books { title } }").plan.sql;
  const auto limit = sql.find("LIMIT 2");
  ASSERT_NE(limit, std::string::npos);
  EXPECT_LT(limit, sql.find("\"books\""));
  EXPECT_EQ(sql.find(';'), std::string::npos) << "one statement for a root field";
}

TEST_F(CompileQueryTest, NamesPlansByStructureAlone) {
  EXPECT_EQ(Compile("books_by_pk(id: 1) { title }").key, Compile("books_by_pk(id: 2) { title }").key);
  EXPECT_NE(Compile("books_by_pk(id: 1) { title }").key, Compile("books_by_pk(id: 1) { t: title }").key);
  EXPECT_NE(Compile("books(filter: {price: {gt: 1}}) { id }").key,
            Compile("books(filter: {price: {lt: 1}}) { id }").key);
  EXPECT_NE(Compile("books(filter: {price: {gt: 1}}) { id }").key,
            Compile("books(filter: {price: {gt: null}}) { id }").key);
  EXPECT_NE(Compile("books(limit: 1) { id }").key, Compile("books(limit: 2) { id }").key);
}

TEST_F(CompileQueryTest, FetchesOneRowMoreThanTheDefaultLimitShows) {
  const Compiled got = Compile("books { id }", 10);
  EXPECT_EQ(got.plan.show_limit, 10);
  EXPECT_NE(got.plan.sql.find("LIMIT 11"), std::string::npos);
  EXPECT_EQ(Compile("books(limit: 5) { id }", 10).plan.show_limit, 0);
}

TEST_F(CompileQueryTest, LookupsCanBeAnsweredTogether) {
  EXPECT_FALSE(Compile("books_by_pk(id: 1) { title author { name } }").plan.batch_sql.empty());
  EXPECT_TRUE(Compile("authors_by_pk(id: 1) { books(filter: {price: {gt: 2}}) { id } }").plan.batch_sql.empty());
}

}  // namespace
}  // namespace eider::planner
