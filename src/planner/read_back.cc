#include "planner/read_back.h"

#include "planner/assigned.h"
#include "planner/filter.h"
#include "planner/rows.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;

namespace {

std::string KeyType(const Dialect& dialect, const DataObject& object, const Column& column) {
  const bool own = &dialect == &WriterOf(object) && !column.sql_type.empty();
  return own ? column.sql_type : std::string(dialect.TypeOf(column.kind));
}

// The rows with the position i and the keys k0, k1 … of what was written.
std::string KeyRows(Statement& statement, const DataObject& object, int first_key) {
  const std::vector<const Column*>& keys = object.primary_key;
  std::vector<std::string> lists;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const BoundValue parameter = BoundValue::ParameterOf(first_key + static_cast<int>(k), true);
    lists.push_back("CAST(" + statement.Parameter(parameter) + " AS " + KeyType(statement.dialect(), object, *keys[k]) +
                    "[])");
  }
  return "(" + statement.dialect().UnnestKeys(lists) + ")";
}

}  // namespace

PlanResult<std::shared_ptr<const Plan>> CompileReadOne(const BoundField& root, const std::vector<const Column*>& key,
                                                       int first_key) {
  catalog::UniqueKey unique{"", key};
  catalog::FieldBinding binding = *root.binding;
  binding.kind = catalog::FieldKind::kSelectUnique;
  binding.unique = &unique;
  BoundField select;
  select.response_name = root.response_name;
  select.def = root.def;
  select.parent = root.parent;
  select.binding = &binding;
  select.children = root.children;
  select.position = root.position;
  select.access = root.access;
  for (std::size_t k = 0; k < key.size(); ++k) {
    select.arguments.emplace_back(key[k]->name, BoundValue::ParameterOf(first_key + static_cast<int>(k), false));
  }
  return CompileQuery(select, {});
}

PlanResult<std::shared_ptr<const Plan>> CompileReadMany(const BoundField& root, int first_key, bool in_source) {
  const DataObject& object = *root.binding->object;
  Statement statement(in_source ? WriterOf(object) : DuckDb());
  statement.SetAccess(root.access.get());
  BoundField arguments;
  arguments.def = root.def;
  arguments.binding = root.binding;
  arguments.position = root.position;
  Level level(statement, object, arguments);
  const std::string keys = statement.Name("q");
  const std::string table = FromText(statement, object, nullptr) + " " + level.base().alias;
  level.SetFrom(KeyRows(statement, object, first_key) + " " + keys + ", " + table);
  for (std::size_t k = 0; k < object.primary_key.size(); ++k) {
    const Value value = ColumnValue(object, *object.primary_key[k], level.base().alias);
    level.AddCondition(value.sql + " = " + keys + ".k" + std::to_string(k));
  }
  level.ApplyInner(root.children);
  const std::string position = level.Ref(level.base(), keys + ".i");
  Selection rows(level);
  rows.outputs().Add(position);
  auto plan = std::make_shared<Plan>();
  plan->batch_shape = FlatObject("");
  rows.AddMembers(level.base(), root.children, plan->batch_shape.members);
  const std::string list = NameList(rows.outputs().columns());
  const std::string from = rows.FromSql();
  plan->batch_sql = statement.WithClause() + "SELECT " + list + " FROM " + from;
  if (statement.error()) return tl::unexpected(*statement.error());
  plan->parameter_map = statement.parameter_map();
  plan->session = statement.session();
  return plan;
}

}  // namespace eider::planner
