#include "planner/dialect/postgres.h"
#include "planner/dialect/postgres_type.h"

// Vectors of the extension pgvector. Its operators are what its indexes serve, but they add up in single precision and
// call the angle of a zero vector NaN, so that what is shown is measured beside them as the embedded engine measures.
namespace eider::planner {
namespace {

// `left <-> right` with the operator of the schema that the vector's type lives in.
std::string Operation(std::string_view distance, const Value& value, const OtherVector& other) {
  const std::string type = WithoutModifier(value.sql_type);
  const std::size_t dot = type.rfind('.');
  std::string_view sign = "<->";
  if (distance == "Cosine") sign = "<=>";
  if (distance == "Inner") sign = "<#>";
  std::string operation = value.sql;
  if (dot == std::string::npos) {
    operation.append(" ").append(sign).append(" ");
  } else {
    operation.append(" OPERATOR(").append(type.substr(0, dot)).append(".").append(sign).append(") ");
  }
  return "(" + operation.append("CAST(").append(other.text).append(" AS ").append(type).append("))");
}

}  // namespace

std::string PostgresDialect::Nearness(std::string_view distance, const Value& value, const OtherVector& other) const {
  return Operation(distance, value, other);
}

std::string PostgresDialect::Distance(std::string_view distance, const Value& value, const OtherVector& other) const {
  std::string sql = "sqrt(sum((a - b) * (a - b)))";
  if (distance == "Inner") sql = "0 - sum(a * b)";
  if (distance == "Cosine") {
    sql =
        "CASE WHEN sum(a * a) > 0 AND sum(b * b) > 0 "
        "THEN 1 - greatest(-1, least(1, sum(a * b) / sqrt(sum(a * a) * sum(b * b)))) END";
  }
  const std::string right = "(SELECT CAST(translate(" + other.text + ", '[]', '{}') AS real[]))";
  const std::string pairs = "unnest(CAST(" + value.sql + " AS real[]), " + right + ") AS u(x, y)";
  const std::string numbers = "SELECT CAST(x AS double precision) AS a, CAST(y AS double precision) AS b FROM " + pairs;
  std::string measured = "(SELECT " + sql + " FROM (" + numbers + ") AS n)";
  if (value.sql_type.find('(') != std::string::npos) return measured;
  // The operator refuses vectors of other lengths, which may stand in a column without one.
  return "(CASE WHEN " + Operation("L2", value, other) + " IS NOT NULL THEN " + measured + " END)";
}

}  // namespace eider::planner
