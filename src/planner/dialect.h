#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "planner/expression.h"
#include "planner/geometry.h"

namespace eider::planner {

// A sort key over names visible at its place. NULLs sort last in both directions.
struct SortKey {
  std::string sql;
  bool descending = false;
  Value value = {};  // What is sorted, for its type; the text of the key is `sql`.
};

// How the rows of a SELECT are thinned out and ordered: DISTINCT ON, ORDER BY, LIMIT and OFFSET, in this sense: the
// first row per distinct value in the order is kept, then the limit counts in the order.
struct Arrangement {
  std::vector<std::string> distinct;  // Names of columns.
  std::vector<SortKey> order;         // Over names of columns.
  std::string limit;                  // " LIMIT 5 OFFSET 2" or empty.
};

// One aggregate function over a value.
struct AggregateTerm {
  std::string_view function;  // "sum", "list" … as in the schema.
  Value value;
  bool distinct = false;
  std::string separator;  // string_agg
  std::string order;      // " ORDER BY …" or empty; for functions that depend on it.
  std::string condition;  // Rows that count; empty = all.
};

// A vector to measure from: the SQL of its text, "[0.1,0.2]", and how many numbers it has.
struct OtherVector {
  std::string text;
  int length = 0;
};

// The SQL in which one engine differs from another. Everything else in a statement is common text, so a new feature
// asks here only for its own difference. Stateless: one constant object per engine; expressions given and returned are
// text that can stand as an operand, unless said otherwise. Results are the same in every engine (types wider or
// narrower only where the JSON form does not show it).
class Dialect {
 public:
  virtual ~Dialect() = default;

  // Whether statements run in a PostgreSQL server.
  virtual bool is_postgres() const { return false; }

  // --- types and operands
  // The SQL type of a scalar kind ("TIMESTAMP WITH TIME ZONE").
  virtual std::string_view TypeOf(catalog::ScalarKind kind) const = 0;
  // The type to which operands of `value` are cast: its own, else the one of its kind; of one element for a list.
  virtual std::string OperandType(const Value& value) const = 0;
  // A bound parameter to be compared with values like `peer`.
  virtual std::string Parameter(Statement& statement, const BoundValue& value, const Value& peer) const = 0;
  // The value as text.
  virtual std::string TextOf(const Value& value) const = 0;
  // The value as it is selected for output.
  virtual std::string Shown(const Value& value) const { return value.sql; }
  // The value as it is grouped by and then shown.
  virtual std::string GroupKey(const Value& value) const { return Shown(value); }
  // The value as it is compared with operands made by Parameter().
  virtual std::string Compared(const Value& value) const { return value.sql; }
  // A condition: a structural value is there, whatever its members hold.
  virtual std::string IsPresent(const Value& value) const { return value.sql + " IS NOT NULL"; }

  // --- FROM
  // The table of `object` with its schema.
  virtual std::string TableName(const catalog::DataObject& object) const = 0;
  // The `[$catalog]` placeholder; `qualifies` when a dot follows, which then belongs to the text.
  virtual std::string CatalogName(const catalog::Source& source, bool qualifies) const = 0;
  // A query in FROM, "(…)", with an alias of its own where the engine insists.
  virtual std::string Subquery(Statement& statement, const std::string& sql) const = 0;
  // SELECT `columns` FROM `rest`, arranged.
  virtual std::string Arrange(Statement& statement, const std::string& columns, const std::string& rest,
                              const Arrangement& arrangement) const = 0;
  // The rows of the query `sql` for which `number` (a window function over its columns) lies in (low, high]; high < 0 =
  // no upper bound.
  virtual std::string KeepNumbered(Statement& statement, const std::string& sql, const std::string& number,
                                   std::int64_t low, std::int64_t high) const = 0;
  // Whether the rows of each of few parents are best taken one parent at a time (LATERAL), by an index.
  virtual bool takes_few_parents_apart() const { return false; }
  // The text of one sort key with its direction; NULLs are last.
  virtual std::string SortKeySql(const SortKey& key) const {
    return key.sql + (key.descending ? " DESC NULLS LAST" : " ASC NULLS LAST");
  }
  // A query with column i, the position from 0, and columns k0, k1 …, the elements of `lists` side by side.
  virtual std::string UnnestKeys(const std::vector<std::string>& lists) const = 0;

  // --- text
  virtual std::string Like(const std::string& text, const std::string& pattern) const = 0;
  virtual std::string ILike(const std::string& text, const std::string& pattern) const = 0;
  virtual std::string Regex(const std::string& text, const std::string& pattern) const = 0;

  // --- time
  // date_trunc in the session zone; a date stays a date.
  virtual std::string Truncate(std::string_view unit, const Value& value) const = 0;
  // Buckets of a fixed width, given as an interval text, aligned to 2000-01-03 (2000-01-01 for whole months).
  virtual std::string TimeBucket(const std::string& width, const Value& value) const = 0;
  // A part of a date or time as BIGINT; `part` is a word of TimeExtract.
  virtual std::string TimePart(std::string_view part, const Value& value) const = 0;
  // Integer division.
  virtual std::string Divide(const std::string& a, std::int64_t by) const = 0;

