#include "planner/access.h"

#include <algorithm>
#include <array>

#include "planner/dialect.h"
#include "planner/filter.h"

namespace eider::planner {

using auth::Operation;
using catalog::DataObject;

namespace {

constexpr std::array<std::string_view, 5> kIdentityStore = {"roles", "role_permissions", "role_limits", "api_keys",
                                                            "audit_log"};
constexpr std::array<std::string_view, 3> kRegistry = {"data_sources", "catalog_sources", "catalogs"};
constexpr std::array<std::string_view, 4> kModules = {"core.meta", "core.storage", "core.cluster", "core.queries"};

bool HoldsName(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string ModuleType(std::string_view module, std::string_view suffix) {
  std::string name = module.empty() ? "" : "_module_" + std::string(module);
  std::ranges::replace(name, '.', '_');
  return name.append(suffix);
}

std::string_view Verb(Operation operation) {
  switch (operation) {
    case Operation::kInsert: return "insert_";
    case Operation::kUpdate: return "update_";
    case Operation::kDelete: return "delete_";
    default: return {};
  }
}

}  // namespace

bool Access::IsGuarded(const DataObject& object, Operation operation) const {
  if (rules_->is_admin() || object.source == nullptr || !object.source->internal) return false;
  const bool is_write = operation != Operation::kQuery;
  const bool guarded = HoldsName(kIdentityStore, object.declared_name) || HoldsName(kModules, object.module) ||
                       (is_write && HoldsName(kRegistry, object.declared_name));
  if (!guarded) return false;
  const std::string field = std::string(Verb(operation)) + object.field;
  return !rules_->Grants(auth::RuleTypeOf(operation), object.name) && !rules_->Grants(object.name, "*") &&
         !rules_->Grants(ModuleType(object.module, is_write ? "_mutation" : "_query"), field);
}

bool Access::IsDenied(const DataObject& object, Operation operation) const {
  if (IsGuarded(object, operation)) return true;
  const auth::Rule* read = rules_->Object(Operation::kQuery, object.name);
  if (read != nullptr && read->disabled) return true;
  const auth::Rule* own = rules_->Object(operation, object.name);
  return own != nullptr && own->disabled;
}

bool Access::IsFieldDenied(std::string_view type, std::string_view field) const {
  const auth::Rule* rule = rules_->Field(type, field).rule;
  return rule != nullptr && rule->disabled;
}

const std::string& Access::FilterOf(const DataObject& object, Operation operation) const {
  static const std::string kNone;
  const auth::Rule* own = rules_->Object(operation, object.name);
  if (own != nullptr && !own->filter.empty() && own->filter != "{}") return own->filter;
  const auth::Rule* read = rules_->Object(Operation::kQuery, object.name);
  return read == nullptr ? kNone : read->filter;
}

void Forbid(Statement& statement, std::string what) {
  statement.Fail(Error(ErrorCode::kForbidden, std::string(kForbidden)).Hide(std::move(what)));
}

void CheckAllowed(Statement& statement, const DataObject& object, Operation operation) {
  const Access* access = statement.access();
  if (access != nullptr && access->IsDenied(object, operation)) {
    Forbid(statement, std::string(auth::RuleTypeOf(operation)).append(" ").append(object.name));
  }
}

void CheckFieldAllowed(Statement& statement, std::string_view type, std::string_view field) {
  const Access* access = statement.access();
  if (access != nullptr && access->IsFieldDenied(type, field)) {
    Forbid(statement, std::string(type).append(".").append(field));
  }
}

std::string RoleConditionSql(Statement& statement, const DataObject& object, Operation operation,
                             std::string_view alias) {
  const Access* access = statement.access();
  if (access == nullptr) return {};
  const std::string& filter = access->FilterOf(object, operation);
  return filter.empty() ? std::string() : RuleFilterSql(statement, object, filter, alias);
}

std::string RuleFilterSql(Statement& statement, const DataObject& object, std::string_view filter,
                          std::string_view alias) {
  const Access* access = statement.access();
  if (access == nullptr || filter.empty()) return {};
  std::vector<SessionValue> guard;
  const auto bound = ReadRuleFilter(statement, access->schema(), object, filter, guard);
  if (!bound) return "false";
  // A rule is the operator's statement about all rows: it reads related objects as they are.
  const Statement::WithoutAccess unrestricted(statement);
  const bool failed_before = statement.error().has_value();
  std::string condition = FilterSql(statement, object, alias, *bound);
  if (!failed_before && statement.error()) {
    statement.ClearError();
    return "false";
  }
  if (condition.empty()) return "false";
  if (guard.empty()) return condition;
  SessionValue resolved;
  resolved.kind = SessionValue::Kind::kResolved;
  resolved.needed = std::move(guard);
  const BoundValue parameter = BoundValue::ParameterOf(statement.AddSessionValue(std::move(resolved)), false);
  const std::string type(statement.dialect().TypeOf(catalog::ScalarKind::kBoolean));
  return "(CAST(" + statement.Parameter(parameter, "guard") + " AS " + type + ") AND " + condition + ")";
}

}  // namespace eider::planner
