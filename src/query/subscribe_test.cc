#include <gmock/gmock.h>

#include "query/library_fixture.h"

namespace eider::query::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SubscribeTest : public LibraryTest {
 protected:
  struct Asked {
    std::string query;
    std::string variables = "null";
    Delivery delivery = Delivery::kRows;
    std::string operation_name = {};
  };

  // Subscribes as the role `reader_` with these permissions, or as an administrator when there are none.
  Subscribed Begin(const Asked& asked) {
    GraphqlRequest request;
    request.query = asked.query;
    request.variables.Parse(asked.variables.c_str());
    request.operation_name = asked.operation_name;
    return service_->Subscribe(context_, std::move(request), {.delivery = asked.delivery});
  }

  // The messages of the next run; empty when there is nothing to ask.
  std::vector<std::string> Run(Subscription& subscription) {
    auto request = subscription.Begin();
    if (!request) return {};
    last_query_ = request->query;
    last_variables_ = request->variables.IsObject() ? static_cast<int>(request->variables.MemberCount()) : -1;
    return MessagesOf(subscription, *std::move(request), context_);
  }

  std::vector<std::string> RunOnce(const Asked& asked) {
    const Subscribed subscribed = Begin(asked);
    EXPECT_EQ(subscribed.errors, "") << asked.query;
    return subscribed.subscription == nullptr ? std::vector<std::string>() : Run(*subscribed.subscription);
  }

  std::string Refused(const Asked& asked) {
    const Subscribed subscribed = Begin(asked);
    EXPECT_EQ(subscribed.subscription, nullptr) << asked.query;
    return subscribed.errors;
  }

  // What reader_ may do from now on, who asks from now on.
  void Allow(const std::vector<cluster::PermissionRecord>& rows) {
    cluster::RoleRecords records;
    records.roles.push_back({.name = "admin"});
    records.roles.push_back({.name = "reader", .rows = rows});
    permissions_.Set(std::make_shared<const auth::PermissionSnapshot>(std::move(records), permissions_.Get().get()));
    context_.identity = std::make_shared<const auth::Identity>(reader_);
  }

  RequestContext context_;
  std::string last_query_;
  int last_variables_ = 0;
};

constexpr const char* kAuthors = "lib { authors(order_by: {field: \"id\"}, limit: 2) { id } }";

TEST_F(SubscribeTest, GivesRowsOrResults) {
  const std::string query = std::string("subscription { again: query { ") + kAuthors + " } }";
  EXPECT_THAT(RunOnce({query}),
              ElementsAre(R"({"data":{"lib":{"authors":{"id":1}}}})", R"({"data":{"lib":{"authors":{"id":2}}}})"));
  EXPECT_THAT(RunOnce({query, "null", Delivery::kResults}),
              ElementsAre(R"({"data":{"lib":{"authors":[{"id":1},{"id":2}]}}})"));
}

TEST_F(SubscribeTest, CutsWhatIsNoListOfRows) {
  EXPECT_THAT(
      RunOnce({"subscription { query { l: lib { one: books_by_pk(id: 1) { id } books_aggregation { _rows_count }"
               " none: books(filter: {id: {eq: 99}}) { id } __typename } __typename } }"}),
      ElementsAre(R"({"data":{"l":{"one":{"id":1}}}})", R"({"data":{"l":{"books_aggregation":{"_rows_count":4}}}})",
                  R"({"data":{"l":{"__typename":"_module_lib_query"}}})", R"({"data":{"__typename":"Query"}})"));
}

TEST_F(SubscribeTest, CountsRuns) {
  const auto once = Begin({"subscription { query(count: 3) { __typename } }"});
  EXPECT_EQ(once.subscription->interval(), std::nullopt);
  EXPECT_FALSE(once.subscription->is_over());
  Run(*once.subscription);
  EXPECT_TRUE(once.subscription->is_over());

  const auto twice = Begin({"subscription { query(interval: 5, count: 2) { __typename } }"});
  EXPECT_EQ(twice.subscription->interval(), milliseconds(5000));
  Run(*twice.subscription);
  EXPECT_FALSE(twice.subscription->is_over());
  Run(*twice.subscription);
  EXPECT_TRUE(twice.subscription->is_over());

  const auto ever = Begin({"subscription { query(interval: \"1s\") { __typename } }"});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Run(*ever.subscription).size(), 1u);
  EXPECT_FALSE(ever.subscription->is_over());
}

