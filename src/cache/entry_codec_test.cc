#include "cache/entry_codec.h"

#include <gtest/gtest.h>

#include <random>

#include "cache/memcached_channel.h"

namespace eider::cache {
namespace {

constexpr std::size_t kMax = 1 << 20;

SharedEntry Sample(std::string text) {
  SharedEntry entry;
  entry.result = {std::move(text), true};
  entry.stored_ms = 1'700'000'000'123;
  entry.expires_ms = 1'700'000'060'123;
  entry.tags = {{"$obj:a", 7}, {"", 1}, {std::string("b\0c", 3), UINT64_MAX}};
  return entry;
}

TEST(EntryCodecTest, GivesBackWhatWasEncoded) {
  for (const std::string& text :
       {std::string(), std::string("null"), std::string(5000, 'x'), std::string(100'000, 'y')}) {
    const SharedEntry entry = Sample(text);
    const std::string bytes = EncodeEntry(entry);
    EXPECT_TRUE(text.size() <= 4096 || bytes.size() < text.size());
    const auto again = DecodeEntry(bytes, kMax);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->result.json, text);
    EXPECT_TRUE(again->result.truncated);
    EXPECT_EQ(again->tags, entry.tags);
    EXPECT_EQ(again->stored_ms, entry.stored_ms);
    EXPECT_EQ(again->expires_ms, entry.expires_ms);
    EXPECT_FALSE(DecodeEntry(bytes, text.size() - 1).has_value() && !text.empty());
  }
}

TEST(EntryCodecTest, RefusesEveryPartAndEveryChangedLength) {
  std::mt19937 random(5);
  for (const std::size_t size : {std::size_t{10}, std::size_t{9000}}) {
    const std::string bytes = EncodeEntry(Sample(std::string(size, 'x')));
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(DecodeEntry(bytes.substr(0, cut), kMax)) << cut;
    for (int i = 0; i < 2000; ++i) {
      std::string broken = bytes;
      broken[random() % broken.size()] = static_cast<char>(random());
      (void)DecodeEntry(broken, kMax);
    }
  }
  EXPECT_FALSE(DecodeEntry("", kMax));
  EXPECT_FALSE(DecodeEntry("EIC2", kMax));
}

TEST(MemcachedValuesTest, ReadsWholeAnswersOnly) {
  const std::string answer = "VALUE a 0 4\r\n\r\nEN\r\nVALUE b 0 0\r\n\r\nEND\r\n";
  const auto values = ReadMemcachedValues(answer, kMax);
  ASSERT_TRUE(values && *values);
  EXPECT_EQ((**values).at("a"), "\r\nEN");
  EXPECT_EQ((**values).at("b"), "");
  for (std::size_t cut = 0; cut < answer.size(); ++cut) {
    const auto part = ReadMemcachedValues(answer.substr(0, cut), kMax);
    EXPECT_TRUE(part && !*part) << cut;
  }
  EXPECT_TRUE((*ReadMemcachedValues("END\r\n", kMax))->empty());
  for (const char* wrong : {"ERROR\r\n", "VALUE a 0\r\n", "VALUE a 0 x\r\n", "VALUE a 0 99999999999\r\n",
                            "VALUE a 0 1\r\nxyz\r\nEND\r\n", "VALUE a 0 -1\r\n"}) {
    EXPECT_FALSE(ReadMemcachedValues(wrong, kMax)) << wrong;
  }
  EXPECT_FALSE(ReadMemcachedValues(std::string(600, 'x'), kMax));
}

}  // namespace
}  // namespace eider::cache
