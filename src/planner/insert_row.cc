#include "planner/insert_row.h"

#include "base/text.h"
#include "planner/assigned.h"

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
        request_(request),
        dialect_(WriterOf(object)),
        operands_{[this](const BoundValue& value) { return Add(request_[static_cast<std::size_t>(value.parameter)]); },
                  [this](const Column&, const std::string& text) { return Add(text); }} {}

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
    out_.sql = "INSERT INTO " + dialect_.TableName(object_);
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
    if (const BoundValue* given = data_.Find(column.name)) return AssignedSql(dialect_, column, *given, operands_);
    const auto key = keys_.find(&column);
    if (key != keys_.end()) return dialect_.Written(column, Add(key->second), false);
    if (!column.insert_exp.empty()) {
      return DefaultExpression(dialect_, object_, column.insert_exp, data_, operands_);
    }
    if (!column.default_sequence.empty()) return dialect_.NextValue(object_, column.default_sequence);
    if (column.has_default_value) return Default(column);
    return {};
  }

  std::string Default(const Column& column) {
    const std::string word = LowerAscii(column.default_value);
    const std::string type(dialect_.TypeOf(column.kind));
    if (word == "now" || word == "now()") return "CAST(now() AS " + type + ")";
    if (word == "today") return "CAST(current_date AS " + type + ")";
    return "CAST(" + Add(column.default_value) + " AS " + (column.sql_type.empty() ? type : column.sql_type) + ")";
  }

  void AppendReturning() {
    std::string list;
    for (const Column& column : object_.columns) {
      if (!column.sql.empty() || column.is_list || column.kind == ScalarKind::kStruct ||
          column.kind == ScalarKind::kJson || column.kind == ScalarKind::kGeometry)
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
  const Dialect& dialect_;
  const AssignedOperands operands_;
  InsertRow out_;
};

}  // namespace

PlanResult<InsertRow> CompileInsertRow(const DataObject& object, const BoundValue& data, const KeyValues& keys,
                                       const engine::Parameters& request, const std::string& path,
                                       graphql::Position position) {
  return InsertCompiler(object, data, keys, request).Compile(path, position);
}

}  // namespace eider::planner
