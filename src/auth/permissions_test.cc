#include "auth/permissions.h"

#include <gtest/gtest.h>

namespace eider::auth {
namespace {

using cluster::PermissionRecord;
using cluster::RoleRecord;

PermissionRecord Row(std::string type, std::string field, bool disabled = false) {
  return {.type_name = std::move(type), .field_name = std::move(field), .disabled = disabled};
}

TEST(RoleRules, TakesTheMostSpecificRow) {
  const RoleRules rules(
      {.name = "r", .rows = {Row("*", "*", true), Row("*", "id"), Row("T", "*", true), Row("T", "id")}});
  EXPECT_TRUE(rules.Field("X", "y").rule->disabled);
  EXPECT_FALSE(rules.Field("X", "id").rule->disabled);
  EXPECT_FALSE(rules.Field("X", "id").names_type);
  EXPECT_TRUE(rules.Field("T", "y").rule->disabled);
  EXPECT_TRUE(rules.Field("T", "y").names_type);
  EXPECT_FALSE(rules.Field("T", "id").rule->disabled);
  EXPECT_TRUE(rules.Field("t", "id").rule == rules.Field("*", "id").rule) << "names are compared with case";
}

TEST(RoleRules, FindsObjectsByNameThenByStar) {
  const RoleRules rules(
      {.name = "r", .rows = {Row("data-object:query", "*", true), Row("data-object:query", "lib_books")}});
  EXPECT_TRUE(rules.Object(Operation::kQuery, "lib_authors")->disabled);
  EXPECT_FALSE(rules.Object(Operation::kQuery, "lib_books")->disabled);
  EXPECT_EQ(rules.Object(Operation::kDelete, "lib_books"), nullptr);
  EXPECT_FALSE(rules.has_field_rules());
}

TEST(RoleRules, GrantsNeedTheTypeItself) {
  const RoleRules rules({.name = "r", .rows = {Row("*", "*"), Row("A", "*"), Row("A", "x", true), Row("B", "y")}});
  EXPECT_FALSE(rules.Grants("C", "z"));
  EXPECT_TRUE(rules.Grants("A", "z"));
  EXPECT_FALSE(rules.Grants("A", "x"));
  EXPECT_TRUE(rules.Grants("B", "y"));
  EXPECT_FALSE(rules.Grants("B", "z"));
}

TEST(RoleRules, AreUnusableWithABrokenRow) {
  for (const char* json : {"[1]", "{", "1", "\"a\""}) {
    PermissionRecord row = Row("T", "x");
    row.filter = json;
    const RoleRules rules({.name = "r", .rows = {row}});
    EXPECT_FALSE(rules.is_usable()) << json;
    EXPECT_TRUE(rules.facts()->disabled) << json;
  }
  PermissionRecord row = Row("T", "x");
  row.filter = "null";
  row.data = "{}";
  EXPECT_TRUE(RoleRules({.name = "r", .rows = {row}}).is_usable());
}

TEST(RoleRules, TellTheEdgeAboutEndpoints) {
  const RoleRules rules({.name = "r",
                         .can_impersonate = true,
                         .limits = {.requests_per_minute = 7},
                         .rows = {Row("_endpoints", "/ipc", true)}});
  EXPECT_TRUE(rules.facts()->can_impersonate);
  EXPECT_EQ(rules.facts()->limits.requests_per_minute, 7);
  EXPECT_FALSE(IsEndpointAllowed(rules.facts()->endpoints, "/ipc"));
  EXPECT_TRUE(IsEndpointAllowed(rules.facts()->endpoints, "/query"));
}

TEST(PermissionSnapshot, KeepsRulesThatDidNotChange) {
  cluster::RoleRecords records;
  records.roles = {{.name = "a", .rows = {Row("T", "x")}}, {.name = "b"}};
  const PermissionSnapshot before(records, nullptr);
  records.version = 2;
  records.roles[1].rows = {Row("T", "y", true)};
  const PermissionSnapshot after(records, &before);
  EXPECT_EQ(after.Find("a"), before.Find("a"));
  EXPECT_NE(after.Find("b"), before.Find("b"));
  EXPECT_NE(after.Find("b")->id(), before.Find("b")->id());
  EXPECT_EQ(after.Find("c"), nullptr);
}

TEST(PermissionSnapshot, TenThousandRowsAreOneLookUp) {
  RoleRecord role{.name = "r"};
  for (int i = 0; i < 10'000; ++i) role.rows.push_back(Row("T" + std::to_string(i), "x", i % 2 == 1));
  const RoleRules rules(std::move(role));
  EXPECT_TRUE(rules.Field("T9999", "x").rule->disabled);
  EXPECT_FALSE(rules.Field("T9998", "x").rule->disabled);
}

TEST(OnlyAdmin, HasNothingToCheck) {
  EXPECT_TRUE(OnlyAdmin()->Find("admin")->is_free());
  EXPECT_EQ(OnlyAdmin()->Find("public"), nullptr);
}

}  // namespace
}  // namespace eider::auth
