#include "base/secret_text.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace eider {
namespace {

std::string Found(std::string_view text) {
  std::string out;
  for (const SecretSpan& span : FindSecrets(text)) {
    out.append(span.label).append("=").append(text.substr(span.begin, span.end - span.begin)).append(";");
  }
  return out;
}

TEST(FindSecrets, SeesUrlsAndNames) {
  EXPECT_EQ(Found("postgres://u:p@ss@db:5432/x"), "url=p@ss;");
  EXPECT_EQ(Found("postgres://u:a/b?c@db:5432/x"), "url=a/b?c;");
  EXPECT_EQ(Found("http://a:1/b"), "");
  EXPECT_EQ(Found("http://a:1/b@c"), "");
  EXPECT_EQ(Found("host=a password='x y' user=b"), "password='x y';");
  EXPECT_EQ(Found("host=a PASSWORD = x user=b"), "password=x;");
  EXPECT_EQ(Found("https://h/p?api_key=abc&x=1&api_key=d"), "api_key=abc;api_key#2=d;");
  EXPECT_EQ(Found("a://u:1@h b://v:2@i"), "url=1;url#2=2;");
  EXPECT_EQ(Found("/data/***/x"), "");
  EXPECT_EQ(Found("password="), "");
}

TEST(RestoreSecrets, PutsKnownSecretsIntoTheirPlaces) {
  const std::string known = "postgres://u:secret@db/x?sslkey=k1";
  EXPECT_EQ(RestoreSecrets(RedactSecrets(known), known).value(), known);
  EXPECT_EQ(RestoreSecrets("postgres://u:***@other/y?sslkey=***", known).value(),
            "postgres://u:secret@other/y?sslkey=k1");
  EXPECT_EQ(RestoreSecrets("postgres://u:new@db/x", known).value(), "postgres://u:new@db/x");
  EXPECT_EQ(RestoreSecrets("/data/***/x", known).value(), "/data/***/x");
  for (const char* text : {"host=a password=***", "postgres://u:***@a postgres://u:***@b"}) {
    const auto restored = RestoreSecrets(text, known);
    ASSERT_FALSE(restored) << text;
    EXPECT_EQ(restored.error().message, "redacted value cannot be stored");
  }
  EXPECT_FALSE(RestoreSecrets("a://u:***@h", ""));
}

}  // namespace
}  // namespace eider
