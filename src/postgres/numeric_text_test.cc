#include "postgres/numeric_text.h"

#include <gtest/gtest.h>

#include "postgres/wire_fixture.h"

namespace eider::postgres {
namespace {

using testing::Numeric;

std::string TextOf(const std::string& bytes) {
  std::string text;
  switch (AppendNumeric(bytes, text)) {
    case NumericKind::kNumber: return text;
    case NumericKind::kNotFinite: return text + "not finite";
    case NumericKind::kBroken: return text + "broken";
  }
  return "";
}

TEST(NumericText, WritesExactDigits) {
  EXPECT_EQ(TextOf(Numeric(0, 0, {})), "0");
  EXPECT_EQ(TextOf(Numeric(0, 0, {7})), "7");
  EXPECT_EQ(TextOf(Numeric(1, 0, {1, 2})), "10002");
  EXPECT_EQ(TextOf(Numeric(2, 0, {1})), "100000000");
  EXPECT_EQ(TextOf(Numeric(0, 0x4000, {12, 5000})), "-12.5");
  EXPECT_EQ(TextOf(Numeric(0, 0, {12, 5000, 0})), "12.5");
  EXPECT_EQ(TextOf(Numeric(0, 0, {12, 0})), "12");
  EXPECT_EQ(TextOf(Numeric(-1, 0, {1})), "0.0001");
  EXPECT_EQ(TextOf(Numeric(-3, 0x4000, {1200})), "-0.0000000012");
  EXPECT_EQ(TextOf(Numeric(4, 0, {12, 3456, 7890, 1234, 5678, 9012, 3400})), "123456789012345678.901234");
}

TEST(NumericText, TellsWhatIsNoNumber) {
  EXPECT_EQ(TextOf(Numeric(0, 0xC000, {})), "not finite");
  EXPECT_EQ(TextOf(Numeric(0, 0xD000, {})), "not finite");
  EXPECT_EQ(TextOf(Numeric(0, 0xF000, {})), "not finite");
  EXPECT_EQ(TextOf(""), "broken");
  EXPECT_EQ(TextOf(Numeric(0, 0, {1}).substr(1)), "broken");
  EXPECT_EQ(TextOf(Numeric(0, 0, {10'000})), "broken");
  EXPECT_EQ(TextOf(Numeric(0, 0, {-1})), "broken");
  EXPECT_EQ(TextOf(Numeric(0, 0x1234, {1})), "broken");
}

}  // namespace
}  // namespace eider::postgres
