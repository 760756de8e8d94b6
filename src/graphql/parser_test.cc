#include "graphql/parser.h"

#include <gtest/gtest.h>

#include "graphql/print.h"

namespace eider::graphql {
namespace {

DocumentPtr MustParse(std::string text) {
  auto document = Parse(std::move(text));
  EXPECT_TRUE(document.has_value()) << document.error().message;
  return document.value_or(nullptr);
}

std::string ErrorOf(std::string text, const ParseLimits& limits = {}) {
  auto document = Parse(std::move(text), limits);
  if (document) return "valid";
  const GraphqlError& error = document.error();
  if (error.locations.empty()) return error.message;
  return std::to_string(error.locations[0].line) + ":" + std::to_string(error.locations[0].column) + " " +
         error.message;
}

TEST(ParserTest, KeepsFieldsAliasesArgumentsAndPositions) {
  const auto document = MustParse("{\n  a: book(id: 1, by: $x) @include(if: true) { title }\n  plain\n}");
  ASSERT_EQ(document->operations().size(), 1u);
  const OperationDefinition& operation = *document->operations()[0];
  ASSERT_EQ(operation.selections.size(), 2u);
  const FieldNode& book = *operation.selections[0].field;
  EXPECT_EQ(book.alias, "a");
  EXPECT_EQ(book.name, "book");
  EXPECT_EQ(book.response_name(), "a");
  EXPECT_EQ(document->Locate(book.position), (Location{2, 3}));
  EXPECT_EQ(document->Locate(book.name_position), (Location{2, 6}));
  ASSERT_EQ(book.arguments.size(), 2u);
  EXPECT_EQ(book.arguments[1].value.kind, ValueKind::kVariable);
  EXPECT_EQ(book.arguments[1].value.text, "x");
  EXPECT_EQ(book.directives[0].name, "include");
  EXPECT_TRUE(book.directives[0].FindArgument("if")->AsBool());
  EXPECT_EQ(operation.selections[1].field->name, "plain");
  EXPECT_FALSE(operation.selections[1].field->has_selections);
}

TEST(ParserTest, ReadsEveryKindOfValue) {
  Arena arena;
  const Value* value =
      *ParseConstValue("{i: -3, f: 1.5e3, s: \"x\", b: true, n: null, e: ASC, l: [1, [2]], o: {}}", arena);
  EXPECT_EQ(value->Find("i")->kind, ValueKind::kInt);
  EXPECT_EQ(value->Find("f")->text, "1.5e3");
  EXPECT_EQ(value->Find("s")->text, "x");
  EXPECT_TRUE(value->Find("b")->AsBool());
  EXPECT_TRUE(value->Find("n")->IsNull());
  EXPECT_EQ(value->Find("e")->kind, ValueKind::kEnum);
  EXPECT_EQ(value->Find("l")->items()[1].items()[0].text, "2");
  EXPECT_EQ(value->Find("o")->fields().size(), 0u);
  EXPECT_EQ(PrintValue(*value), "{i: -3, f: 1.5e3, s: \"x\", b: true, n: null, e: ASC, l: [1, [2]], o: {}}");
}

TEST(ParserTest, UnescapesStrings) {
  Arena arena;
  const auto text = [&](std::string_view literal) { return std::string((*ParseConstValue(literal, arena))->text); };
  EXPECT_EQ(text(R"("a\n\t\"\\\/b")"), "a\n\t\"\\/b");
  EXPECT_EQ(text(R"("\u00e9\u{1F600}\uD83D\uDE00")"), "é😀😀");
  EXPECT_EQ(text("\"\"\"\n    first\n      second\n\n    \\\"\"\" third\n  \"\"\""), "first\n  second\n\n\"\"\" third");
  EXPECT_EQ(text("\"\"\"one line\"\"\""), "one line");
  EXPECT_EQ(text("\"\"\"\"\"\""), "");
}

TEST(ParserTest, RefusesBadEscapes) {
  EXPECT_EQ(ErrorOf(R"({ a(x: "\q") })"), R"(1:9 Invalid character escape sequence: "\q")");
  EXPECT_EQ(ErrorOf(R"({ a(x: "\uD83D") })"), R"(1:9 Invalid Unicode escape sequence: "\uD83D")");
  EXPECT_EQ(ErrorOf(R"({ a(x: "\u{110000}") })"), R"(1:9 Invalid Unicode escape sequence: "\u{110000}")");
  EXPECT_EQ(ErrorOf("{ a(x: \"abc\n\") }"), "1:12 Unterminated string");
}

TEST(ParserTest, ReportsSyntaxErrorsWithOnePlace) {
  EXPECT_EQ(ErrorOf(""), "1:1 Unexpected <EOF>");
  EXPECT_EQ(ErrorOf("{"), "1:2 Expected Name, found <EOF>");
  EXPECT_EQ(ErrorOf("{}"), "1:2 Expected Name, found \"}\"");
  EXPECT_EQ(ErrorOf("{ a() }"), "1:5 Expected Name, found \")\"");
  EXPECT_EQ(ErrorOf("query ($x: Int = $y) { a }"), "1:18 Unexpected variable \"$y\" in constant value");
  EXPECT_EQ(ErrorOf("fragment on on T { a }"), "1:10 Unexpected Name \"on\"");
  EXPECT_EQ(ErrorOf("{ a(x: 01) }"), "1:9 Invalid number, unexpected digit after 0: \"1\"");
  EXPECT_EQ(ErrorOf("{ a ? }"), "1:5 Unexpected character: \"?\"");
  EXPECT_EQ(ErrorOf("# é😀\n{ \"é\" }"), "2:3 Expected Name, found String \"é\"");
  EXPECT_EQ(ErrorOf("{ a(x: \"😀é\") ? }"), "1:15 Unexpected character: \"?\"");
  EXPECT_EQ(ErrorOf("{ a \xff }"), "1:5 Invalid UTF-8");
}

TEST(ParserTest, SkipsByteOrderMarkCommentsAndCommas) {
  EXPECT_EQ(ErrorOf("\xEF\xBB\xBF# note\n,,{ a, b }\r\n"), "valid");
  EXPECT_EQ(ErrorOf("{ a }\r\n\r{"), "3:2 Expected Name, found <EOF>");
}

TEST(ParserTest, LimitsNestingInsteadOfOverflowingTheStack) {
  std::string fields;
  std::string lists = "{ a(x: ";
  for (int i = 0; i < 10'000; ++i) {
    fields += "{ a ";
    lists += "[";
  }
  EXPECT_EQ(ErrorOf(fields), "1:801 Document is nested deeper than 200 levels");
  EXPECT_EQ(ErrorOf(lists), "1:207 Document is nested deeper than 200 levels");
  EXPECT_EQ(ErrorOf("query ($x: " + std::string(10'000, '[')), "1:19 Type is nested deeper than 7 lists");
}

TEST(ParserTest, LimitsTokensFieldsAliasesAndBytes) {
  ParseLimits limits;
  limits.max_tokens = 4;
  EXPECT_EQ(ErrorOf("{ a b }", limits), "valid");
  EXPECT_EQ(ErrorOf("{ a b c }", limits), "1:9 Document contains more than 4 tokens");
  limits = {};
  limits.max_fields = 2;
  EXPECT_EQ(ErrorOf("{ a b c }", limits), "1:7 Document contains more than 2 fields");
  limits = {};
  limits.max_aliases = 1;
  EXPECT_EQ(ErrorOf("{ x: a y: b }", limits), "1:8 Document contains more than 1 aliases");
  limits = {};
  limits.max_fragments = 1;
  EXPECT_EQ(ErrorOf("{ ...A } fragment A on T { ...B } fragment B on T { c }", limits),
            "1:35 Document contains more than 1 fragments");
  limits = {};
  limits.max_bytes = 5;
  EXPECT_EQ(ErrorOf("{ abc }", limits), "Document is larger than 5 bytes");
}

TEST(ParserTest, ReadsTypeSystemDefinitions) {
  const auto document = MustParse(R"(
    "The schema" schema @a { query: Q mutation: M }
    extend schema @b
    """Books""" type Book implements & Node & Named @table(name: "books") {
      "key" id("which" n: Int = 1 @x): [Int!]! @pk
    }
    interface Node { id: ID }
    union U @u = | A | B
    enum E { "one" ONE @deprecated TWO }
    input I { a: Int = 3 b: [I!] @named }
    scalar S @specifiedBy(url: "u")
    directive @d("arg" a: Int) repeatable on FIELD | OBJECT
    extend type Book @more { title: String }
    extend union U = C
    extend enum E @e
  )");
  ASSERT_EQ(document->types().size(), 9u);
  const TypeDefinition& book = *document->types()[0];
  EXPECT_EQ(book.description, "Books");
  EXPECT_EQ(book.interfaces[1].name, "Named");
  EXPECT_EQ(book.directives[0].FindArgument("name")->text, "books");
  EXPECT_EQ(book.fields[0].type->ToString(), "[Int!]!");
  EXPECT_EQ(book.fields[0].description, "key");
  EXPECT_EQ(book.fields[0].arguments[0].default_value->text, "1");
  EXPECT_EQ(document->Locate(book.fields[0].directives[0].position), (Location{5, 48}));
  EXPECT_EQ(document->types()[2]->members[1].name, "B");
  EXPECT_EQ(document->types()[3]->enum_values[1].name, "TWO");
  EXPECT_TRUE(document->types()[6]->is_extension);
  EXPECT_TRUE(document->directives()[0]->is_repeatable);
  EXPECT_EQ(document->directives()[0]->locations[1].name, "OBJECT");
  EXPECT_EQ(document->schemas()[0]->operations[1].kind, OperationKind::kMutation);
}

TEST(ParserTest, ReportsBadTypeSystemDefinitions) {
  EXPECT_EQ(ErrorOf("extend type T"), "1:14 Unexpected <EOF>");
  EXPECT_EQ(ErrorOf("\"text\" query { a }"),
            "1:1 Unexpected description, descriptions are supported only on definitions");
  EXPECT_EQ(ErrorOf("enum E { true }"), "1:10 Name \"true\" is reserved and cannot be used for an enum value");
  EXPECT_EQ(ErrorOf("directive @d on NOWHERE"), "1:17 Unexpected Name \"NOWHERE\"");
  EXPECT_EQ(ErrorOf("type T {}"), "1:9 Expected Name, found \"}\"");
  const auto sdl = ParseSdl("type T { a: Int }\nquery { a }", "x.graphql");
  ASSERT_FALSE(sdl.has_value());
  EXPECT_EQ(sdl.error().message, "Unexpected Name \"query\"");
  EXPECT_EQ(sdl.error().locations[0], (Location{2, 1}));
}

TEST(ParserTest, PrintsInNormalForm) {
  const auto document = MustParse(
      "query Q($a:Int=1,$b:[String!]!@d){x:f(a:$a,l:[1,2]){...F@skip(if:$b)...on T{id}...{n}}} fragment F on T@d{id}");
  EXPECT_EQ(PrintDocument(*document),
            "query Q($a: Int = 1, $b: [String!]! @d) {\n  x: f(a: $a, l: [1, 2]) {\n    ...F @skip(if: $b)\n"
            "    ... on T {\n      id\n    }\n    ... {\n      n\n    }\n  }\n}\n\nfragment F on T @d {\n  id\n}");
  EXPECT_EQ(PrintField(*document->operations()[0]->selections[0].field),
            "x: f(a: $a, l: [1, 2]) { ...F @skip(if: $b) ... on T { id } ... { n } }");
  EXPECT_EQ(PrintDocument(*MustParse(PrintDocument(*document))), PrintDocument(*document));
}

}  // namespace
}  // namespace eider::graphql
