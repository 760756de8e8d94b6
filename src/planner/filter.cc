#include "planner/filter.h"

#include "base/text.h"
#include "planner/decimal_filter.h"
#include "planner/dialect.h"
#include "planner/range_filter.h"
#include "planner/related.h"
#include "planner/secret_column.h"
#include "planner/semi_join.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::Relation;
using catalog::RelationKind;
using catalog::ScalarKind;

std::string JoinConditions(const std::vector<std::string>& conditions, std::string_view word) {
  std::string out;
  std::size_t count = 0;
  for (const std::string& condition : conditions) {
    if (condition.empty()) continue;
    if (count++ > 0) out.append(" ").append(word).append(" ");
    out.append(condition);
  }
  return count > 1 ? "(" + out + ")" : out;
}

std::string VisibleSql(const DataObject& object, std::string_view alias, bool with_deleted) {
  if (!object.soft_delete || with_deleted || object.soft_delete_cond.empty()) return {};
  return RowSql(object, object.soft_delete_cond, alias);
}

namespace {

std::string Compare(Statement& statement, const Value& value, std::string_view op, const BoundValue& operand) {
  return statement.dialect().Compared(value) + " " + std::string(op) + " " + OperandSql(statement, operand, value);
}

std::string Membership(Statement& statement, const Value& value, const BoundValue& operand) {
  if (operand.kind == BoundKind::kParameter && operand.is_list) {
    return statement.dialect().InParameter(statement, value, operand);
  }
  if (operand.kind != BoundKind::kList) return Compare(statement, value, "=", operand);
  std::string out;
  for (const BoundValue& item : operand.items) {
    if (item.IsNull()) continue;
    out.append(out.empty() ? "" : ", ").append(OperandSql(statement, item, value));
  }
  return out.empty() ? "false" : value.sql + " IN (" + out + ")";
}

std::string ListOperand(Statement& statement, const Value& value, const BoundValue& operand) {
  const Dialect& dialect = statement.dialect();
  std::string items;
  if (operand.kind == BoundKind::kParameter) {
    const std::string type = dialect.OperandType(value);
    const bool is_bytes = type == "bytea" || type == "BLOB";
    items = is_bytes ? dialect.Parameter(statement, operand, value)
                     : statement.Parameter(operand, dialect.is_postgres() ? type + "[]" : "");
    if (!operand.is_list) items = dialect.ListOf(items);
  } else {
    for (const BoundValue& item : operand.items) {
      items.append(items.empty() ? "" : ", ").append(OperandSql(statement, item, value));
    }
    items = dialect.ListOf(items);
  }
  return "CAST(" + items + " AS " + dialect.OperandType(value) + "[])";
}

std::string ListCondition(Statement& statement, const Value& value, std::string_view op, const BoundValue& operand) {
  if (op == "is_null") return value.sql + (operand.IsTrue() ? " IS NULL" : " IS NOT NULL");
  const std::string list = ListOperand(statement, value, operand);
  if (op == "eq") return value.sql + " = " + list;
  if (op == "contains") return statement.dialect().HasAll(value.sql, list);
  if (op == "intersects") return statement.dialect().HasAny(value.sql, list);
  statement.Fail(operand.position, "filter operator \"" + std::string(op) + "\" is not supported on lists");
  return {};
}

std::string ScalarCondition(Statement& statement, const Value& value, std::string_view op, const BoundValue& operand) {
  if (op == "is_null") return value.sql + (operand.IsTrue() ? " IS NULL" : " IS NOT NULL");
  const Dialect& dialect = statement.dialect();
  if (value.kind == ScalarKind::kJson) return dialect.JsonCondition(statement, value, op, operand);
  if (value.kind == ScalarKind::kGeometry) return GeometryCondition(statement, value, op, operand);
  if (IsRange(value.kind)) return dialect.RangeCondition(statement, value, op, operand);
  if (auto wide = WideDecimalCondition(statement, value, op, operand); !wide.empty()) return wide;
  if (op == "eq") return Compare(statement, value, "=", operand);
  if (op == "ne") return Compare(statement, value, "<>", operand);
  if (op == "gt") return Compare(statement, value, ">", operand);
  if (op == "gte") return Compare(statement, value, ">=", operand);
  if (op == "lt") return Compare(statement, value, "<", operand);
  if (op == "lte") return Compare(statement, value, "<=", operand);
  if (op == "in") return Membership(statement, value, operand);
  // Text operators see the text of any column that is declared as String (an enum, a UUID).
  const std::string text = dialect.TextOf(value);
  const std::string pattern = OperandSql(statement, operand, Value{});
  if (op == "like") return dialect.Like(text, pattern);
  if (op == "ilike") return dialect.ILike(text, pattern);
  if (op == "regex") return dialect.Regex(text, pattern);
  statement.Fail(operand.position, "filter operator \"" + std::string(op) + "\" is not supported here");
  return {};
}

// A structure's members are reached through a lambda variable when the field is a list of structures.
std::string StructureListCondition(Statement& statement, const Value& value, const BoundValue& filter) {
  const std::string variable = statement.Name("e");
  Value element = value;
  element.is_list = false;
  element.sql = variable;
  const std::string length = statement.dialect().Length(value);
  std::vector<std::string> conditions;
  for (const auto& [quantifier, inner] : filter.fields) {
    if (inner.IsNull()) continue;
    const std::string condition = ValueFilterSql(statement, element, inner);
    if (condition.empty()) continue;
    const std::string matching = statement.dialect().CountElements(value, variable, condition);
    if (quantifier == "any_of") conditions.push_back(matching + " > 0");
    if (quantifier == "none_of") conditions.push_back("coalesce(" + matching + ", 0) = 0");
    if (quantifier == "all_of") conditions.push_back("(" + length + " > 0 AND " + matching + " = " + length + ")");
  }
  return JoinConditions(conditions, "AND");
}

std::string RelationQuantifier(Statement& statement, const Relation& relation, std::string_view alias,
                               std::string_view quantifier, const BoundValue& filter) {
  const std::string target = statement.Name("t");
  const std::string inner = FilterSql(statement, *relation.to, target, filter);
  if (inner.empty()) return {};
  const RelatedRows rows = RelatedTo(statement, relation, alias, target, nullptr);
  const std::string base = JoinConditions({rows.condition, VisibleSql(*relation.to, target, false)}, "AND");
  const std::string from = TiedRows(statement, relation, alias, target, rows.from, base + " " + inner);
  const std::string exists = "EXISTS (SELECT 1 FROM " + from + " WHERE " + base;
  if (quantifier == "any_of") return exists + " AND " + inner + ")";
  if (quantifier == "none_of") return "NOT " + exists + " AND " + inner + ")";
  if (quantifier == "all_of") {
    return "(" + exists + ") AND NOT " + exists + " AND NOT coalesce(" + inner + ", false)))";
  }
  statement.Fail(filter.position, "unknown quantifier \"" + std::string(quantifier) + "\"");
  return {};
}

std::string RelationCondition(Statement& statement, const Relation& relation, std::string_view alias,
                              const BoundValue& filter) {
  if (relation.single) return RelationQuantifier(statement, relation, alias, "any_of", filter);
  std::vector<std::string> conditions;
  for (const auto& [quantifier, inner] : filter.fields) {
    if (!inner.IsNull()) conditions.push_back(RelationQuantifier(statement, relation, alias, quantifier, inner));
  }
  return JoinConditions(conditions, "AND");
}

// `_and`, `_or`, `_not` of a data object's or a structure's filter; `compile` gives the condition of one inner filter.
template <class Compile>
std::optional<std::string> Combinator(std::string_view name, const BoundValue& value, Compile compile) {
  if (name == "_not") {
    const std::string inner = compile(value);
    return inner.empty() ? std::string() : "NOT (" + inner + ")";
  }
  if (name != "_and" && name != "_or") return std::nullopt;
  std::vector<std::string> parts;
  if (value.kind == BoundKind::kObject) parts.push_back(compile(value));
  for (const BoundValue& item : value.items) {
    if (!item.IsNull()) parts.push_back(compile(item));
  }
  return JoinConditions(parts, name == "_and" ? "AND" : "OR");
}

// Keys are kept as hashes, which tell nothing but whether two are the same.
std::string KeyCondition(Statement& statement, const Column& column, std::string_view alias, const BoundValue& filter) {
  std::vector<std::string> conditions;
  for (const auto& [name, operand] : filter.fields) {
    if (operand.IsNull()) continue;
    if (name != "eq") {
      statement.Fail(operand.position, "api key can only be compared by eq");
      return {};
    }
    conditions.push_back(std::string(alias) + "." + QuoteIdentifier(column.column) + " = " +
                         HashedKey(OperandSql(statement, operand, Value{})));
  }
  return JoinConditions(conditions, "AND");
}

}  // namespace

