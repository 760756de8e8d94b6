#include "http/response.h"

#include <gtest/gtest.h>

#include "http/error_map.h"

namespace eider::http {
namespace {

TEST(AppendHead, WritesWhatIsKnown) {
  std::string head;
  HeadOptions options;
  options.content_type = "text/plain";
  options.content_length = 5;
  options.date = "now";
  options.request_id = "r";
  options.headers = "A: b\r\n";
  options.close = true;
  AppendHead(head, options);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nDate: now\r\n"
            "X-Eider-Request-Id: r\r\nA: b\r\nConnection: close\r\n\r\n");
}

TEST(AppendHead, KnowsNoChunksInHttp10) {
  std::string head;
  HeadOptions options;
  options.http10 = true;
  AppendHead(head, options);
  EXPECT_EQ(head, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n");
}

TEST(ErrorResponse, HasTheCodeInHeaderAndBody) {
  const Response response = ErrorResponse(ErrorCode::kOverloaded, "no \"room\"", true);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers, "X-Eider-Error-Code: OVERLOADED\r\nRetry-After: 1\r\n");
  EXPECT_EQ(response.body, R"({"errors":[{"message":"no \"room\"","extensions":{"code":"OVERLOADED"}}]})");
  EXPECT_EQ(ErrorResponse(ErrorCode::kTimeout, "query timeout", true).status, 200);
  EXPECT_EQ(ErrorResponse(ErrorCode::kBadInput, "x", false).body, R"({"errors":[{"message":"x"}]})");
}

TEST(ErrorMap, FollowsTheMediaType) {
  EXPECT_EQ(StatusOf(ErrorCode::kValidation), 200);
  EXPECT_EQ(GraphqlResponseStatus("VALIDATION"), 400);
  EXPECT_EQ(GraphqlResponseStatus("TIMEOUT"), 504);
  EXPECT_EQ(GraphqlResponseStatus(""), 400);
}

}  // namespace
}  // namespace eider::http
