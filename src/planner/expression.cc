#include "planner/expression.h"
#include "planner/secret_column.h"

#include <charconv>

#include "base/text.h"
#include "planner/access.h"
#include "planner/call.h"
#include "planner/dialect.h"
#include "planner/filter.h"
#include "planner/foreign_view.h"
#include "planner/placeholders.h"
#include "planner/time_point.h"
#include "planner/vector.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::ScalarKind;
using catalog::StructStorage;
using columnar::JsonForm;
using columnar::Shape;

namespace {

JsonForm FormOf(const Value& value) {
  switch (value.kind) {
    case ScalarKind::kDate: return JsonForm::kDate;
    case ScalarKind::kTime: return JsonForm::kTime;
    case ScalarKind::kTimestamp: return JsonForm::kTimestamp;
    case ScalarKind::kDateTime: return JsonForm::kDateTime;
    case ScalarKind::kInterval: return JsonForm::kInterval;
    case ScalarKind::kJson: return JsonForm::kJson;
    case ScalarKind::kGeometry: return JsonForm::kGeometry;
    case ScalarKind::kString:
      return value.sql_type == "BLOB" || value.sql_type == "bytea" ? JsonForm::kValue : JsonForm::kString;
    case ScalarKind::kId:
    case ScalarKind::kEnum:
    case ScalarKind::kH3Cell: return JsonForm::kString;
    default: return JsonForm::kValue;
  }
}

Value ValueOf(const Column& column, std::string sql, bool of_postgres) {
  return {.sql = std::move(sql),
          .kind = column.kind,
          .is_list = column.is_list,
          .structure = column.structure,
          .storage = column.storage,
          .sql_type = column.sql_type,
          .of_postgres = of_postgres,
          .srid = column.srid,
          .non_null = (column.non_null || column.is_pk) && column.sql.empty()};
}

std::optional<std::string> ViewPlaceholder(Statement& statement, const DataObject& object, const BoundValue* args,
                                           std::string_view name, bool qualifies) {
  if (auto known = SystemPlaceholder(statement, *object.source, name, qualifies)) return known;
  if (!name.starts_with('$') || object.args == nullptr) return std::nullopt;
  name.remove_prefix(1);
  const auto& members = object.args->members;
  const auto member = std::ranges::find(members, name, &catalog::InputType::Member::name);
  if (member == members.end()) return std::nullopt;
  const BoundValue* value = args == nullptr ? nullptr : args->Find(name);
  return ViewArgumentSql(statement, *member, value, *object.source);
}

}  // namespace

namespace {

std::string UnfilteredText(Statement& statement, const DataObject& object, const BoundValue* args,
                           graphql::Position position) {
  if (!statement.dialect().is_postgres() && object.source != nullptr && !object.source->engine_refusal.empty()) {
    statement.Fail(position,
                   "this request needs the engine to read data source \"" + object.source->name +
                       "\": " + object.source->engine_refusal,
                   ErrorCode::kSourceUnavailable);
  }
  const bool is_foreign =
      !statement.dialect().is_postgres() && object.source != nullptr && object.source->type == "postgres";
  if (object.view_sql.empty()) {
    if (is_foreign) statement.NoteForeignTable(object);
    return TableAt(statement, object, position);
  }
  if (statement.TimePointOf(object.source) != nullptr) {
    statement.Fail(position, "@at: " + object.name + " is a view, which has no history of its own");
  }
  if (object.args_required && (args == nullptr || args->IsNull())) {
    statement.Fail(position, "argument \"args\" is required for " + object.name);
  }
  const auto resolve = [&](std::string_view name, bool qualifies) {
    return ViewPlaceholder(statement, object, args, name, qualifies);
  };
  if (is_foreign) return ForeignViewSql(object, resolve);
  // What the schema says may end in a comment.
  const bool has_comment = object.view_sql.find("--") != std::string::npos;
  return "(" + ReplacePlaceholders(object.view_sql, resolve) + (has_comment ? "\n)" : ")");
}

}  // namespace

std::string AllRowsText(Statement& statement, const DataObject& object, const BoundField* field) {
  return UnfilteredText(statement, object, field == nullptr ? nullptr : field->Argument("args"),
                        field == nullptr ? 0 : field->position);
}

