#include "columnar/json_encoder.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "columnar/arrow_builder.h"
#include "columnar/field_mark.h"
#include "columnar/number_text.h"
#include "geo/parse.h"
#include "geo/wkb.h"

namespace eider::columnar {
namespace {

using Column = ArrowBuilder::Column;

Shape Value(std::string key, int column, JsonForm form = JsonForm::kValue) {
  Shape shape;
  shape.key = std::move(key);
  shape.form = form;
  shape.column = column;
  return shape;
}

Shape Object(std::string key, std::vector<Shape> members, int column = -1, int presence = -1) {
  Shape shape = Value(std::move(key), column, JsonForm::kObject);
  shape.presence = presence;
  shape.members = std::move(members);
  return shape;
}

class JsonEncoderTest : public ::testing::Test {
 protected:
  // All rows of `columns` in `shape`.
  std::string Encode(const Shape& shape, const std::vector<Column*>& columns, const JsonOptions& options = {}) {
    return EncodeRows(shape, builder_.ToBatch(columns[0]->array.length, columns), options);
  }

  static std::string EncodeRows(const Shape& shape, const Batch& batch, const JsonOptions& options = {}) {
    auto encoder = JsonEncoder::Create(shape, *batch.schema(), options);
    if (!encoder.ok()) return "error " + encoder.error().message;
    std::string out;
    (*encoder)->AppendRows(batch, 0, batch.rows(), out);
    return out;
  }

  // One column in one form, values joined by commas.
  std::string Encode(JsonForm form, Column* column, const JsonOptions& options = {}) {
    return Encode(Value("", 0, form), {column}, options);
  }

  ArrowBuilder builder_;
};

TEST_F(JsonEncoderTest, WritesNumbers) {
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<std::int64_t>("n", "l", {0, -1, INT64_MIN, INT64_MAX})),
            "0,-1,-9223372036854775808,9223372036854775807");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<std::uint64_t>("n", "L", {UINT64_MAX})), "18446744073709551615");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<std::int8_t>("n", "c", {-128, 127})), "-128,127");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<std::uint8_t>("n", "C", {255})), "255");
  EXPECT_EQ(Encode(JsonForm::kString, builder_.Values<std::int32_t>("n", "i", {7}, {true})), "\"7\"");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<Int128>("n", "d:10,2", {2990, 10000, -1})), "29.9,100,-0.01");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<double>("n", "g", {100, 29.99, nan, infinity, -infinity})),
            "100,29.99,null,null,null");
  EXPECT_EQ(Encode(JsonForm::kString, builder_.Values<double>("n", "g", {1.5, nan})), "\"1.5\",null");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<float>("n", "f", {0.1F})), "0.1");
}

TEST_F(JsonEncoderTest, WritesGeometries) {
  const std::string point = "0101000000CDCCCCCCCCCC2A400000000000404A40";
  const std::string with_z = "01E9030000000000000000F03F00000000000000400000000000000840";
  const std::string multi = "010400000000000000";
  const std::string text = R"({"type":"Point","coordinates":[13.4,52.5]},{"type":"Point","coordinates":[1,2,3]},)"
                           R"({"type":"MultiPoint","coordinates":[]},null)";
  EXPECT_EQ(Encode(JsonForm::kGeometry, builder_.Text("g", "u", {point, with_z, multi, "junk"})), text);
  EXPECT_EQ(Encode(JsonForm::kGeometry,
                   builder_.Text("g", "z", {geo::FromHex(point), geo::FromHex(with_z), geo::FromHex(multi), "junk"})),
            text);
  const auto Shown = [&](std::string_view wkt) {
    return Encode(JsonForm::kGeometry, builder_.Text("g", "z", {geo::WriteWkb(*geo::ParseGeometry(wkt))}));
  };
  EXPECT_EQ(Shown("GEOMETRYCOLLECTION(LINESTRING(0 0,1 1),POINT EMPTY)"),
            R"({"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[0,0],[1,1]]},)"
            R"({"type":"Point","coordinates":[]}]})");
  EXPECT_EQ(Shown("MULTIPOLYGON(((0 0,4 0,4 4,0 0)))"),
            R"({"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,0]]]]})");
  EXPECT_EQ(Encode(JsonForm::kGeometry, builder_.Text("g", "z", {""}, {false})), "null");
}

TEST_F(JsonEncoderTest, WritesBooleansTextsAndBytes) {
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<std::uint8_t>("b", "b", {0b101})), "true");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Text("t", "u", {"a\"b", ""})), "\"a\\\"b\",\"\"");
  EXPECT_EQ(Encode(JsonForm::kJson, builder_.Text("t", "u", {R"({"pages":{"min":3}})", "[1]", ""})),
            R"({"pages":{"min":3}},[1],null)");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Text("t", "z", {"", "f", "fo", "foo", "foob"})),
            R"("","Zg==","Zm8=","Zm9v","Zm9vYg==")");
  EXPECT_EQ(Encode(JsonForm::kDate, builder_.Text("t", "u", {"2024-05-01"})), "\"2024-05-01\"");
}

