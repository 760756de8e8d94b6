#include "query/row_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <string>
#include <vector>

namespace eider::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// fleet { trips (rows) old { trips (rows) } one (value) }, count (value)
AnswerShape Shape() {
  AnswerShape old{ShapeKind::kModule, {{"trips", {ShapeKind::kRows}}}};
  AnswerShape fleet{ShapeKind::kModule, {{"trips", {ShapeKind::kRows}}, {"old", old}, {"one", {ShapeKind::kValue}}}};
  return {ShapeKind::kModule, {{"fleet", fleet}, {"count", {ShapeKind::kValue}}}};
}

// The messages of a body that comes in pieces of `piece` bytes.
std::vector<std::string> Split(std::string_view body, std::size_t piece) {
  std::vector<std::string> messages;
  const Subscription::Emit emit = [&](std::string message) { messages.push_back(std::move(message)); };
  RowSplitter splitter(Shape(), 1000);
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) {
    const Status taken = splitter.Take(body.substr(0, piece), emit);
    if (!taken) messages.push_back(std::string(ErrorCodeName(taken.error().code)));
  }
  splitter.End(emit);
  return messages;
}

// The same whole, after it was the same byte by byte and in pieces.
std::vector<std::string> Split(std::string_view body) {
  auto whole = Split(body, body.size() + 1);
  EXPECT_EQ(Split(body, 1), whole) << body;
  EXPECT_EQ(Split(body, 3), whole) << body;
  for (const std::string& message : whole) {
    rapidjson::Document document;
    EXPECT_FALSE(document.Parse(message.c_str()).HasParseError()) << message;
  }
  return whole;
}

TEST(RowSplitterTest, GivesEachRowAMessage) {
  EXPECT_THAT(Split(R"({"data":{"fleet":{"trips":[{"id":4,"stops":[{"a":"]}"},{"a":[]}]},{"id":5}]}}})"),
              ElementsAre(R"({"data":{"fleet":{"trips":{"id":4,"stops":[{"a":"]}"},{"a":[]}]}}}})",
                          R"({"data":{"fleet":{"trips":{"id":5}}}})"));
  EXPECT_THAT(
      Split(R"({"data":{"fleet":{"old":{"trips":[{"id":1}]},"trips":[{"id":2}]}}})"),
      ElementsAre(R"({"data":{"fleet":{"old":{"trips":{"id":1}}}}})", R"({"data":{"fleet":{"trips":{"id":2}}}})"));
}

TEST(RowSplitterTest, GivesNothingForNoRows) {
  EXPECT_THAT(Split(R"({"data":{"fleet":{"trips":[]}}})"), IsEmpty());
  EXPECT_THAT(Split(R"({"data":{}})"), IsEmpty());
  EXPECT_THAT(Split(R"({"data":{"fleet":{}}})"), IsEmpty());
}

TEST(RowSplitterTest, GivesEveryOtherValueAMessage) {
  EXPECT_THAT(Split(R"({"data":{"count":12,"fleet":{"one":{"id":4},"trips":null}}})"),
              ElementsAre(R"({"data":{"count":12}})", R"({"data":{"fleet":{"one":{"id":4}}}})",
                          R"({"data":{"fleet":{"trips":null}}})"));
  EXPECT_THAT(
      Split(R"({"data":{"fleet":null,"count":[1,"]",null],"more":"a\"}"}})"),
      ElementsAre(R"({"data":{"fleet":null}})", R"({"data":{"count":[1,"]",null]}})", R"({"data":{"more":"a\"}"}})"));
}

TEST(RowSplitterTest, ReadsSpaceBetweenAnything) {
  EXPECT_THAT(Split(" { \"data\" : {\n \"count\" : -1.5e3 ,\t\"fleet\": { \"trips\" : [ {\"id\": 1} , null ] } } } \n"),
              ElementsAre(R"({"data":{"count":-1.5e3}})", R"({"data":{"fleet":{"trips":{"id": 1}}}})",
                          R"({"data":{"fleet":{"trips":null}}})"));
}

TEST(RowSplitterTest, GivesErrorsOneMessage) {
  EXPECT_THAT(Split(R"({"errors":[{"message":"a","extensions":{"code":"TIMEOUT"}},{"message":"b"}]})"),
              ElementsAre(R"({"errors":[{"message":"a","extensions":{"code":"TIMEOUT"}},{"message":"b"}]})"));
  EXPECT_THAT(Split(R"({"errors":[{"message":"a"}],"data":null})"),
              ElementsAre(R"({"errors":[{"message":"a"}],"data":null})"));
  EXPECT_THAT(Split(R"({"data":null,"errors":[{"message":"a"}],"extensions":{}})"),
              ElementsAre(R"({"errors":[{"message":"a"}],"data":null})"));
  EXPECT_THAT(Split(R"({"data":null})"), ElementsAre(R"({"data":null})"));
}

TEST(RowSplitterTest, LeavesExtensionsOut) {
  EXPECT_THAT(Split(R"({"extensions":{"a":{"data":{"count":1}}},"data":{"count":1},"extensions":[1]})"),
              ElementsAre(R"({"data":{"count":1}})"));
}

TEST(RowSplitterTest, RefusesALongMessage) {
  const std::string row = "{\"id\":\"" + std::string(2000, 'x') + "\"}";
  EXPECT_THAT(Split(R"({"data":{"fleet":{"trips":[{"id":1},)" + row, 1 << 20),
              ElementsAre(R"({"data":{"fleet":{"trips":{"id":1}}}})", "RESULT_TOO_LARGE"));
  EXPECT_EQ(Split(R"({"data":{"fleet":{"trips":[)" + row, 1).back(), "RESULT_TOO_LARGE");
  // Many short ones may be as long as they like.
  std::string body = R"({"data":{"fleet":{"trips":[{"id":0})";
  for (int i = 0; i < 1000; ++i) body += ",{\"id\":1}";
  EXPECT_EQ(Split(body + "]}}}").size(), 1001u);
}

TEST(RowSplitterTest, SurvivesWhatIsNoAnswer) {
  for (const char* text :
       {"", "null", "[{}]", "}", "{]", "{\"data\":[1]}", "{\"data\"", "{\"data\":{\"fleet\":{\"trips\":[",
        "{\"data\":{}}}}}", "{{{{", "\"", "{\"\\\"", "{data:{count:1}}"}) {
    Split(text, 1);
    Split(text, 100);
  }
}

}  // namespace
}  // namespace eider::query
