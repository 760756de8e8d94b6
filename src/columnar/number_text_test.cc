#include "columnar/number_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace eider::columnar {
namespace {

std::string Decimal(Int128 unscaled, int scale) {
  char room[kNumberRoom];
  return {room, WriteDecimal(unscaled, scale, room)};
}

template <class T>
std::string Float(T value) {
  char room[kNumberRoom];
  return {room, WriteFloat(value, room)};
}

TEST(WriteDecimalTest, TrimsZerosBehindThePoint) {
  EXPECT_EQ(Decimal(2990, 2), "29.9");
  EXPECT_EQ(Decimal(10000, 2), "100");
  EXPECT_EQ(Decimal(0, 2), "0");
  EXPECT_EQ(Decimal(-5, 2), "-0.05");
  EXPECT_EQ(Decimal(-50, 2), "-0.5");
  EXPECT_EQ(Decimal(1, 10), "0.0000000001");
  EXPECT_EQ(Decimal(123, 0), "123");
  EXPECT_EQ(Decimal(100, 0), "100");
  EXPECT_EQ(Decimal(12, 2), "0.12");
}

TEST(WriteDecimalTest, IsExactForAllOf128Bits) {
  const Int128 largest = static_cast<Int128>(~UInt128{0} >> 1U);
  EXPECT_EQ(Decimal(largest, 0), "170141183460469231731687303715884105727");
  EXPECT_EQ(Decimal(-largest - 1, 0), "-170141183460469231731687303715884105728");
  EXPECT_EQ(Decimal(largest, 38), "1.70141183460469231731687303715884105727");
}

TEST(WriteFloatTest, IsShortestAndNeverEndsInPointZero) {
  EXPECT_EQ(Float(100.0), "100");
  EXPECT_EQ(Float(29.99), "29.99");
  EXPECT_EQ(Float(0.1), "0.1");
  EXPECT_EQ(Float(-0.0), "-0");
  EXPECT_EQ(Float(100000.0), "100000");
  EXPECT_EQ(Float(1e20), "100000000000000000000");
  EXPECT_EQ(Float(1e21), "1e+21");
  EXPECT_EQ(Float(1e-7), "1e-07");
  EXPECT_EQ(Float(0.000123), "0.000123");
  EXPECT_EQ(Float(123456789.125), "123456789.125");
  EXPECT_EQ(Float(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
  EXPECT_EQ(Float(std::numeric_limits<double>::denorm_min()), "5e-324");
}

TEST(WriteFloatTest, UsesThePrecisionOfItsType) {
  EXPECT_EQ(Float(0.1F), "0.1");
  EXPECT_EQ(Float(1.5F), "1.5");
  EXPECT_EQ(Float(16777216.0F), "16777216");
}

}  // namespace
}  // namespace eider::columnar
