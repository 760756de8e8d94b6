#pragma once

#include "planner/dialect.h"

namespace eider::planner {

// SQL of the embedded engine.
class DuckDbDialect final : public Dialect {
 public:
  std::string_view TypeOf(catalog::ScalarKind kind) const override;
  std::string OperandType(const Value& value) const override;
  std::string Parameter(Statement& statement, const BoundValue& value, const Value& peer) const override;
  std::string TextOf(const Value& value) const override;
  std::string Compared(const Value& value) const override;
  std::string IsPresent(const Value& value) const override;
  std::string Shown(const Value& value) const override;
  std::string TableName(const catalog::DataObject& object) const override;
  std::string CatalogName(const catalog::Source& source, bool qualifies) const override;
  std::string UnnestList(const std::string& list, bool is_json) const override;
  std::string Subquery(Statement& statement, const std::string& sql) const override;
  std::string Arrange(Statement& statement, const std::string& columns, const std::string& rest,
                      const Arrangement& arrangement) const override;
  std::string KeepNumbered(Statement& statement, const std::string& sql, const std::string& number, std::int64_t low,
                           std::int64_t high) const override;
  std::string UnnestKeys(const std::vector<std::string>& lists) const override;
  std::string Like(const std::string& text, const std::string& pattern) const override;
  std::string ILike(const std::string& text, const std::string& pattern) const override;
  std::string Regex(const std::string& text, const std::string& pattern) const override;
  std::string Truncate(std::string_view unit, const Value& value) const override;
  std::string TimeBucket(const std::string& width, const Value& value) const override;
  std::string TimePart(std::string_view part, const Value& value) const override;
  std::string Divide(const std::string& a, std::int64_t by) const override;
  std::string ListOf(const std::string& items) const override;
  std::string HasAll(const std::string& list, const std::string& wanted) const override;
  std::string HasAny(const std::string& list, const std::string& wanted) const override;
  std::string InParameter(Statement& statement, const Value& value, const BoundValue& list) const override;
  std::string CountElements(const Value& list, const std::string& variable,
                            const std::string& condition) const override;
  std::string Length(const Value& list) const override;
  std::string Transform(const Value& list, const std::string& variable, const std::string& sql) const override;
  std::string StructMember(const std::string& structure, std::string_view member) const override;
  std::string JsonAt(const std::string& json, const std::vector<std::string_view>& path, catalog::ScalarKind kind,
                     bool is_list) const override;
  std::string JsonOrNull(const std::string& json) const override;
  std::string JsonLiteral(const std::string& text) const override;
  std::string JsonCondition(Statement& statement, const Value& json, std::string_view op,
                            const BoundValue& operand) const override;
  std::string JsonTemplate(Statement& statement, const BoundValue& shape, const std::string& json) const override;
  std::string JsonTemplateLeaf(Statement& statement, const BoundValue& shape, const std::string& json,
                               const std::vector<std::string_view>& path) const override;
  std::string RangeCondition(Statement& statement, const Value& range, std::string_view op,
                             const BoundValue& operand) const override;
  std::string PackRow(const std::vector<std::string>& members) const override;
  std::string Gather(const std::string& value, const std::string& order) const override;
  std::string AnyPresent(const std::string& value) const override;
  std::string Aggregate(const AggregateTerm& term) const override;
  const GeometryDialect& geometry() const override { return DuckDbGeometry(); }
  std::string Distance(std::string_view distance, const Value& value, const OtherVector& other) const override;
  std::string Written(const catalog::Column& column, const std::string& sql, bool is_member) const override;
  std::string RowsFrom() const override;
  std::string RowCell(const catalog::Column& column, bool is_item, std::size_t index) const override;
  std::string PackMembers(const catalog::Column& column,
                          const std::vector<std::pair<std::string, std::string>>& members) const override;
  std::string NextValue(const catalog::DataObject& object, const std::string& sequence) const override;
};

}  // namespace eider::planner
