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

TEST(RefusalsTest, LaterWorkIsNamed) {
  ExpectRefusals({
      {Table("a: Int @function_call(references_name: \"f\")"),
       "lib.graphql:3:10: [VALIDATE/Supported] directive @function_call is not supported yet"},
      {"type t @table(name: \"t\") @cube { id: Int }",
       "lib.graphql:1:26: [VALIDATE/Supported] directive @cube is not supported yet"},
      {"type t @table(name: \"t\") @embeddings(model: \"m\", vector: \"v\", distance: L2) { id: Int }",
       "lib.graphql:1:26: [VALIDATE/Supported] directive @embeddings is not supported yet"},
      {"extend type Function { f(a: Int): Int @function(name: \"f\") }",
       "lib.graphql:1:13: [VALIDATE/Supported] declaring functions is not supported yet"},
      {"input i { a: Int @arg_default(value: \"[$auth.user_id]\") }",
       "lib.graphql:1:18: [VALIDATE/Supported] directive @arg_default is not supported yet"},
      {Table("a(x: Int): Int"),
       "lib.graphql:3:5: [VALIDATE/Supported] a field with declared arguments is not supported yet"},
  });
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
