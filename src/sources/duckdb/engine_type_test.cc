#include "sources/duckdb/engine_type.h"

#include <gtest/gtest.h>

namespace eider::sources {
namespace {

using Kind = EngineType::Kind;

TEST(EngineType, ReadsScalarsWithoutTheirArguments) {
  EXPECT_EQ(ParseEngineType("INTEGER")->name, "INTEGER");
  EXPECT_EQ(ParseEngineType("DECIMAL(18,3)")->name, "DECIMAL");
  EXPECT_EQ(ParseEngineType("TIMESTAMP WITH TIME ZONE")->name, "TIMESTAMP WITH TIME ZONE");
  EXPECT_EQ(ParseEngineType("ENUM('a)', 'it''s')")->name, "ENUM");
  EXPECT_EQ(ParseEngineType("ENUM('a)', 'it''s')")->kind, Kind::kScalar);
}

TEST(EngineType, ReadsNestedTypes) {
  const auto type = ParseEngineType("STRUCT(a INTEGER, \"b \"\"c\" STRUCT(d DECIMAL(4,1)[], e FLOAT[3]))[]");
  ASSERT_TRUE(type);
  ASSERT_EQ(type->kind, Kind::kList);
  const EngineType& row = type->element[0];
  ASSERT_EQ(row.kind, Kind::kStruct);
  ASSERT_EQ(row.members.size(), 2u);
  EXPECT_EQ(row.members[1].name, "b \"c");
  const EngineType& inner = row.members[1].type;
  EXPECT_EQ(inner.members[0].type.kind, Kind::kList);
  EXPECT_EQ(inner.members[0].type.element[0].name, "DECIMAL");
  EXPECT_EQ(inner.members[1].type.kind, Kind::kArray);
  EXPECT_EQ(inner.members[1].type.length, 3);
}

TEST(EngineType, MapsAndUnionsAreOther) {
  EXPECT_EQ(ParseEngineType("MAP(VARCHAR, STRUCT(a INTEGER))")->kind, Kind::kOther);
  EXPECT_EQ(ParseEngineType("UNION(a INTEGER, b VARCHAR)[]")->element[0].kind, Kind::kOther);
}

TEST(EngineType, RefusesWhatItDoesNotUnderstand) {
  for (const char* text : {"", "STRUCT(", "STRUCT(a INTEGER", "INTEGER[", "INTEGER)", "DECIMAL(1"}) {
    EXPECT_FALSE(ParseEngineType(text)) << text;
  }
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "STRUCT(a ";
  EXPECT_FALSE(ParseEngineType(deep));
}

}  // namespace
}  // namespace eider::sources
