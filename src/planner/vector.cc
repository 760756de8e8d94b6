#include "planner/vector.h"

#include <charconv>

#include "planner/access.h"
#include "planner/dialect.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::ScalarKind;

namespace {

Value NumberValue(const Statement& statement, std::string sql) {
  Value out{std::move(sql), ScalarKind::kFloat};
  out.sql_type = statement.dialect().TypeOf(out.kind);
  return out;
}

// A vector to measure from, as the engines read it.
OtherVector OtherOf(Statement& statement, const BoundValue& vector) {
  return {OperandSql(statement, vector, Value{}), vector.length};
}

}  // namespace

Value DistanceValue(Statement& statement, const BoundField& field, const Value& value) {
  const BoundValue* vector = field.Argument("vector");
  const BoundValue* distance = field.Argument("distance");
  if (vector == nullptr || vector->IsNull() || distance == nullptr || distance->IsNull()) {
    statement.Fail(field.position, "arguments \"vector\" and \"distance\" are required");
    return NumberValue(statement, "NULL");
  }
  const std::string problem = VectorProblem(*field.binding->column, *vector);
  if (!problem.empty()) statement.Fail(field.position, problem);
  return NumberValue(statement, statement.dialect().Distance(distance->text, value, OtherOf(statement, *vector)));
}

const Column* SimilarityColumn(const DataObject& object, const BoundValue& argument) {
  const BoundValue* name = argument.Find("name");
  return name == nullptr ? nullptr : object.FindColumn(name->text);
}

std::optional<Similarity> ReadSimilarity(Statement& statement, const DataObject& object, std::string_view alias,
                                         const BoundValue& argument) {
  const BoundValue* name = argument.Find("name");
  const BoundValue* vector = argument.Find("vector");
  const BoundValue* distance = argument.Find("distance");
  if (name == nullptr || vector == nullptr || distance == nullptr || vector->IsNull()) {
    statement.Fail(argument.position, R"("similarity" needs "name", "vector" and "distance")");
    return std::nullopt;
  }
  CheckFieldAllowed(statement, object.name, name->text);
  const Column* column = SimilarityColumn(object, argument);
  if (column == nullptr || column->kind != ScalarKind::kVector || column->is_list) {
    statement.Fail(argument.position, "field \"" + name->text + "\" of " + object.name + " is no vector");
    return std::nullopt;
  }
  const std::string problem = VectorProblem(*column, *vector);
  if (!problem.empty()) statement.Fail(argument.position, problem);
  Similarity similarity;
  const BoundValue* limit = argument.Find("limit");
  if (limit != nullptr && !limit->IsNull()) {
    std::int64_t count = -1;
    std::from_chars(limit->text.data(), limit->text.data() + limit->text.size(), count);
    if (count < 0) statement.Fail(argument.position, "\"limit\" of \"similarity\" must not be negative");
    similarity.limit = count;
  }
  const Value value = ColumnValue(object, *column, alias);
  const OtherVector other = OtherOf(statement, *vector);
  similarity.rank = NumberValue(statement, statement.dialect().Nearness(distance->text, value, other));
  similarity.distance = NumberValue(statement, statement.dialect().Distance(distance->text, value, other));
  return similarity;
}

std::string VectorProblem(const Column& column, const BoundValue& value) {
  if (column.kind != ScalarKind::kVector || column.dim == 0 || value.length == 0 || value.length == column.dim)
    return {};
  return "the vector for \"" + column.name + "\" must have " + std::to_string(column.dim) + " numbers, it has " +
         std::to_string(value.length);
}

}  // namespace eider::planner
