#include "sources/http/http_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/http/http_batch.h"
#include "sources/http/http_security.h"

namespace eider::sources {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

HttpOptions Options(const std::string& path) {
  auto options = ParseHttpPath(path, {});
  EXPECT_TRUE(options.ok()) << options.error().message;
  return *options;
}

std::string UrlOf(const std::string& base, HttpCall call) {
  if (call.method.empty()) call.method = "GET";
  auto request = BuildRequest(Options(base), call);
  return request ? request->url : "refused: " + request.error().message;
}

TEST(HttpOptionsTest, SplitsOptionsFromWhatIsSent) {
  const HttpOptions options = Options(
      "https://me:p%40ss@h.example/v1/?a=1&x-eider-concurrency=3&b=%20&X-Eider-Timeout=250ms&x-hugr-spec-path=api");
  EXPECT_EQ(options.base_url, "https://h.example/v1");
  EXPECT_EQ(options.query, "a=1&b=%20");
  EXPECT_EQ(options.user, "me");
  EXPECT_EQ(options.password, "p@ss");
  EXPECT_EQ(options.peer.max_concurrent, 3);
  EXPECT_EQ(options.peer.timeout, std::chrono::milliseconds(250));
  EXPECT_EQ(*options.SpecUrl(), "https://h.example/v1/api?a=1&b=%20");
}

TEST(HttpOptionsTest, RefusesWhatItDoesNotKnow) {
  for (const char* path :
       {"http://h?x-hugr-nonsense=1", "http://h?x-eider-retries=-1", "http://h?x-eider-max-response=2GB",
        "http://h?x-eider-allow-link-local=yes", "http://h?x-hugr-server=file:///etc", "h", "http://"}) {
    EXPECT_FALSE(ParseHttpPath(path, {}).ok()) << path;
  }
}

TEST(HttpCallTest, StaysBelowTheBase) {
  EXPECT_EQ(UrlOf("http://h/v1", {.path = "/a b/ü?x=1#y"}), "http://h/v1/a%20b/%C3%BC?x=1%23y");
  EXPECT_EQ(UrlOf("http://h", {.path = "@evil.example/"}), "http://h/@evil.example/");
  EXPECT_EQ(UrlOf("http://h", {.path = "//evil.example"}), "http://h//evil.example");
  for (const char* path : {"/..", "/a/%2e%2E/b", "../x", "/a/./b"}) {
    EXPECT_THAT(UrlOf("http://h", {.path = path}), HasSubstr("refused")) << path;
  }
  EXPECT_EQ(UrlOf("http://h", {.path = "/a..b"}), "http://h/a..b");
}

TEST(HttpCallTest, WritesParameters) {
  EXPECT_EQ(UrlOf("http://h?k=v",
                  {.path = "/p", .parameters = R"({"a":[1,"&",null],"b":null,"c":true,"d":{"x":[1]},"e f":1e2})"}),
            "http://h/p?k=v&a=1&a=%26&c=true&d=%7B%22x%22%3A%5B1%5D%7D&e%20f=100.0");
  EXPECT_EQ(UrlOf("http://h", {.path = "/p", .parameters = "null"}), "http://h/p");
  EXPECT_THAT(UrlOf("http://h", {.path = "/p", .parameters = "[1]"}), HasSubstr("must be a JSON object"));
}

TEST(HttpCallTest, RefusesHeadersThatMakeAnotherRequest) {
  for (const char* headers : {R"({"A":"b\r\nC: d"})", R"({"A\n":"b"})", R"({"":"b"})", R"({"host":"h"})",
                              R"({"Content-Length":"0"})", R"({"A":"\u0000"})", "[", R"("text")"}) {
    HttpCall call;
    call.method = "GET";
    call.headers = headers;
    EXPECT_FALSE(BuildRequest(Options("http://h"), call).ok()) << headers;
  }
}

TEST(HttpCallTest, SendsABodyUnlessByGet) {
  HttpCall call;
  call.method = "get";
  call.body = "{}";
  EXPECT_THAT(BuildRequest(Options("http://h"), call)->body, IsEmpty());
  call.method = "patch";
  const auto request = BuildRequest(Options("http://h"), call);
  EXPECT_EQ(request->method, "PATCH");
  EXPECT_EQ(request->body, "{}");
  EXPECT_THAT(request->headers, Contains("Content-Type: application/json"));
  call.headers = R"({"content-type":"text/json"})";
  EXPECT_THAT(BuildRequest(Options("http://h"), call)->headers, Not(Contains("Content-Type: application/json")));
}

TEST(HttpSecurityTest, RefusesWhatItCannotUse) {
  for (
      const char* json :
      {"{", "[]", "{}", R"({"type":"x"})", R"({"type":"apiKey","api_key":"k"})", R"({"type":"apiKey","name":"n"})",
       R"({"type":"apiKey","name":"n","api_key":"k","in":"body"})", R"({"type":"http","scheme":"digest"})",
       R"({"type":"http","scheme":"basic"})", R"({"type":"oauth2","client_id":"c"})",
       R"({"type":"apiKey","secret":"hush"})",
       R"({"type":"oauth2","client_id":"c","flow_name":"implicit","flows":{"implicit":{"tokenUrl":"/t"}}})",
       R"({"type":"oauth2","client_id":"c","flows":{"client_credentials":{"tokenUrl":"/t"}},"x-hugr-token-transform":"map("})"}) {
    const auto security = ParseHttpSecurity(json);
    ASSERT_FALSE(security.ok()) << json;
    EXPECT_THAT(security.error().message, Not(HasSubstr("hush")));
  }
}

TEST(HttpSecurityTest, TakesThePlaceOfWhatTheCallerGave) {
  fetch::Request request;
  request.headers = {"x-key: mine", "Other: 1"};
  ApplySecurity(*ParseHttpSecurity(R"({"type":"apiKey","name":"X-Key","api_key":"k"})"), request);
  EXPECT_THAT(request.headers, ElementsAre("Other: 1", "X-Key: k"));
  ApplySecurity(*ParseHttpSecurity(R"({"type":"http","scheme":"Basic","username":"Aladdin","password":"open sesame"})"),
                request);
  EXPECT_THAT(request.headers, Contains("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
}

TEST(HttpBatchTest, SplitsLists) {
  EXPECT_THAT(*SplitJsonList(R"( [1, "a,]\"", [2,3] ,{"x":[1,{}]}, null ] )"),
              ElementsAre("1", R"("a,]\"")", "[2,3]", R"({"x":[1,{}]})", "null"));
  EXPECT_THAT(*SplitJsonList("[ ]"), IsEmpty());
  EXPECT_FALSE(SplitJsonList(R"({"a":[1]})").has_value());
}

}  // namespace
}  // namespace eider::sources
