#include "base/json.h"

#include <gtest/gtest.h>

namespace eider {
namespace {

rapidjson::Document Parse(const char* text) {
  rapidjson::Document document;
  document.Parse(text);
  return document;
}

TEST(JsonTest, MembersOfAnObject) {
  const rapidjson::Document object = Parse(R"({"a":"x\u0000y","b":true,"n":null,"":1})");
  EXPECT_EQ(TextMember(object, "a"), std::string("x\0y", 3));
  EXPECT_EQ(TextMember(object, "b"), "");
  EXPECT_EQ(TextMember(object, "none"), "");
  EXPECT_TRUE(FlagMember(object, "b"));
  EXPECT_FALSE(FlagMember(object, "a"));
  EXPECT_FALSE(FlagMember(object, "none"));
  EXPECT_TRUE(FindMember(object, "n")->IsNull());
  EXPECT_EQ(FindMember(object, "")->GetInt(), 1);
}

TEST(JsonTest, WhatIsNoObjectHasNoMembers) {
  for (const char* text : {"null", "[1]", "\"a\"", "1"}) {
    const rapidjson::Document value = Parse(text);
    EXPECT_EQ(FindMember(value, "a"), nullptr) << text;
    EXPECT_EQ(TextMember(value, "a"), "") << text;
    EXPECT_FALSE(FlagMember(value, "a")) << text;
  }
}

TEST(JsonTest, ValuesAsText) {
  const rapidjson::Document value = Parse(R"({"a":[1,2.5,"x\"y",null]})");
  EXPECT_EQ(JsonTextOf(value), R"({"a":[1,2.5,"x\"y",null]})");
  EXPECT_EQ(PlainTextOf(value), R"({"a":[1,2.5,"x\"y",null]})");
  EXPECT_EQ(PlainTextOf(value["a"][2]), "x\"y");
  EXPECT_EQ(JsonTextOf(std::string_view("x\"\n")), R"("x\"\n")");
}

}  // namespace
}  // namespace eider
