#include "base/encoding.h"

#include <gtest/gtest.h>

namespace eider {
namespace {

TEST(EncodingTest, ReplacesWhatIsEscaped) {
  EXPECT_EQ(UnescapePercent("a%20b%2f%zz%4"), "a b/%zz%4");
  EXPECT_EQ(UnescapePercent("%"), "%");
  EXPECT_EQ(UnescapePercent("%2F%"), "/%");
}

TEST(EncodingTest, WritesTwoDigitsForEachByte) {
  EXPECT_EQ(HexText(std::string_view("\x00\x9f\xff", 3)), "009fff");
  EXPECT_EQ(HexDigit('F'), 15);
  EXPECT_EQ(HexDigit('g'), -1);
}

}  // namespace
}  // namespace eider