std::string ValueFilterSql(Statement& statement, const Value& value, const BoundValue& filter) {
  if (filter.IsNull()) return {};
  std::vector<std::string> conditions;
  if (value.kind == ScalarKind::kStruct && value.is_list) return StructureListCondition(statement, value, filter);
  for (const auto& [name, operand] : filter.fields) {
    if (operand.IsNull()) continue;
    if (value.kind != ScalarKind::kStruct) {
      conditions.push_back(value.is_list ? ListCondition(statement, value, name, operand)
                                         : ScalarCondition(statement, value, name, operand));
      continue;
    }
    auto compile = [&](const BoundValue& inner) { return ValueFilterSql(statement, value, inner); };
    if (const auto combined = Combinator(name, operand, compile)) {
      conditions.push_back(*combined);
    } else if (const Column* member = value.structure->Find(name)) {
      conditions.push_back(ValueFilterSql(statement, MemberValue(statement, value, *member), operand));
    }
  }
  return JoinConditions(conditions, "AND");
}

std::string FilterSql(Statement& statement, const DataObject& object, std::string_view alias,
                      const BoundValue& filter) {
  if (filter.IsNull()) return {};
  std::vector<std::string> conditions;
  for (const auto& [name, value] : filter.fields) {
    if (value.IsNull()) continue;
    auto compile = [&](const BoundValue& inner) { return FilterSql(statement, object, alias, inner); };
    if (const auto combined = Combinator(name, value, compile)) {
      conditions.push_back(*combined);
    } else if (const Column* column = object.FindColumn(name)) {
      const bool is_key = column->secret == catalog::SecretKind::kKey;
      conditions.push_back(is_key ? KeyCondition(statement, *column, alias, value)
                                  : ValueFilterSql(statement, ColumnValue(object, *column, alias), value));
    } else if (const Relation* relation = object.FindRelation(name)) {
      conditions.push_back(RelationCondition(statement, *relation, alias, value));
    } else {
      statement.Fail(value.position, "field \"" + name + "\" of " + object.name + " cannot be filtered");
    }
  }
  return JoinConditions(conditions, "AND");
}

