#include "geo/parse.h"

#include <gmock/gmock.h>

#include "geo/wkb.h"

namespace eider::geo {
namespace {

std::string HexOf(std::string_view text) {
  const auto geometry = ParseGeometry(text);
  return geometry ? ToHex(WriteWkb(*geometry)) : "! " + geometry.error().message;
}

// As PostGIS writes them: SELECT ST_AsBinary(…).
constexpr std::string_view kPoint = "0101000000000000000000F03F0000000000000040";
constexpr std::string_view kPointZ = "01E9030000000000000000F03F00000000000000400000000000000840";

TEST(ParseGeometry, AllFormsGiveOneGeometry) {
  for (const std::string_view text :
       {R"({"type":"Point","coordinates":[1,2]})", "POINT(1 2)", "  point ( 1.0   2e0 ) ", "SRID=4326;POINT(1 2)",
        "0101000000000000000000F03F0000000000000040", "00000000013ff00000000000004000000000000000",
        "0101000020E6100000000000000000F03F0000000000000040"}) {
    EXPECT_EQ(HexOf(text), kPoint) << text;
  }
  for (const std::string_view text : {R"({"type":"Point","coordinates":[1,2,3]})", "POINT Z (1 2 3)", "POINTZ(1 2 3)",
                                      "POINT(1 2 3)", "0101000080000000000000F03F00000000000000400000000000000840"}) {
    EXPECT_EQ(HexOf(text), kPointZ) << text;
  }
}

TEST(ParseGeometry, EveryKind) {
  for (const std::string_view text :
       {"LINESTRING(0 0,1 1)", "POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))", "MULTIPOINT(1 2,3 4)",
        "MULTILINESTRING((0 0,1 1),(2 2,3 3))", "MULTIPOLYGON(((0 0,4 0,4 4,0 0)))",
        "GEOMETRYCOLLECTION(POINT(1 2),GEOMETRYCOLLECTION(LINESTRING(0 0,1 1)))", "POLYGON EMPTY", "POINT EMPTY",
        "GEOMETRYCOLLECTION EMPTY"}) {
    const auto geometry = ParseGeometry(text);
    ASSERT_TRUE(geometry) << text << ": " << geometry.error().message;
    const auto again = ReadWkb(WriteWkb(*geometry));
    ASSERT_TRUE(again) << text;
    EXPECT_EQ(*again, *geometry) << text;
  }
  EXPECT_EQ(HexOf("MULTIPOINT((1 2),(3 4))"), HexOf("MULTIPOINT(1 2,3 4)"));
  EXPECT_EQ(HexOf(R"({"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,0]]]]})"),
            HexOf("MULTIPOLYGON(((0 0,4 0,4 4,0 0)))"));
  EXPECT_EQ(HexOf(R"({"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]})"),
            HexOf("GEOMETRYCOLLECTION(POINT(1 2))"));
}

TEST(ParseGeometry, SaysWhatIsWrong) {
  EXPECT_EQ(HexOf(""), "! the text is empty");
  EXPECT_EQ(HexOf("POINT(1 2"), "! WKT has no \")\" at character 10");
  EXPECT_EQ(HexOf("CIRCLE(1 2)"), "! WKT has no kind of geometry at character 1");
  EXPECT_EQ(HexOf("POINT(1 2) x"), "! WKT has no end at character 12");
  EXPECT_EQ(HexOf("POINT M (1 2 3)"), "! WKT has M values, which are not supported");
  EXPECT_EQ(HexOf("POINT(1 2 3 4)"), "! WKT has positions of four numbers, which are not supported");
  EXPECT_EQ(HexOf("POINT(nan 2)"), "! a coordinate is not a finite number");
  EXPECT_EQ(HexOf("LINESTRING(1 2)"), "! a line needs two positions");
  EXPECT_EQ(HexOf("POLYGON((0 0,1 0,1 1,0 1))"), "! a ring is not closed");
  EXPECT_EQ(HexOf("POLYGON((0 0,1 0,0 0))"), "! a ring needs four positions");
  EXPECT_EQ(HexOf(R"({"type":"Feature","geometry":null})"), "! GeoJSON \"type\" is not that of a geometry");
  EXPECT_EQ(HexOf(R"({"type":"Point"})"), "! GeoJSON has no \"coordinates\"");
  EXPECT_EQ(HexOf(R"({"type":"Point","coordinates":[1]})"), "! a GeoJSON position is a list of two or three numbers");
  EXPECT_EQ(HexOf(R"({"type":"Point","coordinates":["1","2"]})"), "! a GeoJSON coordinate is not a number");
  EXPECT_EQ(HexOf("{"), "! the text is no JSON");
  EXPECT_EQ(HexOf("0101000000000000000000F03F00000000000000"), "! the bytes are no WKB of a known kind");
  EXPECT_EQ(HexOf("0103000000FFFFFFFF"), "! the bytes are no WKB of a known kind");
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "GEOMETRYCOLLECTION(";
  EXPECT_EQ(HexOf(deep), "! WKT nests too deep");
}

}  // namespace
}  // namespace eider::geo
