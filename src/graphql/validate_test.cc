#include "graphql/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "graphql/test_schema.h"

namespace eider::graphql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Schema& Library() {
  static const SchemaPtr schema = graphql::testing::MakeSchema(graphql::testing::kLibrarySdl);
  return *schema;
}

std::vector<std::string> Check(std::string text, const ValidationOptions& options = {}) {
  auto document = Parse(std::move(text));
  if (!document) return {"syntax: " + document.error().message};
  std::vector<std::string> lines;
  for (const GraphqlError& error : Validate(Library(), **document, options)) {
    EXPECT_EQ(error.locations.size(), 1u);
    lines.push_back(std::to_string(error.locations[0].line) + ":" + std::to_string(error.locations[0].column) + " " +
                    error.message);
  }
  return lines;
}

TEST(ValidateTest, AcceptsTypicalDocuments) {
  EXPECT_THAT(Check("{ lib { books(order_by: {field: \"id\"}, filter: {id: {in: 3}}) { id title author { name } } } }"),
              IsEmpty());
  EXPECT_THAT(Check("query Q($n: Int = 3, $unused: String) @stats { lib { books(limit: $n) { ...F } } } "
                    "fragment F on lib_books { id old __typename }"),
              IsEmpty());
  EXPECT_THAT(Check("{ __schema { types { name } } __type(name: \"x\") { kind } __typename }"), IsEmpty());
  EXPECT_THAT(Check("query ($v: Int) { echo(j: {a: [1, $v, ASC], b: null}, big: \"12\") }"), IsEmpty());
}

TEST(ValidateTest, FieldErrorsPointAtNameOrAlias) {
  EXPECT_THAT(Check("{ lib { books { isbn } } }"),
              ElementsAre("1:17 Cannot query field \"isbn\" on type \"lib_books\"."));
  EXPECT_THAT(Check("{ lib { books { x: isbn(a: $q) { y(z: 1) ...G } } } }"),
              ElementsAre("1:17 Cannot query field \"isbn\" on type \"lib_books\"."));
  EXPECT_THAT(Check("{ lib { books { id { x __typename } } } }"),
              ElementsAre("1:17 Field \"id\" must not have a selection since type \"Int\" has no subfields.",
                          "1:22 Cannot query field \"x\" on type \"Int\".",
                          "1:24 Cannot query field \"__typename\" on type \"Int\"."));
  EXPECT_THAT(Check("{ lib { books { author } } }"),
              ElementsAre("1:17 Field \"author\" of type \"lib_authors\" must have a selection of subfields. "
                          "Did you mean \"author { ... }\"?"));
  EXPECT_THAT(Check("{ lib { books } }"),
              ElementsAre("1:9 Field \"books\" of type \"[lib_books]\" must have a selection of subfields. "
                          "Did you mean \"books { ... }\"?"));
}

TEST(ValidateTest, Arguments) {
  EXPECT_THAT(Check("{ lib { p: books_by_price { id } } }"),
              ElementsAre("1:9 Field \"books_by_price\" argument \"args\" of type \"lib_price_window!\" is required, "
                          "but it was not provided."));
  EXPECT_THAT(Check("{ lib { need(x: 1, m: 2, m: 3) } }"),
              ElementsAre("1:14 Unknown argument \"x\".", "1:26 There can be only one argument named \"m\"."));
  EXPECT_THAT(Check("{ lib { books_by_price(args: {lo: 1, z: 2, lo: 3}) { id } } }"),
              ElementsAre("1:30 Field \"lib_price_window.hi\" of required type \"Float!\" was not provided.",
                          "1:38 Field \"z\" is not defined by type \"lib_price_window\".",
                          "1:44 There can be only one input field named \"lo\"."));
  EXPECT_THAT(Check("{ lib { books_by_pk(id: null) { id } } }"),
              ElementsAre("1:25 Expected value of type \"Int!\", found null."));
}

TEST(ValidateTest, Literals) {
  EXPECT_THAT(Check("{ echo(a: \"x\", s: 1, f: true, b: 0, i: 1.5) }"),
              ElementsAre("1:11 Int cannot represent non-integer value: \"x\"",
                          "1:19 String cannot represent a non string value: 1",
                          "1:25 Float cannot represent non numeric value: true",
                          "1:34 Boolean cannot represent a non boolean value: 0",
                          "1:40 ID cannot represent a non-string and non-integer value: 1.5"));
  EXPECT_THAT(Check("{ echo(a: 2147483648) }"),
              ElementsAre("1:11 Int cannot represent non 32-bit signed integer value: 2147483648"));
  EXPECT_THAT(Check("{ echo(a: -2147483648, f: 3, i: 7) }"), IsEmpty());
  EXPECT_THAT(Check("{ lib { books { a: printed_at(bucket: \"month\") b: printed_at(bucket: YEARS) } } }"),
              ElementsAre("1:39 Enum \"TimeBucket\" cannot represent non-enum value: \"month\".",
                          "1:70 Value \"YEARS\" does not exist in \"TimeBucket\" enum."));
  EXPECT_THAT(Check("{ lib { books(order_by: [1], ids: [1, null, [2]]) { id } } }"),
              ElementsAre("1:26 Expected value of type \"OrderByField\", found 1.",
                          "1:39 Expected value of type \"Int!\", found null.",
                          "1:45 Int cannot represent non-integer value: [2]"));
}

