#pragma once

#include <string>
#include <vector>

#include "planner/expression.h"

namespace eider::planner {

// One entry of `order_by`: a dotted path and a direction.
struct OrderTerm {
  std::string path;
  bool descending = false;
  graphql::Position position = 0;
};

// Reads a bound `order_by` value.
std::vector<OrderTerm> ReadOrder(Statement& statement, const BoundValue& order);

// The expression that a path names on the row `alias` of `object`: an alias of the selection first, then a column, then
// a path into a structure, a JSON template, a forward relation or a selected relation aggregation. Its text is empty
// after failing with "field X not found or not sortable".
Value OrderValue(Statement& statement, const catalog::DataObject& object, std::string_view alias,
                 const std::vector<BoundField>& selection, const OrderTerm& term);

}  // namespace eider::planner
