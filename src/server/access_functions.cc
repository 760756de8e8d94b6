#include "server/access_functions.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "planner/access.h"
#include "planner/dialect.h"

namespace eider::server {
namespace {

using rapidjson::Value;

std::string_view JsonOrNull(const std::string& json) { return json.empty() ? "null" : std::string_view(json); }

Error Forbidden() { return {ErrorCode::kForbidden, std::string(planner::kForbidden)}; }

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

struct MemberAccess {
  bool enabled = true;
  bool visible = true;
};

// What a role may do with a member of a type, which need not exist.
class MemberCheck {
 public:
  MemberCheck(std::shared_ptr<const auth::RoleRules> rules, const catalog::Snapshot& snapshot)
      : rules_(rules),
        access_(std::move(rules), snapshot.schema) {}

  MemberAccess Of(const std::string& type_name, std::string_view field_name) const {
    const graphql::Type* type = access_.schema().FindType(type_name);
    if (type != nullptr && type->kind == graphql::TypeKind::kInputObject) {
      if (const graphql::InputValue* field = type->FindInputField(field_name)) {
        return {!access_.IsDenied(*type, *field), !access_.IsHidden(*type, *field)};
      }
    } else if (type != nullptr) {
      if (const graphql::Field* field = type->FindField(field_name)) {
        return {!access_.IsDenied(*type, *field) && !IsObjectDenied(*field), !access_.IsHidden(*type, *field)};
      }
    }
    const auth::Rule* rule = rules_->Field(type_name, field_name).rule;
    return {rule == nullptr || !rule->disabled, rule == nullptr || !rule->hidden};
  }

 private:
  bool IsObjectDenied(const graphql::Field& field) const {
    using catalog::FieldKind;
    const catalog::FieldBinding* binding = catalog::BindingOf(field);
    if (binding == nullptr) return false;
    if (binding->relation != nullptr) return access_.IsDenied(*binding->relation->to, auth::Operation::kQuery);
    if (binding->object == nullptr) return false;
    switch (binding->kind) {
      case FieldKind::kSelect:
      case FieldKind::kSelectByPk:
      case FieldKind::kSelectUnique:
      case FieldKind::kAggregate:
      case FieldKind::kBucketAggregate: return access_.IsDenied(*binding->object, auth::Operation::kQuery);
      case FieldKind::kInsert:
      case FieldKind::kInsertMany: return access_.IsDenied(*binding->object, auth::Operation::kInsert);
      case FieldKind::kUpsert:
      case FieldKind::kUpsertMany:
        return access_.IsDenied(*binding->object, auth::Operation::kInsert) ||
               access_.IsDenied(*binding->object, auth::Operation::kUpdate);
      case FieldKind::kUpdate: return access_.IsDenied(*binding->object, auth::Operation::kUpdate);
      case FieldKind::kDelete: return access_.IsDenied(*binding->object, auth::Operation::kDelete);
      default: return false;
    }
  }

  const std::shared_ptr<const auth::RoleRules> rules_;
  const planner::Access access_;
};

std::string PermissionsJson(const auth::RoleRules& rules) {
  std::string rows;
  for (const cluster::PermissionRecord& row : rules.record().rows) {
    rows.append(rows.empty() ? "" : ",");
    rows.append(fmt::format(R"({{"object":{},"field":{},"hidden":{},"disabled":{},"filter":{},"data":{}}})",
                            JsonTextOf(row.type_name), JsonTextOf(row.field_name), row.hidden, row.disabled,
                            JsonOrNull(row.filter), JsonOrNull(row.data)));
  }
  return fmt::format(R"({{"role_name":{},"disabled":{},"permissions":[{}]}})", JsonTextOf(rules.name()),
                     rules.is_disabled(), rows);
}

// Finds rows that cannot do what they say.
class Warnings {
 public:
  explicit Warnings(const catalog::Snapshot& snapshot) : snapshot_(snapshot) {}

  void Look(const auth::RoleRules& rules) {
    if (!rules.problem().empty()) Add(rules.name(), {}, rules.problem() + "; the role is refused everything");
    for (const cluster::PermissionRecord& row : rules.record().rows) {
      if (const std::string problem = ProblemOf(row); !problem.empty()) Add(rules.name(), row, problem);
    }
  }

  std::string Json() const { return "[" + out_ + "]"; }

