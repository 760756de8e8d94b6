#include "query/keyed_change.h"

#include <algorithm>

#include "engine/change_rows.h"
#include "engine/text_rows.h"
#include "planner/change.h"

namespace eider::query {
namespace {

using planner::BoundKind;
using planner::BoundValue;

// Keys of one statement.
constexpr std::size_t kKeysAtOnce = 500;

engine::Parameters Pick(const planner::Change& change, const engine::Parameters& all,
                        const planner::Requester& requester) {
  return planner::PickParameters(change.parameter_map, all, planner::SessionParameters(change.session, requester));
}

Result<planner::Change> Compile(const planner::BoundField& field) {
  auto change = field.binding->kind == catalog::FieldKind::kUpdate ? planner::CompileUpdate(field)
                                                                   : planner::CompileDelete(field);
  if (!change) return std::move(change).error().error;
  return std::move(*change);
}

Status RunChange(engine::Session& session, const engine::Limits& limits, const planner::Change& change,
                 const engine::Parameters& all, const planner::Requester& requester) {
  EIDER_RETURN_IF_ERROR(engine::ChangeRows(session, change.sql, Pick(change, all, requester), limits));
  return {};
}

// {eq: $parameter} of each key column.
BoundValue KeyFilter(const catalog::DataObject& object, const engine::TextRow& key, engine::Parameters& parameters) {
  BoundValue filter;
  filter.kind = BoundKind::kObject;
  for (std::size_t i = 0; i < object.primary_key.size(); ++i) {
    BoundValue equals;
    equals.kind = BoundKind::kObject;
    equals.fields.push_back({"eq", BoundValue::ParameterOf(static_cast<int>(parameters.size()), false)});
    parameters.emplace_back(key[i].value_or(""));
    filter.fields.push_back({object.primary_key[i]->name, std::move(equals)});
  }
  return filter;
}

void SetFilter(planner::BoundField& field, BoundValue filter) {
  for (auto& [name, value] : field.arguments) {
    if (name != "filter") continue;
    value = std::move(filter);
    return;
  }
}

}  // namespace

Result<std::int64_t> ChangeByKey(engine::Session& session, const engine::Limits& limits, const planner::BoundRoot& root,
                                 const planner::Requester& requester) {
  const catalog::DataObject& object = *root.field.binding->object;
  const bool by_key = !object.primary_key.empty() && root.field.Argument("filter") != nullptr;
  auto find =
      planner::CompileChangedRows(root.field, by_key ? planner::ChangedRows::kKeys : planner::ChangedRows::kCount);
  if (!find) return std::move(find).error().error;
  EIDER_ASSIGN_OR_RETURN(const auto found,
                         engine::ReadTextRows(session, find->sql, Pick(*find, root.parameters, requester), limits));
  if (!by_key) {
    EIDER_ASSIGN_OR_RETURN(const planner::Change change, Compile(root.field));
    EIDER_RETURN_IF_ERROR(RunChange(session, limits, change, root.parameters, requester));
    return found.empty() ? 0 : std::stoll(found.front()[0].value_or("0"));
  }
  for (std::size_t at = 0; at < found.size(); at += kKeysAtOnce) {
    planner::BoundField field = root.field;
    engine::Parameters parameters = root.parameters;
    BoundValue any;
    any.kind = BoundKind::kList;
    for (std::size_t i = at; i < std::min(at + kKeysAtOnce, found.size()); ++i) {
      any.items.push_back(KeyFilter(object, found[i], parameters));
    }
    BoundValue filter;
    filter.kind = BoundKind::kObject;
    filter.fields.push_back({"_or", std::move(any)});
    SetFilter(field, std::move(filter));
    EIDER_ASSIGN_OR_RETURN(const planner::Change change, Compile(field));
    EIDER_RETURN_IF_ERROR(RunChange(session, limits, change, parameters, requester));
  }
  return static_cast<std::int64_t>(found.size());
}

}  // namespace eider::query
