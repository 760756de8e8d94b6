#include <gmock/gmock.h>

#include "engine/engine_fixture.h"

namespace eider::engine {
namespace {

using testing::HasSubstr;

class GeoFunctionsTest : public EngineTest {};

// POINT(13.4 52.5); the cell is what the Python module h3 4.5 says.
constexpr std::string_view kPoint = "from_hex('0101000000CDCCCCCCCCCC2A400000000000404A40')";

TEST_F(GeoFunctionsTest, CellsOfGeometries) {
  EXPECT_EQ(Ask("SELECT format('{:x}', unnest(eider_h3_cells(" + std::string(kPoint) + ", 5, true))) AS c"),
            R"({"c":"851f1d4bfffffff"})");
  EXPECT_EQ(Ask("SELECT sum(len(eider_h3_cells(CASE WHEN i % 2 = 0 THEN " + std::string(kPoint) +
                " END, 5, false))) AS n, count(eider_h3_cells(" + std::string(kPoint) +
                ", CAST(i % 15 AS INTEGER), true)) AS m FROM range(10000) t(i)"),
            R"({"n":5000,"m":10000})");
  EXPECT_EQ(Ask("SELECT eider_h3_cells(NULL, 5, true) AS c"), R"({"c":null})");
}

TEST_F(GeoFunctionsTest, OutlinesOfCells) {
  EXPECT_EQ(Ask("SELECT octet_length(eider_h3_boundary(599526121473572863)) AS n"), R"({"n":125})");
}

TEST_F(GeoFunctionsTest, ErrorsAreErrors) {
  const auto broken = session_->Run("SELECT eider_h3_cells(from_hex('01'), 5, true)");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("no WKB"));
  EXPECT_FALSE(session_->Run("SELECT eider_h3_boundary(12)"));
  EXPECT_FALSE(session_->Run("SELECT eider_h3_cells(" + std::string(kPoint) + ", 16, true)"));
}

}  // namespace
}  // namespace eider::engine