TEST(ValidateTest, OneOf) {
  EXPECT_THAT(Check("query ($n: Int!) { lib { pick(by: {id: $n}) { id } } }"), IsEmpty());
  EXPECT_THAT(Check("{ lib { pick(by: {id: 1, name: \"a\"}) { id } } }"),
              ElementsAre("1:18 OneOf Input Object \"Pick\" must specify exactly one key."));
  EXPECT_THAT(Check("{ lib { pick(by: {id: null}) { id } } }"),
              ElementsAre("1:18 Field \"Pick.id\" must be non-null."));
  EXPECT_THAT(Check("query ($n: Int) { lib { pick(by: {id: $n}) { id } } }"),
              ElementsAre("1:39 Variable \"$n\" is of type \"Int\" but must be non-nullable to be used for OneOf Input "
                          "Object \"Pick\"."));
}

TEST(ValidateTest, Directives) {
  EXPECT_THAT(
      Check("query @cache @nope { lib @include { need @cache @cache @skip(if: 1, x: 2) @tag(name: \"a\") @tag(name: "
            "\"b\") } }"),
      ElementsAre(
          "1:7 Directive \"@cache\" may not be used on QUERY.", "1:14 Unknown directive \"@nope\".",
          "1:26 Directive \"@include\" argument \"if\" of type \"Boolean!\" is required, but it was not provided.",
          "1:49 The directive \"@cache\" can only be used once at this location.",
          "1:66 Boolean cannot represent a non boolean value: 1", "1:69 Unknown argument \"x\"."));
}

TEST(ValidateTest, Variables) {
  EXPECT_THAT(Check("query op { echo(a: $x) }"),
              ElementsAre("1:20 Variable \"$x\" is not defined by operation \"op\"."));
  EXPECT_THAT(Check("{ echo(a: $x) }"),
              ElementsAre("1:11 Variable \"$x\" is not defined by operation \"anonymous operation\"."));
  EXPECT_THAT(Check("query ($x: Int) { insert: echo(s: $x) lib { books_by_pk(id: $x) { id } } }"),
              ElementsAre("1:35 Variable \"$x\" of type \"Int\" used in position expecting type \"String\".",
                          "1:61 Variable \"$x\" of type \"Int\" used in position expecting type \"Int!\"."));
  EXPECT_THAT(Check("query ($x: Int = 1, $y: Int) { lib { books_by_pk(id: $x) { id } need(n: $y) } }"), IsEmpty());
  EXPECT_THAT(Check("query ($b: lib_books, $n: Nope, $x: Int = \"a\", $x: Int) { lib { need } }"),
              ElementsAre("1:12 Variable \"$b\" cannot be non-input type \"lib_books\".", "1:27 Unknown type \"Nope\".",
                          "1:43 Int cannot represent non-integer value: \"a\"",
                          "1:48 There can be only one variable named \"$x\"."));
  EXPECT_THAT(Check("query A { ...F } query B($v: Int) { ...F } fragment F on Query { echo(a: $v) }"),
              ElementsAre("1:74 Variable \"$v\" is not defined by operation \"A\"."));
}

TEST(ValidateTest, OperationsAndFragments) {
  EXPECT_THAT(Check("{ lib { need } } query A { lib { need } } query A { lib { need } }"),
              ElementsAre("1:1 This anonymous operation must be the only defined operation.",
                          "1:49 There can be only one operation named \"A\"."));
  EXPECT_THAT(Check("{ ...X ...F } fragment F on Query { lib { need } } fragment U on Int { x }"),
              ElementsAre("1:6 Unknown fragment \"X\".", "1:52 Fragment \"U\" is never used.",
                          "1:66 Fragment \"U\" cannot condition on non composite type \"Int\"."));
  EXPECT_THAT(
      Check("{ lib { books { ... on lib_rooms { id } ... on Int { x } ... on Nope { x } } } }"),
      ElementsAre(
          "1:17 Fragment cannot be spread here as objects of type \"lib_books\" can never be of type \"lib_rooms\".",
          "1:48 Fragment cannot condition on non composite type \"Int\".", "1:65 Unknown type \"Nope\"."));
  EXPECT_THAT(Check("{ lib { books { ...R } } } fragment R on lib_rooms { id }"),
              ElementsAre("1:17 Fragment \"R\" cannot be spread here as objects of type \"lib_books\" can never be of "
                          "type \"lib_rooms\"."));
  EXPECT_THAT(Check("{ lib { ...A } } fragment A on Lib { ...B } fragment B on Lib { ...A ...B }"),
              ElementsAre("1:38 Cannot spread fragment \"A\" within itself via \"B\".",
                          "1:70 Cannot spread fragment \"B\" within itself."));
  EXPECT_THAT(Check("type T { a: Int }"), ElementsAre("1:1 The \"T\" definition is not executable."));
  EXPECT_THAT(Check("subscription S { changes { id } other }"),
              ElementsAre("1:33 Subscription \"S\" must select only one top level field."));
}

