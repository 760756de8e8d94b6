#include "auth/live_queries.h"

#include <gtest/gtest.h>

namespace eider::auth {
namespace {

std::shared_ptr<LiveQuery> Query(std::string id, std::string principal, std::string role = "reader") {
  auto identity = std::make_shared<Identity>();
  identity->user_id = "u-" + principal;
  identity->role = std::move(role);
  identity->auth_type = principal.starts_with("anon") ? "anonymous" : "apiKey";
  identity->principal = std::move(principal);
  auto query = std::make_shared<LiveQuery>();
  query->id = std::move(id);
  query->identity = std::move(identity);
  query->started = std::chrono::steady_clock::now();
  query->text = R"({ a(id: 5, b: "secret") { c } })";
  return query;
}

TEST(LiveQueriesTest, EachSeesAndEndsItsOwn) {
  LiveQueries live;
  int cancelled = 0;
  const auto count = [&cancelled] { ++cancelled; };
  const auto a = Query("1", "key:a");
  const auto b = Query("2", "key:b");
  const auto nobody = Query("3", "anon:1.2.3.4");
  const auto admin = Query("4", "secret", "admin");
  const auto first = live.Add(a, count);
  const auto second = live.Add(b, count);
  const auto third = live.Add(nobody, count);
  EXPECT_EQ(live.List(*a->identity).size(), 1U);
  EXPECT_EQ(live.List(*nobody->identity).size(), 0U);
  EXPECT_EQ(live.List(*admin->identity).size(), 3U);
  EXPECT_EQ(live.Cancel(*a->identity, {.id = "2"}), 0);
  EXPECT_EQ(live.Cancel(*nobody->identity, {.id = "3"}), 0);
  EXPECT_EQ(live.Cancel(*a->identity, {.id = "1"}), 1);
  EXPECT_EQ(cancelled, 1);
  EXPECT_EQ(first->state, QueryState::kCancelling);
  EXPECT_EQ(live.Cancel(*admin->identity, {.role = "reader", .older_than = std::chrono::hours(1)}), 0);
  EXPECT_EQ(live.Cancel(*admin->identity, {.user_id = "u-key:b"}), 1);
  EXPECT_EQ(live.Cancel(*admin->identity, {}), 3);
  {
    auto ended = live.Add(Query("5", "key:a"), count);
  }
  EXPECT_EQ(live.List(*admin->identity).size(), 3U);
}

TEST(LiveQueriesTest, OthersSeeNoLiterals) {
  const auto query = Query("1", "key:a");
  const auto other = Query("2", "key:b");
  EXPECT_NE(QueryJson(*query, *query->identity, "n").find(R"(\"secret\")"), std::string::npos);
  const std::string seen = QueryJson(*query, *other->identity, "n");
  EXPECT_EQ(seen.find("secret"), std::string::npos) << seen;
  EXPECT_NE(seen.find("{ a(id: ?, b: ?) { c } }"), std::string::npos) << seen;
}

TEST(WithoutLiteralsTest, LeavesOnlyTheShape) {
  EXPECT_EQ(WithoutLiterals(R"x(a1(x: -1.5e+3, y: "a\"b", z: """q " \""" w""") # "c")x"
                            "\n}"),
            "a1(x: ?, y: ?, z: ?) \n}");
  EXPECT_EQ(WithoutLiterals("\"open"), "?");
  EXPECT_EQ(WithoutLiterals("\"open\\"), "?");
  EXPECT_EQ(WithoutLiterals(""), "");
}

}  // namespace
}  // namespace eider::auth