TEST_F(SubscribeTest, ReadsIntervals) {
  const auto interval = [&](const std::string& text, const std::string& variables = "null") {
    const auto subscribed =
        Begin({"subscription($i: Interval) { query(interval: " + text + ") { __typename } }", variables});
    EXPECT_EQ(subscribed.errors, "") << text << variables;
    return subscribed.subscription == nullptr ? std::nullopt : subscribed.subscription->interval();
  };
  for (const char* text : {"5", "5.0", "\"5s\"", "\"PT5S\"", "\"5 seconds\"", "\"5\""}) {
    EXPECT_EQ(interval(text), milliseconds(5000)) << text;
    EXPECT_EQ(interval("$i", std::string("{\"i\":") + text + "}"), milliseconds(5000)) << text;
  }
  EXPECT_EQ(interval("\"1ms\""), milliseconds(100));
  EXPECT_EQ(interval("null"), std::nullopt);
  EXPECT_EQ(interval("$i"), std::nullopt);
}

TEST_F(SubscribeTest, RefusesWhatItCannotRepeat) {
  EXPECT_THAT(Refused({"subscription { query(interval: \"soon\") { __typename } }"}),
              HasSubstr(R"([{"message":"interval \"soon\" cannot be read: give a number of seconds)"));
  EXPECT_THAT(Refused({"subscription { query(interval: \"soon\") { __typename } }"}),
              HasSubstr(R"("locations":[{"line":1,"column":22}])"));
  EXPECT_THAT(Refused({"subscription { query(interval: {a: 1}) { __typename } }"}), HasSubstr("cannot be read"));
  EXPECT_THAT(Refused({"subscription { query(interval: -1) { __typename } }"}), HasSubstr("is negative"));
  EXPECT_THAT(Refused({"subscription { query(interval: \"P1M\") { __typename } }"}), HasSubstr("no fixed length"));
  EXPECT_THAT(Refused({"subscription { query(count: -1) { __typename } }"}), HasSubstr("count must not be negative"));
  EXPECT_THAT(Refused({"subscription($c: Int) { query(count: $c) { __typename } }", R"({"c": "x"})"}),
              HasSubstr("Variable \\\"$c\\\" got invalid value"));
  EXPECT_THAT(Refused({"subscription { query @skip(if: true) { __typename } }"}), HasSubstr("selects nothing"));
  EXPECT_THAT(Refused({"subscription { query @cache(ttl: 5) { __typename } }"}), HasSubstr("@cache has no effect"));
  EXPECT_THAT(Refused({"subscription { query { jq(query: \".\") { lib { genres { id } } } } }"}),
              HasSubstr("the field jq gives no rows"));
  EXPECT_THAT(Refused({"subscription { query { __typename } }", R"({"_jq": "."})"}), HasSubstr("takes no jq program"));
}

TEST_F(SubscribeTest, RefusesInvalidDocuments) {
  EXPECT_EQ(Refused({"subscription {"}).find("[{\"message\":"), 0u);
  EXPECT_THAT(Refused({"{ nothing }"}), HasSubstr("\"locations\":[{\"line\":1"));
  EXPECT_THAT(Refused({"subscription A { query { __typename } }", "null", Delivery::kRows, "B"}),
              HasSubstr("Unknown operation named \\\"B\\\""));
  std::string deep = "subscription { query { lib { authors { ";
  for (int i = 0; i < 30; ++i) deep += "mentor { ";
  EXPECT_THAT(Refused({deep + "id" + std::string(34, '}')}), HasSubstr("\"message\""));
}

