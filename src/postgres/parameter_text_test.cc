#include "postgres/parameter_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace eider::postgres {
namespace {

using engine::Value;
using engine::ValueList;

std::string TextOf(const Value& value) {
  const auto text = ParameterText(value);
  if (!text) return "error: " + text.error().message;
  return *text ? **text : "NULL";
}

TEST(ParameterText, WritesScalars) {
  EXPECT_EQ(TextOf({}), "NULL");
  EXPECT_EQ(TextOf(true), "t");
  EXPECT_EQ(TextOf(std::int64_t{-5}), "-5");
  EXPECT_EQ(TextOf(0.1), "0.1");
  EXPECT_EQ(TextOf(1e300), "1e+300");
  EXPECT_EQ(TextOf(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(TextOf(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(TextOf(std::string("it's \"so\"")), "it's \"so\"");
}

TEST(ParameterText, WritesListsAsArrayLiterals) {
  EXPECT_EQ(TextOf(ValueList{}), "{}");
  EXPECT_EQ(TextOf(ValueList{Value(std::int64_t{1}), Value(), Value(true)}), "{1,NULL,t}");
  EXPECT_EQ(TextOf(ValueList{Value(std::string("a\"b\\c")), Value(std::string("NULL")), Value(std::string())}),
            R"({"a\"b\\c","NULL",""})");
  EXPECT_EQ(TextOf(ValueList{Value(ValueList{Value(std::int64_t{1})}), Value(ValueList{Value(std::int64_t{2})})}),
            "{{1},{2}}");
}

TEST(ParameterText, RefusesNulCharacters) {
  EXPECT_EQ(TextOf(std::string("a\0b", 3)), "error: a text with a NUL character cannot be stored in PostgreSQL");
  EXPECT_EQ(TextOf(ValueList{Value(std::string("\0", 1))}),
            "error: a text with a NUL character cannot be stored in PostgreSQL");
}

}  // namespace
}  // namespace eider::postgres