TEST_F(JsonEncoderTest, WritesNulls) {
  Shape zero = Value("", 0);
  zero.null_text = "0";
  Column* column = builder_.Values<std::int32_t>("n", "i", {1, 2, 3}, {true, false, true});
  EXPECT_EQ(Encode(zero, {column}), "1,0,3");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<std::int32_t>("n", "n", {1, 2})), "null,null");
}

TEST_F(JsonEncoderTest, HonoursOffsets) {
  Column* column = builder_.Values<std::int32_t>("n", "i", {1, 2, 3, 4}, {true, false, true, false});
  column->array.offset = 1;
  column->array.length = 3;
  EXPECT_EQ(Encode(JsonForm::kValue, column), "null,3,null");
  Column* text = builder_.Text("t", "u", {"a", "b", "c"});
  Column* all = builder_.Nest("", "+s", 2, {text});
  all->array.offset = 1;
  EXPECT_EQ(
      EncodeRows(Object("", {Value("t", 0)}), Batch(std::make_shared<const BatchSchema>(all->schema), all->array)),
      R"({"t":"b"},{"t":"c"})");
  EXPECT_EQ(EncodeRows(Value("", 0), Batch(std::make_shared<const BatchSchema>(all->schema), all->array)),
            R"("b","c")");
}

TEST_F(JsonEncoderTest, WritesDatesAndTimes) {
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<std::int32_t>("d", "tdD", {-1614, INT32_MAX, -INT32_MAX})),
            R"("1965-08-01","infinity","-infinity")");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<std::int64_t>("t", "ttu", {66'600'000'000, 1, 86'400'000'000})),
            R"("18:30:00.000000000","00:00:00.000001000","24:00:00.000000000")");
  const std::int64_t ten = 1'714'557'600'000'000;
  EXPECT_EQ(Encode(JsonForm::kDate, builder_.Values<std::int64_t>("t", "tsu:", {ten, -1})),
            R"("2024-05-01","1969-12-31")");
  EXPECT_EQ(Encode(JsonForm::kDateTime, builder_.Values<std::int64_t>("t", "tsu:", {ten + 500'000, INT64_MAX})),
            R"("2024-05-01T10:00:00.5Z","infinity")");
  EXPECT_EQ(Encode(JsonForm::kDateTime, builder_.Values<std::int64_t>("t", "tss:", {1'714'557'600})),
            R"("2024-05-01T10:00:00Z")");
  EXPECT_EQ(Encode(JsonForm::kDateTime, builder_.Values<std::int64_t>("t", "tsn:", {1'714'557'600'000'000'001})),
            R"("2024-05-01T10:00:00.000000001Z")");
  EXPECT_EQ(Encode(JsonForm::kTimestamp, builder_.Values<std::int32_t>("d", "tdD", {0})), R"("1970-01-01T00:00:00Z")");
}

TEST_F(JsonEncoderTest, ShiftsInstantsOnly) {
  JsonOptions berlin;
  auto zone = LoadTimeZone("Europe/Berlin");
  ASSERT_TRUE(zone.ok());
  berlin.zone = *zone;
  const std::vector<std::int64_t> values = {1'714'557'600'000'000, 1'704'103'200'000'000};  // Summer and winter.
  EXPECT_EQ(Encode(JsonForm::kTimestamp, builder_.Values("t", "tsu:UTC", values), berlin),
            R"("2024-05-01T12:00:00+02:00","2024-01-01T11:00:00+01:00")");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values("t", "tsu:UTC", values), berlin),
            R"("2024-05-01T12:00:00+02:00","2024-01-01T11:00:00+01:00")");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values("t", "tsu:", values), berlin),
            R"("2024-05-01T10:00:00Z","2024-01-01T10:00:00Z")");
  EXPECT_EQ(Encode(JsonForm::kDateTime, builder_.Values("t", "tsu:UTC", values), berlin),
            R"("2024-05-01T10:00:00Z","2024-01-01T10:00:00Z")");
  EXPECT_EQ(Encode(JsonForm::kDate, builder_.Values<std::int64_t>("t", "tsu:UTC", {1'714'600'800'000'000}), berlin),
            R"("2024-05-02")");
}

TEST_F(JsonEncoderTest, WritesIntervals) {
  struct Parts {
    std::int32_t months;
    std::int32_t days;
    std::int64_t nanos;
  };
  const std::int64_t minute = 60'000'000'000;
  EXPECT_EQ(
      Encode(JsonForm::kInterval, builder_.Values<Parts>("i", "tin", {{2, 0, 0}, {0, 1, 90 * minute}, {0, 0, 0}})),
      R"("P2M","P1DT1H30M","PT0S")");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Values<std::int64_t>("i", "tDs", {7200})), R"("PT2H")");
}

TEST_F(JsonEncoderTest, WritesEnumsFromTheirDictionary) {
  Column* column = builder_.Values<std::uint8_t>("e", "C", {1, 0, 1}, {true, true, false});
  ArrowBuilder::SetDictionary(column, builder_.Text("", "u", {"sad", "happy"}));
  EXPECT_EQ(Encode(JsonForm::kValue, column), R"("happy","sad",null)");
}

TEST_F(JsonEncoderTest, WritesObjectsListsAndConstants) {
  Column* id = builder_.Values<std::int32_t>("a", "i", {1, 2});
  Column* pages = builder_.Values<std::int32_t>("p", "i", {10, 20, 30});
  Column* books = builder_.List("b", "+l", {0, 2, 2}, builder_.Nest("", "+s", 3, {pages}), {true, false});
  Column* there = builder_.Values<std::int32_t>("x", "i", {5, 6}, {false, true});
  Shape list = Value("books", 1, JsonForm::kList);
  list.null_text = "[]";
  list.members = {Object("", {Value("pages", 0)})};
  Shape type = Value("__typename", -1, JsonForm::kConstant);
  type.constant = "\"lib_authors\"";
  const Shape shape =
      Object("", {type, Value("id", 0), list, Object("flat", {Value("x", 2), Value("id", 0)}, -1, 2), Object("e", {})});
  EXPECT_EQ(Encode(shape, {id, books, there}),
            R"({"__typename":"lib_authors","id":1,"books":[{"pages":10},{"pages":20}],"flat":null,"e":{}},)"
            R"({"__typename":"lib_authors","id":2,"books":[],"flat":{"x":6,"id":2},"e":{}})");
}

TEST_F(JsonEncoderTest, WritesStructColumns) {
  Column* cover = builder_.Text("cover", "u", {"hard", "soft"});
  Column* details = builder_.Nest("d", "+s", 2, {cover}, {true, false});
  EXPECT_EQ(Encode(Object("", {Object("details", {Value("kind", 0)}, 0)}), {details}),
            R"({"details":{"kind":"hard"}},{"details":null})");
  EXPECT_EQ(Encode(JsonForm::kValue, details), R"({"cover":"hard"},null)");
}

TEST_F(JsonEncoderTest, WritesNestedValuesByRecursion) {
  Column* numbers = builder_.Values<std::int32_t>("", "i", {1, 2, 3, 4}, {true, true, false, true});
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.List("l", "+l", {0, 3, 3, 4}, numbers)), "[1,2,null],[],[4]");
  EXPECT_EQ(Encode(JsonForm::kValue, builder_.Nest("w", "+w:2", 2, {numbers})), "[1,2],[null,4]");
  Column* keys = builder_.Values<std::int32_t>("key", "i", {1, 2});
  Column* values = builder_.Text("value", "u", {"a", "b"});
  EXPECT_EQ(
      Encode(JsonForm::kValue, builder_.List("m", "+m", {0, 2, 2}, builder_.Nest("entries", "+s", 2, {keys, values}))),
      R"({"1":"a","2":"b"},{})");
}

