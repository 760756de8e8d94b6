#include "http/graphql_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/exact_number.h"
#include "http/url.h"

namespace eider::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Refusal(std::string_view body) {
  const auto request = ParseGraphqlBody(body);
  return request ? "accepted" : request.error().message;
}

TEST(GraphqlBody, ReadsAllMembersAndIgnoresOthers) {
  const auto request = ParseGraphqlBody(
      R"({"x": [1], "query": "{a}", "variables": {"n": 9007199254740993, "t": "é"}, "operationName": "O",
          "validateOnly": true, "noMutation": true, "extensions": {}})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->query, "{a}");
  EXPECT_EQ(request->operation_name, "O");
  EXPECT_TRUE(request->validate_only);
  EXPECT_TRUE(request->no_mutation);
  EXPECT_FALSE(request->over_get);
  ASSERT_TRUE(request->variables.IsObject());
  EXPECT_EQ(request->variables["n"].GetInt64(), 9007199254740993);
  EXPECT_STREQ(request->variables["t"].GetString(), "é");
}

TEST(GraphqlBody, TreatsNullAsAbsent) {
  const auto request = ParseGraphqlBody(R"({"query":"{a}","variables":null,"operationName":null,"extensions":null})");
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(request->variables.IsNull());
}

TEST(GraphqlBody, RefusesWhatIsNoRequest) {
  EXPECT_THAT(Refusal(""), StartsWith("not valid JSON: "));
  EXPECT_THAT(Refusal("{\"query\":\"{a}\"} x"), StartsWith("not valid JSON: "));
  EXPECT_THAT(Refusal("{\"query\":\"\xff\"}"), StartsWith("not valid JSON: "));
  EXPECT_THAT(Refusal("{\"query\":\"\xc0\xaf\"}"), StartsWith("not valid JSON: "));
  EXPECT_EQ(Refusal("[]"), "the body must be a JSON object with a member \"query\"");
  EXPECT_EQ(Refusal("{}"), "\"query\" is missing");
  EXPECT_EQ(Refusal(R"({"query":1})"), "\"query\" must be a string");
  EXPECT_EQ(Refusal(R"({"query":"{a}","variables":[]})"), "\"variables\" must be an object");
  EXPECT_EQ(Refusal(R"({"query":"{a}","variables":"{}"})"), "\"variables\" must be an object");
  EXPECT_EQ(Refusal(R"({"query":"{a}","operationName":{}})"), "\"operationName\" must be a string");
  EXPECT_EQ(Refusal(R"({"query":"{a}","extensions":7})"), "\"extensions\" must be an object");
  EXPECT_EQ(Refusal(R"({"query":"{a}","validateOnly":"yes"})"), "\"validateOnly\" must be true or false");
}

TEST(GraphqlBody, RefusesNestingThatCouldExhaustAStack) {
  EXPECT_EQ(Refusal(R"({"query":"{a}","variables":{"v":)" + std::string(1'000'000, '[')),
            "the JSON is nested too deeply");
}

TEST(GraphqlBody, ReadsNumbersExactly) {
  const std::string zeros(600, '0');
  const auto request = ParseGraphqlBody(
      R"({"query":"{a}","variables":{"a":-7,"b":18446744073709551615,"c":0.1,"d":0e50,"e":1e308,"f":0.)" + zeros +
      R"(7,"g":1)" + std::string(20, '0') + R"(,"h":-0,"i":123456789012345678.9}})");
  ASSERT_TRUE(request.ok()) << request.error().message;
  const rapidjson::Document& variables = request->variables;
  EXPECT_EQ(variables["a"].GetInt(), -7);
  EXPECT_EQ(variables["b"].GetUint64(), 18446744073709551615U);
  EXPECT_EQ(variables["c"].GetDouble(), 0.1);
  EXPECT_EQ(variables["d"].GetDouble(), 0);
  EXPECT_EQ(variables["e"].GetDouble(), 1e308);
  EXPECT_EQ(variables["f"].GetDouble(), 0);
  EXPECT_EQ(ExactNumber(variables["g"].GetString()), "1" + std::string(20, '0'));
  EXPECT_EQ(variables["h"].GetInt(), 0);
  EXPECT_EQ(ExactNumber(variables["i"].GetString()), "123456789012345678.9");
  EXPECT_EQ(Refusal(R"({"query":123456789012345678.9})"), "\"query\" must be a string");
  EXPECT_EQ(Refusal(R"({"query":"{a}","variables":{"x":1.9e308}})"), "the JSON holds a number that is too large");
}

TEST(GraphqlParameters, ReadsAllMembers) {
  const auto request = ParseGraphqlParameters(
      "query=query%20Q(%24n:Int)%7Ba(n:%24n)%7D&variables=%7B%22n%22:1%7D&operationName=Q&validate_only=true&no_"
      "mutation=true");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->query, "query Q($n:Int){a(n:$n)}");
  EXPECT_EQ(request->variables["n"].GetInt(), 1);
  EXPECT_EQ(request->operation_name, "Q");
  EXPECT_TRUE(request->validate_only && request->no_mutation && request->over_get);
}

TEST(GraphqlParameters, RefusesBadOnes) {
  EXPECT_EQ(ParseGraphqlParameters("").error().message, "\"query\" is missing");
  EXPECT_EQ(ParseGraphqlParameters("query={a}&variables=[]").error().message, "\"variables\" must be a JSON object");
  EXPECT_THAT(ParseGraphqlParameters("query={a}&variables={").error().message, HasSubstr("not valid JSON"));
  EXPECT_THAT(ParseGraphqlParameters("query=%zz").error().message, HasSubstr("percent-encoded"));
}

TEST(Url, DecodesAndSplits) {
  EXPECT_EQ(PercentDecode("a%20b+c", true), "a b c");
  EXPECT_EQ(PercentDecode("a+c", false), "a+c");
  EXPECT_EQ(PercentDecode("%4", true), std::nullopt);
  std::string_view text = "&a=1&&b&c==";
  std::string_view name;
  std::string_view value;
  ASSERT_TRUE(TakeParameter(text, name, value));
  EXPECT_EQ(std::string(name) + "|" + std::string(value), "a|1");
  ASSERT_TRUE(TakeParameter(text, name, value));
  EXPECT_EQ(std::string(name) + "|" + std::string(value), "b|");
  ASSERT_TRUE(TakeParameter(text, name, value));
  EXPECT_EQ(std::string(name) + "|" + std::string(value), "c|=");
  EXPECT_FALSE(TakeParameter(text, name, value));
}

}  // namespace
}  // namespace eider::http
