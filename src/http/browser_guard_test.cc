#include "http/browser_guard.h"

#include <gtest/gtest.h>

namespace eider::http {
namespace {

Request Make(std::string host, std::string origin = {}, std::string method = "POST") {
  Request request;
  request.method = std::move(method);
  if (!host.empty()) request.AddHeader("Host", host);
  if (!origin.empty()) request.AddHeader("Origin", origin);
  return request;
}

TEST(BrowserGuard, LetsProgramsAndTheOwnPageThrough) {
  const BrowserGuard guard({}, true);
  for (const char* host : {"", "localhost:15000", "127.0.0.1:15000", "[::1]:15000", "eider.localhost", "LOCALHOST"}) {
    EXPECT_EQ(guard.Refusal(Make(host)), "") << host;
  }
  EXPECT_EQ(guard.Refusal(Make("127.0.0.1:15000", "http://127.0.0.1:15000")), "");
}

TEST(BrowserGuard, RefusesPagesOfOtherSites) {
  const BrowserGuard guard({}, true);
  EXPECT_NE(guard.Refusal(Make("127.0.0.1:15000", "https://evil.example")), "");
  EXPECT_NE(guard.Refusal(Make("127.0.0.1:15000", "http://127.0.0.1:8080")), "");
  EXPECT_NE(guard.Refusal(Make("127.0.0.1:15000", "null")), "");
}

TEST(BrowserGuard, RefusesNamesThatWerePointedHere) {
  EXPECT_NE(BrowserGuard({}, true).Refusal(Make("evil.example:15000", "http://evil.example:15000")), "");
  EXPECT_EQ(BrowserGuard({"https://eider.example"}, true).Refusal(Make("eider.example")), "");
  EXPECT_EQ(BrowserGuard({}, false).Refusal(Make("any.example")), "");
}

TEST(BrowserGuard, AllowedOriginsGetHeaders) {
  const BrowserGuard guard({"https://app.example"}, true);
  Request request = Make("localhost", "https://app.example", "OPTIONS");
  request.AddHeader("Access-Control-Request-Headers", "content-type");
  EXPECT_EQ(guard.Refusal(request), "");
  std::string headers;
  guard.AppendHeaders(request, headers);
  EXPECT_EQ(headers,
            "Access-Control-Allow-Origin: https://app.example\r\nVary: Origin\r\n"
            "Access-Control-Allow-Methods: GET, POST\r\nAccess-Control-Max-Age: 3600\r\n"
            "Access-Control-Allow-Headers: content-type\r\n");
  headers.clear();
  guard.AppendHeaders(Make("localhost", "https://other.example"), headers);
  EXPECT_EQ(headers, "");
}

}  // namespace
}  // namespace eider::http
