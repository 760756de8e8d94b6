#include "cache/frequency_sketch.h"

#include <algorithm>
#include <bit>

namespace eider::cache {

FrequencySketch::FrequencySketch(std::size_t keys) {
  const std::size_t row = std::bit_ceil(std::max<std::size_t>(keys, 64));
  mask_ = row - 1;
  words_.resize(row * kRows / 16);
}

std::size_t FrequencySketch::Place(std::uint64_t hash, int row) const {
  constexpr std::uint64_t kSeeds[kRows] = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb,
                                           0xd6e8feb86659fd93};
  std::uint64_t mixed = (hash ^ (hash >> 32)) * kSeeds[row];
  mixed ^= mixed >> 29;
  return static_cast<std::size_t>(row) * (mask_ + 1) + (mixed & mask_);
}

void FrequencySketch::Add(std::uint64_t hash) {
  const int least = Estimate(hash);
  if (least == 15) return;
  // Only the smallest counters grow, which keeps keys that share one with a frequent key apart from it.
  for (int row = 0; row < kRows; ++row) {
    const std::size_t place = Place(hash, row);
    if (Get(place) == least) words_[place / 16] += std::uint64_t{1} << (place % 16 * 4);
  }
  if (++added_ >= 10 * (mask_ + 1)) Halve();
}

int FrequencySketch::Estimate(std::uint64_t hash) const {
  int least = 15;
  for (int row = 0; row < kRows; ++row) least = std::min(least, Get(Place(hash, row)));
  return least;
}

void FrequencySketch::Halve() {
  for (std::uint64_t& word : words_) word = (word >> 1) & 0x7777777777777777;
  added_ /= 2;
}

}  // namespace eider::cache
