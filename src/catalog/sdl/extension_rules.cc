#include "catalog/sdl/extension_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace eider::catalog {
namespace {

constexpr std::string_view kRule = "VALIDATE/ExtensionValidator";

Error Refused(const Site& site, std::string_view definition, std::string_view what) {
  return Problem(site, kRule, fmt::format("extension definition {} can't contain {}", definition, what));
}

Status CheckOwnType(const DeclaredType& type) {
  if (Find(type.directives, "table") != nullptr) return Refused(type.site, type.name, "data objects (tables)");
  const DeclaredDirective* view = Find(type.directives, "view");
  if (view == nullptr || !view->Text("sql").empty()) return {};
  return Problem(view->site(), kRule, fmt::format("view \"{}\" of an extension needs sql", type.name));
}

// A field that an extension adds to a type of another source.
Status CheckAddedField(const DeclaredType& type, const DeclaredField& field) {
  if (Find(field.directives, "sql") != nullptr) return Refused(field.site(), type.name, "@sql fields");
  constexpr std::array<std::string_view, 3> kAdding = {"join", "function_call", "table_function_call_join"};
  const bool is_added = std::ranges::any_of(
      kAdding, [&](std::string_view directive) { return Find(field.directives, directive) != nullptr; });
  if (is_added) return {};
  return Refused(
      field.site(), type.name,
      fmt::format("stored fields: \"{}\" needs @join, @function_call or @table_function_call_join", field.name()));
}

Status CheckExtended(const DeclaredExtension& extension) {
  const DeclaredType& type = extension.type;
  for (const DeclaredDirective& directive : type.directives) {
    if (directive.name() == "references" || directive.name() == "dependency") continue;
    if (directive.name() == "table") return Refused(type.site, type.name, "data objects (tables)");
    if (directive.name() == "module") return Refused(directive.site(), type.name, "modules");
    return Refused(directive.site(), type.name, fmt::format("@{}", directive.name()));
  }
  for (const DeclaredField& field : type.fields) EIDER_RETURN_IF_ERROR(CheckAddedField(type, field));
  return {};
}

Status CheckExtensionSource(const DeclaredSource& declared) {
  for (const DeclaredType& type : declared.types) EIDER_RETURN_IF_ERROR(CheckOwnType(type));
  if (!declared.functions.empty()) {
    const DeclaredFunction& function = declared.functions.front();
    return Refused(function.field.site(), function.is_mutation ? "MutationFunction" : "Function", "functions");
  }
  for (const DeclaredExtension& extension : declared.extensions) EIDER_RETURN_IF_ERROR(CheckExtended(extension));
  return {};
}

}  // namespace

Status CheckExtensionRules(const DeclaredSource& declared, const Source& source) {
  if (source.IsExtension()) return CheckExtensionSource(declared);
  for (const DeclaredType& type : declared.types) {
    const DeclaredDirective* dependency = Find(type.directives, "dependency");
    if (dependency == nullptr) continue;
    return Problem(dependency->site(), kRule, "@dependency is only allowed in extension sources");
  }
  return {};
}

}  // namespace eider::catalog
