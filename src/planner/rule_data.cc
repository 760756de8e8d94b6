#include "planner/rule_data.h"

#include <algorithm>

#include "base/text.h"
#include "graphql/coerce.h"
#include "planner/assigned.h"
#include "planner/bind_value.h"
#include "planner/filter.h"
#include "planner/insert_check.h"

namespace eider::planner {

using auth::Operation;
using catalog::Column;
using catalog::DataObject;
using catalog::FieldKind;
using catalog::Relation;
using catalog::RelationKind;
using graphql::ValueKind;

namespace {

constexpr std::string_view kCheck = "$check";

// The `data` of a rule as a value; null when there is none.
const graphql::Value* ParseData(const auth::Rule* rule, graphql::Arena& arena) {
  if (rule == nullptr || rule->data.empty()) return nullptr;
  const auto json = graphql::ParseJson(rule->data, arena);
  return json ? *json : nullptr;
}

// What `$check` says; nothing when the rule does not mention it.
std::optional<bool> CheckOf(const auth::Rule* rule) {
  graphql::Arena arena;
  const graphql::Value* data = ParseData(rule, arena);
  const graphql::Value* check = data == nullptr ? nullptr : data->Find(kCheck);
  if (check == nullptr || check->kind != ValueKind::kBoolean) return std::nullopt;
  return check->AsBool();
}

// Fills in what rules say about the rows of one mutation.
class Filler {
 public:
  Filler(BoundRoot& root, const Requester& requester)
      : root_(root),
        access_(*root.field.access),
        requester_(requester) {}

  bool Run() {
    const FieldKind kind = root_.field.binding->kind;
    const DataObject& object = *root_.field.binding->object;
    if (kind == FieldKind::kDelete) return !access_.IsDenied(object, Operation::kDelete);
    const bool updates = kind == FieldKind::kUpdate || IsUpsert(kind);
    if (updates && access_.IsDenied(object, Operation::kUpdate)) return false;
    BoundValue* data = Data();
    if (data == nullptr) return true;
    if (data->kind != BoundKind::kList) return FillRow(object, *data);
    return std::ranges::all_of(data->items, [&](BoundValue& row) { return row.IsNull() || FillRow(object, row); });
  }

 private:
  static bool IsUpsert(FieldKind kind) { return kind == FieldKind::kUpsert || kind == FieldKind::kUpsertMany; }

  BoundValue* Data() {
    for (auto& [name, value] : root_.field.arguments) {
      if (name == "data") return &value;
    }
    return nullptr;
  }

  // A row of the mutation's own object: the rule of the field first, those of the object last.
  bool FillRow(const DataObject& object, BoundValue& row) {
    const FieldKind kind = root_.field.binding->kind;
    const auth::Rule* field = access_.rules().Field(root_.field.parent->name, root_.field.def->name).rule;
    if (kind == FieldKind::kUpdate) {
      return Fill(object, row, field) && Fill(object, row, access_.rules().Object(Operation::kUpdate, object.name));
    }
    if (!FillInserted(object, row, field)) return false;
    return !IsUpsert(kind) || Fill(object, row, access_.rules().Object(Operation::kUpdate, object.name));
  }

  bool FillInserted(const DataObject& object, BoundValue& row, const auth::Rule* field) {
    if (access_.IsDenied(object, Operation::kInsert)) return false;
    for (BoundMember& member : row.fields) {
      const Relation* relation = InsertedRelation(object, member);
      if (relation != nullptr && !FillRelated(*relation, member.value)) return false;
    }
    return Fill(object, row, field) && Fill(object, row, access_.rules().Object(Operation::kInsert, object.name));
  }

  bool FillRelated(const Relation& relation, BoundValue& value) {
    if (relation.kind == RelationKind::kManyToMany && !FillLinks(*relation.junction)) return false;
    if (value.kind == BoundKind::kObject) return FillInserted(*relation.to, value, nullptr);
    return std::ranges::all_of(
        value.items, [&](BoundValue& row) { return row.IsNull() || FillInserted(*relation.to, row, nullptr); });
  }

  // What a client does not write itself: the rows of a junction.
  bool FillLinks(const DataObject& junction) {
    if (root_.link_data.contains(&junction)) return true;
    BoundValue& row = root_.link_data[&junction];
    row.kind = BoundKind::kObject;
    return FillInserted(junction, row, nullptr);
  }