std::string FromText(Statement& statement, const DataObject& object, const BoundField* field,
                     const std::string* filter) {
  return PermittedRows(statement, object, AllRowsText(statement, object, field), field, filter);
}

std::string PermittedRows(Statement& statement, const DataObject& object, const std::string& rows,
                          const BoundField* field, const std::string* filter) {
  if (statement.access() == nullptr) return rows;
  const std::string alias = statement.Name("r");
  const std::string where = PermittedSql(statement, object, alias, field, filter);
  if (where.empty()) return rows;
  return "(SELECT * FROM " + rows + " " + alias + " WHERE " + where + ")";
}

std::string PermittedSql(Statement& statement, const DataObject& object, std::string_view alias,
                         const BoundField* field, const std::string* filter) {
  if (statement.access() == nullptr) return {};
  if (filter == nullptr && field != nullptr) filter = field->rule_filter;
  std::vector<std::string> conditions;
  // Rows of a structural type are what a function answers; rules of objects are none of theirs.
  if (object.structure == nullptr) {
    CheckAllowed(statement, object, auth::Operation::kQuery);
    conditions.push_back(RoleConditionSql(statement, object, auth::Operation::kQuery, alias));
  }
  if (filter != nullptr) conditions.push_back(RuleFilterSql(statement, object, *filter, alias));
  return JoinConditions(conditions, "AND");
}

namespace {

// A column of the row or a member of a structure in it, as SQL that every engine reads.
std::string ComputedOperand(const DataObject& object, std::string_view path, std::string_view alias) {
  const std::vector<std::string_view> parts = SplitText(path, '.');
  const Column* column = object.FindColumn(parts[0]);
  if (column == nullptr) return std::string(alias) + "." + QuoteIdentifier(parts[0]);
  std::string sql = ColumnValue(object, *column, alias).sql;
  const bool is_json = column->kind == ScalarKind::kJson || column->storage == StructStorage::kJson;
  const catalog::StructType* structure = column->structure;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Column* member = structure == nullptr ? nullptr : structure->Find(parts[i]);
    const std::string_view key = member == nullptr ? parts[i] : std::string_view(member->column);
    const std::string_view arrow = i + 1 == parts.size() ? " ->> " : " -> ";
    sql = is_json ? "(" + sql + std::string(arrow) + QuoteLiteral(key) + ")" : "(" + sql + ")." + QuoteIdentifier(key);
    structure = member == nullptr ? nullptr : member->structure;
  }
  return sql;
}

}  // namespace

std::string RowSql(const DataObject& object, std::string_view sql, std::string_view alias) {
  const auto resolve = [&](std::string_view name, bool) -> std::optional<std::string> {
    if (name.starts_with('$')) return std::nullopt;
    return ComputedOperand(object, name, alias);
  };
  return "(" + ReplacePlaceholders(sql, resolve) + ")";
}

Value ColumnValue(const DataObject& object, const Column& column, std::string_view alias) {
  const bool of_postgres = object.source != nullptr && object.source->type == "postgres";
  // Fields of a structural type are bound to its members, whoever answers the rows.
  if (object.structure != nullptr && object.FindColumn(column.name) != &column) {
    return ColumnValue(object, *object.FindColumn(column.name), alias);
  }
  if (!column.sql.empty()) return ValueOf(column, RowSql(object, column.sql, alias), of_postgres);
  if (column.secret != catalog::SecretKind::kNone) {
    return ValueOf(column, ShownSecret(object, column, alias, {}), of_postgres);
  }
  return ValueOf(column, std::string(alias) + "." + QuoteIdentifier(column.column), of_postgres);
}

Value ShownValue(const Statement& statement, const DataObject& object, const Column& column, std::string_view alias) {
  Value value = ColumnValue(object, column, alias);
  if (column.secret != catalog::SecretKind::kText || statement.access() == nullptr) return value;
  value.sql = ShownSecret(object, column, alias, statement.access()->rules().record().secret_reader);
  return value;
}

