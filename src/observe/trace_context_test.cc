#include "observe/trace_context.h"

#include <gtest/gtest.h>

namespace eider::observe {
namespace {

constexpr const char* kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, IsReadAndWritten) {
  const auto context = ParseTraceparent(kParent, "vendor=a,other=b");
  ASSERT_TRUE(context);
  EXPECT_EQ(TraceIdText(*context), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(SpanIdText(context->span), "b7ad6b7169203331");
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->state, "vendor=a,other=b");
  EXPECT_EQ(TraceparentOf(*context), kParent);
}

TEST(TraceContext, OfFlagsOnlyTheFirstIsKnown) {
  const auto context = ParseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02", "");
  ASSERT_TRUE(context);
  EXPECT_FALSE(context->sampled);
  EXPECT_EQ(TraceparentOf(*context), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
}

TEST(TraceContext, LaterVersionsMayHaveMore) {
  EXPECT_TRUE(ParseTraceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""));
  EXPECT_TRUE(ParseTraceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-is-new", ""));
  EXPECT_FALSE(ParseTraceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what", ""));
}

TEST(TraceContext, WhatIsMalformedIsNone) {
  for (const char* parent : {"", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                             "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                             "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                             "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01",
                             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz",
                             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
                             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                             "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                             "00-0af7651916cd43dd8448eb211c80319cb7ad6b71692033310-001",
                             " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    EXPECT_FALSE(ParseTraceparent(parent, "")) << parent;
  }
}

TEST(TraceContext, AStateThatMayNotBeIsDropped) {
  EXPECT_EQ(ParseTraceparent(kParent, "a=\x01")->state, "");
  EXPECT_EQ(ParseTraceparent(kParent, "a=\r\nHost: b")->state, "");
  EXPECT_EQ(ParseTraceparent(kParent, std::string(513, 'a'))->state, "");
  EXPECT_EQ(ParseTraceparent(kParent, std::string(512, 'a'))->state.size(), 512u);
}

}  // namespace
}  // namespace eider::observe