  // Puts the values of one rule into a row, in place of what is there.
  bool Fill(const DataObject& object, BoundValue& row, const auth::Rule* rule) {
    graphql::Arena arena;
    const graphql::Value* data = ParseData(rule, arena);
    if (data == nullptr) return true;
    const graphql::Type* type = access_.schema().FindType(object.name + "_mut_input_data");
    for (const graphql::NamedValue& member : data->fields()) {
      if (member.name == kCheck) {
        if (member.value.kind != ValueKind::kBoolean) return false;
        continue;
      }
      const Column* column = object.FindColumn(member.name);
      const graphql::InputValue* input = type == nullptr ? nullptr : type->FindInputField(member.name);
      if (column == nullptr || input == nullptr || !column->sql.empty()) return false;
      auto value = Bind(member.value, input->type, arena);
      if (!value) return false;
      Set(row, member.name, std::move(*value));
    }
    return true;
  }

  static void Set(BoundValue& row, std::string_view name, BoundValue value) {
    for (BoundMember& member : row.fields) {
      if (member.name != name) continue;
      member.value = std::move(value);
      return;
    }
    row.fields.push_back({std::string(name), std::move(value)});
  }

  std::optional<BoundValue> Bind(const graphql::Value& value, graphql::TypeRef type, graphql::Arena& arena) {
    auto filled = Filled(value, type, arena);
    if (!filled) return std::nullopt;
    ValueBinder binder(nullptr, root_);
    binder.KeepNulls(true);
    BoundValue bound = binder.Bind(*filled, type, true, root_.field.position);
    if (binder.error()) return std::nullopt;
    return bound;
  }

  // The value with every placeholder replaced, and nothing in it that its type does not take.
  std::optional<graphql::Value> Filled(graphql::Value value, graphql::TypeRef type, graphql::Arena& arena) const {
    const bool is_document = type.named()->name == "JSON";
    if (value.kind == ValueKind::kString && IsPlaceholder(value.text)) {
      const std::string_view name = value.text.substr(1, value.text.size() - 2);
      const graphql::Value* found = FindPlaceholder(name, requester_, arena);
      if (found == nullptr || found->IsNull()) return std::nullopt;
      value = *found;
    }
    if (value.kind == ValueKind::kList) {
      const graphql::TypeRef list = type.Nullable();
      if (!is_document && !list.IsList()) return std::nullopt;
      std::vector<graphql::Value> items;
      for (const graphql::Value& item : value.items()) {
        auto inner = Filled(item, is_document ? type : list.Inner(), arena);
        if (!inner) return std::nullopt;
        items.push_back(*inner);
      }
      value.item_data = arena.Copy(std::span<const graphql::Value>(items)).data();
      return value;
    }
    if (value.kind == ValueKind::kObject) return FilledObject(value, type, arena);
    if (!is_document && !Fits(value, *type.named())) return std::nullopt;
    return AsType(value, *type.named());
  }

  std::optional<graphql::Value> FilledObject(graphql::Value value, graphql::TypeRef type, graphql::Arena& arena) const {
    const graphql::Type& named = *type.named();
    const bool is_input = named.kind == graphql::TypeKind::kInputObject;
    if (!is_input && named.name != "JSON" && named.name != "Geometry") return std::nullopt;
    std::vector<graphql::NamedValue> fields;
    for (const graphql::NamedValue& field : value.fields()) {
      const graphql::InputValue* input = is_input ? named.FindInputField(field.name) : nullptr;
      if (is_input && input == nullptr) return std::nullopt;
      const graphql::TypeRef json(access_.schema().FindType("JSON"));
      auto inner = Filled(field.value, is_input ? input->type : json, arena);
      if (!inner) return std::nullopt;
      fields.push_back({field.name, *inner, 0});
    }
    value.field_data = arena.Copy(std::span<const graphql::NamedValue>(fields)).data();
    return value;
  }

  static bool Fits(const graphql::Value& value, const graphql::Type& type) {
    if (value.IsNull()) return true;
    if (type.name == "Boolean") return value.text == "true" || value.text == "false";
    if (type.kind == graphql::TypeKind::kEnum) return type.FindEnumValue(value.text) != nullptr;
    return type.kind == graphql::TypeKind::kScalar;
  }

