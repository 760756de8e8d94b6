#include "engine/parameter_binder.h"

#include <charconv>

#include "engine/engine_error.h"

namespace eider::engine {
namespace {

// The engine names a positional parameter by its number and indexes it by first appearance.
std::size_t PositionOf(duckdb_prepared_statement statement, idx_t index) {
  const std::string name = TakeText(duckdb_parameter_name(statement, index));
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number == 0) return index - 1;
  return number - 1;
}

}  // namespace

ParameterBinder::ParameterBinder(duckdb_prepared_statement statement) : statement_(statement) {
  const idx_t count = duckdb_nparams(statement);
  slots_.reserve(count);
  for (idx_t i = 1; i <= count; ++i) {
    slots_.push_back(
        Slot{PositionOf(statement, i), TargetType::Of(TypeHandle(duckdb_param_logical_type(statement, i)))});
  }
}

Status ParameterBinder::Bind(const Parameters& parameters, SessionCasts& casts) const {
  if (parameters.size() != slots_.size()) {
    return Error(ErrorCode::kBadInput, "the statement takes " + std::to_string(slots_.size()) + " parameters, given " +
                                           std::to_string(parameters.size()));
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    const std::string name = "parameter $" + std::to_string(slot.position + 1);
    if (slot.position >= parameters.size()) return Error(ErrorCode::kBadInput, "no value for " + name);
    auto value = ConvertValue(parameters[slot.position], slot.type, casts);
    if (!value) return std::move(value).error().Note(name);
    if (duckdb_bind_value(statement_, i + 1, value->get()) != DuckDBSuccess) {
      return Error(ErrorCode::kBadInput, "the engine refuses the value of " + name);
    }
  }
  return {};
}

}  // namespace eider::engine
