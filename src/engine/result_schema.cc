#include "engine/result_schema.h"

#include <functional>
#include <string_view>
#include <vector>

#include "engine/duckdb_handles.h"
#include "engine/engine_error.h"

namespace eider::engine {
namespace {

void Mix(std::uint64_t& hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  hash ^= hash >> 29;
}

void MixName(std::uint64_t& hash, const char* name) {
  Mix(hash, std::hash<std::string_view>()(name == nullptr ? std::string_view() : std::string_view(name)));
}

void MixType(std::uint64_t& hash, duckdb_logical_type type);

void MixChild(std::uint64_t& hash, duckdb_logical_type child) { MixType(hash, TypeHandle(child).get()); }

void MixType(std::uint64_t& hash, duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  Mix(hash, id);
  switch (id) {
    case DUCKDB_TYPE_DECIMAL: Mix(hash, duckdb_decimal_width(type) * 64U + duckdb_decimal_scale(type)); break;
    case DUCKDB_TYPE_ENUM: Mix(hash, duckdb_enum_internal_type(type)); break;
    case DUCKDB_TYPE_LIST: MixChild(hash, duckdb_list_type_child_type(type)); break;
    case DUCKDB_TYPE_ARRAY:
      Mix(hash, duckdb_array_type_array_size(type));
      MixChild(hash, duckdb_array_type_child_type(type));
      break;
    case DUCKDB_TYPE_MAP:
      MixChild(hash, duckdb_map_type_key_type(type));
      MixChild(hash, duckdb_map_type_value_type(type));
      break;
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        MixName(hash, TakeText(duckdb_struct_type_child_name(type, i)).c_str());
        MixChild(hash, duckdb_struct_type_child_type(type, i));
      }
      break;
    case DUCKDB_TYPE_UNION:
      for (idx_t i = 0; i < duckdb_union_type_member_count(type); ++i) {
        MixName(hash, TakeText(duckdb_union_type_member_name(type, i)).c_str());
        MixChild(hash, duckdb_union_type_member_type(type, i));
      }
      break;
    default: break;
  }
}

}  // namespace

Result<std::shared_ptr<const columnar::BatchSchema>> ResultSchema::Get(duckdb_result* result,
                                                                       duckdb_arrow_options options,
                                                                       std::uint64_t settings_version) {
  const idx_t columns = duckdb_column_count(result);
  std::vector<TypeHandle> types;
  types.reserve(columns);
  std::uint64_t fingerprint = settings_version + 1;
  for (idx_t i = 0; i < columns; ++i) {
    types.emplace_back(duckdb_column_logical_type(result, i));
    MixName(fingerprint, duckdb_column_name(result, i));
    MixType(fingerprint, types.back().get());
  }
  if (schema_ != nullptr && fingerprint == fingerprint_) return schema_;

  std::vector<duckdb_logical_type> raw_types;
  std::vector<const char*> names;
  for (idx_t i = 0; i < columns; ++i) {
    raw_types.push_back(types[i].get());
    names.push_back(duckdb_column_name(result, i));
  }
  ArrowSchema schema{};
  const ErrorHandle error(duckdb_to_arrow_schema(options, raw_types.data(), names.data(), columns, &schema));
  if (error && duckdb_error_data_has_error(error.get())) return EngineError(duckdb_error_data_message(error.get()));
  schema_ = std::make_shared<const columnar::BatchSchema>(schema);
  fingerprint_ = fingerprint;
  return schema_;
}

}  // namespace eider::engine