  // An identity is text, also where a number or a truth value is wanted.
  static graphql::Value AsType(graphql::Value value, const graphql::Type& type) {
    if (value.IsNull()) return value;
    if (type.name == "Boolean") value.kind = ValueKind::kBoolean;
    if (type.name == "Float" && value.kind == ValueKind::kString) value.kind = ValueKind::kFloat;
    if (type.name == "String") value.kind = ValueKind::kString;
    return value;
  }

  BoundRoot& root_;
  const Access& access_;
  const Requester& requester_;
};

}  // namespace

PlanResult<void> ApplyRuleData(BoundRoot& root, const Requester& requester) {
  if (Filler(root, requester).Run()) return {};
  return tl::unexpected(PlanError{
      Error(ErrorCode::kForbidden, std::string(kForbidden)).Hide(root.field.binding->object->name), 0, false});
}

bool ChecksInserts(const Access& access, const DataObject& object) {
  const auth::Rule* rule = access.rules().Object(Operation::kInsert, object.name);
  return rule != nullptr && (!rule->filter.empty() || CheckOf(rule).value_or(false));
}

bool ChecksUpdates(const Access& access, const DataObject& object) {
  if (access.FilterOf(object, Operation::kQuery).empty()) return false;
  return CheckOf(access.rules().Object(Operation::kUpdate, object.name)).value_or(true);
}

std::vector<const Column*> FilledColumns(const Access& access, const DataObject& object, Operation operation) {
  std::vector<const Column*> out;
  graphql::Arena arena;
  const graphql::Value* data = ParseData(access.rules().Object(operation, object.name), arena);
  if (data == nullptr) return out;
  for (const graphql::NamedValue& member : data->fields()) {
    if (const Column* column = object.FindColumn(member.name)) out.push_back(column);
  }
  return out;
}

RowsQuery CompileRowCheck(const Access& access, const Requester& requester, const DataObject& object,
                          const std::vector<const Column*>& key, std::span<const std::vector<std::string>> values,
                          RowRule rule) {
  constexpr std::string_view kRow = "objects";
  Statement statement(WriterOf(object));
  statement.SetAccess(&access);
  engine::Parameters given;
  std::vector<std::string> any;
  for (const std::vector<std::string>& row : values) {
    std::vector<std::string> equal;
    for (std::size_t i = 0; i < key.size(); ++i) {
      const std::string type =
          key[i]->sql_type.empty() ? std::string(statement.dialect().TypeOf(key[i]->kind)) : key[i]->sql_type;
      const BoundValue parameter = BoundValue::ParameterOf(static_cast<int>(given.size()), false);
      given.emplace_back(row[i]);
      equal.push_back(std::string(kRow) + "." + QuoteIdentifier(key[i]->column) + " = CAST(" +
                      statement.Parameter(parameter, type) + " AS " + type + ")");
    }
    any.push_back(JoinConditions(equal, "AND"));
  }
  std::vector<std::string> passes;
  if (rule == RowRule::kUpdatable) {
    passes.push_back(RoleConditionSql(statement, object, Operation::kUpdate, kRow));
  } else {
    passes.push_back(RoleConditionSql(statement, object, Operation::kQuery, kRow));
  }
  if (rule == RowRule::kInserted) {
    const auth::Rule* own = access.rules().Object(Operation::kInsert, object.name);
    if (!CheckOf(own).value_or(false)) passes.clear();
    passes.push_back(RuleFilterSql(statement, object, own->filter, kRow));
  }
  std::string condition = JoinConditions(passes, "AND");
  if (condition.empty()) condition = "true";
  std::string list;
  for (const Column* column : key) {
    list.append("CAST(").append(kRow).append(".").append(QuoteIdentifier(column->column)).append(" AS VARCHAR), ");
  }
  RowsQuery out;
  out.sql = "SELECT " + list + "CASE WHEN " + condition + " THEN 'true' ELSE 'false' END FROM " +
            statement.dialect().TableName(object) + " AS " + std::string(kRow) + " WHERE " + JoinConditions(any, "OR");
  out.parameters = PickParameters(statement.parameter_map(), given, SessionParameters(statement.session(), requester));
  return out;
}

}  // namespace eider::planner