RelatedRows RelatedTo(Statement& statement, const Relation& relation, std::string_view from_alias,
                      std::string_view to_alias, const BoundField* field) {
  const NearSql near = [&](std::string_view path) {
    return PathValue(statement, *relation.from, from_alias, path).sql;
  };
  const std::string target = FarText(statement, relation, field, near) + " " + std::string(to_alias);
  if (relation.kind != RelationKind::kManyToMany) return {target, TieSql(statement, relation, to_alias, near)};
  std::vector<std::string> conditions;
  const std::string junction = statement.Name("j");
  std::vector<std::string> link;
  for (std::size_t i = 0; i < relation.to_columns.size(); ++i) {
    link.push_back(ColumnValue(*relation.to, *relation.to_columns[i], to_alias).sql + " = " +
                   ColumnValue(*relation.junction, *relation.junction_to[i], junction).sql);
  }
  for (std::size_t i = 0; i < relation.from_columns.size(); ++i) {
    conditions.push_back(ColumnValue(*relation.junction, *relation.junction_from[i], junction).sql + " = " +
                         near(relation.from_columns[i]->name));
  }
  return {FromText(statement, *relation.junction, nullptr) + " " + junction + " JOIN " + target + " ON " +
              JoinConditions(link, "AND"),
          JoinConditions(conditions, "AND")};
}

}  // namespace eider::planner
