#include "geo/h3_cells.h"

#include <gmock/gmock.h>

#include "geo/parse.h"

namespace eider::geo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Cells(std::string_view text, int resolution) {
  const auto cells = CellsOf(*ParseGeometry(text), resolution);
  if (!cells) return {cells.error().message};
  std::vector<std::string> out;
  for (const Cell cell : *cells) out.push_back(CellText(cell));
  return out;
}

constexpr std::string_view kBox = "POLYGON((13.2 52.4,13.6 52.4,13.6 52.6,13.2 52.6,13.2 52.4))";

// Expected values come from the Python module h3 4.5.
TEST(CellsOf, PointsAndPolygons) {
  EXPECT_THAT(Cells("POINT(13.4 52.5)", 5), ElementsAre("851f1d4bfffffff"));
  EXPECT_THAT(Cells("MULTIPOINT(13.4 52.5,13.4 52.5)", 5), ElementsAre("851f1d4bfffffff"));
  EXPECT_THAT(Cells(kBox, 6),
              ElementsAre("861f1886fffffff", "861f18b07ffffff", "861f18b0fffffff", "861f18b27ffffff", "861f18b2fffffff",
                          "861f18b37ffffff", "861f18b77ffffff", "861f1d487ffffff", "861f1d48fffffff", "861f1d497ffffff",
                          "861f1d49fffffff", "861f1d4a7ffffff", "861f1d4afffffff", "861f1d4c7ffffff", "861f1d4d7ffffff",
                          "861f1d4dfffffff", "861f1d4f7ffffff"));
  EXPECT_EQ(Cells(kBox, 8).size(), 918U);
  EXPECT_THAT(Cells("POLYGON EMPTY", 5), ElementsAre());
  EXPECT_THAT(Cells("POLYGON((13.4 52.5,13.40001 52.5,13.40001 52.50001,13.4 52.5))", 5),
              ElementsAre("851f1d4bfffffff"));
}

TEST(CellsOf, LinesTouchEveryCellOnTheWay) {
  // Every centre of the line's cells is within one cell's size of the line, and neighbours follow each other.
  EXPECT_THAT(Cells("LINESTRING(13.4 52.5,13.403 52.5)", 5), ElementsAre("851f1d4bfffffff"));
  const auto cells = Cells("LINESTRING(13.2 52.5,13.6 52.5)", 6);
  EXPECT_THAT(cells, testing::Contains("861f1d49fffffff"));
  EXPECT_GT(cells.size(), 3U);
}

TEST(CellsOf, RefusesWhatIsNoPlaceOrTooMuch) {
  EXPECT_THAT(Cells("POINT(390000 5800000)", 5), ElementsAre(HasSubstr("transform_from")));
  EXPECT_THAT(Cells("POLYGON((-100 -60,100 -60,100 60,-100 60,-100 -60))", 15), ElementsAre(HasSubstr("more than")));
  EXPECT_THAT(Cells("LINESTRING(-100 0,100 0)", 15), ElementsAre(HasSubstr("more than")));
  EXPECT_THAT(Cells("POINT(1 2)", 16), ElementsAre(HasSubstr("resolution")));
}

TEST(CellOutlines, AreClosedRings) {
  const auto cell = ParseCell("851f1d4bfffffff");
  ASSERT_TRUE(cell);
  const auto boundary = CellBoundary(*cell);
  ASSERT_TRUE(boundary);
  ASSERT_EQ(boundary->paths[0].size(), 7U);
  EXPECT_EQ(boundary->paths[0].front(), boundary->paths[0].back());
  EXPECT_NEAR(boundary->paths[0][0].x, 13.156930119503219, 1e-9);
  EXPECT_NEAR(boundary->paths[0][0].y, 52.56760760077065, 1e-9);
  EXPECT_FALSE(CellBoundary(12));
  EXPECT_FALSE(ParseCell("zz"));
  EXPECT_FALSE(ParseCell("12"));
  const auto cells = *CellsOf(*ParseGeometry(kBox), 6);
  const auto outline = CellsOutline(cells);
  ASSERT_TRUE(outline);
  ASSERT_EQ(outline->parts.size(), 1U);
  EXPECT_EQ(outline->parts[0].paths[0].size(), 31U);
  EXPECT_EQ(Compacted(*CellsOf(*ParseGeometry(kBox), 8))->size() < 918U, true);
}

TEST(SimplifiedFor, KeepsTheCells) {
  std::string text = "POLYGON((13.2 52.4";
  for (int i = 1; i < 1000; ++i) text += ",13." + std::to_string(200000 + i * 400) + " 52.4";
  text += ",13.6 52.6,13.2 52.6,13.2 52.4))";
  const Geometry full = *ParseGeometry(text);
  const Geometry simple = SimplifiedFor(full, 6);
  EXPECT_LT(simple.paths[0].size(), 10U);
  EXPECT_EQ(*CellsOf(simple, 6), *CellsOf(full, 6));
}

}  // namespace
}  // namespace eider::geo
