#include "query/function_guard.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>

#include "catalog/model.h"

namespace eider::query {
namespace {

constexpr std::array<std::string_view, 5> kFunctions = {"core.load_data_source", "core.unload_data_source",
                                                        "core.checkpoint", "core.auth.permission_warnings",
                                                        "core.cluster.auth_config"};
constexpr std::array<std::string_view, 4> kModules = {"core.storage.", "core.catalog.", "core.db.", "core.ducklake."};
// What `core.cluster` and `core.queries` only tell may be read, but for who comes in.
constexpr std::string_view kCluster = "core.cluster.";
constexpr std::string_view kInvalidate = "core.cache.invalidate";

bool NamesTags(const std::string& arguments) {
  rapidjson::Document document;
  document.Parse(arguments.c_str());
  if (document.HasParseError() || !document.IsObject()) return false;
  const auto tags = document.FindMember("tags");
  return tags != document.MemberEnd() && tags->value.IsArray() && !tags->value.Empty();
}

bool IsGuarded(const catalog::FieldBinding& binding, const std::string& arguments) {
  const std::string_view name = binding.function_name;
  if (name == kInvalidate) return !NamesTags(arguments);
  if (std::ranges::find(kFunctions, name) != kFunctions.end()) return true;
  if (name.starts_with(kCluster)) return binding.kind == catalog::FieldKind::kMutationFunction;
  return std::ranges::any_of(kModules, [&](std::string_view module) { return name.starts_with(module); });
}

}  // namespace

bool MayCall(const auth::RoleRules& rules, const graphql::Type& parent, const graphql::Field& field,
             const std::string& arguments) {
  if (rules.is_admin()) return true;
  const catalog::FieldBinding* binding = catalog::BindingOf(field);
  return binding == nullptr || !IsGuarded(*binding, arguments) || rules.Grants(parent.name, field.name);
}

}  // namespace eider::query
