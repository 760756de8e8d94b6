// Any bytes as values of PostgreSQL's binary format: rows are read or refused, and what was read can be written as
// JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "columnar/json_encoder.h"
#include "postgres/row_builder.h"

namespace {

using namespace eider;
using namespace eider::postgres;

constexpr TypeId kTypes[] = {kBool, kBytea,     kInt8,        kInt4,     kText,    kFloat8, kDate,
                             kTime, kTimestamp, kTimestamptz, kInterval, kNumeric, kUuid,   kJsonb,
                             1007,  1009,       kRecord,      2287,      1231,     1185};

void WriteJson(const columnar::Batch& batch) {
  columnar::Shape root;
  root.form = columnar::JsonForm::kObject;
  root.members.emplace_back().column = 0;
  const auto encoder = columnar::JsonEncoder::Create(root, *batch.schema(), {});
  if (!encoder) std::abort();
  std::string out;
  (*encoder)->AppendRows(batch, 0, batch.rows(), out);
}

}  // namespace

// The first byte chooses the type; each further byte below 255 begins a value of so many bytes, 255 is NULL.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const TypeCatalog types;
  const auto rows = RowBuilder::Make({{"v", kTypes[data[0] % std::size(kTypes)]}}, types);
  if (!rows) std::abort();
  std::string_view left(reinterpret_cast<const char*>(data) + 1, size - 1);
  while (!left.empty()) {
    const auto length = static_cast<unsigned char>(left.front());
    left.remove_prefix(1);
    std::optional<std::string_view> value;
    if (length < 255) value = left.substr(0, length);
    if (value) left.remove_prefix(value->size());
    if (!(*rows)->Append(0, value)) return 0;
    (*rows)->EndRow();
    // A small batch now and then, so that schemas change between batches.
    if (length % 7 == 0) WriteJson((*rows)->Finish());
  }
  WriteJson((*rows)->Finish());
  return 0;
}
