#include "fetch/url.h"

#include <gtest/gtest.h>

namespace eider::fetch {
namespace {

TEST(UrlTest, ReadsItsParts) {
  const auto url = ParseUrl("https://me:p%40ss@h.example:8443/a/b?c=d#e");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->origin(), "https://h.example:8443");
  EXPECT_EQ(url->user, "me");
  EXPECT_EQ(url->password, "p@ss");
  EXPECT_EQ(url->path, "/a/b");
  EXPECT_EQ(url->query, "c=d");
  EXPECT_EQ(url->Shown(), "https://h.example:8443/a/b");
  EXPECT_EQ(ParseUrl("http://h")->origin(), "http://h:80");
  EXPECT_EQ(ParseUrl("http://h:80/")->Shown(), "http://h/");
}

TEST(UrlTest, RefusesOtherSchemes) {
  for (const char* text : {"", "h", "/a", "ftp://h/a", "file:///etc/passwd", "http://", "http:///a"}) {
    EXPECT_FALSE(ParseUrl(text).ok()) << text;
  }
}

TEST(UrlTest, ResolvesReferences) {
  const std::string base = "http://h/a/b?c=d";
  EXPECT_EQ(*ResolveUrl(base, "x"), "http://h/a/x");
  EXPECT_EQ(*ResolveUrl(base, "/x?y"), "http://h/x?y");
  EXPECT_EQ(*ResolveUrl(base, "//other/x"), "http://other/x");
  EXPECT_EQ(*ResolveUrl(base, "https://other"), "https://other/");
  EXPECT_FALSE(ResolveUrl(base, "gopher://h/x").ok());
}

TEST(UrlTest, ShowsNothingSecret) {
  EXPECT_EQ(ShownUrl("https://me:secret@h/a?key=secret#secret"), "https://h/a");
  EXPECT_EQ(ShownUrl("/a?key=secret"), "/a");
  EXPECT_EQ(ShownUrl("http://h/a@b"), "http://h/a@b");
}

TEST(UrlTest, Encodes) { EXPECT_EQ(EncodeUrl("a b/ü~"), "a%20b%2F%C3%BC~"); }

}  // namespace
}  // namespace eider::fetch
