#include "cli/raw_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eider::cli {
namespace {

using testing::ElementsAre;

TEST(RawJson, FindsMembers) {
  const std::string_view text = R"({ "errors" : [{"x": "}\""}], "data":{"a":{"b":1.50}} , "n": 12345678901234567890})";
  EXPECT_EQ(RawMember(text, "data"), R"({"a":{"b":1.50}})");
  EXPECT_EQ(RawMember(text, "n"), "12345678901234567890");
  EXPECT_EQ(RawMember(text, "nope"), std::nullopt);
  EXPECT_EQ(RawMember("{}", "a"), std::nullopt);
}

TEST(RawJson, KeepsElementsAsWritten) {
  const auto list =
      FirstRawList(R"({"no[t": "[", "a": {"b": [ {"x": 1.10, "l": [1,2]} , null,3e5, "a,]b", [] ]}, "c": [9]})");
  ASSERT_TRUE(list);
  EXPECT_THAT(RawElements(*list), ElementsAre(R"({"x": 1.10, "l": [1,2]})", "null", "3e5", R"("a,]b")", "[]"));
  EXPECT_THAT(RawElements("[]"), ElementsAre());
  EXPECT_EQ(FirstRawList(R"({"a": "[1]"})"), std::nullopt);
}

}  // namespace
}  // namespace eider::cli
