#include "planner/insert_row.h"

#include "base/text.h"
#include "planner/expression.h"
#include "planner/json_filter.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::ScalarKind;

namespace {

class InsertCompiler {
 public:
  InsertCompiler(const DataObject& object, const BoundValue& data, const KeyValues& keys,
                 const engine::Parameters& request)
      : object_(object),
        data_(data),
        keys_(keys),
        request_(request) {}

  PlanResult<InsertRow> Compile(const std::string& path, graphql::Position position) {
    std::string columns;
    std::string values;
    for (const Column& column : object_.columns) {
      if (!column.sql.empty()) continue;
      const std::string value = ValueOf(column);
      if (value.empty()) {
        if (!column.non_null && !column.is_pk) continue;
        return Required(path, column, position);
      }
      if (value == "NULL" && (column.non_null || column.is_pk)) return Required(path, column, position);
      columns.append(columns.empty() ? "" : ", ").append(QuoteIdentifier(column.column));
      values.append(values.empty() ? "" : ", ").append(value);
    }
    out_.sql = "INSERT INTO " + object_.relation_sql;
    out_.sql.append(columns.empty() ? " DEFAULT VALUES" : " (" + columns + ") VALUES (" + values + ")");
    AppendReturning();
    return std::move(out_);
  }

 private:
  static PlanResult<InsertRow> Required(const std::string& path, const Column& column, graphql::Position position) {
    return tl::unexpected(
        PlanError{Error(ErrorCode::kBadInput, "field " + path + "." + column.name + " is required"), position, true});
  }

  std::string Add(engine::Value value) {
    out_.parameters.push_back(std::move(value));
    return "$" + std::to_string(out_.parameters.size());
  }

  // Given value, then the related row's key, then the defaults; empty when the database decides.
  std::string ValueOf(const Column& column) {
    if (const BoundValue* given = data_.Find(column.name)) return Given(column, *given);
    const auto key = keys_.find(&column);
    if (key != keys_.end()) return Add(key->second);
    if (!column.insert_exp.empty()) return Expression(column.insert_exp);
    if (!column.default_sequence.empty()) return "nextval(" + QuoteLiteral(SequenceName(column.default_sequence)) + ")";
    if (column.has_default_value) return Default(column);
    return {};
  }

  std::string Given(const Column& column, const BoundValue& value) {
    if (value.IsNull()) return "NULL";
    if (value.kind == BoundKind::kParameter) return Add(request_[static_cast<std::size_t>(value.parameter)]);
    if (column.kind == ScalarKind::kJson) return Add(JsonTextOf(value));
    if (value.kind == BoundKind::kText) return column.kind == ScalarKind::kBoolean ? value.text : Add(value.text);
    if (value.kind == BoundKind::kList) {
      std::string items;
      for (const BoundValue& item : value.items) items.append(items.empty() ? "" : ", ").append(Given(column, item));
      return "[" + items + "]";
    }
    std::string members;
    for (const auto& [name, member] : value.fields) {
      const Column* inner = column.structure == nullptr ? nullptr : column.structure->Find(name);
      if (inner == nullptr) continue;
      members.append(members.empty() ? "" : ", ").append(QuoteLiteral(inner->column)).append(": ");
      members.append(Given(*inner, member));
    }
    const std::string packed = members.empty() ? "NULL" : "{" + members + "}";
    return column.sql_type.empty() || members.empty() ? packed : "CAST(" + packed + " AS " + column.sql_type + ")";
  }

  std::string Default(const Column& column) {
    const std::string word = LowerAscii(column.default_value);
    const std::string type(SqlTypeOf(column.kind));
    if (word == "now" || word == "now()") return "CAST(now() AS " + type + ")";
    if (word == "today") return "CAST(current_date AS " + type + ")";
    return "CAST(" + Add(column.default_value) + " AS " + (column.sql_type.empty() ? type : column.sql_type) + ")";
  }

  std::string SequenceName(const std::string& name) const {
    const bool qualified = name.find('.') != std::string::npos;
    const std::string& catalog = object_.source->catalog;
    return QuoteIdentifier(catalog) + "." +
           (qualified ? name : QuoteIdentifier(object_.source->default_schema) + "." + QuoteIdentifier(name));
  }

  std::string Expression(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::size_t close = text.compare(i, 2, "[$") == 0 ? text.find(']', i) : std::string::npos;
      if (close == std::string::npos) {
        out.push_back(text[i]);
        continue;
      }
      const std::string name = text.substr(i + 2, close - i - 2);
      const BoundValue* value = data_.Find(name);
      const Column* column = object_.FindColumn(name);
      out.append(value == nullptr || column == nullptr ? "NULL" : Given(*column, *value));
      i = close;
    }
    return out;
  }

  void AppendReturning() {
    std::string list;
    for (const Column& column : object_.columns) {
      if (!column.sql.empty() || column.is_list || column.kind == ScalarKind::kStruct ||
          column.kind == ScalarKind::kJson)
        continue;
      list.append(list.empty() ? "" : ", ")
          .append("CAST(")
          .append(QuoteIdentifier(column.column))
          .append(" AS VARCHAR)");
      out_.returned.push_back(&column);
    }
    if (!list.empty()) out_.sql.append(" RETURNING ").append(list);
  }

  const DataObject& object_;
  const BoundValue& data_;
  const KeyValues& keys_;
  const engine::Parameters& request_;
  InsertRow out_;
};

}  // namespace

PlanResult<InsertRow> CompileInsertRow(const DataObject& object, const BoundValue& data, const KeyValues& keys,
                                       const engine::Parameters& request, const std::string& path,
                                       graphql::Position position) {
  return InsertCompiler(object, data, keys, request).Compile(path, position);
}

}  // namespace eider::planner
