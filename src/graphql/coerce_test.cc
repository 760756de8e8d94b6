#include "graphql/coerce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "graphql/print.h"
#include "graphql/test_schema.h"
#include "graphql/validate.h"

namespace eider::graphql {
namespace {

const Schema& Library() {
  static const SchemaPtr schema = testing::MakeSchema(testing::kLibrarySdl);
  return *schema;
}

// The variables as `name=literal` joined by blanks, or the errors.
std::string Coerce(const std::string& definitions, const char* json) {
  auto document = *Parse("query (" + definitions + ") { lib { need } }");
  EXPECT_TRUE(Validate(Library(), *document).empty());
  rapidjson::Document parsed;
  parsed.Parse(json);
  const OperationDefinition& operation = *document->operations()[0];
  auto variables = CoerceVariables(Library(), *document, operation, &parsed);
  std::string text;
  if (!variables) {
    for (const GraphqlError& error : variables.error()) text += error.message + "|";
    return text;
  }
  for (const VariableDefinition& definition : operation.variables) {
    const Value* value = variables->Find(definition.name);
    text += std::string(definition.name) + "=" + (value == nullptr ? "?" : PrintValue(*value)) + " ";
  }
  return text;
}

TEST(CoerceTest, TakesValuesDefaultsAndNothing) {
  EXPECT_EQ(Coerce("$a: Int, $b: Int = 3, $c: Int, $d: Int = 4", R"({"a": 1, "c": null, "d": null, "z": 5})"),
            "a=1 b=3 c=null d=null ");
  EXPECT_EQ(Coerce("$a: Int", "null"), "a=? ");
  EXPECT_EQ(Coerce("$a: Int, $f: Float, $s: ID", R"({"a": 2.0, "f": 3, "s": 7})"), "a=2 f=3 s=\"7\" ");
  EXPECT_EQ(Coerce("$l: [Int!], $e: TimeBucket", R"({"l": 5, "e": "day"})"), "l=[5] e=day ");
  EXPECT_EQ(Coerce("$j: JSON, $n: BigInt", R"({"j": {"a": [1.5, "x", true]}, "n": 9223372036854775807})"),
            "j={a: [1.5, \"x\", true]} n=9223372036854775807 ");
}

TEST(CoerceTest, FillsDefaultsOfInputObjects) {
  EXPECT_EQ(Coerce("$o: [OrderByField]", R"({"o": {"field": "id"}})"), "o=[{field: \"id\", direction: ASC}] ");
  EXPECT_EQ(Coerce("$w: lib_price_window = {lo: 1, hi: 2}", "{}"), "w={lo: 1, hi: 2, step: 1} ");
}

TEST(CoerceTest, ExplainsWhatIsWrong) {
  EXPECT_EQ(Coerce("$a: Int!", "{}"), "Variable \"$a\" of required type \"Int!\" was not provided.|");
  EXPECT_EQ(Coerce("$a: Int!", R"({"a": null})"), "Variable \"$a\" of non-null type \"Int!\" must not be null.|");
  EXPECT_EQ(Coerce("$a: Int", R"({"a": "x"})"),
            "Variable \"$a\" got invalid value \"x\"; Int cannot represent non-integer value: \"x\"|");
  EXPECT_EQ(Coerce("$a: Int", R"({"a": 3000000000})"),
            "Variable \"$a\" got invalid value 3000000000; Int cannot represent non 32-bit signed integer value: "
            "3000000000|");
  EXPECT_EQ(Coerce("$o: [OrderByField!]", R"({"o": [{"field": "a"}, {"x": 1, "direction": "UP"}, null]})"),
            "Variable \"$o\" got invalid value {\"x\":1,\"direction\":\"UP\"} at \"o[1]\"; Field \"x\" is not defined "
            "by type \"OrderByField\".|"
            "Variable \"$o\" got invalid value \"UP\" at \"o[1].direction\"; Value \"UP\" does not exist in "
            "\"OrderDirection\" enum.|"
            "Variable \"$o\" got invalid value {\"x\":1,\"direction\":\"UP\"} at \"o[1]\"; Field \"field\" of required "
            "type \"String!\" was not provided.|"
            "Variable \"$o\" got invalid value null at \"o[2]\"; Expected non-nullable type \"OrderByField!\" not to "
            "be null.|");
  EXPECT_EQ(Coerce("$p: Pick", R"({"p": {"id": 1, "name": "a"}})"),
            "Variable \"$p\" got invalid value {\"id\":1,\"name\":\"a\"}; Exactly one key must be specified for OneOf "
            "type \"Pick\".|");
}

TEST(CoerceTest, ParsesJsonTextExactly) {
  Arena arena;
  const Value* value = *ParseJson(R"({"big": 123456789012345678901234567890, "a": [1e300, "é"], "n": null})", arena);
  EXPECT_EQ(PrintValue(*value), "{big: 123456789012345678901234567890, a: [1e300, \"é\"], n: null}");
  EXPECT_FALSE(ParseJson("{", arena).has_value());
  EXPECT_EQ(ParseJson(std::string(100'000, '['), arena).error().message, "JSON is nested deeper than 500 levels");
}

// Resolves the arguments of the only field below `lib`.
std::string Resolve(const std::string& text, const char* json = "{}") {
  auto document = *Parse(text);
  EXPECT_THAT(Validate(Library(), *document), ::testing::IsEmpty());
  const OperationDefinition& operation = *document->operations()[0];
  Variables variables;
  auto coerced = CoerceVariables(Library(), *document, operation, *ParseJson(json, variables.arena()));
  if (!coerced) return coerced.error()[0].message;
  const FieldNode& field = *operation.selections[0].field->selections[0].field;
  const Field* definition = Library().FindType("Lib")->FindField(field.name);
  auto arguments = ResolveArguments(definition->arguments, field.arguments, *coerced, coerced->arena());
  if (!arguments) return arguments.error().message;
  std::string result;
  for (const ResolvedArgument& argument : *arguments) {
    result += std::string(argument.definition->name) + "=" +
              (argument.value == nullptr ? "?" : PrintValue(*argument.value)) + " ";
  }
  return result;
}

TEST(ResolveTest, WrapsFillsAndReplaces) {
  EXPECT_EQ(Resolve("{ lib { books(order_by: {field: \"id\"}, ids: 3) { id } } }"),
            "filter=? order_by=[{field: \"id\", direction: ASC}] limit=2000 ids=[3] ");
  EXPECT_EQ(Resolve("query ($f: lib_books_filter, $n: Int, $l: Int) { lib { books(filter: {_and: [$f, {id: {eq: "
                    "$n}}]}, limit: $l) { id } } }",
                    R"({"f": {"id": {"in": 2}}})"),
            "filter={_and: [{id: {in: [2]}}, {id: {}}]} order_by=? limit=2000 ids=? ");
  EXPECT_EQ(Resolve("query ($l: Int) { lib { books(limit: $l) { id } } }", R"({"l": null})"),
            "filter=? order_by=? limit=null ids=? ");
}

TEST(ResolveTest, RefusesNullWhereAVariableBringsIt) {
  EXPECT_EQ(Resolve("query ($n: Int) { lib { need(n: $n) } }"), "n=5 m=? ");
  EXPECT_EQ(Resolve("query ($n: Int) { lib { need(n: $n) } }", R"({"n": null})"),
            "Expected non-nullable type \"Int!\" not to be null.");
}

}  // namespace
}  // namespace eider::graphql
