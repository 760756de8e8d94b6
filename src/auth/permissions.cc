#include "auth/permissions.h"

#include <rapidjson/document.h>

#include <atomic>
#include <utility>

namespace eider::auth {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::string_view kEndpoints = "_endpoints";
constexpr std::string_view kObjectRules = "data-object:";

std::uint64_t NextId() {
  static std::atomic<std::uint64_t> next = 1;
  return next++;
}

Digest FingerprintOf(const cluster::RoleRecord& record) {
  std::string text;
  const auto add = [&](std::string_view part) { text.append(std::to_string(part.size())).append(1, ':').append(part); };
  add(record.name);
  for (const cluster::PermissionRecord& row : record.rows) {
    add(row.type_name);
    add(row.field_name);
    add(row.hidden ? "hidden" : "");
    add(row.disabled ? "disabled" : "");
    add(row.filter);
    add(row.data);
  }
  if (!record.secret_reader.empty()) add("secrets");
  // Results that are kept were computed under them.
  if (record.limits.max_rows) add("rows " + std::to_string(*record.limits.max_rows));
  return Sha256(text);
}

// Whether `json` is an object. A null says nothing, like an empty text.
bool IsObjectOrNothing(std::string& json) {
  if (json.empty()) return true;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError()) return false;
  if (document.IsNull()) json.clear();
  return document.IsNull() || document.IsObject();
}

}  // namespace

std::string_view RuleTypeOf(Operation operation) {
  switch (operation) {
    case Operation::kQuery: return "data-object:query";
    case Operation::kInsert: return "data-object:insert";
    case Operation::kUpdate: return "data-object:update";
    case Operation::kDelete: return "data-object:delete";
  }
  return {};
}

RoleRules::RoleRules(cluster::RoleRecord record)
    : record_(std::move(record)),
      id_(NextId()),
      fingerprint_(FingerprintOf(record_)) {
  auto facts = std::make_shared<RoleFacts>();
  rules_.reserve(record_.rows.size());
  for (const cluster::PermissionRecord& row : record_.rows) {
    Rule& rule = rules_.emplace_back(Rule{row.hidden, row.disabled, row.filter, row.data});
    if (!IsObjectOrNothing(rule.filter) || !IsObjectOrNothing(rule.data)) {
      problem_ = "permission (" + row.type_name + ", " + row.field_name + ") of role " + record_.name +
                 ": filter and data must be JSON objects";
    }
    types_[row.type_name][row.field_name] = &rule;
    const bool is_endpoint = row.type_name == kEndpoints;
    if (is_endpoint) facts->endpoints.push_back({row.field_name, row.disabled});
    has_field_rules_ = has_field_rules_ || (!is_endpoint && !row.type_name.starts_with(kObjectRules));
    hides_ = hides_ || row.hidden;
  }
  facts->disabled = !is_usable();
  facts->can_impersonate = record_.can_impersonate;
  facts->limits = record_.limits;
  facts_ = std::move(facts);
}

const Rule* RoleRules::Find(std::string_view type, std::string_view field) const {
  const auto fields = types_.find(type);
  if (fields == types_.end()) return nullptr;
  if (const auto exact = fields->second.find(field); exact != fields->second.end()) return exact->second;
  const auto any = fields->second.find(kAny);
  return any == fields->second.end() ? nullptr : any->second;
}

Match RoleRules::Field(std::string_view type, std::string_view field) const {
  if (const Rule* rule = Find(type, field)) return {rule, true};
  return {Find(kAny, field), false};
}

const Rule* RoleRules::Object(Operation operation, std::string_view object) const {
  return Find(RuleTypeOf(operation), object);
}

bool RoleRules::Grants(std::string_view type, std::string_view field) const {
  const Rule* rule = Find(type, field);
  return rule != nullptr && !rule->disabled;
}

PermissionSnapshot::PermissionSnapshot(cluster::RoleRecords records, const PermissionSnapshot* before)
    : version_(records.version) {
  for (cluster::RoleRecord& record : records.roles) {
    auto known = before == nullptr ? nullptr : before->Find(record.name);
    std::string name = record.name;
    if (known == nullptr || known->record() != record) known = std::make_shared<const RoleRules>(std::move(record));
    roles_.emplace(std::move(name), std::move(known));
  }
}

std::shared_ptr<const RoleRules> PermissionSnapshot::Find(std::string_view role) const {
  const auto it = roles_.find(role);
  return it == roles_.end() ? nullptr : it->second;
}

std::shared_ptr<const PermissionSnapshot> OnlyAdmin() {
  cluster::RoleRecords records;
  records.roles.push_back({.name = "admin", .can_impersonate = true});
  return std::make_shared<const PermissionSnapshot>(std::move(records), nullptr);
}

}  // namespace eider::auth
