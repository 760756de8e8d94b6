#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <span>
#include <string>

#include "graphql/ast.h"

namespace eider::query {

// A query operation that is made of a part of another operation.
struct InnerQuery {
  std::string text;               // With the fragments that it uses.
  rapidjson::Document variables;  // What was sent for the variables that it declares.
};

struct InnerQueryOptions {
  // Whether all variables stay, also those that no selection uses: jq programs name them in texts.
  bool all_variables = false;
  // Further variables that `selections` uses.
  std::span<const graphql::VariableDefinition> added = {};
};

// The query of the root fields `selections`, under the name of `operation` and with its variables as far as they are
// used. `sent`: the variables of the request, an object or null. Equal input gives equal text.
// REQUIRES: `operation` is of `document`, which is valid, and `selections` name only fragments and variables of it.
InnerQuery MakeInnerQuery(const graphql::Document& document, const graphql::OperationDefinition& operation,
                          graphql::SelectionSet selections, const rapidjson::Value& sent,
                          const InnerQueryOptions& options);

}  // namespace eider::query
