#include "graphql/coerce.h"

#include <rapidjson/document.h>

#include <fmt/format.h>
#include <charconv>
#include <cmath>

#include "graphql/print.h"
#include "graphql/validation/values.h"

namespace eider::graphql {
namespace {

std::string Shown(const Value& value) {
  std::string text;
  PrintJson(value, &text);
  return text;
}

// An integral number such as 1.0 or 2e3 as digits; empty when it is none.
std::string IntegralDigits(std::string_view number) {
  double parsed = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), parsed);
  if (error != std::errc() || end != number.data() + number.size()) return {};
  if (std::trunc(parsed) != parsed || std::abs(parsed) > 1e15) return {};
  return fmt::format("{}", static_cast<int64_t>(parsed));
}

// Coerces the JSON value of one variable, remembering where in it an error is.
class InputCoercer {
 public:
  InputCoercer(Arena& arena, const VariableDefinition& variable) : arena_(arena), variable_(variable) {}

  // The coerced value; errors are collected and leave an arbitrary value.
  Value Coerce(const Value& value, TypeRef type) {
    if (type.IsNonNull()) {
      if (!value.IsNull()) return Coerce(value, type.Inner());
      Fail(value, fmt::format("Expected non-nullable type \"{}\" not to be null.", type.ToString()));
      return value;
    }
    if (value.IsNull()) return value;
    if (type.IsList()) return CoerceList(value, type.Inner());
    const Type& named = *type.named();
    switch (named.kind) {
      case TypeKind::kInputObject: return CoerceObject(value, named);
      case TypeKind::kEnum: return CoerceEnum(value, named);
      default: return CoerceScalar(value, named);
    }
  }

  std::vector<std::string> TakeErrors() { return std::move(errors_); }

 private:
  static constexpr size_t kMaxErrors = 50;

  void Fail(const Value& value, const std::string& reason) {
    if (errors_.size() == kMaxErrors) return;
    std::string text = fmt::format("Variable \"${}\" got invalid value {}", variable_.name, Shown(value));
    if (!path_.empty()) text += fmt::format(" at \"{}{}\"", variable_.name, path_);
    errors_.push_back(text + "; " + reason);
  }

  Value CoerceList(const Value& value, TypeRef item_type) {
    const std::span<const Value> single(&value, 1);
    const bool is_list = value.kind == ValueKind::kList;
    std::vector<Value> items;
    items.reserve(is_list ? value.count : 1);
    size_t index = 0;
    for (const Value& item : is_list ? value.items() : single) {
      const size_t mark = path_.size();
      if (is_list) path_.append("[").append(std::to_string(index++)).append("]");
      items.push_back(Coerce(item, item_type));
      path_.resize(mark);
    }
    Value list;
    list.kind = ValueKind::kList;
    list.count = static_cast<uint32_t>(items.size());
    list.item_data = arena_.Copy(std::span<const Value>(items)).data();
    return list;
  }

  Value CoerceObject(const Value& value, const Type& type) {
    if (value.kind != ValueKind::kObject) {
      Fail(value, fmt::format("Expected type \"{}\" to be an object.", type.name));
      return value;
    }
    std::vector<NamedValue> fields;
    fields.reserve(value.count);
    for (const NamedValue& given : value.fields()) {
      const InputValue* field = type.FindInputField(given.name);
      if (field == nullptr) {
        Fail(value, fmt::format("Field \"{}\" is not defined by type \"{}\".", given.name, type.name));
        continue;
      }
      const size_t mark = path_.size();
      path_.append(".").append(given.name);
      fields.push_back({field->name, Coerce(given.value, field->type), 0});
      path_.resize(mark);
    }
    AddDefaults(value, type, fields);
    if (type.is_one_of) CheckOneOf(value, type);
    Value object;
    object.kind = ValueKind::kObject;
    object.count = static_cast<uint32_t>(fields.size());
    object.field_data = arena_.Copy(std::span<const NamedValue>(fields)).data();
    return object;
  }

  void AddDefaults(const Value& value, const Type& type, std::vector<NamedValue>& fields) {
    for (const InputValue& field : type.input_fields) {
      if (field.default_value == nullptr && !field.type.IsNonNull()) continue;
      if (value.Find(field.name) != nullptr) continue;
      if (field.default_value != nullptr) {
        fields.push_back({field.name, *field.default_value, 0});
      } else {
        Fail(value,
             fmt::format("Field \"{}\" of required type \"{}\" was not provided.", field.name, field.type.ToString()));
      }
    }
  }

  void CheckOneOf(const Value& value, const Type& type) {
    if (value.count != 1) {
      Fail(value, fmt::format("Exactly one key must be specified for OneOf type \"{}\".", type.name));
    } else if (const NamedValue& only = value.fields().front(); only.value.IsNull()) {
      const size_t mark = path_.size();
      path_.append(".").append(only.name);
      Fail(only.value, fmt::format("Field \"{}\" must be non-null.", only.name));
      path_.resize(mark);
    }
  }

