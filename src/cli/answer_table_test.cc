#include "cli/answer_table.h"

#include <gtest/gtest.h>

#include "cli/similar_word.h"

namespace eider::cli {
namespace {

std::string Draw(const char* json, std::size_t width = 80) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseNumbersAsStringsFlag>(json);
  EXPECT_FALSE(document.HasParseError());
  std::string drawn;
  for (const TextTable& table : TablesOf(document)) drawn += DrawTable(table, width);
  return drawn;
}

TEST(AnswerTable, FlattensNestedObjects) {
  EXPECT_EQ(Draw(R"({"lib": {"books": [
      {"title": "Tides", "price": 12.50, "author": {"name": "Ada"}},
      {"title": "Sea", "price": 9, "author": null}]}})"),
            "lib.books\n"
            "              author\n"
            "title  price  name\n"
            "─────  ─────  ──────\n"
            "Tides  12.50  Ada\n"
            "Sea        9\n"
            "(2 rows)\n");
}

TEST(AnswerTable, ListsBecomeFurtherLines) {
  EXPECT_EQ(Draw(R"({"authors": [
      {"name": "Ada", "books": [{"title": "a"}, {"title": "b"}], "tags": ["x", "y"]},
      {"name": "Bo", "books": null, "tags": null}]})"),
            "authors\n"
            "      books\n"
            "name  title  tags\n"
            "────  ─────  ────\n"
            "Ada   a      x, y\n"
            "      b\n"
            "Bo\n"
            "(2 rows)\n");
}

TEST(AnswerTable, LongListsSayHowMuchIsHidden) {
  std::string json = R"({"authors": [{"name": "Ada", "books": [)";
  for (int i = 0; i < 30; ++i) json += std::string(i == 0 ? "" : ",") + "{\"n\": " + std::to_string(i) + "}";
  const std::string drawn = Draw((json + "]}]}").c_str());
  EXPECT_NE(drawn.find("… 10 more"), std::string::npos) << drawn;
}

TEST(AnswerTable, ObjectsAndScalarsAreOneRow) {
  EXPECT_EQ(Draw(R"({"books_aggregation": {"_rows_count": 3, "price": {"sum": 30.5}}, "version": "1"})"),
            "books_aggregation\n"
            "             price\n"
            "_rows_count    sum\n"
            "───────────  ─────\n"
            "          3   30.5\n"
            "version\n"
            "───────\n"
            "      1\n");
}

TEST(AnswerTable, EmptyListsSayZero) { EXPECT_EQ(Draw(R"({"books": []})"), "books\n(0 rows)\n"); }

TEST(AnswerTable, CutsWideValues) {
  EXPECT_EQ(Draw(R"({"t": [{"a": "grün und sehr lang\nzwei Zeilen", "b": 1}]})", 16),
            "t\n"
            "a              b\n"
            "─────────────  ─\n"
            "grün und seh…  1\n"
            "(1 row)\n");
}

TEST(SimilarWord, SuggestsOnlyWhatIsClose) {
  EXPECT_EQ(DidYouMean("serv", {"serve", "query"}), "; did you mean \"serve\"?");
  EXPECT_EQ(DidYouMean("qeury", {"serve", "query"}), "; did you mean \"query\"?");
  EXPECT_EQ(DidYouMean("fly", {"serve", "query"}), "");
}

}  // namespace
}  // namespace eider::cli