Value MemberValue(const Statement& statement, const Value& structure, const Column& member) {
  const Dialect& dialect = statement.dialect();
  Value value = ValueOf(member, {}, structure.of_postgres);
  value.storage = structure.storage;
  value.non_null = false;
  if (value.storage == StructStorage::kJson) value.sql_type.clear();
  if (structure.storage == StructStorage::kStruct) {
    value.sql = dialect.StructMember(structure.sql, member.column);
  } else {
    value.sql = dialect.JsonAt(structure.sql, {member.column}, member.kind, member.is_list);
  }
  return value;
}

namespace {

// Arguments that mean something in some places or engines only.
void RefuseArguments(Statement& statement, const BoundField& field) {
  const BoundValue* function = field.Argument("measurement_func");
  if (function != nullptr && !function->IsNull()) {
    statement.Fail(field.position, "argument \"measurement_func\" works in lists of a cube only");
  }
  const BoundValue* gapfill = field.Argument("gapfill");
  if (gapfill != nullptr && gapfill->IsTrue()) {
    statement.Fail(field.position, "argument \"gapfill\" needs a data source with time_bucket_gapfill");
  }
}

}  // namespace

Value ApplyFieldArguments(Statement& statement, const BoundField& field, Value value) {
  RefuseArguments(statement, field);
  if (value.kind == ScalarKind::kGeometry) return ApplyGeometryArguments(statement, field, value);
  const BoundValue* bucket = field.Argument("bucket");
  const BoundValue* interval = field.Argument("bucket_interval");
  const bool has_bucket = bucket != nullptr && !bucket->IsNull();
  const bool has_interval = interval != nullptr && !interval->IsNull();
  if (has_bucket && has_interval) {
    statement.Fail(field.position, "give either \"bucket\" or \"bucket_interval\", not both");
  }
  if (has_bucket) {
    value.sql = statement.dialect().Truncate(bucket->text, value);
  } else if (has_interval) {
    value.sql = statement.dialect().TimeBucket(interval->text, value);
  }
  return value;
}

Value SelectedMember(Statement& statement, const Value& structure, const BoundField& field) {
  Value value = MemberValue(statement, structure, *field.binding->column);
  return value.kind == ScalarKind::kStruct ? value : ApplyFieldArguments(statement, field, std::move(value));
}

Value ExtraValue(Statement& statement, const BoundField& field, const Value& value) {
  if (value.kind == ScalarKind::kGeometry) return MeasurementValue(statement, field, value);
  if (value.kind == ScalarKind::kVector) return DistanceValue(statement, field, value);
  const BoundValue* extract = field.Argument("extract");
  if (extract == nullptr || extract->IsNull()) {
    statement.Fail(field.position, "argument \"extract\" is required");
    return value;
  }
  std::string sql = statement.dialect().TimePart(extract->text, value);
  const BoundValue* divide = field.Argument("extract_divide");
  if (divide != nullptr && !divide->IsNull()) {
    std::int64_t by = 0;
    std::from_chars(divide->text.data(), divide->text.data() + divide->text.size(), by);
    if (by == 0) statement.Fail(field.position, "\"extract_divide\" must not be zero");
    sql = statement.dialect().Divide(sql, by);
  }
  return {std::move(sql), ScalarKind::kBigInt, false, nullptr, StructStorage::kStruct, "BIGINT"};
}

Shape ScalarShape(const Value& value, int column) {
  Shape shape;
  shape.form = FormOf(value);
  shape.column = column;
  if (!value.is_list) return shape;
  Shape list;
  list.form = JsonForm::kList;
  list.column = column;
  shape.column = -1;
  list.members.push_back(std::move(shape));
  return list;
}

std::string OperandSql(Statement& statement, const BoundValue& value, const Value& peer) {
  if (value.kind == BoundKind::kParameter) return statement.dialect().Parameter(statement, value, peer);
  if (value.kind == BoundKind::kText) {
    if (peer.kind == ScalarKind::kBoolean || peer.kind == ScalarKind::kInt || peer.kind == ScalarKind::kBigInt ||
        peer.kind == ScalarKind::kFloat) {
      return value.text;
    }
    return QuoteLiteral(value.text);
  }
  return "NULL";
}

}  // namespace eider::planner
