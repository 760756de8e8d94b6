#include "graphql/validation/values.h"

#include <fmt/format.h>
#include <charconv>

#include "graphql/print.h"
#include "graphql/validation/unique_names.h"

namespace eider::graphql::validation {

bool IsInt32(std::string_view digits) {
  int32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size();
}

std::string ScalarProblem(const Value& value, const Type& scalar) {
  if (!scalar.is_builtin) return {};
  const ValueKind kind = value.kind;
  if (scalar.name == "Int") {
    if (kind != ValueKind::kInt) return "Int cannot represent non-integer value: " + PrintValue(value);
    if (IsInt32(value.text)) return {};
    return fmt::format("Int cannot represent non 32-bit signed integer value: {}", value.text);
  }
  if (scalar.name == "Float") {
    if (kind == ValueKind::kInt || kind == ValueKind::kFloat) return {};
    return "Float cannot represent non numeric value: " + PrintValue(value);
  }
  if (scalar.name == "String") {
    return kind == ValueKind::kString ? "" : "String cannot represent a non string value: " + PrintValue(value);
  }
  if (scalar.name == "Boolean") {
    return kind == ValueKind::kBoolean ? "" : "Boolean cannot represent a non boolean value: " + PrintValue(value);
  }
  if (kind == ValueKind::kString || kind == ValueKind::kInt) return {};
  return "ID cannot represent a non-string and non-integer value: " + PrintValue(value);
}

void ValueChecker::AddVariable(const Value& value, TypeRef type, bool has_default, const Type* one_of) {
  if (mentions_ != nullptr) mentions_->variables.push_back({&value, type, has_default, one_of});
}

void ValueChecker::CheckUntyped(const Value& value) {
  if (value.kind == ValueKind::kVariable) AddVariable(value, TypeRef(), false, nullptr);
  for (const Value& item : value.items()) CheckUntyped(item);
  if (value.kind == ValueKind::kObject) CheckUniqueFields(value);
  for (const NamedValue& field : value.fields()) CheckUntyped(field.value);
}

void ValueChecker::Check(const Value& value, TypeRef type, bool has_default) {
  if (value.kind == ValueKind::kVariable) {
    AddVariable(value, type, has_default, nullptr);
    return;
  }
  const TypeRef nullable = type.Nullable();
  if (value.kind == ValueKind::kNull) {
    if (type.IsNonNull()) {
      context_.Report(value.position, fmt::format("Expected value of type \"{}\", found null.", type.ToString()));
    }
  } else if (value.kind == ValueKind::kList && nullable.IsList()) {
    for (const Value& item : value.items()) Check(item, nullable.Inner(), false);
  } else if (value.kind == ValueKind::kObject && type.named()->kind == TypeKind::kInputObject) {
    CheckObject(value, *type.named());
  } else {
    CheckLeaf(value, type);
  }
}

void ValueChecker::CheckLeaf(const Value& value, TypeRef type) {
  const Type& named = *type.named();
  if (named.kind == TypeKind::kEnum) {
    CheckEnum(value, named);
  } else if (named.kind != TypeKind::kScalar) {
    // A single value stands for a list of it, so what was expected is an item.
    const TypeRef outer = value.kind == ValueKind::kList ? type.Nullable() : type;
    const TypeRef expected = type.Nullable().IsList() ? TypeRef(&named) : outer;
    context_.Report(value.position,
                    fmt::format("Expected value of type \"{}\", found {}.", expected.ToString(), PrintValue(value)));
  } else if (std::string problem = ScalarProblem(value, named); !problem.empty()) {
    context_.Report(value.position, std::move(problem));
  }
  CheckUntyped(value);
}

void ValueChecker::CheckEnum(const Value& value, const Type& type) {
  if (value.kind != ValueKind::kEnum) {
    context_.Report(value.position,
                    fmt::format("Enum \"{}\" cannot represent non-enum value: {}.", type.name, PrintValue(value)));
  } else if (type.FindEnumValue(value.text) == nullptr) {
    context_.Report(value.position, fmt::format("Value \"{}\" does not exist in \"{}\" enum.", value.text, type.name));
  }
}

void ValueChecker::CheckUniqueFields(const Value& value) {
  UniqueNames names;
  for (const NamedValue& field : value.fields()) {
    if (!names.Add(field.name)) {
      context_.Report(field.position, fmt::format("There can be only one input field named \"{}\".", field.name));
    }
  }
}

void ValueChecker::CheckObject(const Value& value, const Type& type) {
  CheckUniqueFields(value);
  for (const InputValue& field : type.input_fields) {
    if (field.IsRequired() && value.Find(field.name) == nullptr) {
      context_.Report(value.position, fmt::format("Field \"{}.{}\" of required type \"{}\" was not provided.",
                                                  type.name, field.name, field.type.ToString()));
    }
  }
  for (const NamedValue& given : value.fields()) {
    const InputValue* field = type.FindInputField(given.name);
    if (field == nullptr) {
      context_.Report(given.position,
                      fmt::format("Field \"{}\" is not defined by type \"{}\".", given.name, type.name));
      CheckUntyped(given.value);
    } else if (type.is_one_of && given.value.kind == ValueKind::kVariable) {
      AddVariable(given.value, field->type, field->default_value != nullptr, &type);
    } else {
      Check(given.value, field->type, field->default_value != nullptr);
    }
  }
  if (type.is_one_of) CheckOneOf(value, type);
}

void ValueChecker::CheckOneOf(const Value& value, const Type& type) {
  if (value.count != 1) {
    context_.Report(value.position, fmt::format("OneOf Input Object \"{}\" must specify exactly one key.", type.name));
  } else if (value.fields().front().value.IsNull()) {
    context_.Report(value.position,
                    fmt::format("Field \"{}.{}\" must be non-null.", type.name, value.fields().front().name));
  }
}

}  // namespace eider::graphql::validation
