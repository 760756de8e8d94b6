#include "engine/geo_functions.h"

#include <cstring>
#include <span>
#include <string_view>

#include "engine/duckdb_handles.h"
#include "geo/h3_cells.h"
#include "geo/wkb.h"

namespace eider::engine {
namespace {

using FunctionHandle = Handle<duckdb_scalar_function, &duckdb_destroy_scalar_function>;

// One argument of a call: a column of the input chunk.
template <class T>
class Argument {
 public:
  Argument(duckdb_data_chunk chunk, idx_t index) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, index);
    data_ = static_cast<T*>(duckdb_vector_get_data(vector));
    validity_ = duckdb_vector_get_validity(vector);
  }
  bool IsNull(idx_t row) const { return validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row); }
  T& operator[](idx_t row) const { return data_[row]; }

 private:
  T* data_ = nullptr;
  std::uint64_t* validity_ = nullptr;
};

std::string_view TextOf(duckdb_string_t& text) { return {duckdb_string_t_data(&text), duckdb_string_t_length(text)}; }

void SetNull(duckdb_vector output, idx_t row) {
  duckdb_vector_ensure_validity_writable(output);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
}

void Fail(duckdb_function_info info, const Error& error) {
  duckdb_scalar_function_set_error(info, error.message.c_str());
}

// Appends lists to a list vector, whose child grows by doubling.
class ListOutput {
 public:
  explicit ListOutput(duckdb_vector vector) : vector_(vector) {}

  bool Add(idx_t row, std::span<const geo::Cell> cells) {
    if (size_ + cells.size() > capacity_) {
      capacity_ = std::max<idx_t>(size_ + cells.size(), capacity_ * 2);
      if (duckdb_list_vector_reserve(vector_, capacity_) != DuckDBSuccess) return false;
    }
    auto* child = static_cast<geo::Cell*>(duckdb_vector_get_data(duckdb_list_vector_get_child(vector_)));
    if (!cells.empty()) std::memcpy(child + size_, cells.data(), cells.size_bytes());
    static_cast<duckdb_list_entry*>(duckdb_vector_get_data(vector_))[row] = {size_, cells.size()};
    size_ += cells.size();
    return duckdb_list_vector_set_size(vector_, size_) == DuckDBSuccess;
  }

 private:
  duckdb_vector vector_;
  idx_t size_ = 0;
  idx_t capacity_ = 0;
};

Result<std::vector<geo::Cell>> CellsOfWkb(std::string_view wkb, int resolution, bool simplify) {
  EIDER_ASSIGN_OR_RETURN(const geo::Geometry geometry, geo::ReadWkb(wkb));
  return geo::CellsOf(simplify ? geo::SimplifiedFor(geometry, resolution) : geometry, resolution);
}

// Called by the engine, which turns memory that runs out into an error of the statement.
void Cells(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const Argument<duckdb_string_t> wkb(input, 0);
  const Argument<std::int32_t> resolution(input, 1);
  const Argument<bool> simplify(input, 2);
  ListOutput lists(output);
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    if (wkb.IsNull(row) || resolution.IsNull(row) || simplify.IsNull(row)) {
      lists.Add(row, {});
      SetNull(output, row);
      continue;
    }
    const auto cells = CellsOfWkb(TextOf(wkb[row]), resolution[row], simplify[row]);
    if (!cells) return Fail(info, cells.error());
    if (!lists.Add(row, *cells)) return Fail(info, Error(ErrorCode::kMemoryLimit, "no memory for H3 cells"));
  }
}

void Boundary(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const Argument<geo::Cell> cell(input, 0);
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    if (cell.IsNull(row)) {
      SetNull(output, row);
      continue;
    }
    const auto outline = geo::CellBoundary(cell[row]);
    if (!outline) return Fail(info, outline.error());
    const std::string wkb = geo::WriteWkb(*outline);
    duckdb_vector_assign_string_element_len(output, row, wkb.data(), wkb.size());
  }
}

Status Register(duckdb_connection connection, const char* name, std::span<const duckdb_type> parameters,
                duckdb_logical_type result, duckdb_scalar_function_t call) {
  const FunctionHandle function(duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), name);
  for (const duckdb_type parameter : parameters) {
    const TypeHandle type(duckdb_create_logical_type(parameter));
    duckdb_scalar_function_add_parameter(function.get(), type.get());
  }
  duckdb_scalar_function_set_return_type(function.get(), result);
  duckdb_scalar_function_set_special_handling(function.get());
  duckdb_scalar_function_set_function(function.get(), call);
  if (duckdb_register_scalar_function(connection, function.get()) == DuckDBSuccess) return {};
  return Error(ErrorCode::kInternal, std::string("the engine refuses the function ") + name);
}

}  // namespace

Status RegisterGeoFunctions(duckdb_connection connection) {
  const TypeHandle cell(duckdb_create_logical_type(DUCKDB_TYPE_UBIGINT));
  const TypeHandle cells(duckdb_create_list_type(cell.get()));
  const TypeHandle bytes(duckdb_create_logical_type(DUCKDB_TYPE_BLOB));
  static constexpr duckdb_type kCells[] = {DUCKDB_TYPE_BLOB, DUCKDB_TYPE_INTEGER, DUCKDB_TYPE_BOOLEAN};
  static constexpr duckdb_type kBoundary[] = {DUCKDB_TYPE_UBIGINT};
  EIDER_RETURN_IF_ERROR(Register(connection, "eider_h3_cells", kCells, cells.get(), Cells));
  return Register(connection, "eider_h3_boundary", kBoundary, bytes.get(), Boundary);
}

}  // namespace eider::engine
