#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "columnar/batch.h"

namespace eider::columnar {

// The text in row `row` of column `column`; nothing for NULL. The view lives as long as the batch.
// REQUIRES: the column is Arrow utf8 ("u").
inline std::optional<std::string_view> TextAt(const Batch& batch, std::int64_t column, std::int64_t row) {
  const ArrowArray& array = *batch.c_array().children[column];
  const std::int64_t at = array.offset + row;
  const auto* validity = static_cast<const std::uint8_t*>(array.buffers[0]);
  if (validity != nullptr && (validity[at / 8] >> (at % 8) & 1) == 0) return std::nullopt;
  const auto* offsets = static_cast<const std::int32_t*>(array.buffers[1]);
  const auto* data = static_cast<const char*>(array.buffers[2]);
  return std::string_view(data + offsets[at], static_cast<std::size_t>(offsets[at + 1] - offsets[at]));
}

}  // namespace eider::columnar
