#include "query/query_service.h"

#include <future>

#include "query/library_fixture.h"

namespace eider::query::testing {
namespace {

TEST_F(LibraryTest, SelectsInOrderWithForwardAndBackRelations) {
  EXPECT_EQ(
      Ask(R"({ lib { authors(filter: {id: {eq: 2}}) { name mentor { name } pupils { name } books(order_by: [{field: "price"}]) { title } } } })"),
      R"({"data":{"lib":{"authors":[{"name":"Ada","mentor":{"name":"Bo"},"pupils":null,"books":[{"title":"Tides"}]}]}}})");
}

TEST_F(LibraryTest, FindsByKey) {
  EXPECT_EQ(Ask("query q($id: Int!) { lib { books_by_pk(id: $id) { title price author { name } } } }", R"({"id": 1})"),
            R"({"data":{"lib":{"books_by_pk":{"title":"Tides","price":12.5,"author":{"name":"Ada"}}}}})");
  EXPECT_EQ(Ask("{ lib { books_by_pk(id: 99) { title } } }"), R"({"data":{"lib":{"books_by_pk":null}}})");
}

TEST_F(LibraryTest, SharesOnePlanBetweenLiterals) {
  for (int id = 1; id <= 4; ++id) Ask("{ lib { books_by_pk(id: " + std::to_string(id) + ") { title } } }");
  EXPECT_EQ(service_->counters().plan_cache_misses, 1u);
  EXPECT_EQ(service_->counters().plan_cache_hits, 3u);
}

TEST_F(LibraryTest, AnswersLookupsTogether) {
  constexpr int kRequests = 200;
  std::vector<std::promise<std::string>> bodies(kRequests);
  std::vector<std::unique_ptr<Execution>> executions;
  for (int i = 0; i < kRequests; ++i) {
    GraphqlRequest request;
    request.query = "query q($id: Int!) { lib { books_by_pk(id: $id) { id author { name } } } }";
    request.variables.Parse(("{\"id\": " + std::to_string(i % 6) + "}").c_str());
    executions.push_back(service_->Prepare({}, std::move(request)));
    ASSERT_TRUE(
        executions.back()->StartCoalesced([&bodies, i](std::string body) { bodies[i].set_value(std::move(body)); }));
  }
  const char* expected[] = {"null",
                            R"({"id":1,"author":{"name":"Ada"}})",
                            R"({"id":2,"author":{"name":"Bo"}})",
                            R"({"id":3,"author":{"name":"Bo"}})",
                            R"({"id":4,"author":null})",
                            "null"};
  for (int i = 0; i < kRequests; ++i) {
    EXPECT_EQ(bodies[i].get_future().get(), std::string(R"({"data":{"lib":{"books_by_pk":)") + expected[i % 6] + "}}}");
  }
  EXPECT_LT(service_->counters().coalesced_statements, 200u);
}

TEST_F(LibraryTest, FollowsManyToManyAndNestedLimits) {
  EXPECT_EQ(
      Ask(R"({ lib { books(order_by: [{field: "id"}]) { id genres(order_by: [{field: "name"}]) { name } } } })"),
      R"({"data":{"lib":{"books":[{"id":1,"genres":[{"name":"Sea"}]},{"id":2,"genres":[{"name":"Land"},{"name":"Sea"}]},)"
      R"({"id":3,"genres":null},{"id":4,"genres":null}]}}})");
  EXPECT_EQ(
      Ask(R"({ lib { authors(order_by: {field: "id"}) { id books(nested_order_by: [{field: "price", direction: DESC}], nested_limit: 1, inner: true) { title } } } })"),
      R"({"data":{"lib":{"authors":[{"id":1,"books":[{"title":"Sand"}]},{"id":2,"books":[{"title":"Tides"}]}]}}})");
}

TEST_F(LibraryTest, Aggregates) {
  EXPECT_EQ(
      Ask("{ lib { books_aggregation { _rows_count price { sum avg min max } format { height_mm { avg } } } } }"),
      R"({"data":{"lib":{"books_aggregation":{"_rows_count":4,"price":{"sum":49.75,"avg":16.583333333333332,"min":7.25,"max":30},"format":{"height_mm":{"avg":195}}}}}})");
  EXPECT_EQ(
      Ask("{ lib { authors_aggregation { _rows_count books { price { sum } } books_aggregation { _rows_count { sum } "
          "price { avg { max } } } } } }"),
      R"({"data":{"lib":{"authors_aggregation":{"_rows_count":3,"books":{"price":{"sum":49.75}},"books_aggregation":{"_rows_count":3,"price":{"avg":{"max":18.625}}}}}}})");
}

TEST_F(LibraryTest, GroupsIntoBuckets) {
  EXPECT_EQ(
      Ask(R"({ lib { books_bucket_aggregation(order_by: [{field: "key.printed_at"}]) { key { printed_at(bucket: month) } aggregations { _rows_count price { sum } } } } })"),
      R"({"data":{"lib":{"books_bucket_aggregation":[{"key":{"printed_at":"2023-01-01T00:00:00Z"},"aggregations":{"_rows_count":1,"price":{"sum":7.25}}},)"
      R"({"key":{"printed_at":"2024-05-01T00:00:00Z"},"aggregations":{"_rows_count":2,"price":{"sum":42.5}}},)"
      R"({"key":{"printed_at":null},"aggregations":{"_rows_count":1,"price":{"sum":null}}}]}}})");
  EXPECT_EQ(
      Ask(R"({ lib { authors(order_by: {field: "id"}) { id books_bucket_aggregation(order_by: [{field: "key.title"}]) { key { title } aggregations { _rows_count } } } } })"),
      R"({"data":{"lib":{"authors":[{"id":1,"books_bucket_aggregation":[{"key":{"title":"Reed"},"aggregations":{"_rows_count":1}},{"key":{"title":"Sand"},"aggregations":{"_rows_count":1}}]},)"
      R"({"id":2,"books_bucket_aggregation":[{"key":{"title":"Tides"},"aggregations":{"_rows_count":1}}]},{"id":3,"books_bucket_aggregation":null}]}}})");
}

TEST_F(LibraryTest, FiltersThroughRelations) {
  EXPECT_EQ(
      Ask(R"({ lib { authors(filter: {books: {any_of: {genres: {any_of: {name: {eq: "Sea"}}}}}}, order_by: {field: "id"}) { id } } })"),
      R"({"data":{"lib":{"authors":[{"id":1},{"id":2}]}}})");
  EXPECT_EQ(
      Ask(R"({ lib { books(filter: {_not: {author: {name: {eq: "Bo"}}}, format: {height_mm: {gt: 200}}}) { id facts(struct: {rating: "float"}) format { cover } } } })"),
      R"({"data":{"lib":{"books":[{"id":1,"facts":{"rating":4.5},"format":{"cover":"hard"}}]}}})");
}

TEST_F(LibraryTest, RunsRootFieldsSideBySide) {
  EXPECT_EQ(
      Ask(R"({ lib { a: books(order_by: {field: "id"}, limit: 1) { id } } __typename lib { b: genres(order_by: {field: "id"}) { id } c: authors_aggregation { _rows_count } } })"),
      R"({"data":{"lib":{"a":[{"id":1}],"b":[{"id":1},{"id":2}],"c":{"_rows_count":3}},"__typename":"Query"}})");
}

TEST_F(LibraryTest, InsertsNestedRowsAndRollsBack) {
  EXPECT_EQ(
      Ask(R"(mutation { lib { insert_books(data: {id: 10, title: "New", author: {id: 9, name: "Di"}, genres: [{id: 7, name: "Air"}]}) { id pages author { name } genres { name } } } })"),
      R"({"data":{"lib":{"insert_books":{"id":10,"pages":0,"author":{"name":"Di"},"genres":[{"name":"Air"}]}}}})");
  EXPECT_EQ(
      Ask(R"(mutation { lib { update_books(filter: {id: {eq: 10}}, data: {price: 2.5}) { success message affected_rows } delete_genres(filter: {id: {eq: 1000}}) { affected_rows } } })"),
      R"({"data":{"lib":{"update_books":{"success":true,"message":"success","affected_rows":1},"delete_genres":{"affected_rows":0}}}})");
  const std::string failed = Ask(
      R"(mutation { lib { delete_genres(filter: {id: {eq: 7}}) { affected_rows } insert_genres(data: {id: 1, name: "Twice"}) { id } } })");
  EXPECT_NE(failed.find("errors"), std::string::npos);
  EXPECT_EQ(Ask("{ lib { genres_by_pk(id: 7) { name } } }"), R"({"data":{"lib":{"genres_by_pk":{"name":"Air"}}}})");
}

}  // namespace
}  // namespace eider::query::testing
