#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "catalog/compile/compilation.h"
#include "catalog/placeholders.h"

namespace eider::catalog {
namespace {

using IsKnown = std::function<bool(std::string_view)>;

// Refuses the first placeholder of the directive's SQL that is not known. `only_dollar`: leave `[name]` alone.
Status CheckSql(const DeclaredDirective& directive, std::string_view argument, bool only_dollar,
                const IsKnown& is_known) {
  const std::string_view sql = directive.Text(argument);
  for (auto found = NextPlaceholder(sql, 0); found; found = NextPlaceholder(sql, found->end)) {
    if (only_dollar && !found->name.starts_with('$')) continue;
    if (is_known(found->name)) continue;
    return Problem(directive.ArgumentSite(argument), "VALIDATE/Placeholders",
                   fmt::format("unknown placeholder [{}] in the SQL of @{}", found->name, directive.name()));
  }
  return {};
}

// Whether `path` starts with a field of `object` and goes on through structural members.
bool IsField(const DataObject& object, std::string_view path) {
  const Column* column = object.FindColumn(path.substr(0, path.find('.')));
  while (column != nullptr && path.find('.') != std::string_view::npos) {
    path = path.substr(path.find('.') + 1);
    if (column->kind == ScalarKind::kJson) return true;
    column = column->structure == nullptr ? nullptr : column->structure->Find(path.substr(0, path.find('.')));
  }
  return column != nullptr;
}

Status CheckView(const DeclaredType& type, const DataObject& object) {
  const DeclaredDirective* view = Find(type.directives, "view");
  if (view == nullptr) return {};
  return CheckSql(*view, "sql", true, [&](std::string_view name) {
    if (name == "$catalog" || IsIdentityPlaceholder(name)) return true;
    return object.args != nullptr && std::ranges::find(object.args->members, name.substr(1),
                                                       &InputType::Member::name) != object.args->members.end();
  });
}

Status CheckComputed(const DeclaredDirective& sql, const DataObject& object) {
  return CheckSql(sql, "exp", false, [&](std::string_view name) {
    return name == "$catalog" || IsIdentityPlaceholder(name) || IsField(object, name);
  });
}

Status CheckJoin(const DeclaredDirective& join, const Relation& relation) {
  return CheckSql(join, "sql", false, [&](std::string_view name) {
    constexpr std::string_view kSource = "source.";
    constexpr std::string_view kDest = "dest.";
    if (name.starts_with(kSource)) return IsField(*relation.from, name.substr(kSource.size()));
    if (name.starts_with(kDest)) return IsField(*relation.to, name.substr(kDest.size()));
    return name == "$catalog" || IsIdentityPlaceholder(name);
  });
}

Status CheckField(const DeclaredField& field, const DataObject& object) {
  if (const DeclaredDirective* sql = Find(field.directives, "sql")) {
    EIDER_RETURN_IF_ERROR(CheckComputed(*sql, object));
  }
  if (const DeclaredDirective* join = Find(field.directives, "join")) {
    EIDER_RETURN_IF_ERROR(CheckJoin(*join, *object.FindRelation(field.name())));
  }
  return {};
}

}  // namespace

Status CheckPlaceholders(const Compilation& compilation) {
  for (const DeclaredType& type : compilation.declared.types) {
    const auto found = compilation.objects.find(type.name);
    if (found == compilation.objects.end()) continue;
    EIDER_RETURN_IF_ERROR(CheckView(type, *found->second));
    for (const DeclaredField& field : type.fields) EIDER_RETURN_IF_ERROR(CheckField(field, *found->second));
  }
  return {};
}

}  // namespace eider::catalog
