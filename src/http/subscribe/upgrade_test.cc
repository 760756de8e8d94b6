#include "http/subscribe/upgrade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/subscribe/subscriber.h"

namespace eider::http {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kProtocol = "graphql-transport-ws";

// The handshake of RFC 6455, section 1.3, with another protocol.
Request Handshake() {
  Request request;
  request.method = "GET";
  request.target = "/subscribe";
  request.AddHeader("Host", "server.example.com");
  request.AddHeader("Upgrade", "WebSocket");
  request.AddHeader("Connection", "keep-alive, Upgrade");
  request.AddHeader("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  request.AddHeader("Sec-WebSocket-Version", "13");
  return request;
}

TEST(Upgrade, AcceptsAsTheStandardsExample) {
  Request request = Handshake();
  request.AddHeader("Sec-WebSocket-Protocol", "graphql-ws, graphql-transport-ws");
  ASSERT_TRUE(IsUpgrade(request));
  EXPECT_EQ(*AcceptUpgrade(request, kProtocol), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Upgrade, RefusesOtherProtocolsAndBrokenKeys) {
  Request other = Handshake();
  other.AddHeader("Sec-WebSocket-Protocol", "graphql-ws");
  EXPECT_THAT(AcceptUpgrade(other, kProtocol).error().message, HasSubstr("graphql-transport-ws"));
  EXPECT_FALSE(AcceptUpgrade(Handshake(), kProtocol));
  Request twice = Handshake();
  twice.AddHeader("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_THAT(AcceptUpgrade(twice, kProtocol).error().message, HasSubstr("Sec-WebSocket-Key"));
}

TEST(Upgrade, OfGetAlone) {
  Request request = Handshake();
  request.method = "POST";
  EXPECT_FALSE(IsUpgrade(request));
}

TEST(Subscriber, TakesNewHeadersButNoneOfTheConnection) {
  Subscriber subscriber;
  subscriber.request = Handshake();
  subscriber.AddHeaders({{"Authorization", "Bearer x"},
                         {"Host", "other"},
                         {"X-Forwarded-For", "1.2.3.4"},
                         {"Sec-WebSocket-Key", "other"},
                         {"X-Eider-Signature", "v1"}});
  EXPECT_EQ(subscriber.request.Header("authorization"), "Bearer x");
  EXPECT_EQ(subscriber.request.Header("host"), "server.example.com");
  EXPECT_EQ(subscriber.request.Count("x-forwarded-for"), 0);
  EXPECT_EQ(subscriber.request.Count("sec-websocket-key"), 1);
  EXPECT_EQ(subscriber.request.Count("x-eider-signature"), 0);
  subscriber.AddHeaders({{"authorization", "Bearer y"}});
  EXPECT_EQ(subscriber.request.Header("authorization"), "Bearer x");
  EXPECT_EQ(subscriber.request.Count("authorization"), 1);
}

}  // namespace
}  // namespace eider::http
