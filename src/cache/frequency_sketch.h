#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace eider::cache {

// About how often keys were asked for lately: a count-min sketch of four-bit counters in four rows, halved after ten
// times as many additions as it has counters. Not thread-safe.
class FrequencySketch {
 public:
  // Room for about `keys` different keys.
  explicit FrequencySketch(std::size_t keys);

  void Add(std::uint64_t hash);
  // 0 to 15.
  int Estimate(std::uint64_t hash) const;

 private:
  static constexpr int kRows = 4;
  std::size_t Place(std::uint64_t hash, int row) const;
  int Get(std::size_t place) const { return static_cast<int>(words_[place / 16] >> (place % 16 * 4)) & 15; }
  void Halve();

  std::vector<std::uint64_t> words_;  // 16 counters each.
  std::size_t mask_;                  // Of a counter's place in its row.
  std::size_t added_ = 0;
};

}  // namespace eider::cache