  Value CoerceEnum(const Value& value, const Type& type) {
    if (value.kind != ValueKind::kString && value.kind != ValueKind::kEnum) {
      Fail(value, fmt::format("Enum \"{}\" cannot represent non-string value: {}.", type.name, Shown(value)));
      return value;
    }
    if (type.FindEnumValue(value.text) == nullptr) {
      Fail(value, fmt::format("Value \"{}\" does not exist in \"{}\" enum.", value.text, type.name));
    }
    Value coerced = value;
    coerced.kind = ValueKind::kEnum;
    return coerced;
  }

  Value CoerceScalar(const Value& value, const Type& type) {
    Value coerced = value;
    if (type.is_builtin && type.name == "Int" && value.kind == ValueKind::kFloat) {
      if (const std::string digits = IntegralDigits(value.text); !digits.empty()) {
        coerced.kind = ValueKind::kInt;
        coerced.text = arena_.CopyText(digits);
      }
    }
    const std::string problem = validation::ScalarProblem(coerced, type);
    if (problem.empty()) return IdAsText(coerced, type);
    // The text of the rule for literals, but with the value as JSON.
    const std::string_view subject =
        type.name == "ID" ? "ID cannot represent value" : std::string_view(problem).substr(0, problem.find(": "));
    Fail(value, fmt::format("{}: {}", subject, Shown(value)));
    return value;
  }

  Arena& arena_;
  const VariableDefinition& variable_;
  std::string path_;
  std::vector<std::string> errors_;
};

class VariablesCoercer {
 public:
  VariablesCoercer(const Schema& schema, const Document& document) : schema_(schema), document_(document) {}

  void Coerce(const VariableDefinition& definition, const Value* given) {
    const TypeRef type = schema_.Resolve(*definition.type);
    if (type.named() == nullptr || !type.named()->IsInput()) {
      Fail(definition,
           fmt::format("Variable \"${}\" expected value of type \"{}\" which cannot be used as an input type.",
                       definition.name, definition.type->ToString()));
    } else if (given == nullptr) {
      UseDefault(definition, type);
    } else if (given->IsNull() && type.IsNonNull()) {
      Fail(definition,
           fmt::format("Variable \"${}\" of non-null type \"{}\" must not be null.", definition.name, type.ToString()));
    } else {
      InputCoercer coercer(variables_.arena(), definition);
      variables_.Set(definition.name, variables_.arena().New<Value>(coercer.Coerce(*given, type)));
      for (std::string& error : coercer.TakeErrors()) Fail(definition, std::move(error));
    }
  }

  tl::expected<Variables, std::vector<GraphqlError>> Take() {
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    return std::move(variables_);
  }

  Arena& arena() { return variables_.arena(); }

 private:
  void UseDefault(const VariableDefinition& definition, TypeRef type) {
    if (definition.default_value == nullptr) {
      if (!type.IsNonNull()) return;
      Fail(definition,
           fmt::format("Variable \"${}\" of required type \"{}\" was not provided.", definition.name, type.ToString()));
      return;
    }
    const Variables none;
    auto value = ResolveValue(*definition.default_value, type, none, variables_.arena());
    if (value) {
      variables_.Set(definition.name, *value);
    } else {
      Fail(definition, value.error().message);
    }
  }

  void Fail(const VariableDefinition& definition, std::string message) {
    errors_.push_back({std::move(message), {document_.Locate(definition.position)}, {}});
  }

  const Schema& schema_;
  const Document& document_;
  Variables variables_;
  std::vector<GraphqlError> errors_;
};

}  // namespace

tl::expected<Variables, std::vector<GraphqlError>> CoerceVariables(const Schema& schema, const Document& document,
                                                                   const OperationDefinition& operation,
                                                                   const Value* object) {
  VariablesCoercer coercer(schema, document);
  for (const VariableDefinition& definition : operation.variables) {
    coercer.Coerce(definition, object == nullptr ? nullptr : object->Find(definition.name));
  }
  return coercer.Take();
}

tl::expected<Variables, std::vector<GraphqlError>> CoerceVariables(const Schema& schema, const Document& document,
                                                                   const OperationDefinition& operation,
                                                                   const rapidjson::Value* json) {
  VariablesCoercer coercer(schema, document);
  const bool has_members = json != nullptr && json->IsObject();
  for (const VariableDefinition& definition : operation.variables) {
    const Value* given = nullptr;
    if (has_members) {
      const rapidjson::Value name(rapidjson::StringRef(definition.name.data(), definition.name.size()));
      const auto member = json->FindMember(name);
      if (member != json->MemberEnd()) {
        auto value = JsonToValue(member->value, coercer.arena());
        if (!value) return tl::unexpected(std::vector<GraphqlError>{std::move(value).error()});
        given = *value;
      }
    }
    coercer.Coerce(definition, given);
  }
  return coercer.Take();
}

}  // namespace eider::graphql
