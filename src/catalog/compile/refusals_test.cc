#include <gmock/gmock.h>

#include "catalog/testing/compile.h"
#include "catalog/testing/library.h"

namespace eider::catalog {
namespace {

using testing::Refusal;

struct Case {
  std::string sdl;
  std::string message;
};

void ExpectRefusals(const std::vector<Case>& cases) {
  for (const Case& item : cases) EXPECT_EQ(Refusal(item.sdl), item.message) << item.sdl;
}

// A table `t` with one more line of members.
std::string Table(const std::string& members) {
  return "type t @table(name: \"t\") {\n  id: Int! @pk\n  " + members + "\n}";
}

TEST(RefusalsTest, SyntaxErrorsHaveAPosition) {
  const std::string message = Refusal("type t {\n  id: \n}");
  EXPECT_TRUE(message.starts_with("lib.graphql:3:1: [VALIDATE/Syntax] Expected ")) << message;
}

TEST(RefusalsTest, SystemTypes) {
  ExpectRefusals({
      {"type OperationResult { a: Int }",
       "lib.graphql:1:6: [VALIDATE/SystemTypes] cannot redefine system type \"OperationResult\""},
      {"input IntFilter { a: Int }",
       "lib.graphql:1:7: [VALIDATE/SystemTypes] cannot redefine system type \"IntFilter\""},
      {"extend type Query { a: Int }",
       "lib.graphql:1:13: [VALIDATE/ExtensionValidator] extend type Query: system types cannot be extended"},
      {"extend type nothing { a: Int }",
       "lib.graphql:1:13: [VALIDATE/ExtensionValidator] extend type nothing: no such type"},
      {"scalar Money", "lib.graphql:1:8: [VALIDATE/Definitions] a data source cannot define a scalar type"},
  });
}

TEST(RefusalsTest, Types) {
  ExpectRefusals({
      {Table("a: Nothing"), "lib.graphql:3:6: [VALIDATE/Types] field \"a\" has unknown type \"Nothing\""},
      {Table("a: [Nothing!]!"), "lib.graphql:3:7: [VALIDATE/Types] field \"a\" has unknown type \"Nothing\""},
      {Table("a: t"), "lib.graphql:3:6: [VALIDATE/Types] field \"a\" of table type \"t\" needs @join"},
      {Table("a: [[Int]]"), "lib.graphql:3:6: [VALIDATE/Supported] a list of lists is not supported yet"},
      {Table("id: Int"), "lib.graphql:3:3: [VALIDATE/Definitions] \"id\" is already defined in type \"t\""},
      {Table("__x: Int"), "lib.graphql:3:3: [VALIDATE/Definitions] the name \"__x\" is reserved"},
      {"type t @table(name: \"t\") { id: Int }\ntype t { a: Int }",
       "lib.graphql:2:6: [VALIDATE/Definitions] type \"t\" is already defined"},
      {"type s { x: Int }\n" + Table("a: s @pk"),
       "lib.graphql:4:8: [VALIDATE/PrimaryKey] @pk needs a scalar field, \"a\" is none"},
  });
}

TEST(RefusalsTest, Directives) {
  ExpectRefusals({
      {Table("a: Int @foo"), "lib.graphql:3:10: [VALIDATE/Directives] unknown directive @foo"},
      {Table("a: Int @table(name: \"x\")"),
       "lib.graphql:3:10: [VALIDATE/Directives] directive @table cannot be used here"},
      {Table("a: Int @pk @pk"), "lib.graphql:3:14: [VALIDATE/Directives] directive @pk can be given only once"},
      {Table("a: Int @sql"), "lib.graphql:3:10: [VALIDATE/Directives] directive @sql needs argument \"exp\""},
      {Table("a: Int @sql(exp: 1)"),
       "lib.graphql:3:20: [VALIDATE/Directives] argument \"exp\" of directive @sql must be a string"},
      {Table("a: Int @sql(text: \"1\")"),
       "lib.graphql:3:15: [VALIDATE/Directives] unknown argument \"text\" of directive @sql"},
  });
}

TEST(RefusalsTest, CubesAndHypertables) {
  ExpectRefusals({
      {"type t @cube { id: Int }", "lib.graphql:1:8: [VALIDATE/Directives] directive @cube cannot be used here"},
      {"type t @hypertable { id: Int }",
       "lib.graphql:1:8: [VALIDATE/Directives] directive @hypertable cannot be used here"},
      {Table("a: Int @measurement"), "lib.graphql:3:10: [VALIDATE/Cube] @measurement needs a @cube, \"t\" is none"},
      {"type t @table(name: \"t\") @cube { a: JSON @measurement }",
       "lib.graphql:1:42: [VALIDATE/Cube] @measurement needs a number, text, boolean or time, \"a\" is none"},
      {Table("a: Date @timescale_key"),
       "lib.graphql:3:11: [VALIDATE/Hypertable] @timescale_key needs a @hypertable, \"t\" is none"},
      {"type t @table(name: \"t\") @hypertable { a: Int @timescale_key }",
       "lib.graphql:1:47: [VALIDATE/Hypertable] @timescale_key needs a date or a timestamp, \"a\" is none"},
  });
}

TEST(RefusalsTest, LaterWorkIsNamed) {
  ExpectRefusals({
      {"type t @table(name: \"t\") @embeddings(model: \"m\", vector: \"v\", distance: L2) { id: Int }",
       "lib.graphql:1:26: [VALIDATE/Supported] directive @embeddings is not supported yet"},
      {Table("a(x: Int): Int"),
       "lib.graphql:3:5: [VALIDATE/Supported] a field with declared arguments is not supported yet"},
  });
}

// `t` with `field`, and functions beside it.
std::string WithFunctions(std::string field) {
  return "extend type Function {\n"
         "  f(a: Int!, b: String = \"x\"): Int @function(name: \"f\")\n"
         "  rows(a: Int): [t] @function(name: \"rows\", is_table: true)\n"
         "}\n" +
         std::string("type t @table(name: \"t\") {\n  id: Int!  name: String\n  ") + std::move(field) + "\n}";
}

TEST(RefusalsTest, Functions) {
  ExpectRefusals({
      {"extend type Function { f(a: Int): Int }",
       "lib.graphql:1:24: [VALIDATE/Functions] function \"f\" needs @function"},
      {"extend type Function { f(a: No): Int @function(name: \"f\") }",
       "lib.graphql:1:29: [VALIDATE/Types] unknown input type \"No\""},
      {"extend type Function { f: No @function(name: \"f\") }",
       "lib.graphql:1:27: [VALIDATE/Types] field \"f\" has unknown type \"No\""},
      {"extend type Function { f(a: Int): Int @function(name: \"f\", sql: \"g([b])\") }",
       "lib.graphql:1:65: [VALIDATE/Placeholders] unknown placeholder [b] in the SQL of @function"},
      {"extend type Function { f: Int @function(name: \"f\")  f: Int @function(name: \"g\") }",
       "lib.graphql:1:53: [VALIDATE/Definitions] function \"f\" is already defined in module \"lib\""},
      {"extend type Function { f(a: Int @arg_default(value: \"[$auth.no]\")): Int @function(name: \"f\") }",
       "lib.graphql:1:53: [VALIDATE/Placeholders] unknown placeholder [$auth.no] in @arg_default"},
      {"extend type Function { f(a: Int = 1 @arg_default(value: \"[$auth.user_id_int]\")): Int @function(name: \"f\") "
       "}",
       "lib.graphql:1:37: [VALIDATE/Args] argument \"a\" has a default value beside @arg_default"},
      {"type t @table(name: \"t\") { a: Int @function(name: \"f\") }",
       "lib.graphql:1:35: [VALIDATE/Directives] directive @function cannot be used here"},
  });
}

TEST(RefusalsTest, FunctionCalls) {
  ExpectRefusals({
      {WithFunctions("s: Int @function_call(references_name: \"no\")"),
       "lib.graphql:7:42: [VALIDATE/FunctionCall] @function_call names an unknown function: \"no\""},
      {WithFunctions("s: Int @function_call(references_name: \"f\", module: \"m\")"),
       "lib.graphql:7:42: [VALIDATE/FunctionCall] @function_call names an unknown function: \"f\" in module \"m\""},
      {WithFunctions("s: String @function_call(references_name: \"f\", args: {a: \"id\"})"),
       "lib.graphql:7:6: [VALIDATE/FunctionCall] field \"s\" must have the type that function \"lib.f\" answers"},
      {WithFunctions("s: Int @function_call(references_name: \"f\", args: {c: \"id\"})"),
       "lib.graphql:7:53: [VALIDATE/FunctionCall] function \"lib.f\" has no argument \"c\""},
      {WithFunctions("s: Int @function_call(references_name: \"f\", args: {a: \"no\"})"),
       "lib.graphql:7:53: [VALIDATE/FunctionCall] \"t\" has no field \"no\""},
      {WithFunctions("s: Int @function_call(references_name: \"f\", args: {a: \"name\"})"),
       "lib.graphql:7:53: [VALIDATE/FunctionCall] field \"name\" does not have the type of argument \"a\" of function "
       "\"lib.f\""},
      {WithFunctions("s: Int @function_call(references_name: \"f\")"),
       "lib.graphql:7:10: [VALIDATE/FunctionCall] argument \"a\" of function \"lib.f\" is required: map it to a field "
       "or "
       "declare it on \"s\""},
      {WithFunctions("s(a: String!): Int @function_call(references_name: \"f\")"),
       "lib.graphql:7:8: [VALIDATE/FunctionCall] argument \"a\" has another type than that of function \"lib.f\""},
      {WithFunctions("s(c: Int): Int @function_call(references_name: \"f\", args: {a: \"id\"})"),
       "lib.graphql:7:5: [VALIDATE/FunctionCall] function \"lib.f\" has no argument \"c\""},
      {WithFunctions("s: [t] @table_function_call_join(references_name: \"rows\", source_fields: [\"id\"])"),
       "lib.graphql:7:76: [VALIDATE/Join] @table_function_call_join needs equally many fields on both sides"},
      {WithFunctions("s: Int @table_function_call_join(references_name: \"f\", args: {a: \"id\"})"),
       "lib.graphql:7:53: [VALIDATE/FunctionCall] function \"lib.f\" is no table function of objects"},
      {WithFunctions("s: [t] @table_function_call_join(references_name: \"rows\", sql: \"[dest.no] = 1\")"),
       "lib.graphql:7:66: [VALIDATE/Placeholders] unknown placeholder [dest.no] in the SQL of "
       "@table_function_call_join"},
  });
}

TEST(RefusalsTest, ComputedFieldsInACircle) {
  ExpectRefusals({{Table("a: Int @sql(exp: \"[b] + 1\")  b: Int @sql(exp: \"[a] + 1\")"),
                   "lib.graphql:3:20: [VALIDATE/Placeholders] the SQL of \"a\" needs its own value"}});
}

TEST(RefusalsTest, References) {
  ExpectRefusals({
      {Table("a: Int @field_references(references_name: \"no\")"),
       "lib.graphql:3:45: [VALIDATE/References] @field_references names an unknown table or view: \"no\""},
      {Table("a: Int @field_references(references_name: \"t\", field: \"no\")"),
       "lib.graphql:3:57: [VALIDATE/References] \"t\" has no field \"no\""},
      {Table("a: String @field_references(references_name: \"t\", field: \"id\")"),
       "lib.graphql:3:60: [VALIDATE/References] fields \"a\" and \"id\" must be scalars of one type"},
      {Table("a: Int @field_references(references_name: \"t\", query: \"id\")"),
       "lib.graphql:3:10: [VALIDATE/References] \"t\" has a field \"id\" already; name this end of the relation by "
       "`query` or `references_query`"},
      {"type t @table(name: \"t\") @references(references_name: \"t\", source_fields: [\"a\"], "
       "references_fields: [\"a\", \"b\"]) { a: Int b: Int }",
       "lib.graphql:1:75: [VALIDATE/References] @references needs equally many fields on both sides"},
      {"type j @table(name: \"j\", is_m2m: true) { a: Int @field_references(references_name: \"t\") }\n" + Table(""),
       "lib.graphql:1:34: [VALIDATE/References] a many-to-many table needs exactly two references"},
      {"type t @table(name: \"t\") @references(references_name: \"t\", source_fields: [\"a\"], references_fields: "
       "[\"a\"], "
       "is_m2m: true, m2m_name: \"j\") { a: Int }",
       "lib.graphql:1:132: [VALIDATE/References] @references(is_m2m: true) needs m2m_name, the table between both "
       "ends: "
       "\"j\""},
      {"type t @table(name: \"t\") @references(references_name: \"t\", source_fields: [\"a\"], references_fields: "
       "[\"a\"], "
       "query: \"x\", references_query: \"y\", m2m_name: \"j\") { a: Int }\n"
       "type j @table(name: \"j\") { a: Int @field_references(references_name: \"t\", field: \"a\") }",
       "lib.graphql:1:153: [VALIDATE/References] \"j\" has no references to the fields of both ends"},
  });
}

TEST(RefusalsTest, Joins) {
  ExpectRefusals({
      {Table("a: [t] @join(references_name: \"t\")"), "lib.graphql:3:10: [VALIDATE/Join] @join needs fields or sql"},
      {Table("a: [t] @join(references_name: \"t\", source_fields: [\"id\"], references_fields: [\"x\"])"),
       "lib.graphql:3:80: [VALIDATE/Join] \"t\" has no field \"x\""},
      {Table("a: Int @join(references_name: \"t\", sql: \"1 = 1\")"),
       "lib.graphql:3:6: [VALIDATE/Join] field \"a\" must have type \"t\" or a list of it"},
      {Table("s: String a: t @join(references_name: \"t\", source_fields: [\"id\"], references_fields: [\"s\"])"),
       "lib.graphql:3:61: [VALIDATE/Join] fields \"id\" and \"s\" must be scalars of one type"},
  });
}

TEST(RefusalsTest, ViewsAndPlaceholders) {
  const std::string view = "type v @view(name: \"v\", sql: \"SELECT [$x] AS id\")";
  ExpectRefusals({
      {view + " @args(name: \"no\") { id: Int }",
       "lib.graphql:1:63: [VALIDATE/Args] @args names no input type: \"no\""},
      {view + " { id: Int }", "lib.graphql:1:30: [VALIDATE/Placeholders] unknown placeholder [$x] in the SQL of @view"},
      {Table("a: Int @sql(exp: \"[idx] + 1\")"),
       "lib.graphql:3:20: [VALIDATE/Placeholders] unknown placeholder [idx] in the SQL of @sql"},
      {Table("a: [t] @join(references_name: \"t\", sql: \"[source.id] < [dest.no]\")"),
       "lib.graphql:3:43: [VALIDATE/Placeholders] unknown placeholder [dest.no] in the SQL of @join"},
  });
  EXPECT_EQ(Refusal(Table("a: String @sql(exp: \"'[no]' || list_value(1)[1] || [id] || [$auth.role]\")")), "");
  EXPECT_EQ(Refusal("type v @view(name: \"v\", sql: \"SELECT 1 AS id FROM [$catalog].main.t\") { id: Int }"), "");
}

TEST(RefusalsTest, NamesOfSourcesAndModules) {
  SourceDefinition definition = testing::LibraryDefinition(testing::kLibrary);
  definition.source.prefix = "_x";
  EXPECT_NE(CompileSource(definition, {}).error().message.find("prefix must be a GraphQL name"), std::string::npos);
  definition = testing::LibraryDefinition(testing::kLibrary);
  definition.source.name = "my-books";
  EXPECT_NE(CompileSource(definition, {}).error().message.find("cannot be a module"), std::string::npos);
  EXPECT_THAT(Refusal("type t @view(name: \"t\", stream: \"t t\") { id: Int @pk }"),
              ::testing::HasSubstr("[VALIDATE/Stream] no field name: \"t t\""));
  EXPECT_THAT(Refusal("type t @view(name: \"t\", stream: \"new_t\") { id: Int }"),
              ::testing::HasSubstr("[VALIDATE/Stream] a stream follows one key column, \"t\" has 0"));
  EXPECT_EQ(Refusal("type t @table(name: \"t\") @module(name: \"a..b\") { id: Int }"),
            "lib.graphql:1:40: [VALIDATE/Module] no module path: \"a..b\"");
}

TEST(RefusalsTest, TypesOfOtherSources) {
  const auto served = testing::PublishLibrary(testing::kLibrary);
  SourceDefinition other;
  other.source = {.name = "other", .type = "duckdb"};
  other.files.push_back({"a.graphql", "\n  extend type lib_books { x: Int }"});
  CompileOptions options;
  options.loaded = served.get();
  EXPECT_EQ(
      CompileSource(other, options).error().message,
      "a.graphql:2:15: [VALIDATE/ExtensionValidator] extend type lib_books: it belongs to data source \"lib\" — a "
      "regular source describes only its own data, and cross-source extensions belong to an extension source");
  other.files[0].text =
      "type t @table(name: \"t\") { id: Int b: [lib_books] @join(references_name: \"lib_books\", sql: \"1=1\") }";
  EXPECT_NE(CompileSource(other, options)
                .error()
                .message.find("cross-source references are only allowed in extension sources"),
            std::string::npos);
}

}  // namespace
}  // namespace eider::catalog
