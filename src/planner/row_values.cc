#include "planner/row_values.h"

#include "base/text.h"
#include "planner/expression.h"
#include "planner/json_filter.h"
#include "planner/placeholder_text.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::ScalarKind;

namespace {

const engine::Value kNull;

std::string SequenceSql(const DataObject& object, const Column& column) {
  const std::string& name = column.default_sequence;
  const bool qualified = name.find('.') != std::string::npos;
  const std::string path =
      QuoteIdentifier(object.source->catalog) + "." +
      (qualified ? name : QuoteIdentifier(object.source->default_schema) + "." + QuoteIdentifier(name));
  return "nextval(" + QuoteLiteral(path) + ")";
}

std::string DefaultSql(const Column& column) {
  const std::string word = LowerAscii(column.default_value);
  const std::string type = TypeOf(column);
  if (word == "now" || word == "now()") return "CAST(now() AS " + type + ")";
  if (word == "today") return "CAST(current_date AS " + type + ")";
  return "CAST(" + QuoteLiteral(column.default_value) + " AS " + type + ")";
}

}  // namespace

std::string TypeOf(const Column& column) {
  if (!column.sql_type.empty()) return column.sql_type;
  return std::string(SqlTypeOf(column.kind)) + (column.is_list ? "[]" : "");
}

RowValues::RowValues(const DataObject& object, const engine::Parameters& request)
    : object_(object),
      request_(request) {
  for (const Column& column : object.columns) {
    if (!column.sql.empty()) continue;
    Stored stored{&column, QuoteIdentifier(column.column), {}};
    if (!column.default_sequence.empty()) {
      stored.otherwise = SequenceSql(object, column);
    } else if (column.has_default_value) {
      stored.otherwise = DefaultSql(column);
    }
    stored_.push_back(std::move(stored));
  }
}

void RowValues::Read(const NewRow& row) {
  columns_.clear();
  values_.clear();
  cells_.clear();
  owned_.clear();
  for (Stored& stored : stored_) {
    const std::size_t before = values_.size();
    if (before > 0) values_.append(", ");
    if (AppendValue(stored, row)) {
      columns_.append(columns_.empty() ? "" : ", ").append(stored.quoted);
    } else {
      values_.resize(before);
    }
  }
}

// Rows of one request name their columns in one order as a rule, so the previous row's place is tried first.
const BoundValue* RowValues::FindGiven(Stored& stored, const BoundValue& data) const {
  const auto& fields = data.fields;
  const std::string& name = stored.column->name;
  if (stored.last_at < fields.size() && fields[stored.last_at].name == name) return &fields[stored.last_at].value;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name != name) continue;
    stored.last_at = i;
    return &fields[i].value;
  }
  return nullptr;
}

bool RowValues::AppendValue(Stored& stored, const NewRow& row) {
  const Column& column = *stored.column;
  if (const BoundValue* given = FindGiven(stored, *row.data)) {
    AppendGiven(column, *given, false);
    return true;
  }
  if (const auto key = row.keys.find(&column); key != row.keys.end()) {
    AppendOwned(column, key->second, false);
    return true;
  }
  if (!column.insert_exp.empty()) {
    AppendExpression(column.insert_exp, *row.data);
    return true;
  }
  values_.append(stored.otherwise);
  return !stored.otherwise.empty();
}

void RowValues::AppendGiven(const Column& column, const BoundValue& value, bool is_item) {
  if (value.IsNull()) return AppendCell(column, kNull, is_item);
  if (value.kind == BoundKind::kParameter) {
    return AppendCell(column, request_[static_cast<std::size_t>(value.parameter)], is_item);
  }
  if (column.kind == ScalarKind::kJson && (is_item || !column.is_list)) {
    return AppendOwned(column, JsonTextOf(value), is_item);
  }
  if (value.kind == BoundKind::kText) {
    const bool is_boolean = column.kind == ScalarKind::kBoolean;
    return AppendOwned(column, is_boolean ? engine::Value(value.text == "true") : engine::Value(value.text), is_item);
  }
  if (value.kind == BoundKind::kObject) return AppendStructure(column, value);
  values_.push_back('[');
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) values_.append(", ");
    AppendGiven(column, value.items[i], true);
  }
  values_.push_back(']');
}

void RowValues::AppendStructure(const Column& column, const BoundValue& value) {
  std::size_t count = 0;
  // The type of a list's items is not known by name; the engine converts the whole list.
  const bool cast = !column.sql_type.empty() && !column.is_list;
  const std::size_t before = values_.size();
  values_.append(cast ? "CAST({" : "{");
  for (const auto& [name, member] : value.fields) {
    const Column* inner = column.structure == nullptr ? nullptr : column.structure->Find(name);
    if (inner == nullptr) continue;
    values_.append(count++ > 0 ? ", " : "").append(QuoteLiteral(inner->column)).append(": ");
    AppendGiven(*inner, member, false);
  }
  if (count == 0) {
    values_.resize(before);
    values_.append("NULL");
    return;
  }
  values_.append("}");
  if (cast) values_.append(" AS ").append(column.sql_type).append(")");
}

void RowValues::AppendCell(const Column& column, const engine::Value& value, bool is_item) {
  values_.push_back(kCellMark);
  cells_.push_back({&value, &column, is_item});
}

void RowValues::AppendOwned(const Column& column, engine::Value value, bool is_item) {
  owned_.push_back(std::move(value));
  AppendCell(column, owned_.back(), is_item);
}

void RowValues::AppendExpression(const std::string& text, const BoundValue& data) {
  // Cells are written in place, so that those of the expression stand in its order.
  std::string rest;
  FillPlaceholders(text, [&](std::string_view name) {
    const BoundValue* value = data.Find(name);
    const Column* column = object_.FindColumn(name);
    const std::size_t start = values_.size();
    if (value == nullptr || column == nullptr) {
      values_.append("NULL");
    } else {
      AppendGiven(*column, *value, false);
    }
    std::string out = values_.substr(start);
    values_.resize(start);
    return out;
  }).swap(rest);
  values_.append(rest);
}

}  // namespace eider::planner
