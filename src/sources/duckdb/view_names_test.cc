#include "sources/duckdb/view_names.h"

#include <gtest/gtest.h>

namespace eider::sources {
namespace {

class ViewNames : public testing::Test {
 protected:
  std::string Qualify(const std::string& sql) {
    return QualifyTableNames(*session_, sql, "lib", [](std::string_view schema, std::string_view table) {
      if (schema.empty()) return table == "books" || table == "authors" || table == "Odd Name";
      return schema == "stats" && table == "days";
    });
  }

  std::unique_ptr<engine::Database> database_ = engine::Database::Open({}).value();
  std::unique_ptr<engine::Session> session_ = engine::Session::Open(*database_, {}).value();
};

TEST_F(ViewNames, QualifiesWhatTheSourceHas) {
  EXPECT_EQ(Qualify("SELECT 'grün books' AS x, b.id FROM books b JOIN stats.days ON true, \"Odd Name\" WHERE b.id IN "
                    "(SELECT id FROM authors)"),
            "SELECT 'grün books' AS x, b.id FROM \"lib\".main.books b JOIN \"lib\".stats.days ON true, "
            "\"lib\".main.\"Odd Name\" WHERE b.id IN (SELECT id FROM \"lib\".main.authors)");
  EXPECT_EQ(Qualify("SELECT * FROM books UNION ALL FROM books"),
            "SELECT * FROM \"lib\".main.books UNION ALL FROM \"lib\".main.books");
}

TEST_F(ViewNames, LeavesOtherNamesAlone) {
  for (const char* sql :
       {"SELECT * FROM elsewhere", "SELECT * FROM other.main.books", "SELECT * FROM read_csv('books')",
        "SELECT * FROM [$catalog].main.books", "SELECT * FROM 'books.csv'", "no sql at all", ""}) {
    EXPECT_EQ(Qualify(sql), sql);
  }
}

TEST_F(ViewNames, KeepsPlaceholders) {
  EXPECT_EQ(
      Qualify("SELECT *, [$catalog] AS c, '[$x]' AS t FROM books WHERE price BETWEEN [$lo] AND [$auth.user_id]"),
      "SELECT *, [$catalog] AS c, '[$x]' AS t FROM \"lib\".main.books WHERE price BETWEEN [$lo] AND [$auth.user_id]");
}

TEST_F(ViewNames, KnowsCtes) {
  EXPECT_EQ(
      Qualify("WITH books AS (SELECT * FROM books), two AS (SELECT * FROM books) SELECT * FROM books, two, authors"),
      "WITH books AS (SELECT * FROM \"lib\".main.books), two AS (SELECT * FROM books) SELECT * FROM books, two, "
      "\"lib\".main.authors");
  EXPECT_EQ(
      Qualify("WITH RECURSIVE authors AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM authors, books) FROM authors"),
      "WITH RECURSIVE authors AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM authors, \"lib\".main.books) FROM authors");
}

}  // namespace
}  // namespace eider::sources
