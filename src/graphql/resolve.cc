#include <fmt/format.h>

#include "graphql/coerce.h"

// Literals to values: ResolveValue and ResolveArguments.
namespace eider::graphql {
namespace {

class Resolver {
 public:
  Resolver(const Variables& variables, Arena& arena) : variables_(variables), arena_(arena) {}

  // Resolves `literal` into `*out`; `*present` is false for a variable without a value.
  bool Resolve(const Value& literal, TypeRef type, Value* out, bool* present) {
    *present = true;
    if (literal.kind == ValueKind::kVariable) return ResolveVariable(literal, type, out, present);
    if (literal.IsNull()) {
      *out = literal;
      return !type.IsNonNull() || FailNull(type, literal.position);
    }
    const TypeRef nullable = type.Nullable();
    if (nullable.IsList()) return ResolveList(literal, nullable.Inner(), out);
    if (type.named()->kind == TypeKind::kInputObject) return ResolveObject(literal, *type.named(), out);
    return ResolveUntyped(IdAsText(literal, *type.named()), out);
  }

  GraphqlError TakeError() { return std::move(error_); }
  Position error_position() const { return error_position_; }

 private:
  bool FailNull(TypeRef type, Position position) {
    error_.message = fmt::format("Expected non-nullable type \"{}\" not to be null.", type.ToString());
    error_position_ = position;
    return false;
  }

  bool ResolveVariable(const Value& literal, TypeRef type, Value* out, bool* present) {
    const Value* value = variables_.Find(literal.text);
    *present = value != nullptr;
    if (value == nullptr) return true;
    *out = *value;
    return !value->IsNull() || !type.IsNonNull() || FailNull(type, literal.position);
  }

  bool ResolveList(const Value& literal, TypeRef item_type, Value* out) {
    const bool is_list = literal.kind == ValueKind::kList;
    std::vector<Value> items;
    for (const Value& item : is_list ? literal.items() : std::span<const Value>(&literal, 1)) {
      Value& resolved = items.emplace_back();
      bool present = true;
      if (!Resolve(item, item_type, &resolved, &present)) return false;
      if (present) continue;
      if (item_type.IsNonNull()) return FailNull(item_type, item.position);
      resolved.kind = ValueKind::kNull;
    }
    SetList(items, literal.position, out);
    return true;
  }

  bool ResolveObject(const Value& literal, const Type& type, Value* out) {
    std::vector<NamedValue> fields;
    for (const NamedValue& given : literal.fields()) {
      const InputValue* field = type.FindInputField(given.name);
      if (field == nullptr) continue;
      NamedValue resolved{given.name, {}, given.position};
      bool present = true;
      if (!Resolve(given.value, field->type, &resolved.value, &present)) return false;
      if (present) fields.push_back(resolved);
    }
    for (const InputValue& field : type.input_fields) {
      if (field.default_value == nullptr && !field.type.IsNonNull()) continue;
      if (Has(fields, field.name)) continue;
      if (field.default_value == nullptr) return FailNull(field.type, literal.position);
      NamedValue resolved{field.name, {}, literal.position};
      bool present = true;
      if (!Resolve(*field.default_value, field.type, &resolved.value, &present)) return false;
      fields.push_back(resolved);
    }
    SetObject(fields, literal.position, out);
    return true;
  }

  static bool Has(const std::vector<NamedValue>& fields, std::string_view name) {
    for (const NamedValue& field : fields) {
      if (field.name == name) return true;
    }
    return false;
  }

  static bool HoldsVariable(const Value& value) {
    if (value.kind == ValueKind::kVariable) return true;
    for (const Value& item : value.items()) {
      if (HoldsVariable(item)) return true;
    }
    for (const NamedValue& field : value.fields()) {
      if (HoldsVariable(field.value)) return true;
    }
    return false;
  }

  // Anything inside a custom scalar.
  bool ResolveUntyped(const Value& literal, Value* out) {
    if (!HoldsVariable(literal)) {
      *out = literal;
      return true;
    }
    Replace(literal, out);
    return true;
  }

  // Copies a value with its variables replaced; false for a variable without a value.
  bool Replace(const Value& literal, Value* out) {
    if (literal.kind == ValueKind::kVariable) {
      const Value* value = variables_.Find(literal.text);
      if (value != nullptr) *out = *value;
      return value != nullptr;
    }
    *out = literal;
    if (literal.kind == ValueKind::kList) {
      std::vector<Value> items(literal.count);
      for (size_t i = 0; i < items.size(); ++i) Replace(literal.items()[i], &items[i]);
      SetList(items, literal.position, out);
    } else if (literal.kind == ValueKind::kObject) {
      std::vector<NamedValue> fields;
      for (const NamedValue& field : literal.fields()) {
        NamedValue copy{field.name, {}, field.position};
        if (Replace(field.value, &copy.value)) fields.push_back(copy);
      }
      SetObject(fields, literal.position, out);
    }
    return true;
  }

  void SetList(const std::vector<Value>& items, Position position, Value* out) {
    *out = Value{.kind = ValueKind::kList, .count = static_cast<uint32_t>(items.size()), .position = position};
    out->item_data = arena_.Copy(std::span<const Value>(items)).data();
  }

  void SetObject(const std::vector<NamedValue>& fields, Position position, Value* out) {
    *out = Value{.kind = ValueKind::kObject, .count = static_cast<uint32_t>(fields.size()), .position = position};
    out->field_data = arena_.Copy(std::span<const NamedValue>(fields)).data();
  }

  const Variables& variables_;
  Arena& arena_;
  GraphqlError error_;
  Position error_position_ = 0;
};

}  // namespace

GraphqlResult<const Value*> ResolveValue(const Value& literal, TypeRef type, const Variables& variables, Arena& arena) {
  Resolver resolver(variables, arena);
  Value value;
  bool present = true;
  if (!resolver.Resolve(literal, type, &value, &present)) return tl::unexpected(resolver.TakeError());
  return present ? arena.New<Value>(value) : nullptr;
}

GraphqlResult<std::vector<ResolvedArgument>> ResolveArguments(std::span<const InputValue> definitions,
                                                              std::span<const Argument> arguments,
                                                              const Variables& variables, Arena& arena) {
  std::vector<ResolvedArgument> resolved;
  resolved.reserve(definitions.size());
  for (const InputValue& definition : definitions) {
    ResolvedArgument& entry = resolved.emplace_back();
    entry.definition = &definition;
    for (const Argument& argument : arguments) {
      if (argument.name == definition.name) entry.node = &argument;
    }
    if (entry.node != nullptr) {
      auto value = ResolveValue(entry.node->value, definition.type, variables, arena);
      if (!value) return tl::unexpected(std::move(value).error());
      entry.value = *value;
    }
    if (entry.value != nullptr) continue;
    entry.node = nullptr;
    if (definition.default_value != nullptr) {
      auto value = ResolveValue(*definition.default_value, definition.type, variables, arena);
      if (!value) return tl::unexpected(std::move(value).error());
      entry.value = *value;
    } else if (definition.type.IsNonNull()) {
      return tl::unexpected(GraphqlError{fmt::format("Argument \"{}\" of required type \"{}\" was not provided.",
                                                     definition.name, definition.type.ToString()),
                                         {},
                                         {}});
    }
  }
  return resolved;
}

}  // namespace eider::graphql