  // --- lists
  // A list of items, "a, b".
  virtual std::string ListOf(const std::string& items) const = 0;
  virtual std::string HasAll(const std::string& list, const std::string& wanted) const = 0;
  virtual std::string HasAny(const std::string& list, const std::string& wanted) const = 0;
  // The value is one of a parameter's list.
  virtual std::string InParameter(Statement& statement, const Value& value, const BoundValue& list) const = 0;
  // How many elements of a list of structures satisfy a condition over `variable`; NULL for a NULL list.
  virtual std::string CountElements(const Value& list, const std::string& variable,
                                    const std::string& condition) const = 0;
  virtual std::string Length(const Value& list) const = 0;
  // Each element of a list of structures replaced by an expression over `variable`.
  virtual std::string Transform(const Value& list, const std::string& variable, const std::string& sql) const = 0;

  // A query with columns v, the elements of a list (a JSON document when `is_json`), and o, their position.
  virtual std::string UnnestList(const std::string& list, bool is_json) const = 0;

  // --- structures and JSON
  // A member of a value stored as the engine's own structure.
  virtual std::string StructMember(const std::string& structure, std::string_view member) const = 0;
  // A structure, or a list of them, that is read as JSON from here on; JSON stays what it is.
  virtual std::string StructAsJson(const std::string& structure) const { return structure; }
  // The value below `path` of a JSON document as `kind` (kJson and kStruct: as JSON, kString: as text) or as a list of
  // it; NULL when it is absent or cannot be converted.
  virtual std::string JsonAt(const std::string& json, const std::vector<std::string_view>& path,
                             catalog::ScalarKind kind, bool is_list) const = 0;
  // A JSON value, with JSON's null as NULL.
  virtual std::string JsonOrNull(const std::string& json) const = 0;
  // JSON text as a value of the engine's type.
  virtual std::string JsonLiteral(const std::string& text) const = 0;
  // A condition of a JSON filter (eq, contains, has, has_all).
  virtual std::string JsonCondition(Statement& statement, const Value& json, std::string_view op,
                                    const BoundValue& operand) const = 0;
  // A JSON value taken apart by a `struct` template.
  virtual std::string JsonTemplate(Statement& statement, const BoundValue& shape, const std::string& json) const = 0;
  // One leaf of a template; `path` holds the template's keys.
  virtual std::string JsonTemplateLeaf(Statement& statement, const BoundValue& shape, const std::string& json,
                                       const std::vector<std::string_view>& path) const = 0;
  // A condition of a range filter.
  virtual std::string RangeCondition(Statement& statement, const Value& range, std::string_view op,
                                     const BoundValue& operand) const = 0;

  // --- rows as values, aggregates
  // One value out of several, whose members are read by position; never empty.
  virtual std::string PackRow(const std::vector<std::string>& members) const = 0;
  // The aggregate that gathers values into a list.
  virtual std::string Gather(const std::string& value, const std::string& order) const = 0;
  // An aggregate that is NULL when the value is NULL in every row.
  virtual std::string AnyPresent(const std::string& value) const = 0;
  virtual std::string Aggregate(const AggregateTerm& term) const = 0;

  // --- geometries
  virtual const GeometryDialect& geometry() const = 0;

  // --- vectors
  // How far `value` is from another vector, in double precision; NULL where that means nothing. `distance` is a word of
  // VectorDistanceType.
  virtual std::string Distance(std::string_view distance, const Value& value, const OtherVector& other) const = 0;
  // The same to choose the nearest rows by: an index may serve it, and it may be rounded. Where Distance() is NULL it
  // is more than everywhere else.
  virtual std::string Nearness(std::string_view distance, const Value& value, const OtherVector& other) const {
    return Distance(distance, value, other);
  }

  // --- statements that change rows
  // A placeholder or literal that is written into `column`, or into a member of a column (`is_member`).
  virtual std::string Written(const catalog::Column& /*column*/, const std::string& sql, bool /*is_member*/) const {
    return sql;
  }
  // What stands in FROM for many rows of cells, given as parameter $1: the JSON text of a list of lists of texts.
  virtual std::string RowsFrom() const = 0;
  // Cell `index` of such a row, to be written into `column`; of a list column the whole list, or one item.
  virtual std::string RowCell(const catalog::Column& column, bool is_item, std::size_t index) const = 0;
  // A list of items, "a, b", written into `column`.
  virtual std::string PackItems(const catalog::Column& /*column*/, const std::string& items, bool /*is_member*/) const {
    return ListOf(items);
  }
  // A structural value of `column` from its members' names and values; never empty.
  virtual std::string PackMembers(const catalog::Column& column,
                                  const std::vector<std::pair<std::string, std::string>>& members) const = 0;
  // The next value of a sequence named in @default(sequence).
  virtual std::string NextValue(const catalog::DataObject& object, const std::string& sequence) const = 0;
};

// "a ASC NULLS LAST, b DESC NULLS LAST".
std::string SortText(const Statement& statement, const std::vector<SortKey>& keys);
// " ORDER BY a ASC NULLS LAST", or nothing.
std::string OrderClause(const Statement& statement, const std::vector<SortKey>& keys);

// The embedded engine, over everything that is attached to it.
const Dialect& DuckDb();
// A PostgreSQL server, over what one source has there.
const Dialect& Postgres();

}  // namespace eider::planner
