#pragma once

#include <string>

#include "graphql/collect.h"
#include "planner/bind_value.h"
#include "planner/statement.h"

namespace eider::planner {

// Reads @at(version | timestamp) of a field into `out`, when it has one. `root` is the request's root field, on which
// alone it may stand; a change has no past.
void BindTimePoint(const graphql::CollectContext& context, const graphql::CollectedField& field, const ZoneOffset& zone,
                   ValueBinder& values, const BoundField& root, BoundField& out);

// Makes every read of the root object's source show the rows of that moment. Fails the statement where the source keeps
// no history.
void ApplyTimePoint(Statement& statement, const BoundField& root);

// The table of `object` in FROM, at the statement's moment if it has one for its source.
std::string TableAt(Statement& statement, const catalog::DataObject& object, graphql::Position position);

}  // namespace eider::planner
