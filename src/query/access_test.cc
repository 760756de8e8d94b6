#include <gtest/gtest.h>

#include <future>

#include "query/library_fixture.h"

namespace eider::query::testing {
namespace {

using Rows = std::vector<cluster::PermissionRecord>;

constexpr const char* kForbidden = R"({"errors":[{"message":"forbidden"}]})";

cluster::PermissionRecord Filtered(std::string type, std::string field, std::string filter) {
  return {.type_name = std::move(type), .field_name = std::move(field), .filter = std::move(filter)};
}
cluster::PermissionRecord Disabled(std::string type, std::string field) {
  return {.type_name = std::move(type), .field_name = std::move(field), .disabled = true};
}
cluster::PermissionRecord Hidden(std::string type, std::string field) {
  return {.type_name = std::move(type), .field_name = std::move(field), .hidden = true};
}

const Rows kOwnBooks = {Filtered("data-object:query", "lib_books", R"({"author_id":{"eq":"[$auth.user_id_int]"}})")};

TEST_F(LibraryTest, FiltersRootListsByPkAndAggregates) {
  EXPECT_EQ(AskAs(kOwnBooks, "{ lib { books { id } } }"), R"({"data":{"lib":{"books":[{"id":1}]}}})");
  EXPECT_EQ(AskAs(kOwnBooks, "{ lib { books_by_pk(id: 2) { id } } }"), R"({"data":{"lib":{"books_by_pk":null}}})");
  EXPECT_EQ(AskAs(kOwnBooks, "{ lib { books_aggregation { _rows_count price { sum } } } }"),
            R"({"data":{"lib":{"books_aggregation":{"_rows_count":1,"price":{"sum":12.5}}}}})");
  EXPECT_EQ(
      AskAs(kOwnBooks, "{ lib { books_bucket_aggregation { key { author_id } aggregations { _rows_count } } } }"),
      R"({"data":{"lib":{"books_bucket_aggregation":[{"key":{"author_id":2},"aggregations":{"_rows_count":1}}]}}})");
}

TEST_F(LibraryTest, FiltersRelationsJunctionsAndJoins) {
  EXPECT_EQ(
      AskAs(kOwnBooks, R"({ lib { authors(order_by: [{field: "id"}]) { id books { id } } } })"),
      R"({"data":{"lib":{"authors":[{"id":1,"books":null},{"id":2,"books":[{"id":1}]},{"id":3,"books":null}]}}})");
  EXPECT_EQ(
      AskAs(
          kOwnBooks,
          R"({ lib { genres(order_by: [{field: "id"}]) { id books_of_genre { id } books_of_genre_aggregation { _rows_count } } } })"),
      R"({"data":{"lib":{"genres":[{"id":1,"books_of_genre":[{"id":1}],"books_of_genre_aggregation":{"_rows_count":1}},{"id":2,"books_of_genre":null,"books_of_genre_aggregation":null}]}}})");
  EXPECT_EQ(
      AskAs(
          kOwnBooks,
          R"({ lib { authors(filter: {id: {eq: 1}}) { _join(fields: ["id"]) { lib_books(fields: ["author_id"]) { id } } } } })"),
      R"({"data":{"lib":{"authors":[{"_join":{"lib_books":null}}]}}})");
  const Rows junction = {Filtered("data-object:query", "lib_book_genres", R"({"genre_id":{"eq":2}})")};
  EXPECT_EQ(
      AskAs(junction, R"({ lib { books(filter: {id: {lte: 2}}, order_by: [{field: "id"}]) { id genres { id } } } })"),
      R"({"data":{"lib":{"books":[{"id":1,"genres":null},{"id":2,"genres":[{"id":2}]}]}}})");
}

TEST_F(LibraryTest, FiltersInsideFiltersAndOrders) {
  EXPECT_EQ(AskAs(kOwnBooks, R"({ lib { authors(filter: {books: {any_of: {price: {gt: 1}}}}) { id } } })"),
            R"({"data":{"lib":{"authors":[{"id":2}]}}})");
  const Rows authors = {Filtered("data-object:query", "lib_authors", R"({"name":{"ne":"x"},"id":{"in":[2]}})")};
  // An unknown operator makes the whole rule match nothing.
  EXPECT_EQ(AskAs(authors, "{ lib { authors { id } } }"), R"({"data":{"lib":{"authors":[]}}})");
  const Rows two = {Filtered("data-object:query", "lib_authors", R"({"id":{"in":[2]}})")};
  EXPECT_EQ(
      AskAs(two, R"({ lib { books(order_by: [{field: "author.name"}, {field: "id"}]) { id author { name } } } })"),
      R"({"data":{"lib":{"books":[{"id":1,"author":{"name":"Ada"}},{"id":2,"author":null},{"id":3,"author":null},{"id":4,"author":null}]}}})");
}

TEST_F(LibraryTest, FailsClosed) {
  const char* filters[] = {R"({"author_id":{"eq":"[$auth.nothing]"}})",
                           R"({"_not":{"author_id":{"eq":"[$auth.nothing]"}}})",
                           R"({"_or":[{"id":{"gt":0}},{"author_id":{"eq":"[$auth.nothing]"}}]})",
                           R"({"author_id":{"in":["[$auth.nothing]",1]}})",
                           R"({"author_id":{"in":"[$auth.nothing]"}})",
                           R"({"author_id":{"eq":"[$auth.user_name]"}})",
                           R"({"author_id":{"eq":null}})",
                           R"({"owner":{"eq":1}})",
                           R"({"_and":[]})",
                           R"({})",
                           R"({"author_id":{}})",
                           R"({"books":{"any_of":{}}})",
                           R"({"id":{"is_null":"false"}})"};
  for (const char* filter : filters) {
    EXPECT_EQ(AskAs({Filtered("data-object:query", "lib_books", filter)}, "{ lib { books { id } } }"),
              R"({"data":{"lib":{"books":[]}}})")
        << filter;
  }
  EXPECT_EQ(AskAs({Filtered("data-object:query", "lib_books", "[1]")}, "{ lib { books { id } } }"), kForbidden);
}

TEST_F(LibraryTest, NobodySharesAPlanOrAnIdentity) {
  EXPECT_EQ(Ask("{ lib { books_by_pk(id: 2) { id } } }"), R"({"data":{"lib":{"books_by_pk":{"id":2}}}})");
  EXPECT_EQ(AskAs(kOwnBooks, "{ lib { books_by_pk(id: 2) { id } } }"), R"({"data":{"lib":{"books_by_pk":null}}})");
  reader_.user_id = "1";
  EXPECT_EQ(AskAs(kOwnBooks, "{ lib { books_by_pk(id: 2) { id } } }"), R"({"data":{"lib":{"books_by_pk":{"id":2}}}})");
  reader_.user_id = "bob";
  EXPECT_EQ(AskAs(kOwnBooks, "{ lib { books { id } } }"), R"({"data":{"lib":{"books":[]}}})");
}

TEST_F(LibraryTest, AnswersLookupsOfManyTogetherButApart) {
  AskAs(kOwnBooks, "{ __typename }");
  constexpr int kRequests = 300;
  const char* users[] = {"1", "2", "bob", ""};  // The last one is an admin.
  std::vector<std::promise<std::string>> bodies(kRequests);
  std::vector<std::unique_ptr<Execution>> executions;
  for (int i = 0; i < kRequests; ++i) {
    GraphqlRequest request;
    request.query = "query q($id: Int!) { lib { books_by_pk(id: $id) { id } } }";
    request.variables.Parse(R"({"id": 1})");
    reader_.user_id = users[i % 4];
    RequestContext context;
    if (i % 4 != 3) context.identity = std::make_shared<const auth::Identity>(reader_);
    executions.push_back(service_->Prepare(std::move(context), std::move(request)));
    ASSERT_TRUE(
        executions.back()->StartCoalesced([&bodies, i](std::string body) { bodies[i].set_value(std::move(body)); }));
  }
  for (int i = 0; i < kRequests; ++i) {
    const bool sees = i % 4 == 1 || i % 4 == 3;
    EXPECT_EQ(bodies[i].get_future().get(),
              sees ? R"({"data":{"lib":{"books_by_pk":{"id":1}}}})" : R"({"data":{"lib":{"books_by_pk":null}}})");
  }
  EXPECT_LT(service_->counters().coalesced_statements, static_cast<std::uint64_t>(kRequests));
}

TEST_F(LibraryTest, ReadsClaims) {
  rapidjson::Document claims;
  claims.Parse(R"({"team":{"ids":[1,2]},"a.b":"Tides","user_id":"1"})");
  reader_.claims = std::make_shared<const rapidjson::Document>(std::move(claims));
  EXPECT_EQ(AskAs({Filtered("data-object:query", "lib_books", R"({"author_id":{"in":"[$auth.team.ids]"}})")},
                  R"({ lib { books(order_by: [{field: "id"}]) { id } } })"),
            R"({"data":{"lib":{"books":[{"id":1},{"id":2},{"id":3}]}}})");
  EXPECT_EQ(AskAs({Filtered("data-object:query", "lib_books", R"({"title":{"eq":"[$auth.a.b]"}})")},
                  "{ lib { books { id } } }"),
            R"({"data":{"lib":{"books":[{"id":1}]}}})");
  // A list stands for no scalar, and claims shadow nothing.
  EXPECT_EQ(AskAs({Filtered("data-object:query", "lib_books", R"({"author_id":{"eq":"[$auth.team.ids]"}})")},
                  "{ lib { books { id } } }"),
            R"({"data":{"lib":{"books":[]}}})");
  EXPECT_EQ(AskAs({Filtered("data-object:query", "lib_books", R"({"author_id":{"eq":"[$auth.user_id]"}})")},
                  "{ lib { books { id } } }"),
            R"({"data":{"lib":{"books":[{"id":1}]}}})");
}

TEST_F(LibraryTest, ReadsClaimsInsideDocuments) {
  rapidjson::Document claims;
  claims.Parse(R"({"tags":["a"],"tag":"a","key":"rating","two":2,"many":["a","b"],"object":{"x":1}})");
  reader_.claims = std::make_shared<const rapidjson::Document>(std::move(claims));
  const auto seen = [&](const char* filter) {
    return AskAs({Filtered("data-object:query", "lib_books", filter)},
                 R"({ lib { books(order_by: [{field: "id"}]) { id } } })");
  };
  const char* const first = R"({"data":{"lib":{"books":[{"id":1}]}}})";
  const char* const none = R"({"data":{"lib":{"books":[]}}})";
  EXPECT_EQ(seen(R"({"facts":{"contains":{"tags":["[$auth.tag]"]}}})"), first);
  EXPECT_EQ(seen(R"({"facts":{"contains":{"rating":"[$auth.two]"}}})"), R"({"data":{"lib":{"books":[{"id":3}]}}})");
  EXPECT_EQ(seen(R"({"facts":{"eq":{"rating":"[$auth.two]"}}})"), R"({"data":{"lib":{"books":[{"id":3}]}}})");
  EXPECT_EQ(seen(R"({"facts":{"has_all":["tags","[$auth.key]"]}})"), first);
  EXPECT_EQ(seen(R"({"facts":{"has":"[$auth.key]"}})"), R"({"data":{"lib":{"books":[{"id":1},{"id":3}]}}})");
  // Whatever is missing or does not fit closes the rule, also where its absence would open it.
  for (const char* filter :
       {R"({"_not":{"facts":{"contains":{"tags":["[$auth.nothing]"]}}}})",
        R"({"_not":{"facts":{"has":"[$auth.nothing]"}}})", R"({"_not":{"facts":{"eq":"[$auth.object]"}}})",
        R"({"_not":{"facts":{"contains":{"tags":"[$auth.many]"}}}})",
        R"({"_or":[{"id":{"gt":0}},{"facts":{"has_all":["[$auth.nothing]"]}}]})",
        R"({"_not":{"facts":{"has_all":"[$auth.many]"}}})", R"({"_not":{"facts":{"has_all":[1,"[$auth.key]"]}}})",
        R"({"_not":{"facts":{"with":"[$auth.key]"}}})"}) {
    EXPECT_EQ(seen(filter), none) << filter;
  }
}

TEST_F(LibraryTest, DeniesFieldsWhereverTheyAreNamed) {
  const Rows price = {Disabled("lib_books", "price")};
  const char* refused[] = {"{ lib { books { price } } }",
                           "{ lib { books { p: price } } }",
                           "{ lib { ...F } } fragment F on _module_lib_query { books { ... on lib_books { price } } }",
                           "{ lib { books(filter: {price: {gt: 1}}) { id } } }",
                           R"({ lib { books(order_by: [{field: "price"}]) { id } } })",
                           R"({ lib { books(distinct_on: ["price"]) { id } } })",
                           "{ lib { books_aggregation { price { sum } } } }",
                           "{ lib { authors { books_aggregation { price { max } } } } }",
                           "{ lib { authors(filter: {books: {any_of: {price: {gt: 1}}}}) { id } } }",
                           R"({ lib { authors { books(nested_order_by: [{field: "price"}]) { id } } } })",
                           R"({ lib { books { _join(fields: ["price"]) { lib_books(fields: ["price"]) { id } } } } })"};
  for (const char* query : refused) EXPECT_EQ(AskAs(price, query), kForbidden) << query;
  EXPECT_EQ(
      AskAs(price, "query q($f: lib_books_filter) { lib { books(filter: $f) { id } } }", R"({"f":{"price":{"gt":1}}})"),
      kForbidden);
  EXPECT_EQ(AskAs(price, "{ lib { books_by_pk(id: 1) { title } } }"),
            R"({"data":{"lib":{"books_by_pk":{"title":"Tides"}}}})");
}

TEST_F(LibraryTest, TakesTheMostSpecificRow) {
  const Rows rows = {Disabled("lib_books", "*"),
                     {.type_name = "lib_books", .field_name = "id"},
                     {.type_name = "*", .field_name = "title"}};
  EXPECT_EQ(AskAs(rows, "{ lib { books_by_pk(id: 1) { id } } }"), R"({"data":{"lib":{"books_by_pk":{"id":1}}}})");
  EXPECT_EQ(AskAs(rows, "{ lib { books_by_pk(id: 1) { title } } }"), kForbidden);
  const Rows none = {Disabled("*", "*")};
  EXPECT_EQ(AskAs(none, "{ lib { books { id } } }"), kForbidden);
  EXPECT_EQ(AskAs(none, "{ __typename }"), R"({"data":{"__typename":"Query"}})");
}

TEST_F(LibraryTest, DeniesObjects) {
  const Rows rows = {Disabled("data-object:query", "lib_books")};
  for (const char* query :
       {"{ lib { books { id } } }", "{ lib { authors { books { id } } } }",
        "{ lib { authors { books_aggregation { _rows_count } } } }",
        "{ lib { authors(filter: {books: {none_of: {id: {gt: 0}}}}) { id } } }",
        "mutation { lib { delete_books(filter: {id: {eq: 1}}) { success } } }",
        "mutation { lib { insert_authors(data: {id: 9, name: \"x\", books: [{id: 9, title: \"y\"}]}) { id } } }"}) {
    EXPECT_EQ(AskAs(rows, query), kForbidden) << query;
  }
  const Rows one = {Disabled("data-object:query", "*"), {.type_name = "data-object:query", .field_name = "lib_genres"}};
  EXPECT_EQ(AskAs(one, R"({ lib { genres(order_by: [{field: "id"}]) { id } } })"),
            R"({"data":{"lib":{"genres":[{"id":1},{"id":2}]}}})");
  EXPECT_EQ(AskAs(one, "{ lib { genres { books_of_genre { id } } } }"), kForbidden);
}

TEST_F(LibraryTest, HidesFromIntrospection) {
  const Rows rows = {Hidden("lib_books", "price"), Hidden("data-object:query", "lib_genres")};
  EXPECT_EQ(AskAs(rows, R"({ __type(name: "lib_genres") { name } })"), R"({"data":{"__type":null}})");
  EXPECT_EQ(AskAs(rows, R"({ __type(name: "lib_genres_filter") { name } })"), R"({"data":{"__type":null}})");
  const std::string books = AskAs(rows, R"({ __type(name: "lib_books") { fields { name } } })");
  EXPECT_EQ(books.find("\"price\""), std::string::npos);
  EXPECT_EQ(books.find("\"genres"), std::string::npos);
  EXPECT_NE(books.find("\"title\""), std::string::npos);
  EXPECT_EQ(AskAs(rows, R"({ __type(name: "lib_books_filter") { inputFields { name } } })").find("\"price\""),
            std::string::npos);
  EXPECT_EQ(AskAs(rows, R"({ _dataObject(name: "lib_genres") { name } })"), R"({"data":{"_dataObject":null}})");
  EXPECT_EQ(AskAs(rows, R"({ _search(query: "genres", kinds: [RELATION]) { name } })"), R"({"data":{"_search":[]}})");
  EXPECT_EQ(AskAs(rows, "{ lib { books_by_pk(id: 1) { price genres { id } } } }"),
            R"({"data":{"lib":{"books_by_pk":{"price":12.5,"genres":[{"id":1}]}}}})");
}

TEST_F(LibraryTest, AddsFiltersOfFields) {
  EXPECT_EQ(AskAs({Filtered("_module_lib_query", "books", R"({"id":{"lte":2}})")},
                  R"({ lib { books(filter: {id: {gte: 2}}) { id } } })"),
            R"({"data":{"lib":{"books":[{"id":2}]}}})");
  EXPECT_EQ(AskAs({Filtered("lib_authors", "books", R"({"id":{"eq":2}})")},
                  "{ lib { authors(filter: {id: {eq: 1}}) { books { id } books_aggregation { _rows_count } } } }"),
            R"({"data":{"lib":{"authors":[{"books":[{"id":2}],"books_aggregation":{"_rows_count":1}}]}}})");
}

TEST_F(LibraryTest, AddsFiltersOfRelationsThatAreFollowed) {
  const Rows rows = {Filtered("lib_authors", "books", R"({"id":{"eq":2}})"),
                     Filtered("lib_books", "author", R"({"id":{"eq":1}})")};
  EXPECT_EQ(AskAs(rows, "{ lib { authors(filter: {books: {any_of: {id: {gt: 0}}}}) { id } } }"),
            R"({"data":{"lib":{"authors":[{"id":1}]}}})");
  EXPECT_EQ(AskAs(rows, R"({ lib { books(filter: {author: {name: {eq: "Ada"}}}) { id } } })"),
            R"({"data":{"lib":{"books":[]}}})");
  EXPECT_EQ(AskAs(rows, R"({ lib { books(order_by: [{field: "author.name"}, {field: "id"}]) { id } } })"),
            R"({"data":{"lib":{"books":[{"id":2},{"id":3},{"id":1},{"id":4}]}}})");
}

TEST_F(LibraryTest, FiltersAndStampsWrites) {
  const Rows rows = {
      Filtered("data-object:query", "lib_books", R"({"author_id":{"eq":"[$auth.user_id_int]"}})"),
      {.type_name = "data-object:insert", .field_name = "lib_books", .data = R"({"author_id":"[$auth.user_id_int]"})"}};
  EXPECT_EQ(
      AskAs(rows, R"(mutation { lib { insert_books(data: {id: 10, title: "a", author_id: 1}) { id author_id } } })"),
      R"({"data":{"lib":{"insert_books":{"id":10,"author_id":2}}}})");
  EXPECT_EQ(
      AskAs(
          rows,
          R"(mutation { lib { insert_authors(data: {id: 10, name: "n", books: [{id: 11, title: "b"}]}) { id books { id } } } })"),
      R"({"data":{"lib":{"insert_authors":{"id":10,"books":null}}}})");
  EXPECT_EQ(Ask("{ lib { books_by_pk(id: 11) { author_id } } }"),
            R"({"data":{"lib":{"books_by_pk":{"author_id":2}}}})");
  EXPECT_EQ(AskAs(rows, "mutation { lib { update_books(data: {pages: 7}) { affected_rows } } }"),
            R"({"data":{"lib":{"update_books":{"affected_rows":3}}}})");
  EXPECT_EQ(AskAs(rows, "mutation { lib { delete_books(filter: {id: {eq: 2}}) { affected_rows } } }"),
            R"({"data":{"lib":{"delete_books":{"affected_rows":0}}}})");
  // What was one's own may not be given away.
  EXPECT_EQ(AskAs(rows, "mutation { lib { update_books(filter: {id: {eq: 1}}, data: {author_id: 1}) { success } } }"),
            kForbidden);
  EXPECT_EQ(Ask("{ lib { books_by_pk(id: 1) { author_id } } }"), R"({"data":{"lib":{"books_by_pk":{"author_id":2}}}})");
  Rows free = rows;
  free.push_back({.type_name = "data-object:update", .field_name = "lib_books", .data = R"({"$check":false})"});
  EXPECT_EQ(
      AskAs(free, "mutation { lib { update_books(filter: {id: {eq: 1}}, data: {author_id: 1}) { affected_rows } } }"),
      R"({"data":{"lib":{"update_books":{"affected_rows":1}}}})");
}

TEST_F(LibraryTest, ChecksInsertsWhenAsked) {
  const Rows rows = {Filtered("data-object:query", "lib_books", R"({"pages":{"lt":10}})"),
                     {.type_name = "data-object:insert", .field_name = "lib_books", .data = R"({"$check":true})"}};
  EXPECT_EQ(AskAs(rows, R"(mutation { lib { insert_books(data: {id: 20, title: "a", pages: 11}) { id } } })"),
            kForbidden);
  EXPECT_EQ(AskAs(rows, R"(mutation { lib { insert_books(data: {id: 21, title: "a", pages: 1}) { id } } })"),
            R"({"data":{"lib":{"insert_books":{"id":21}}}})");
  EXPECT_EQ(Ask("{ lib { books_by_pk(id: 20) { id } } }"), R"({"data":{"lib":{"books_by_pk":null}}})");
}

TEST_F(LibraryTest, UpsertsOnlyWhatMayBeUpdated) {
  const Rows rows = {Filtered("data-object:query", "lib_books", R"({"author_id":{"eq":1}})")};
  EXPECT_EQ(AskAs(rows, R"(mutation { lib { upsert_books(data: {id: 1, title: "mine"}) { id } } })"), kForbidden);
  EXPECT_EQ(Ask("{ lib { books_by_pk(id: 1) { title } } }"), R"({"data":{"lib":{"books_by_pk":{"title":"Tides"}}}})");
  EXPECT_EQ(AskAs(rows, R"(mutation { lib { upsert_books(data: {id: 2, title: "mine"}) { id } } })"),
            R"({"data":{"lib":{"upsert_books":{"id":2}}}})");
  EXPECT_EQ(AskAs(rows, R"(mutation { lib { upsert_books(data: {id: 3, title: "r", author_id: 2}) { id } } })"),
            kForbidden);
}

TEST_F(LibraryTest, MissingValuesOfDataForbid) {
  EXPECT_EQ(
      AskAs({{.type_name = "data-object:insert", .field_name = "lib_books", .data = R"({"pages":"[$auth.nothing]"})"}},
            R"(mutation { lib { insert_books(data: {id: 30, title: "a"}) { id } } })"),
      kForbidden);
  EXPECT_EQ(AskAs({{.type_name = "_module_lib_mutation",
                    .field_name = "insert_books",
                    .data = R"({"title":"[$auth.user_name]"})"}},
                  R"(mutation { lib { insert_books(data: {id: 31, title: "a"}) { title } } })"),
            R"({"data":{"lib":{"insert_books":{"title":"Ada"}}}})");
}

TEST_F(LibraryTest, RefusesRolesThatAreDisabledOrUnknown) {
  reader_.role = "nobody";
  EXPECT_EQ(AskAs({}, "{ __typename }"), kForbidden);
}

}  // namespace
}  // namespace eider::query::testing
