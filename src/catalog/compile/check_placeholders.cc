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

Status CheckFunction(const DeclaredDirective& directive, const Function& function) {
  return CheckSql(directive, "sql", false, [&](std::string_view name) {
    return name == "$catalog" || IsIdentityPlaceholder(name) || function.FindArgument(name) != nullptr;
  });
}

// Whether the SQL of `column` leads to `target` through other computed fields.
bool Reaches(const DataObject& object, const Column& column, const Column& target, int depth) {
  for (auto found = NextPlaceholder(column.sql, 0); found; found = NextPlaceholder(column.sql, found->end)) {
    const Column* next = object.FindColumn(found->name.substr(0, found->name.find('.')));
    if (next == nullptr || next->sql.empty()) continue;
    if (next == &target || depth == 0 || Reaches(object, *next, target, depth - 1)) return true;
  }
  return false;
}

Status CheckCycle(const DeclaredDirective& sql, const DataObject& object, std::string_view name) {
  constexpr int kDepth = 16;
  const Column* column = object.FindColumn(name);
  if (column == nullptr || !Reaches(object, *column, *column, kDepth)) return {};
  return Problem(sql.ArgumentSite("exp"), "VALIDATE/Placeholders",
                 fmt::format("the SQL of \"{}\" needs its own value", name));
}

}  // namespace

Status CheckFieldPlaceholders(const DeclaredField& field, const DataObject& object) {
  if (const DeclaredDirective* sql = Find(field.directives, "sql")) {
    EIDER_RETURN_IF_ERROR(CheckComputed(*sql, object));
    EIDER_RETURN_IF_ERROR(CheckCycle(*sql, object, field.name()));
  }
  for (const std::string_view name : {"join", "table_function_call_join"}) {
    const DeclaredDirective* join = Find(field.directives, name);
    const Relation* relation = object.FindRelation(field.name());
    if (join != nullptr && relation != nullptr) EIDER_RETURN_IF_ERROR(CheckJoin(*join, *relation));
  }
  return {};
}

Status CheckPlaceholders(const Compilation& compilation) {
  for (const DeclaredType& type : compilation.declared.types) {
    const auto found = compilation.objects.find(type.name);
    if (found == compilation.objects.end()) continue;
    EIDER_RETURN_IF_ERROR(CheckView(type, *found->second));
    for (const DeclaredField& field : type.fields) EIDER_RETURN_IF_ERROR(CheckFieldPlaceholders(field, *found->second));
  }
  for (size_t i = 0; i < compilation.out.functions.size(); ++i) {  // Compiled in the order of declaration.
    const DeclaredDirectives& directives = compilation.declared.functions[i].field.directives;
    EIDER_RETURN_IF_ERROR(CheckFunction(*Find(directives, "function"), compilation.out.functions[i]));
  }
  return {};
}

}  // namespace eider::catalog
