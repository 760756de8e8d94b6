#include <gtest/gtest.h>

#include <string>

#include "engine/engine_fixture.h"

// Parameters: each is bound with exactly the type its statement expects.
namespace eider::engine {
namespace {

class ParameterTest : public EngineTest {
 protected:
  // `value` bound where `type` is expected, as JSON with the type the engine saw.
  std::string Bind(const std::string& type, Value value) {
    return Ask("SELECT v, typeof(v) AS t FROM (SELECT $1::" + type + " AS v)", {std::move(value)});
  }
};

std::string Got(const std::string& value, const std::string& type) {
  return "{\"v\":" + value + ",\"t\":\"" + type + "\"}";
}

TEST_F(ParameterTest, BindsTexts) {
  const struct {
    const char* type;
    const char* text;
    const char* json;
  } kCases[] = {
      {"VARCHAR", "a\"b", R"("a\"b")"},
      {"BIGINT", "9223372036854775807", "9223372036854775807"},
      {"INTEGER", "12", "12"},
      {"UTINYINT", "255", "255"},
      {"HUGEINT", "170141183460469231731687303715884105727", "170141183460469231731687303715884105727"},
      {"DOUBLE", "1.5", "1.5"},
      {"FLOAT", "0.1", "0.1"},
      {"DECIMAL(10,2)", "29.90", "29.9"},
      {"DECIMAL(38,10)", "1234567890123456789012345678.0000000001", "1234567890123456789012345678.0000000001"},
      {"BOOLEAN", "true", "true"},
      {"DATE", "1965-08-01", R"("1965-08-01")"},
      {"DATE", "infinity", R"("infinity")"},
      {"TIME", "18:30:00", R"("18:30:00.000000000")"},
      {"TIMESTAMP", "2024-05-01T10:00:00Z", R"("2024-05-01T10:00:00Z")"},
      {"TIMESTAMP", "2024-05-01 10:00:00.5", R"("2024-05-01T10:00:00.5Z")"},
      {"TIMESTAMP", "2024-05-01", R"("2024-05-01T00:00:00Z")"},
      {"TIMESTAMP_NS", "2024-05-01 10:00:00.123456789", R"("2024-05-01T10:00:00.123456789Z")"},
      {"TIMESTAMP WITH TIME ZONE", "2024-05-01 10:00:00+02", R"("2024-05-01T08:00:00Z")"},
      {"TIMESTAMP WITH TIME ZONE", "0001-01-01T00:00:00Z", R"("0001-01-01T00:00:00Z")"},
      {"INTERVAL", "P1DT1H30M", R"("P1DT1H30M")"},
      {"INTERVAL", "2 hours 30 minutes", R"("PT2H30M")"},
      {"UUID", "550e8400-e29b-41d4-a716-446655440000", R"("550e8400-e29b-41d4-a716-446655440000")"},
      {"JSON", R"({"a":[1]})", R"("{\"a\":[1]}")"},
      {"ENUM('happy', 'sad')", "sad", R"("sad")"},
      {"BLOB", "Zm9v", R"("Zm9v")"},
      {"INTEGER[]", "[1,2]", "[1,2]"},
      {"STRUCT(a INTEGER, b VARCHAR)", "{'a': 1, 'b': 'x'}", R"({"a":1,"b":"x"})"},
  };
  for (const auto& test : kCases) EXPECT_EQ(Bind(test.type, std::string(test.text)), Got(test.json, test.type));
}

TEST_F(ParameterTest, BindsNumbersBooleansAndNulls) {
  EXPECT_EQ(Bind("INTEGER", std::int64_t{7}), Got("7", "INTEGER"));
  EXPECT_EQ(Bind("HUGEINT", std::int64_t{-7}), Got("-7", "HUGEINT"));
  EXPECT_EQ(Bind("DECIMAL(5,1)", std::int64_t{7}), Got("7", "DECIMAL(5,1)"));
  EXPECT_EQ(Bind("DECIMAL(5,1)", 7.25), Got("7.3", "DECIMAL(5,1)"));
  EXPECT_EQ(Bind("DOUBLE", std::int64_t{7}), Got("7", "DOUBLE"));
  EXPECT_EQ(Bind("BIGINT", 7.0), Got("7", "BIGINT"));
  EXPECT_EQ(Bind("VARCHAR", std::int64_t{7}), Got("\"7\"", "VARCHAR"));
  EXPECT_EQ(Bind("BOOLEAN", true), Got("true", "BOOLEAN"));
  EXPECT_EQ(Bind("TIMESTAMP", std::int64_t{1'714'557'600}), Got(R"("2024-05-01T10:00:00Z")", "TIMESTAMP"));
  EXPECT_EQ(Bind("DATE", std::int64_t{-1}), Got(R"("1969-12-31")", "DATE"));
  EXPECT_EQ(Bind("INTERVAL", 1.5), Got(R"("PT1.5S")", "INTERVAL"));
  EXPECT_EQ(Bind("DECIMAL(5,1)", Value()), Got("null", "DECIMAL(5,1)"));
  EXPECT_EQ(Bind("JSON", Value()), Got("null", "JSON"));
}

TEST_F(ParameterTest, BindsLists) {
  const ValueList numbers = {std::int64_t{1}, Value(), std::string("3")};
  EXPECT_EQ(Bind("BIGINT[]", numbers), Got("[1,null,3]", "BIGINT[]"));
  EXPECT_EQ(Bind("DATE[]", ValueList{std::string("2024-05-01")}), Got(R"(["2024-05-01"])", "DATE[]"));
  EXPECT_EQ(Bind("BIGINT[]", ValueList{}), Got("[]", "BIGINT[]"));
  EXPECT_EQ(Bind("BIGINT[][]", ValueList{ValueList{std::int64_t{1}}, ValueList{}}), Got("[[1],[]]", "BIGINT[][]"));
  EXPECT_EQ(Bind("FLOAT[2]", ValueList{1.5, std::int64_t{2}}), Got("[1.5,2]", "FLOAT[2]"));
  EXPECT_EQ(Bind("FLOAT[2]", ValueList{1.5}).substr(0, 15), "error BAD_INPUT");
}

TEST_F(ParameterTest, GivesAnUntypedParameterItsNaturalType) {
  const auto natural = [this](Value value) {
    return Ask("SELECT v, typeof(v) AS t FROM (SELECT $1 AS v)", {std::move(value)});
  };
  EXPECT_EQ(natural(std::string("x")), Got("\"x\"", "VARCHAR"));
  EXPECT_EQ(natural(std::int64_t{5}), Got("5", "BIGINT"));
  EXPECT_EQ(natural(1.5), Got("1.5", "DOUBLE"));
  EXPECT_EQ(natural(ValueList{std::int64_t{1}, 2.5}), Got("[1,2.5]", "DOUBLE[]"));
}

TEST_F(ParameterTest, FollowsTheNumbersOfTheStatement) {
  EXPECT_EQ(Ask("SELECT $2::VARCHAR AS b, $1::INTEGER AS a", {std::int64_t{1}, std::string("two")}),
            R"({"b":"two","a":1})");
  EXPECT_EQ(Ask("SELECT $1::INTEGER AS a", {}), "error BAD_INPUT: the statement takes 1 parameters, given 0");
}

TEST_F(ParameterTest, ReadsTimestampsInTheSessionZone) {
  ASSERT_TRUE(session_->SetTimeZone("Europe/Berlin").ok());
  const auto instant = [this](const char* text) {
    return Ask("SELECT epoch($1::TIMESTAMPTZ)::BIGINT AS s", {std::string(text)});
  };
  EXPECT_EQ(instant("2024-05-01 12:00:00"), R"({"s":1714557600})");
  EXPECT_EQ(instant("2024-05-01T10:00:00Z"), R"({"s":1714557600})");
  EXPECT_EQ(instant("nonsense"),
            "error BAD_INPUT: the value does not fit type TIMESTAMP WITH TIME ZONE: nonsense; parameter $1");
}

TEST_F(ParameterTest, RefusesWhatDoesNotFit) {
  const auto refuses = [this](const std::string& type, Value value) {
    return Bind(type, std::move(value)).substr(0, 15) == "error BAD_INPUT";
  };
  EXPECT_TRUE(refuses("INTEGER", std::int64_t{1} << 40));
  EXPECT_TRUE(refuses("UTINYINT", std::int64_t{-1}));
  EXPECT_TRUE(refuses("INTEGER", 1.5));
  EXPECT_TRUE(refuses("DATE", std::string("2024-02-30")));
  EXPECT_TRUE(refuses("ENUM('a')", std::string("b")));
  EXPECT_TRUE(refuses("JSON", std::string("{bad")));
  EXPECT_TRUE(refuses("BLOB", std::string("*")));
  EXPECT_TRUE(refuses("UUID", std::string("1")));
  EXPECT_TRUE(refuses("INTEGER", ValueList{}));
  EXPECT_TRUE(refuses("VARCHAR", std::string("\xff\xfe")));
  EXPECT_EQ(Ask("SELECT 1 AS a"), R"({"a":1})");
}

TEST_F(ParameterTest, KeepsTheEnginesPlan) {
  // A statement whose plan is kept does not look at the catalog again, and its binding stays a few microseconds.
  ASSERT_TRUE(
      session_->Run("CREATE TABLE t AS SELECT 1::DECIMAL(10,2) AS d, '{}'::JSON AS j, DATE '2024-05-01' AS day").ok());
  EXPECT_EQ(Ask("SELECT count(*) AS n FROM t WHERE d = $1 AND j = $2 AND day = $3",
                {std::string("1.00"), std::string("{}"), std::string("2024-05-01")}),
            R"({"n":1})");
}

}  // namespace
}  // namespace eider::engine
