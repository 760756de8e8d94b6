#include <algorithm>

#include "graphql/arena.h"
#include "graphql/coerce.h"
#include "planner/access.h"
#include "planner/bind_value.h"

namespace eider::planner {

using graphql::TypeKind;
using graphql::ValueKind;

namespace {

// Turns the JSON of a rule into a filter value. Whatever does not fit makes the whole rule unusable.
class RuleReader {
 public:
  RuleReader(Statement& statement, std::vector<SessionValue>& guard) : statement_(statement), guard_(guard) {}

  // `plain`: the place is part of a plain conjunction, where a NULL operand leaves no row by itself.
  std::optional<BoundValue> Read(const graphql::Value& value, graphql::TypeRef type, bool plain) {
    if (value.IsNull()) return std::nullopt;
    const graphql::TypeRef nullable = type.Nullable();
    if (nullable.IsList()) return ReadList(value, nullable.Inner());
    const graphql::Type& named = *nullable.named();
    if (named.kind == TypeKind::kInputObject) return ReadObject(value, named, plain);
    if (value.kind == ValueKind::kString && IsPlaceholder(value.text)) return Placeholder(value, named, false, plain);
    return ReadLiteral(value, named);
  }

 private:
  std::optional<BoundValue> ReadObject(const graphql::Value& value, const graphql::Type& type, bool plain) {
    if (value.kind != ValueKind::kObject || value.fields().empty()) return std::nullopt;
    BoundValue out;
    out.kind = BoundKind::kObject;
    if (type.name == "JSONFilter") return HasPlaceholder(value) ? ReadOfDocument(value, type) : ReadWhole(value, type);
    for (const graphql::NamedValue& field : value.fields()) {
      const graphql::InputValue* input = type.FindInputField(field.name);
      if (input == nullptr) return std::nullopt;
      auto inner = Read(field.value, input->type, plain && StaysPlain(field.name));
      if (!inner) return std::nullopt;
      out.fields.push_back({std::string(field.name), std::move(*inner)});
    }
    return out;
  }

  // What is asked of a JSON document shapes the condition itself; only scalars in it come from who asks.
  std::optional<BoundValue> ReadOfDocument(const graphql::Value& value, const graphql::Type& type) {
    BoundValue out;
    out.kind = BoundKind::kObject;
    for (const graphql::NamedValue& field : value.fields()) {
      const graphql::InputValue* input = type.FindInputField(field.name);
      if (input == nullptr) return std::nullopt;
      std::optional<BoundValue> inner;
      if (field.name == "has" || field.name == "has_all") {
        inner = ReadPaths(field.value, *input->type.named(), field.name == "has_all");
      } else if (field.name == "is_null") {
        inner = Read(field.value, input->type, false);
      } else {
        const bool is_whole = field.value.kind == ValueKind::kString && IsPlaceholder(field.value.text);
        inner = is_whole && field.name == "contains" ? InDocument(field.value, *input->type.named(), true)
                                                     : ReadDocument(field.value, *input->type.named());
      }
      if (!inner) return std::nullopt;
      out.fields.push_back({std::string(field.name), std::move(*inner)});
    }
    return out;
  }

  // `text` is the type of a path, `json` that of a document.
  std::optional<BoundValue> ReadPaths(const graphql::Value& value, const graphql::Type& text, bool may_be_list) {
    if (value.kind == ValueKind::kList) {
      if (!may_be_list || value.items().empty()) return std::nullopt;
      BoundValue out;
      out.kind = BoundKind::kList;
      for (const graphql::Value& item : value.items()) {
        auto path = ReadPaths(item, text, false);
        if (!path) return std::nullopt;
        out.items.push_back(std::move(*path));
      }
      return out;
    }
    if (value.kind != ValueKind::kString) return std::nullopt;
    if (IsPlaceholder(value.text)) return InDocument(value, text, false);
    return TextOf(std::string(value.text));
  }

  // A document, or a part of one, in which any scalar may be a placeholder.
  std::optional<BoundValue> ReadDocument(const graphql::Value& value, const graphql::Type& json) {
    BoundValue out;
    switch (value.kind) {
      case ValueKind::kNull: return out;
      case ValueKind::kObject:
        out.kind = BoundKind::kObject;
        for (const graphql::NamedValue& field : value.fields()) {
          auto inner = ReadDocument(field.value, json);
          if (!inner) return std::nullopt;
          out.fields.push_back({std::string(field.name), std::move(*inner)});
        }
        return out;
      case ValueKind::kList:
        out.kind = BoundKind::kList;
        for (const graphql::Value& item : value.items()) {
          auto inner = ReadDocument(item, json);
          if (!inner) return std::nullopt;
          out.items.push_back(std::move(*inner));
        }
        return out;
      case ValueKind::kString:
        if (IsPlaceholder(value.text)) return InDocument(value, json, false);
        // Bound JSON strings carry a leading mark.
        return TextOf("s" + std::string(value.text));
      default: return TextOf(std::string(value.text));
    }
  }

  static BoundValue TextOf(std::string text) {
    BoundValue out;
    out.kind = BoundKind::kText;
    out.text = std::move(text);
    return out;
  }

  // A missing value would be no condition, or null, inside a document: then the rule lets nothing through.
  BoundValue InDocument(const graphql::Value& value, const graphql::Type& type, bool may_be_list) {
    SessionValue wanted;
    wanted.kind = SessionValue::Kind::kPlaceholder;
    wanted.placeholder = std::string(value.text.substr(1, value.text.size() - 2));
    wanted.type = &type;
    wanted.is_list = may_be_list;
    guard_.push_back(wanted);
    return BoundValue::ParameterOf(statement_.AddSessionValue(std::move(wanted)), may_be_list);
  }

