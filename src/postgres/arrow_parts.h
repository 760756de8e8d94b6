#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/arrow_c.h"

namespace eider::postgres {

// The bits that tell values from nulls; nothing is kept while there is no null.
class Validity {
 public:
  void AppendValue() {
    if (nulls_ > 0) Set(size_);
    ++size_;
  }
  void AppendNull();

  std::int64_t size() const { return size_; }
  std::int64_t nulls() const { return nulls_; }
  std::vector<std::uint8_t> Take();
  void Clear();

 private:
  void Set(std::int64_t at) {
    Grow(at);
    bits_[static_cast<std::size_t>(at >> 3)] |= static_cast<std::uint8_t>(1U << (at & 7));
  }
  void Grow(std::int64_t at) {
    if (bits_.size() <= static_cast<std::size_t>(at >> 3)) bits_.resize(static_cast<std::size_t>(at >> 3) + 1);
  }

  std::vector<std::uint8_t> bits_;
  std::int64_t size_ = 0;
  std::int64_t nulls_ = 0;
};

// The memory behind one Arrow array, freed by its release callback.
struct ArrayMemory {
  std::vector<std::uint8_t> validity;
  std::vector<char> values;           // Fixed-size values or bits.
  std::vector<std::int32_t> offsets;  // Of texts and lists.
  std::string text;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
  const void* buffers[3] = {};
};

// Hands `memory` to `array`. `buffers` are those behind the validity bits, in Arrow's order. Children must be set
// already.
void ExportArray(std::unique_ptr<ArrayMemory> memory, Validity& validity, std::vector<const void*> buffers,
                 ArrowArray& array);

// An array of Arrow's null type.
void ExportNulls(std::int64_t length, ArrowArray& array);

// Fills `schema` with copies of the texts and takes over the children. `metadata` must live as long as the process.
void ExportSchema(std::string_view name, std::string_view format, std::vector<ArrowSchema> children,
                  const char* metadata, ArrowSchema& schema);

}  // namespace eider::postgres
