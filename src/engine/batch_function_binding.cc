#include "engine/batch_function_binding.h"

#include <memory>

#include "engine/duckdb_handles.h"

namespace eider::engine {
namespace {

using FunctionHandle = Handle<duckdb_scalar_function, &duckdb_destroy_scalar_function>;

// What the engine keeps for the function.
struct Registration {
  BatchFunction function;
  CallTable& calls;
};

template <class T>
void Delete(void* raw) {
  delete static_cast<T*>(raw);  // NOLINT(cppcoreguidelines-owning-memory): owned by the engine until now.
}

// Remembers for a thread of a statement whose statement it is.
void Init(duckdb_init_info info) {
  duckdb_client_context context = nullptr;
  duckdb_scalar_function_init_get_client_context(info, &context);
  auto id = std::make_unique<std::uint64_t>(duckdb_client_context_get_connection_id(context));
  duckdb_destroy_client_context(&context);
  duckdb_scalar_function_init_set_state(info, id.release(), &Delete<std::uint64_t>);
}

// The arguments of every row, texts that live as long as this.
std::vector<TextRow> ReadCalls(duckdb_data_chunk chunk) {
  const idx_t rows = duckdb_data_chunk_get_size(chunk);
  const idx_t columns = duckdb_data_chunk_get_column_count(chunk);
  std::vector<TextRow> calls(rows, TextRow(columns));
  for (idx_t column = 0; column < columns; ++column) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
    auto* texts = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
    std::uint64_t* validity = duckdb_vector_get_validity(vector);
    for (idx_t row = 0; row < rows; ++row) {
      if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) continue;
      calls[row][column].emplace(duckdb_string_t_data(&texts[row]), duckdb_string_t_length(texts[row]));
    }
  }
  return calls;
}

void WriteValues(const std::vector<std::shared_ptr<const CallMemo::Entry>>& values, duckdb_vector output) {
  for (idx_t row = 0; row < values.size(); ++row) {
    if (const auto& value = values[row]->value) {
      duckdb_vector_assign_string_element_len(output, row, value->data(), value->size());
      continue;
    }
    duckdb_vector_ensure_validity_writable(output);
    duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
  }
}

void Call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& known = *static_cast<Registration*>(duckdb_scalar_function_get_extra_info(info));
  const auto* connection = static_cast<std::uint64_t*>(duckdb_scalar_function_get_state(info));
  const auto memo = connection == nullptr ? nullptr : known.calls.Find(*connection);
  if (memo == nullptr) return duckdb_scalar_function_set_error(info, "the statement has ended");
  const auto values = memo->Answer(known.function, ReadCalls(input));
  if (!values) return duckdb_scalar_function_set_error(info, values.error().message.c_str());
  WriteValues(*values, output);
}

}  // namespace

Status RegisterBatchFunction(duckdb_connection connection, CallTable& calls, const BatchFunction& function) {
  const TypeHandle text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  const TypeHandle json(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  duckdb_logical_type_set_alias(json.get(), "JSON");
  const FunctionHandle handle(duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(handle.get(), function.name.c_str());
  for (int i = 0; i < function.parameters; ++i) duckdb_scalar_function_add_parameter(handle.get(), text.get());
  duckdb_scalar_function_set_return_type(handle.get(), json.get());
  duckdb_scalar_function_set_special_handling(handle.get());
  // Else the engine would call it while it plans.
  duckdb_scalar_function_set_volatile(handle.get());
  auto registration = std::make_unique<Registration>(Registration{function, calls});
  duckdb_scalar_function_set_extra_info(handle.get(), registration.release(), &Delete<Registration>);
  duckdb_scalar_function_set_init(handle.get(), &Init);
  duckdb_scalar_function_set_function(handle.get(), &Call);
  if (duckdb_register_scalar_function(connection, handle.get()) == DuckDBSuccess) return {};
  return Error(ErrorCode::kInternal, "the engine refuses the function " + function.name);
}

}  // namespace eider::engine
