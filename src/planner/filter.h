#pragma once

#include <string>
#include <string_view>

#include "planner/expression.h"

// Filters as SQL conditions (without WHERE). An empty text means "no condition".
namespace eider::planner {

// The condition of a `T_filter` value on the row of `object` with alias `alias`. Members whose value is null are
// dropped, together with combinators that become empty by it.
std::string FilterSql(Statement& statement, const catalog::DataObject& object, std::string_view alias,
                      const BoundValue& filter);

// The condition of one scalar's (or list's, or structure's) filter value.
std::string ValueFilterSql(Statement& statement, const Value& value, const BoundValue& filter);

// Joins non-empty conditions; an empty list gives an empty text.
std::string JoinConditions(const std::vector<std::string>& conditions, std::string_view word);

// What `object` must satisfy to be read at all: its soft-delete rule.
std::string VisibleSql(const catalog::DataObject& object, std::string_view alias, bool with_deleted);

// `field` gives the arguments of a view or a call; null = none.
// FROM text with alias(es) and the condition that ties the target of `relation` to the row `from_alias` of its owner.
struct RelatedRows {
  std::string from;       // "authors" t3, or junction and target joined.
  std::string condition;  // t3."id" = t0."author_id"
};
RelatedRows RelatedTo(Statement& statement, const catalog::Relation& relation, std::string_view from_alias,
                      std::string_view to_alias, const BoundField* field);

}  // namespace eider::planner