TEST_F(SubscribeTest, RunsQueriesAndMutationsOnce) {
  const auto asked = Begin({"query A { __typename } query B { lib { genres(order_by: {field: \"id\"}) { id } } }",
                            "null", Delivery::kRows, "B"});
  EXPECT_EQ(asked.subscription->interval(), std::nullopt);
  EXPECT_THAT(Run(*asked.subscription), ElementsAre(R"({"data":{"lib":{"genres":[{"id":1},{"id":2}]}}})"));
  EXPECT_TRUE(asked.subscription->is_over());
  EXPECT_THAT(RunOnce({"mutation { lib { delete_genres(filter: {id: {eq: 99}}) { affected_rows } } }"}),
              ElementsAre(R"({"data":{"lib":{"delete_genres":{"affected_rows":0}}}})"));
}

TEST_F(SubscribeTest, KeepsWhatTheInnerQueryUses) {
  const Asked asked{
      "subscription S($i: Interval, $most: Int = 1, $id: [Int!], $no: Boolean!) { ...Root @include(if: true) "
      "query(interval: $i) { lib { two: genres(limit: $most) { ...Id } } } }"
      "fragment Root on Subscription { query(interval: $i) { lib { authors(filter: {id: {in: $id}}) { ...Id2 } } } }"
      "fragment Id2 on lib_authors { ...Deep name @skip(if: $no) } fragment Deep on lib_authors { id }"
      "fragment Id on lib_genres { id }",
      R"({"i": 5, "id": [2], "no": true, "more": 1})", Delivery::kResults};
  EXPECT_THAT(RunOnce(asked), ElementsAre(R"({"data":{"lib":{"authors":[{"id":2}],"two":[{"id":1}]}}})"));
  EXPECT_EQ(last_query_.find("query S($most: Int = 1, $id: [Int!], $no: Boolean!) {"), 0u) << last_query_;
  EXPECT_EQ(last_query_.find("Subscription"), std::string::npos);
  EXPECT_EQ(last_query_.find("interval"), std::string::npos);
  EXPECT_EQ(last_variables_, 2);
}

TEST_F(SubscribeTest, KeepsVariablesForPrograms) {
  EXPECT_THAT(
      RunOnce(
          {"subscription($n: Int) { query { a: jq(query: \".lib.genres | length + $n\") { lib { genres { id } } } } }",
           R"({"n": 40})", Delivery::kResults}),
      ElementsAre(R"({"data":{"a":null},"extensions":{"a":{"jq":42}}})"));
}

TEST_F(SubscribeTest, AsksTheSameTextEveryTime) {
  const auto subscribed = Begin({std::string("subscription { query(interval: 1) { ") + kAuthors + " } }"});
  for (int i = 0; i < 4; ++i) Run(*subscribed.subscription);
  EXPECT_EQ(service_->counters().plan_cache_misses, 1u);
  EXPECT_EQ(service_->counters().operation_cache_misses, 2u);
}

TEST_F(SubscribeTest, TellsWhatARunFailsOf) {
  const auto subscribed =
      Begin({"subscription { query(interval: 1) { lib { books { id facts(struct: {a: \"nope\"}) } } } }"});
  ASSERT_NE(subscribed.subscription, nullptr);
  const auto messages = Run(*subscribed.subscription);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].find("{\"errors\":["), 0u);
}

TEST_F(SubscribeTest, HoldsToTheRoleAtEveryRun) {
  Allow({});
  const Asked asked{std::string("subscription { query(interval: 1) { ") + kAuthors + " } }"};
  const auto subscribed = Begin(asked);
  ASSERT_NE(subscribed.subscription, nullptr) << subscribed.errors;
  EXPECT_EQ(Run(*subscribed.subscription).size(), 2u);
  const auto forbidden = ElementsAre(R"({"errors":[{"message":"forbidden"}]})");

  for (const char* field : {"query", "*"}) {
    Allow({{.type_name = "Subscription", .field_name = field, .disabled = true}});
    EXPECT_THAT(Run(*subscribed.subscription), forbidden);
    EXPECT_EQ(Refused(asked), R"([{"message":"forbidden"}])");
  }
  Allow({{.type_name = "lib_authors", .field_name = "id", .disabled = true}});
  EXPECT_THAT(Run(*subscribed.subscription), forbidden);
  Allow({});
  EXPECT_EQ(Run(*subscribed.subscription).size(), 2u);
}

}  // namespace
}  // namespace eider::query::testing