TEST_F(JsonEncoderTest, RefusesWhatDoesNotFit) {
  Column* number = builder_.Values<std::int32_t>("n", "i", {1});
  EXPECT_EQ(Encode(Object("", {Value("x", 3)}), {number}),
            "error a shape names a column that the result does not have: 3");
  EXPECT_EQ(Encode(JsonForm::kDate, number), "error the JSON form does not fit Arrow type: i");
  EXPECT_EQ(Encode(Object("", {Object("o", {}, 0)}), {number}),
            "error an object's column is no struct but Arrow type: i");
}

TEST_F(JsonEncoderTest, WritesMarkedTextAsNumbers) {
  Column* numbers = builder_.Text("n", "u", {"1.5", "123456789012345678901234567890.000000001", "-0"});
  numbers->schema.metadata = NumberTextMetadata();
  EXPECT_EQ(Encode(JsonForm::kValue, numbers), "1.5,123456789012345678901234567890.000000001,-0");
  EXPECT_EQ(Encode(JsonForm::kString, numbers), R"("1.5","123456789012345678901234567890.000000001","-0")");
}

TEST_F(JsonEncoderTest, WritesColumnsWithoutTypeAsNull) {
  Column nothing;
  nothing.schema.name = "x";
  nothing.schema.format = "n";
  nothing.array.length = nothing.array.null_count = 1;
  Shape list = Value("l", 0, JsonForm::kList);
  list.members.push_back(Object("", {Value("a", 0)}));
  list.null_text = "[]";
  const Shape shape = Object(
      "", {list, Object("o", {Value("a", 0)}, 0), Value("v", 0, JsonForm::kDate), Object("p", {Value("a", 0)}, -1, 0)});
  EXPECT_EQ(Encode(shape, {&nothing}), R"({"l":[],"o":null,"v":null,"p":null})");
}

TEST(LoadTimeZoneTest, KnowsZonesAndNothingElse) {
  EXPECT_TRUE(LoadTimeZone("UTC").ok());
  EXPECT_TRUE(LoadTimeZone("America/New_York").ok());
  for (const char* name : {"", "Nowhere/City", "/etc/passwd", "../../../etc/localtime", "file:/etc/localtime"}) {
    EXPECT_FALSE(LoadTimeZone(name).ok()) << name;
  }
}

}  // namespace
}  // namespace eider::columnar
