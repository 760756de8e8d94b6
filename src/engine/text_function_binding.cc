#include "engine/text_function_binding.h"

#include <memory>
#include <utility>
#include <vector>

#include "engine/duckdb_handles.h"

namespace eider::engine {
namespace {

using FunctionHandle = Handle<duckdb_scalar_function, &duckdb_destroy_scalar_function>;

// A column of texts of the input chunk.
struct Texts {
  duckdb_string_t* data = nullptr;
  std::uint64_t* validity = nullptr;

  TextFunction::Argument At(idx_t row) const {
    if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return std::nullopt;
    duckdb_string_t& text = data[row];
    return std::string_view(duckdb_string_t_data(&text), duckdb_string_t_length(text));
  }
};

void Call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& function = *static_cast<const TextFunction*>(duckdb_scalar_function_get_extra_info(info));
  std::vector<Texts> columns;
  for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(input); ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(input, i);
    columns.push_back(
        {static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)), duckdb_vector_get_validity(vector)});
  }
  std::vector<TextFunction::Argument> arguments(columns.size());
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) arguments[i] = columns[i].At(row);
    const auto made = function.call(arguments);
    if (!made) return duckdb_scalar_function_set_error(info, made.error().message.c_str());
    if (*made) {
      duckdb_vector_assign_string_element_len(output, row, (*made)->data(), (*made)->size());
      continue;
    }
    duckdb_vector_ensure_validity_writable(output);
    duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
  }
}

}  // namespace

Status RegisterTextFunction(duckdb_connection connection, TextFunction function) {
  const FunctionHandle handle(duckdb_create_scalar_function());
  const TypeHandle text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  duckdb_scalar_function_set_name(handle.get(), function.name.c_str());
  for (int i = 0; i < function.arguments; ++i) duckdb_scalar_function_add_parameter(handle.get(), text.get());
  duckdb_scalar_function_set_return_type(handle.get(), text.get());
  duckdb_scalar_function_set_special_handling(handle.get());
  if (function.is_volatile) duckdb_scalar_function_set_volatile(handle.get());
  const std::string name = function.name;
  duckdb_scalar_function_set_extra_info(handle.get(), std::make_unique<TextFunction>(std::move(function)).release(),
                                        [](void* owned) { delete static_cast<TextFunction*>(owned); });
  duckdb_scalar_function_set_function(handle.get(), Call);
  if (duckdb_register_scalar_function(connection, handle.get()) == DuckDBSuccess) return {};
  return Error(ErrorCode::kInternal, "the engine refuses the function " + name);
}

}  // namespace eider::engine
