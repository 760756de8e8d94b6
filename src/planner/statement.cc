#include "planner/statement.h"

namespace eider::planner {

std::string Statement::Parameter(const BoundValue& value, std::string_view type) {
  std::size_t index = 0;
  while (index < parameter_map_.size() &&
         (parameter_map_[index] != value.parameter || parameter_types_[index] != type)) {
    ++index;
  }
  if (index == parameter_map_.size()) {
    parameter_map_.push_back(value.parameter);
    parameter_types_.emplace_back(type);
  }
  return "$" + std::to_string(index + 1);
}

int Statement::AddSessionValue(SessionValue value) {
  for (std::size_t i = 0; i < session_.size(); ++i) {
    if (session_[i].Equals(value)) return -1 - static_cast<int>(i);
  }
  session_.push_back(std::move(value));
  return -static_cast<int>(session_.size());
}

std::size_t Statement::ReserveCte(std::string name) {
  ctes_.push_back({std::move(name), {}, false});
  return ctes_.size() - 1;
}

void Statement::SetCte(std::size_t slot, std::string sql, bool materialized) {
  ctes_[slot].sql = std::move(sql);
  ctes_[slot].materialized = materialized;
}

std::string Statement::WithClause() const {
  std::string out;
  for (const Cte& cte : ctes_) {
    if (cte.sql.empty()) continue;
    out.append(out.empty() ? "WITH " : ", ").append(cte.name);
    out.append(cte.materialized ? " AS MATERIALIZED (" : " AS NOT MATERIALIZED (").append(cte.sql).append(")");
  }
  if (!out.empty()) out.push_back(' ');
  return out;
}

void Statement::Fail(graphql::Position position, std::string message, ErrorCode code) {
  if (!error_) error_ = PlanError{Error(code, std::move(message)), position, true};
}

}  // namespace eider::planner