 private:
  std::string ProblemOf(const cluster::PermissionRecord& row) const {
    if (row.type_name == "*" || row.type_name == "_endpoints") return {};
    if (row.type_name.starts_with("data-object:")) return ObjectProblem(row);
    const graphql::Type* type = snapshot_.schema->FindType(row.type_name);
    if (type == nullptr) return "there is no type " + row.type_name;
    if (row.field_name == "*") return {};
    const graphql::Field* field = type->FindField(row.field_name);
    if (field == nullptr && type->FindInputField(row.field_name) == nullptr) {
      return "type " + row.type_name + " has no field " + row.field_name;
    }
    const catalog::FieldBinding* binding = field == nullptr ? nullptr : catalog::BindingOf(*field);
    if (row.filter.empty() || row.filter == "{}" || binding == nullptr) return {};
    const catalog::DataObject* rows = binding->relation != nullptr ? binding->relation->to : binding->object;
    return rows == nullptr ? std::string() : FilterProblem(*rows, row.filter);
  }

  std::string ObjectProblem(const cluster::PermissionRecord& row) const {
    const std::string_view operation = std::string_view(row.type_name).substr(row.type_name.find(':') + 1);
    if (operation != "query" && operation != "insert" && operation != "update" && operation != "delete") {
      return "no such operation: " + std::string(operation);
    }
    if (row.field_name == "*") return {};
    const catalog::DataObject* object = snapshot_.FindObject(row.field_name);
    if (object == nullptr) return "there is no data object " + row.field_name;
    return row.filter.empty() || row.filter == "{}" ? std::string() : FilterProblem(*object, row.filter);
  }

  std::string FilterProblem(const catalog::DataObject& object, const std::string& filter) const {
    planner::Statement statement(planner::DuckDb());
    std::vector<planner::SessionValue> guard;
    const auto bound = planner::ReadRuleFilter(statement, *snapshot_.schema, object, filter, guard);
    return bound ? std::string() : "the filter does not fit " + object.name + ", so it matches no row";
  }

  void Add(const std::string& role, const cluster::PermissionRecord& row, const std::string& message) {
    out_.append(out_.empty() ? "" : ",");
    out_.append(fmt::format(R"({{"role":{},"type_name":{},"field_name":{},"message":{}}})", JsonTextOf(role),
                            JsonTextOf(row.type_name), JsonTextOf(row.field_name), JsonTextOf(message)));
  }

  const catalog::Snapshot& snapshot_;
  std::string out_;
};

}  // namespace

void RegisterAccessFunctions(query::FunctionRegistry& functions, const auth::PermissionStore& permissions,
                             const SnapshotHolder<catalog::Snapshot>& snapshot) {
  using query::RequestContext;
  functions.Register("core.auth.my_permissions",
                     [&permissions](const Value&, const RequestContext& context) -> Result<std::string> {
                       const auto rules = permissions.Get()->Find(context.identity->role);
                       if (rules == nullptr) return Forbidden();
                       return PermissionsJson(*rules);
                     });
  functions.Register(
      "core.auth.check_access",
      [&permissions, &snapshot](const Value& arguments, const RequestContext& context) -> Result<std::string> {
        const auto rules = permissions.Get()->Find(context.identity->role);
        if (rules == nullptr) return Forbidden();
        const MemberCheck check(rules, *snapshot.Get());
        const std::string fields = TextMember(arguments, "fields");
        std::string out;
        for (const std::string_view part : SplitText(fields, ',')) {
          const std::string_view field = Trimmed(part);
          const MemberAccess access = check.Of(TextMember(arguments, "type_name"), field);
          out.append(out.empty() ? "[" : ",");
          out.append(fmt::format(R"({{"field":{},"enabled":{},"visible":{}}})", JsonTextOf(field), access.enabled,
                                 access.visible));
        }
        return out.empty() ? "[]" : out + "]";
      });
  functions.Register(
      "core.auth.check_access_info",
      [&permissions, &snapshot](const Value& arguments, const RequestContext& context) -> Result<std::string> {
        const auto rules = permissions.Get()->Find(context.identity->role);
        if (rules == nullptr) return Forbidden();
        const std::string type = TextMember(arguments, "type_name");
        const std::string field = TextMember(arguments, "field");
        const MemberAccess access = MemberCheck(rules, *snapshot.Get()).Of(type, field);
        const auth::Rule* rule = rules->Field(type, field).rule;
        static const std::string kNone;
        return fmt::format(R"({{"enabled":{},"visible":{},"filter":{},"data":{}}})", access.enabled, access.visible,
                           JsonOrNull(rule == nullptr ? kNone : rule->filter),
                           JsonOrNull(rule == nullptr ? kNone : rule->data));
      });
  functions.Register("core.auth.permission_warnings",
                     [&permissions, &snapshot](const Value&, const RequestContext&) -> Result<std::string> {
                       const auto schema = snapshot.Get();
                       Warnings warnings(*schema);
                       const auto roles = permissions.Get();
                       for (const auto& [name, rules] : roles->roles()) warnings.Look(*rules);
                       return warnings.Json();
                     });
}

}  // namespace eider::server
