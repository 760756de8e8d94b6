#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace eider::http {
namespace {

using State = RequestParser::State;

// Gives `text` to the parser in steps of `step` bytes, as a socket would; returns what was not used.
std::string Feed(RequestParser& parser, const std::string& text, std::size_t step = SIZE_MAX) {
  std::string pending;
  std::size_t at = 0;
  while (parser.state() == State::kHead || parser.state() == State::kBody) {
    const std::size_t used = parser.Put(pending);
    pending.erase(0, used);
    if (used > 0) continue;
    if (at >= text.size()) break;
    const std::string part = text.substr(at, step);
    pending += part;
    at += part.size();
  }
  return pending + (at < text.size() ? text.substr(at) : "");
}

const char kPost[] = "POST /query?a=1 HTTP/1.1\r\nHost: x\r\nX-Mixed-Case:  v \r\nContent-Length: 4\r\n\r\nbody";

TEST(RequestParser, ReadsARequestHoweverItIsCut) {
  for (std::size_t step = 1; step <= sizeof kPost; ++step) {
    RequestParser parser({});
    EXPECT_EQ(Feed(parser, kPost, step), "");
    ASSERT_EQ(parser.state(), State::kDone) << step;
    EXPECT_EQ(parser.request().method, "POST");
    EXPECT_EQ(parser.request().path(), "/query");
    EXPECT_EQ(parser.request().query_string(), "a=1");
    EXPECT_EQ(parser.request().Header("x-mixed-case"), "v");
    EXPECT_EQ(parser.request().body, "body");
    EXPECT_TRUE(parser.request().keep_alive);
  }
}

TEST(RequestParser, LeavesThePipelinedRequestAndReadsItNext) {
  RequestParser parser({});
  const std::string rest = Feed(parser, std::string(kPost) + "GET /ready HTTP/1.0\r\n\r\n");
  EXPECT_EQ(rest, "GET /ready HTTP/1.0\r\n\r\n");
  parser.Reset();
  Feed(parser, rest);
  ASSERT_EQ(parser.state(), State::kDone);
  EXPECT_EQ(parser.request().path(), "/ready");
  EXPECT_EQ(parser.request().body, "");
  EXPECT_EQ(parser.request().Header("host"), "");
  EXPECT_TRUE(parser.request().http10);
  EXPECT_FALSE(parser.request().keep_alive);
}

TEST(RequestParser, JoinsChunks) {
  RequestParser parser({});
  Feed(parser, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n", 7);
  ASSERT_EQ(parser.state(), State::kDone);
  EXPECT_EQ(parser.request().body, "abcde");
}

TEST(RequestParser, ReadsALastChunkInPieces) {
  const std::string text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: v\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    RequestParser parser({});
    EXPECT_EQ(Feed(parser, text, step), "");
    ASSERT_EQ(parser.state(), State::kDone) << step;
    EXPECT_EQ(parser.request().body, "");
  }
}

int StatusOf(const std::string& text, ParserLimits limits = {}) {
  RequestParser parser(limits);
  Feed(parser, text);
  return parser.state() == State::kFailed ? parser.status() : 0;
}

TEST(RequestParser, RefusesWithAStatus) {
  EXPECT_EQ(StatusOf("nonsense\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf(std::string("GET /\0 HTTP/1.1\r\n\r\n", 19)), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nBad Name: x\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/3.0\r\n\r\n"), 505);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x')), 431);
}

TEST(RequestParser, ComesToAnEndAtItsLimit) {
  const ParserLimits limits{.max_header_bytes = 512, .max_body_bytes = 10};
  for (std::size_t size = 500; size < 530; ++size) {
    for (const std::size_t step : {1, 4, 10, 100, 511, 512, 1000}) {
      std::string text = "GET / HTTP/1.1\r\nX: ";
      text.append(size - text.size() - 4, 'x').append("\r\n\r\n");
      RequestParser parser(limits);
      Feed(parser, text + std::string(600, ' '), step);
      EXPECT_EQ(parser.state(), size <= 512 ? State::kDone : State::kFailed) << size << " by " << step;
    }
  }
}

TEST(RequestParser, RefusesALargeBodyBeforeItComes) {
  const ParserLimits limits{.max_header_bytes = 1024, .max_body_bytes = 10};
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", limits), 413);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n", limits), 413);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789", limits), 0);
}

TEST(Request, ForgetsEverythingButItsBuffers) {
  Request request;
  request.AddHeader("A", "b");
  request.target = "/x?y";
  request.Clear();
  EXPECT_EQ(request.Header("a"), "");
  EXPECT_EQ(request.path(), "");
  EXPECT_EQ(request.query_string(), "");
}

}  // namespace
}  // namespace eider::http
