#include "graphql/introspection_writer.h"

// The part of Writer below types: fields, input values, enum values, directives.
namespace eider::graphql::introspection {

template <class Items, class Filter, class WriteItem>
void Writer::WriteList(const Items& items, Filter is_shown, WriteItem write_item) {
  out_.push_back('[');
  bool first = true;
  for (const auto& item : items) {
    if (overflowed()) return;
    if (!is_shown(item)) continue;
    if (!first) out_.push_back(',');
    first = false;
    write_item(item);
  }
  out_.push_back(']');
}

void Writer::WriteTypes(Program& program, std::span<const Type* const> types) {
  WriteList(
      types, [&](const Type* type) { return IsVisible(*type); },
      [&](const Type* type) { WriteType(program, TypeRef(type)); });
}

void Writer::WriteFields(Program::Step& step, const Type& type) {
  WriteList(
      type.fields, [&](const Field& field) { return IsShown(type, field, step.include_deprecated); },
      [&](const Field& field) { WriteField(*step.inner, type, field); });
}

void Writer::WriteFieldsOf(Program& program, const Type& type) {
  WriteList(
      type.fields, [&](const Field& field) { return IsShown(type, field, false); },
      [&](const Field& field) { WriteField(program, type, field); });
}

void Writer::WriteInputValues(Program& program, std::span<const InputValue> values) {
  WriteList(
      values, [&](const InputValue& value) { return value.deprecation.data() == nullptr; },
      [&](const InputValue& value) { WriteInputValue(program, value); });
}

void Writer::WriteField(Program& program, const Type& parent, const Field& field) {
  for (Program::Step& step : program.steps) {
    out_.append(step.label);
    switch (step.member) {
      case Member::kTypename: WriteName(program.type_name); break;
      case Member::kName: WriteName(field.name); break;
      case Member::kDescription: WriteNullableText(field.description); break;
      case Member::kArgs: WriteArguments(step, parent, field); break;
      case Member::kType: WriteType(*step.inner, field.type); break;
      case Member::kIsDeprecated: WriteBool(field.deprecation.data() != nullptr); break;
      case Member::kDeprecationReason: WriteNullableText(field.deprecation); break;
      case Member::kHugrType: WriteNullableText(field.hugr_type); break;
      case Member::kCatalog: WriteNullableText(field.catalog); break;
      case Member::kMcpExclude: WriteBool(field.mcp_exclude); break;
      case Member::kFieldKind: WriteNullableText(field.field_kind); break;
      default: WriteNull();
    }
  }
  Close(program);
}

void Writer::WriteArguments(Program::Step& step, const Type& parent, const Field& field) {
  Program& program = *step.inner;
  const auto write = [&] {
    WriteList(
        field.arguments,
        [&](const InputValue& argument) {
          if (!step.include_deprecated && argument.deprecation.data() != nullptr) return false;
          if (visibility_ == nullptr) return true;
          return IsVisible(*argument.type.named()) && visibility_->IsVisible(parent, field, argument);
        },
        [&](const InputValue& argument) { WriteInputValue(program, argument); });
  };
  if (field.arguments.empty()) {
    out_.append("[]");
    return;
  }
  // Many fields share one list; what a role may see of it can differ from field to field.
  if (visibility_ != nullptr || !program.is_shallow) return write();
  const auto [known, is_new] = program.pieces.try_emplace(reinterpret_cast<uintptr_t>(field.arguments.data()));
  if (!is_new) {
    out_.append(out_, known->second.offset, known->second.size);
    return;
  }
  const size_t offset = out_.size();
  write();
  known->second = {offset, out_.size() - offset};
}

void Writer::WriteInputFields(Program::Step& step, const Type& type) {
  WriteList(
      type.input_fields,
      [&](const InputValue& field) {
        if (!step.include_deprecated && field.deprecation.data() != nullptr) return false;
        if (field.name == "_stub" && type.input_fields.size() > 1) return false;
        if (visibility_ == nullptr) return true;
        return IsVisible(*field.type.named()) && visibility_->IsVisible(type, field);
      },
      [&](const InputValue& field) { WriteInputValue(*step.inner, field); });
}

void Writer::WriteInputValue(Program& program, const InputValue& value) {
  for (Program::Step& step : program.steps) {
    out_.append(step.label);
    switch (step.member) {
      case Member::kTypename: WriteName(program.type_name); break;
      case Member::kName: WriteName(value.name); break;
      case Member::kDescription: WriteNullableText(value.description); break;
      case Member::kType: WriteType(*step.inner, value.type); break;
      case Member::kDefaultValue: WriteNullableText(value.default_text); break;
      case Member::kIsDeprecated: WriteBool(value.deprecation.data() != nullptr); break;
      case Member::kDeprecationReason: WriteNullableText(value.deprecation); break;
      default: WriteNull();
    }
  }
  Close(program);
}

void Writer::WriteEnumValues(Program::Step& step, const Type& type) {
  WriteList(
      type.enum_values,
      [&](const EnumValue& value) { return step.include_deprecated || value.deprecation.data() == nullptr; },
      [&](const EnumValue& value) { WriteEnumValue(*step.inner, value); });
}

void Writer::WriteEnumValue(Program& program, const EnumValue& value) {
  for (Program::Step& step : program.steps) {
    out_.append(step.label);
    switch (step.member) {
      case Member::kTypename: WriteName(program.type_name); break;
      case Member::kName: WriteName(value.name); break;
      case Member::kDescription: WriteNullableText(value.description); break;
      case Member::kIsDeprecated: WriteBool(value.deprecation.data() != nullptr); break;
      case Member::kDeprecationReason: WriteNullableText(value.deprecation); break;
      default: WriteNull();
    }
  }
  Close(program);
}

void Writer::WriteDirectives(Program& program) {
  WriteList(
      schema_.directives(), [](const DirectiveDef&) { return true; },
      [&](const DirectiveDef& directive) { WriteDirective(program, directive); });
}

void Writer::WriteDirective(Program& program, const DirectiveDef& directive) {
  for (Program::Step& step : program.steps) {
    out_.append(step.label);
    switch (step.member) {
      case Member::kTypename: WriteName(program.type_name); break;
      case Member::kName: WriteName(directive.name); break;
      case Member::kDescription: WriteNullableText(directive.description); break;
      case Member::kIsRepeatable: WriteBool(directive.is_repeatable); break;
      case Member::kLocations: WriteLocations(directive); break;
      case Member::kArgs:
        WriteList(
            directive.arguments,
            [&](const InputValue& value) { return step.include_deprecated || value.deprecation.data() == nullptr; },
            [&](const InputValue& value) { WriteInputValue(*step.inner, value); });
        break;
      default: WriteNull();
    }
  }
  Close(program);
}

void Writer::WriteLocations(const DirectiveDef& directive) {
  std::vector<std::string_view> names;
  for (unsigned i = 0; i <= static_cast<unsigned>(DirectiveLocation::kInputFieldDefinition); ++i) {
    const auto location = static_cast<DirectiveLocation>(i);
    if (directive.AllowedAt(location)) names.push_back(DirectiveLocationName(location));
  }
  WriteList(names, [](std::string_view) { return true; }, [&](std::string_view name) { WriteName(name); });
}

}  // namespace eider::graphql::introspection