  static bool StaysPlain(std::string_view member) {
    return member != "_or" && member != "_not" && member != "none_of" && member != "all_of" && member != "is_null";
  }

  static bool HasPlaceholder(const graphql::Value& value) {
    if (value.kind == ValueKind::kString) return IsPlaceholder(value.text);
    return std::ranges::any_of(value.items(), HasPlaceholder) ||
           std::ranges::any_of(value.fields(), [](const auto& field) { return HasPlaceholder(field.value); });
  }

  std::optional<BoundValue> ReadList(const graphql::Value& value, graphql::TypeRef item) {
    const graphql::Type& named = *item.named();
    const bool scalars = named.kind != TypeKind::kInputObject;
    if (scalars && value.kind == ValueKind::kString && IsPlaceholder(value.text)) {
      return Placeholder(value, named, true, false);
    }
    const auto items = value.kind == ValueKind::kList ? value.items() : std::span<const graphql::Value>(&value, 1);
    // An empty combinator is no condition; an empty list of values is one that nothing meets.
    if (items.empty() && !scalars) return std::nullopt;
    if (scalars && !HasPlaceholder(value)) return ReadConstants(items, named);
    BoundValue out;
    out.kind = BoundKind::kList;
    out.is_list = true;
    for (const graphql::Value& entry : items) {
      auto inner = Read(entry, item, false);
      if (!inner) return std::nullopt;
      out.items.push_back(std::move(*inner));
    }
    return out;
  }

  std::optional<BoundValue> ReadConstants(std::span<const graphql::Value> items, const graphql::Type& type) {
    engine::ValueList list;
    for (const graphql::Value& entry : items) {
      if (!Fits(entry, type)) return std::nullopt;
      BoundRoot scratch;
      ValueBinder binder(nullptr, scratch);
      const BoundValue bound = binder.Bind(entry, graphql::TypeRef(&type), true, 0);
      if (binder.error() || bound.kind == BoundKind::kNull) return std::nullopt;
      list.push_back(bound.kind == BoundKind::kParameter ? scratch.parameters.front() : engine::Value(bound.text));
    }
    return Constant(engine::Value(std::move(list)), true);
  }

  static bool Fits(const graphql::Value& value, const graphql::Type& type) {
    if (type.name == "Boolean") return value.kind == ValueKind::kBoolean;
    if (type.kind == TypeKind::kEnum) {
      return value.kind == ValueKind::kString && type.FindEnumValue(value.text) != nullptr;
    }
    return value.kind != ValueKind::kNull && value.kind != ValueKind::kList;
  }

  std::optional<BoundValue> ReadLiteral(const graphql::Value& value, const graphql::Type& type) {
    return Fits(value, type) ? ReadWhole(value, type) : std::nullopt;
  }

  // A value that a request could have given as well.
  std::optional<BoundValue> ReadWhole(const graphql::Value& value, const graphql::Type& type) {
    BoundRoot scratch;
    ValueBinder binder(nullptr, scratch);
    BoundValue bound = binder.Bind(value, graphql::TypeRef(&type), true, 0);
    if (binder.error() || bound.IsNull()) return std::nullopt;
    if (!Adopt(bound, scratch)) return std::nullopt;
    return bound;
  }

  // Makes the parameters of `scratch` constants of the session. False when a part of the value is missing.
  bool Adopt(BoundValue& value, BoundRoot& scratch) {
    if (value.IsNull()) return false;
    if (value.kind == BoundKind::kParameter) {
      const int length = value.length;
      value = Constant(std::move(scratch.parameters[static_cast<std::size_t>(value.parameter)]), value.is_list);
      value.length = length;
    }
    for (BoundMember& member : value.fields) {
      if (!member.value.IsNull() && !Adopt(member.value, scratch)) return false;
    }
    for (BoundValue& item : value.items) {
      if (!item.IsNull() && !Adopt(item, scratch)) return false;
    }
    return true;
  }

  BoundValue Constant(engine::Value value, bool is_list) {
    SessionValue constant;
    constant.constant = std::move(value);
    return BoundValue::ParameterOf(statement_.AddSessionValue(std::move(constant)), is_list);
  }

  BoundValue Placeholder(const graphql::Value& value, const graphql::Type& type, bool is_list, bool plain) {
    SessionValue wanted;
    wanted.kind = SessionValue::Kind::kPlaceholder;
    wanted.placeholder = std::string(value.text.substr(1, value.text.size() - 2));
    wanted.type = &type;
    wanted.is_list = is_list;
    if (!plain) guard_.push_back(wanted);
    return BoundValue::ParameterOf(statement_.AddSessionValue(std::move(wanted)), is_list);
  }

  Statement& statement_;
  std::vector<SessionValue>& guard_;
};

}  // namespace

std::optional<BoundValue> ReadRuleFilter(Statement& statement, const graphql::Schema& schema,
                                         const catalog::DataObject& object, std::string_view filter,
                                         std::vector<SessionValue>& guard) {
  const graphql::Type* type = schema.FindType(object.name + "_filter");
  graphql::Arena arena;
  const auto json = graphql::ParseJson(filter, arena);
  if (type == nullptr || !json) return std::nullopt;
  return RuleReader(statement, guard).Read(**json, graphql::TypeRef(type), true);
}

}  // namespace eider::planner
