#include <gtest/gtest.h>

#include <string>

#include "engine/engine_fixture.h"

// Every type of the engine, through Arrow, as JSON.
namespace eider::engine {
namespace {

class ResultTypesTest : public EngineTest {
 protected:
  std::string Json(const std::string& expression) {
    const std::string row = Ask("SELECT " + expression + " AS v");
    const std::string start = "{\"v\":";
    if (!row.starts_with(start)) return row;
    return row.substr(start.size(), row.size() - start.size() - 1);
  }
};

TEST_F(ResultTypesTest, Numbers) {
  EXPECT_EQ(Json("127::TINYINT"), "127");
  EXPECT_EQ(Json("65535::USMALLINT"), "65535");
  EXPECT_EQ(Json("18446744073709551615::UBIGINT"), "18446744073709551615");
  EXPECT_EQ(Json("170141183460469231731687303715884105727::HUGEINT"), "170141183460469231731687303715884105727");
  EXPECT_EQ(Json("(-1)::HUGEINT"), "-1");
  EXPECT_EQ(Json("sum(2147483647::BIGINT)"), "2147483647");
  EXPECT_EQ(Json("29.90::DECIMAL(4,2)"), "29.9");
  EXPECT_EQ(Json("100.00::DECIMAL(18,2)"), "100");
  EXPECT_EQ(Json("-0.05::DECIMAL(38,2)"), "-0.05");
  EXPECT_EQ(Json("'nan'::DOUBLE"), "null");
  EXPECT_EQ(Json("'infinity'::FLOAT"), "null");
  EXPECT_EQ(Json("0.1::FLOAT"), "0.1");
  EXPECT_EQ(Json("1e15::DOUBLE"), "1000000000000000");
  EXPECT_EQ(Json("true"), "true");
  EXPECT_EQ(Json("NULL"), "null");
}

TEST_F(ResultTypesTest, Temporal) {
  EXPECT_EQ(Json("DATE '0001-01-01'"), "\"0001-01-01\"");
  EXPECT_EQ(Json("DATE '9999-12-31'"), "\"9999-12-31\"");
  EXPECT_EQ(Json("TIMESTAMP '9999-12-31 23:59:59.999999'"), "\"9999-12-31T23:59:59.999999Z\"");
  EXPECT_EQ(Json("TIMESTAMP '0001-01-01 00:00:00'"), "\"0001-01-01T00:00:00Z\"");
  EXPECT_EQ(Json("TIMESTAMP 'infinity'"), "\"infinity\"");
  EXPECT_EQ(Json("TIMESTAMPTZ '-infinity'"), "\"-infinity\"");
  EXPECT_EQ(Json("TIMESTAMPTZ '2024-05-01 10:00:00+02'"), "\"2024-05-01T08:00:00Z\"");
  EXPECT_EQ(Json("TIMESTAMP_S '2024-05-01 10:00:00'"), "\"2024-05-01T10:00:00Z\"");
  EXPECT_EQ(Json("TIMESTAMP_MS '2024-05-01 10:00:00.123'"), "\"2024-05-01T10:00:00.123Z\"");
  EXPECT_EQ(Json("TIMESTAMP_NS '2024-05-01 10:00:00.123456789'"), "\"2024-05-01T10:00:00.123456789Z\"");
  EXPECT_EQ(Json("TIME '18:30:00'"), "\"18:30:00.000000000\"");
  EXPECT_EQ(Json("INTERVAL '1 day 90 minutes'"), "\"P1DT1H30M\"");
  EXPECT_EQ(Json("INTERVAL '-90 minutes'"), "\"PT-1H-30M\"");
  EXPECT_EQ(Json("INTERVAL '14 months'"), "\"P14M\"");
  EXPECT_EQ(Json("INTERVAL '0 days'"), "\"PT0S\"");
}

TEST_F(ResultTypesTest, TextsAndBytes) {
  EXPECT_EQ(Json("'a\"b'"), "\"a\\\"b\"");
  EXPECT_EQ(Json("'\\x00\\xFF'::BLOB"), "\"AP8=\"");
  EXPECT_EQ(Json("'550e8400-e29b-41d4-a716-446655440000'::UUID"), "\"550e8400-e29b-41d4-a716-446655440000\"");
  EXPECT_EQ(Json("'sad'::ENUM('happy', 'sad')"), "\"sad\"");
  EXPECT_EQ(Json("NULL::ENUM('happy', 'sad')"), "null");
}

TEST_F(ResultTypesTest, Nested) {
  EXPECT_EQ(Json("[1, NULL, 3]"), "[1,null,3]");
  EXPECT_EQ(Json("[]::INTEGER[]"), "[]");
  EXPECT_EQ(Json("[[1.50, 2.00], NULL]"), "[[1.5,2],null]");
  EXPECT_EQ(Json("[1, 2]::INTEGER[2]"), "[1,2]");
  EXPECT_EQ(Json("{'cover': 'hard', 'height_mm': 210}"), R"({"cover":"hard","height_mm":210})");
  EXPECT_EQ(Json("MAP {'a': 1, 'b': NULL}"), R"({"a":1,"b":null})");
  EXPECT_EQ(Json("MAP {1: DATE '2024-05-01'}"), R"({"1":"2024-05-01"})");
  EXPECT_EQ(Json("union_value(n := 5)"), "5");
  EXPECT_EQ(Json("NULL::STRUCT(a INTEGER)"), "null");
}

TEST_F(ResultTypesTest, RowsOverManyChunks) {
  EXPECT_EQ(Ask("SELECT count(*) AS n, sum(length(l)) AS s FROM (SELECT list(i) AS l FROM range(10000) t(i) GROUP BY i "
                "% 10)"),
            R"({"n":10,"s":10000})");
  const std::string rows = Ask("SELECT CASE WHEN i % 2 = 0 THEN [i, i] END AS l FROM range(5000) t(i)");
  EXPECT_TRUE(rows.ends_with(R"({"l":[4998,4998]},{"l":null})"));
}

}  // namespace
}  // namespace eider::engine
