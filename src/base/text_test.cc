#include "base/text.h"

#include <gtest/gtest.h>

namespace eider {
namespace {

TEST(QuoteTest, DoublesTheQuote) {
  EXPECT_EQ(QuoteIdentifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
}

TEST(SplitTextTest, KeepsEmptyParts) {
  EXPECT_EQ(SplitText("a..b", '.'), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_TRUE(SplitText("", '.').empty());
}

TEST(AppendJsonStringTest, EscapesControlCharacters) {
  std::string out;
  AppendJsonString(out, "a\"\\\n\x01ü");
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001ü\"");
}

TEST(RedactSecretsTest, HidesPasswordsInUrlsAndDsns) {
  EXPECT_EQ(RedactSecrets("cannot reach postgres://u:p@ss@db:5432/x now"),
            "cannot reach postgres://u:***@db:5432/x now");
  EXPECT_EQ(RedactSecrets("host=a password='x y' user=b"), "host=a password=*** user=b");
  EXPECT_EQ(RedactSecrets("https://h/p?api_key=abc&x=1"), "https://h/p?api_key=***&x=1");
  EXPECT_EQ(RedactSecrets("http://a:1/b"), "http://a:1/b");
}

}  // namespace
}  // namespace eider
