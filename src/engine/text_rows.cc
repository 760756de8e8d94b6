#include "engine/text_rows.h"

#include <cstring>

namespace eider::engine {
namespace {

// The three layouts in which Arrow may hold text: 32-bit offsets, 64-bit offsets, views.
enum class TextLayout { kSmall, kLarge, kView };

Result<TextLayout> LayoutOf(const ArrowSchema& column) {
  const std::string_view format = column.format;
  if (format == "u") return TextLayout::kSmall;
  if (format == "U") return TextLayout::kLarge;
  if (format == "vu") return TextLayout::kView;
  return Error(ErrorCode::kInternal, "a text column arrived in the Arrow format " + std::string(format));
}

bool IsNull(const ArrowArray& array, std::int64_t index) {
  const auto* validity = static_cast<const std::uint8_t*>(array.buffers[0]);
  return array.null_count != 0 && validity != nullptr && (validity[index >> 3] >> (index & 7) & 1) == 0;
}

template <class Offset>
std::string_view SlicedText(const ArrowArray& array, std::int64_t index) {
  const auto* offsets = static_cast<const Offset*>(array.buffers[1]);
  const auto* bytes = static_cast<const char*>(array.buffers[2]);
  return {bytes + offsets[index], static_cast<std::size_t>(offsets[index + 1] - offsets[index])};
}

std::string_view ViewedText(const ArrowArray& array, std::int64_t index) {
  constexpr std::int32_t kInlineBytes = 12;
  const char* view = static_cast<const char*>(array.buffers[1]) + index * 16;
  std::int32_t fields[4];  // length, prefix, buffer, offset
  std::memcpy(fields, view, sizeof fields);
  if (fields[0] <= kInlineBytes) return {view + 4, static_cast<std::size_t>(fields[0])};
  const auto* bytes = static_cast<const char*>(array.buffers[2 + fields[2]]);
  return {bytes + fields[3], static_cast<std::size_t>(fields[0])};
}

std::optional<std::string> TextAt(const ArrowArray& array, TextLayout layout, std::int64_t row) {
  const std::int64_t index = array.offset + row;
  if (IsNull(array, index)) return std::nullopt;
  switch (layout) {
    case TextLayout::kSmall: return std::string(SlicedText<std::int32_t>(array, index));
    case TextLayout::kLarge: return std::string(SlicedText<std::int64_t>(array, index));
    case TextLayout::kView: return std::string(ViewedText(array, index));
  }
  return std::nullopt;
}

}  // namespace

Status AppendTextRows(const columnar::Batch& batch, std::vector<TextRow>& rows) {
  const ArrowSchema& schema = batch.schema()->c_schema();
  const std::size_t first = rows.size();
  rows.resize(first + static_cast<std::size_t>(batch.rows()));
  for (std::int64_t column = 0; column < schema.n_children; ++column) {
    EIDER_ASSIGN_OR_RETURN(const TextLayout layout, LayoutOf(*schema.children[column]));
    const ArrowArray& array = *batch.c_array().children[column];
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      rows[first + static_cast<std::size_t>(row)].push_back(TextAt(array, layout, batch.c_array().offset + row));
    }
  }
  return {};
}

Result<std::vector<TextRow>> ReadTextRows(Cursor& cursor) {
  std::vector<TextRow> rows;
  while (true) {
    EIDER_ASSIGN_OR_RETURN(const std::optional<columnar::Batch> batch, cursor.Next());
    if (!batch) return rows;
    EIDER_RETURN_IF_ERROR(AppendTextRows(*batch, rows));
  }
}

Result<std::vector<TextRow>> QueryTexts(Session& session, std::string_view sql, const Parameters& parameters,
                                        const Limits& limits) {
  EIDER_ASSIGN_OR_RETURN(const std::unique_ptr<Cursor> cursor, session.Query(sql, parameters, limits));
  return ReadTextRows(*cursor);
}

Result<std::vector<TextRow>> ReadTextRows(Session& session, std::string_view query, const Parameters& parameters,
                                          const Limits& limits) {
  return QueryTexts(session, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (" + std::string(query) + ")", parameters,
                    limits);
}

}  // namespace eider::engine