TEST(ValidateTest, FieldsThatCannotBeMerged) {
  EXPECT_THAT(Check("{ lib { need(n: 1) need(n: 2) } }"),
              ElementsAre("1:20 Fields \"need\" conflict because they have differing arguments. Use different aliases "
                          "on the fields to fetch both if this was intentional."));
  EXPECT_THAT(Check("{ lib { books { x: id x: price } } }"),
              ElementsAre("1:23 Fields \"x\" conflict because id and price are different fields. Use different aliases "
                          "on the fields to fetch both if this was intentional."));
  EXPECT_THAT(Check("{ lib { books { x: id } } ...F } fragment F on Query { lib { books { x: title } } }"),
              ElementsAre("1:56 Fields \"lib\" conflict because subfields \"books\" conflict because subfields \"x\" "
                          "conflict because id and title are different fields. Use different aliases on the fields to "
                          "fetch both if this was intentional."));
  EXPECT_THAT(
      Check("{ things { ... on lib_books { x: id } ... on lib_rooms { x: floor } } }"),
      ElementsAre("1:58 Fields \"x\" conflict because they return conflicting types Int! and Int. Use different "
                  "aliases on the fields to fetch both if this was intentional."));
  EXPECT_THAT(Check("{ things { ... on lib_books { x: title } ... on lib_authors { x: name y: id } } }"),
              ElementsAre("1:63 Fields \"x\" conflict because they return conflicting types String! and String. Use "
                          "different aliases on the fields to fetch both if this was intentional."));
  EXPECT_THAT(Check("{ things { ... on lib_books { id p: price } ... on lib_authors { id p: id } } }").size(), 1u);
  EXPECT_THAT(
      Check("{ node(id: 1) { ... on lib_books { x: author { id } } ... on lib_authors { x: mentor { id } } } }"),
      IsEmpty());
  EXPECT_THAT(Check("{ lib { books(filter: {id: {eq: 1}, title: {eq: \"a\"}}) { id } "
                    "books(filter: {title: {eq: \"a\"}, id: {eq: 1}}) { title } } }"),
              IsEmpty());
}

TEST(ValidateTest, LimitsDepthAndExpansion) {
  ValidationOptions options;
  options.max_depth = 3;
  EXPECT_THAT(Check("{ lib { books { id } } }", options), IsEmpty());
  EXPECT_THAT(Check("query Q { lib { books { ...F } } } fragment F on lib_books { author { id } }", options),
              ElementsAre("1:1 Operation has depth 4, which exceeds the limit of 3."));
  std::string laughs = "{ lib { ...F0 } }";
  for (int i = 0; i < 60; ++i) {
    const std::string next = "...F" + std::to_string(i + 1);
    laughs += " fragment F" + std::to_string(i) + " on Lib { a: need " + next + " ... on Lib { " + next + " } }";
  }
  EXPECT_THAT(Check(laughs + " fragment F60 on Lib { need }"),
              ElementsAre("1:1 Operation has more than 200000 fields once its fragments are expanded."));
}

// Each case would take minutes with an algorithm that compares pairs or expands fragments.
TEST(ValidateTest, HostileDocumentsStayCheap) {
  const auto start = std::chrono::steady_clock::now();
  std::string same = "{ lib { ";
  for (int i = 0; i < 10'000; ++i) same += "need(n: 1) ";
  EXPECT_THAT(Check(same + "} }"), IsEmpty());

  std::string nested = "{ lib { ";
  for (int i = 0; i < 4'000; ++i) nested += "books { author { books { id } } } ";
  EXPECT_THAT(Check(nested + "} }"), IsEmpty());

  std::string chain = "{ lib { ...F0 } }";
  for (int i = 0; i < 1'900; ++i) {
    chain += " fragment F" + std::to_string(i) + " on Lib { need ...F" + std::to_string(i + 1) + " }";
  }
  EXPECT_THAT(Check(chain + " fragment F1900 on Lib { need }"), IsEmpty());

  std::string operations;
  for (int i = 0; i < 3'000; ++i) operations += "query Q" + std::to_string(i) + " { lib { ...F0 } } ";
  for (int i = 0; i < 1'900; ++i) {
    operations += " fragment F" + std::to_string(i) + " on Lib { ...F" + std::to_string(i + 1) + " }";
  }
  EXPECT_EQ(Check(operations + " fragment F1900 on Lib { need }").size(), 1u);

  std::string conflicts = "{ lib { ";
  for (int i = 0; i < 10'000; ++i) conflicts += "need(n: " + std::to_string(i) + ") ";
  EXPECT_EQ(Check(conflicts + "} }").size(), 100u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace eider::graphql
