#include <fmt/format.h>

#include "catalog/compile/compilation.h"
#include "catalog/placeholders.h"
#include "catalog/scalars.h"
#include "catalog/system_names.h"
#include "graphql/print.h"

namespace eider::catalog {
namespace {

using graphql::TypeKind;
using graphql::TypeNode;
using graphql::TypeNodeKind;

bool IsDataObject(const DeclaredType& type) {
  return Find(type.directives, "table") != nullptr || Find(type.directives, "view") != nullptr;
}

// Adds `entry` under the declared name; every entry begins with its names.
template <class Entry>
void Declare(const DeclaredType& type, const Source& source, std::deque<Entry>& entries,
             std::unordered_map<std::string_view, Entry*>& by_name) {
  Entry& entry = entries.emplace_back();
  entry.name = CompiledName(source, type.name);
  entry.description = type.description;
  by_name.emplace(type.name, &entry);
}

Status DeclareObject(Compilation& compilation, const DeclaredType& type) {
  if (IsDataObject(type)) {
    Declare(type, compilation.out.source, compilation.out.objects, compilation.objects);
  } else {
    if (type.fields.empty()) {
      return Problem(type.site, "VALIDATE/Definitions", fmt::format("type \"{}\" has no fields", type.name));
    }
    Declare(type, compilation.out.source, compilation.out.structs, compilation.structs);
  }
  return {};
}

Status ReadMemberDirectives(const DeclaredInput& declared, InputType::Member& member) {
  if (const DeclaredDirective* named = Find(declared.directives, "named")) {
    member.passed_as = named->Text("name", declared.name());
  }
  const DeclaredDirective* hidden = Find(declared.directives, "arg_default");
  if (hidden == nullptr) return {};
  const std::string_view text = hidden->Text("value");
  const bool bracketed = text.starts_with('[') && text.ends_with(']');
  member.placeholder = bracketed ? text.substr(1, text.size() - 2) : text;
  if (!bracketed || (member.placeholder != "$catalog" && !IsIdentityPlaceholder(member.placeholder))) {
    return Problem(hidden->ArgumentSite("value"), "VALIDATE/Placeholders",
                   fmt::format("unknown placeholder {} in @arg_default", text));
  }
  if (member.default_value != nullptr) {
    return Problem(hidden->site(), "VALIDATE/Args",
                   fmt::format("argument \"{}\" has a default value beside @arg_default", member.name));
  }
  return {};
}

}  // namespace

Status CompileInputMember(const Compilation& compilation, const DeclaredInput& declared, InputType::Member& member) {
  const TypeNode& type = *declared.node->type;
  member.name = declared.name();
  member.description = declared.node->description;
  member.type = &type;
  member.non_null = type.kind == TypeNodeKind::kNonNull;
  const TypeNode& nullable = member.non_null ? *type.inner : type;
  member.is_list = nullable.kind == TypeNodeKind::kList;
  if (declared.node->default_value != nullptr) {
    member.default_text = graphql::PrintValue(*declared.node->default_value);
    member.default_value = declared.node->default_value;
  }
  EIDER_RETURN_IF_ERROR(ReadMemberDirectives(declared, member));
  if (const auto scalar = ScalarByName(type.name)) {
    member.kind = *scalar;
    member.type_name = type.name;
    return {};
  }
  const auto foreign = compilation.foreign_inputs.find(type.name);
  const bool is_foreign = foreign != compilation.foreign_inputs.end();
  const bool is_enum = compilation.enums.contains(type.name) || (is_foreign && foreign->second);
  if (!is_enum && !is_foreign && !compilation.inputs.contains(type.name)) {
    return Problem({declared.document, type.name_position()}, "VALIDATE/Types",
                   fmt::format("unknown input type \"{}\"", type.name));
  }
  member.kind = is_enum ? ScalarKind::kEnum : ScalarKind::kJson;
  member.type_name = CompiledName(compilation.out.source, type.name);
  return {};
}

Status DeclareTypes(Compilation& compilation) {
  const Source& source = compilation.out.source;
  for (const DeclaredType& type : compilation.declared.types) {
    if (compilation.suspended.contains(type.name)) continue;
    if (!IsUsableName(type.name)) {
      return Problem(type.site, "VALIDATE/Definitions", fmt::format("the name \"{}\" is reserved", type.name));
    }
    switch (type.kind) {
      case TypeKind::kObject: EIDER_RETURN_IF_ERROR(DeclareObject(compilation, type)); break;
      case TypeKind::kEnum: Declare(type, source, compilation.out.enums, compilation.enums); break;
      default: Declare(type, source, compilation.out.inputs, compilation.inputs); break;
    }
  }
  return {};
}

Status CompileEnums(Compilation& compilation) {
  for (const DeclaredType& type : compilation.declared.types) {
    if (type.kind != TypeKind::kEnum) continue;
    EnumType& target = *compilation.enums.at(type.name);
    if (type.values.empty()) {
      return Problem(type.site, "VALIDATE/Definitions", fmt::format("enum \"{}\" has no values", type.name));
    }
    for (const DeclaredEnumValue& value : type.values) {
      target.values.push_back({std::string(value.name()), std::string(value.node->description)});
    }
  }
  return {};
}

Status CompileInputs(Compilation& compilation) {
  for (const DeclaredType& type : compilation.declared.types) {
    if (type.kind != TypeKind::kInputObject) continue;
    InputType& target = *compilation.inputs.at(type.name);
    if (type.inputs.empty()) {
      return Problem(type.site, "VALIDATE/Definitions", fmt::format("input \"{}\" has no fields", type.name));
    }
    for (const DeclaredInput& input : type.inputs) {
      EIDER_RETURN_IF_ERROR(CompileInputMember(compilation, input, target.members.emplace_back()));
    }
  }
  return {};
}

Status CompileStructs(Compilation& compilation) {
  for (const DeclaredType& type : compilation.declared.types) {
    const auto found = compilation.structs.find(type.name);
    if (type.kind != TypeKind::kObject || found == compilation.structs.end()) continue;
    StructType& target = *found->second;
    target.members.reserve(type.fields.size());  // by_name views the names in place.
    for (const DeclaredField& field : type.fields) {
      EIDER_ASSIGN_OR_RETURN(Column column, CompileColumn(compilation, field));
      const Column& member = target.members.emplace_back(std::move(column));
      target.by_name.emplace(member.name, &member);
    }
  }
  return {};
}

}  // namespace eider::catalog
