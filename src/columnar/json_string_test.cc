#include "columnar/json_string.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"

namespace eider::columnar {
namespace {

std::string Write(std::string_view text) {
  std::string out;
  {
    JsonSink sink(out);
    WriteJsonString(text, sink);
  }
  return out;
}

TEST(WriteJsonStringTest, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(Write(""), "\"\"");
  EXPECT_EQ(Write("plain"), "\"plain\"");
  EXPECT_EQ(Write("a\"b\\c\nd\te\rf\bg\fh\x01i\x1F"), R"("a\"b\\c\nd\te\rf\bg\fh\u0001i\u001f")");
  EXPECT_EQ(Write("grüße 🦆"), "\"grüße 🦆\"");
  EXPECT_EQ(Write(std::string_view("a\0b", 3)), "\"a\\u0000b\"");
}

// Every length, with one special byte at every place, against the plain loop of base.
TEST(WriteJsonStringTest, AgreesWithTheSimpleWriter) {
  for (std::size_t size = 0; size < 70; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      std::string text(size, 'x');
      for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
      if (at < size) text[at] = at % 2 == 0 ? '"' : '\n';
      std::string expected;
      AppendJsonString(expected, text);
      // An exact allocation, so that a sanitizer sees a read past the end.
      const std::vector<char> exact(text.begin(), text.end());
      ASSERT_EQ(Write({exact.data(), exact.size()}), expected);
    }
  }
}

TEST(WriteJsonStringTest, WritesLongTexts) {
  const std::string quotes(100'000, '"');
  EXPECT_EQ(Write(quotes).size(), 200'002U);
  const std::string controls(100'000, '\x01');
  EXPECT_EQ(Write(controls).size(), 600'002U);
  const std::string plain(100'000, 'p');
  EXPECT_EQ(Write(plain), '"' + plain + '"');
}

}  // namespace
}  // namespace eider::columnar
