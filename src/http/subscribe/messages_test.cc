#include "http/subscribe/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eider::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using Type = ClientMessage::Type;

std::string Refusal(std::string_view text) {
  const auto message = ParseClientMessage(text);
  return message ? "accepted" : message.error().message;
}

TEST(ClientMessages, OfEveryType) {
  EXPECT_EQ(ParseClientMessage(R"({"type":"ping","payload":{"a":1}})")->type, Type::kPing);
  EXPECT_EQ(ParseClientMessage(R"({"type":"pong"})")->type, Type::kPong);
  EXPECT_EQ(ParseClientMessage(R"({"type":"connection_init"})")->type, Type::kConnectionInit);
  EXPECT_EQ(ParseClientMessage(R"({"type":"complete","id":"7"})")->id, "7");
}

TEST(ClientMessages, HeadersOfTheFirstOne) {
  const auto message = ParseClientMessage(
      R"({"type":"connection_init","payload":{"headers":{"Authorization":"Bearer x","X-Role":"r"},"other":[1]}})");
  ASSERT_TRUE(message);
  EXPECT_THAT(message->headers, ElementsAre(Pair("Authorization", "Bearer x"), Pair("X-Role", "r")));
  EXPECT_THAT(Refusal(R"({"type":"connection_init","payload":{"headers":{"a":1}}})"), HasSubstr("strings"));
  EXPECT_THAT(Refusal(R"({"type":"connection_init","payload":{"headers":[]}})"), HasSubstr("object"));
  EXPECT_THAT(Refusal(R"({"type":"connection_init","payload":"x"})"), HasSubstr("object"));
}

TEST(ClientMessages, Subscribe) {
  const auto message = ParseClientMessage(
      R"({"id":"1","type":"subscribe","payload":{"query":"{a}","variables":{"n":1},"operationName":"O",
          "extensions":{"delivery":"result"}}})");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->id, "1");
  EXPECT_EQ(message->request.query, "{a}");
  EXPECT_EQ(message->request.operation_name, "O");
  EXPECT_EQ(message->request.variables["n"].GetInt(), 1);
  EXPECT_EQ(message->delivery, query::Delivery::kResults);
}

TEST(ClientMessages, DeliveryIsTheClientsOrNobodys) {
  EXPECT_EQ(ParseClientMessage(R"({"id":"1","type":"subscribe","payload":{"query":"{a}"}})")->delivery, std::nullopt);
  EXPECT_THAT(Refusal(R"({"id":"1","type":"subscribe","payload":{"query":"{a}","extensions":{"delivery":"often"}}})"),
              HasSubstr("\"row\" or \"result\""));
}

TEST(ClientMessages, WhatIsNoneIsRefused) {
  EXPECT_THAT(Refusal("{"), HasSubstr("not valid JSON"));
  EXPECT_THAT(Refusal("[]"), HasSubstr("object"));
  EXPECT_THAT(Refusal("{}"), HasSubstr("\"type\""));
  EXPECT_THAT(Refusal(R"({"type":"start","id":"1"})"), HasSubstr("unknown message type"));
  EXPECT_THAT(Refusal(R"({"type":"complete"})"), HasSubstr("\"id\""));
  EXPECT_THAT(Refusal(R"({"type":"subscribe","payload":{"query":"{a}"}})"), HasSubstr("\"id\""));
  EXPECT_THAT(Refusal(R"({"type":"complete","id":")" + std::string(4097, 'i') + "\"}"), HasSubstr("4096"));
  EXPECT_THAT(Refusal(R"({"type":"subscribe","id":"1"})"), HasSubstr("\"payload\""));
  EXPECT_THAT(Refusal(R"({"type":"subscribe","id":"1","payload":{}})"), HasSubstr("\"query\""));
}

TEST(ServerMessages, AreJson) {
  EXPECT_EQ(ServerMessage("next", "a\"b", "{}"), R"({"id":"a\"b","type":"next","payload":{}})");
  EXPECT_EQ(ServerMessage("complete", "1", ""), R"({"id":"1","type":"complete"})");
}

}  // namespace
}  // namespace eider::http
