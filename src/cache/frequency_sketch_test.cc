#include "cache/frequency_sketch.h"

#include <gtest/gtest.h>

namespace eider::cache {
namespace {

TEST(FrequencySketchTest, CountsUpToFifteenAndForgetsSlowly) {
  FrequencySketch sketch(1024);
  EXPECT_EQ(sketch.Estimate(7), 0);
  for (int i = 0; i < 5; ++i) sketch.Add(7);
  EXPECT_EQ(sketch.Estimate(7), 5);
  for (int i = 0; i < 50; ++i) sketch.Add(7);
  EXPECT_EQ(sketch.Estimate(7), 15);
  // Ten times as many additions as it has counters halve everything.
  for (std::uint64_t i = 0; i < 11 * 1024; ++i) sketch.Add(1000 + i * 0x9e3779b97f4a7c15);
  EXPECT_LT(sketch.Estimate(7), 15);
  EXPECT_GE(sketch.Estimate(7), 7);
}

TEST(FrequencySketchTest, KeepsFrequentKeysApartFromOthers) {
  FrequencySketch sketch(4096);
  for (int round = 0; round < 10; ++round) {
    for (std::uint64_t key = 0; key < 100; ++key) sketch.Add(key * 0x9e3779b97f4a7c15);
  }
  for (std::uint64_t key = 1000; key < 3000; ++key) sketch.Add(key * 0x9e3779b97f4a7c15);
  int wrong = 0;
  for (std::uint64_t key = 0; key < 100; ++key) wrong += sketch.Estimate(key * 0x9e3779b97f4a7c15) < 10 ? 1 : 0;
  EXPECT_EQ(wrong, 0) << "an estimate is never below the count";
  for (std::uint64_t key = 5000; key < 6000; ++key) wrong += sketch.Estimate(key * 0x9e3779b97f4a7c15) > 3 ? 1 : 0;
  EXPECT_LT(wrong, 20);
}

}  // namespace
}  // namespace eider::cache
