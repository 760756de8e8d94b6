#pragma once

#include <cstddef>
#include <vector>

#include "graphql/ast.h"
#include "graphql/graphql_error.h"
#include "graphql/schema.h"

namespace eider::graphql {

struct ValidationOptions {
  size_t max_depth = 20;                 // Nesting of fields of one operation, fragments expanded; 0 = no limit.
  size_t max_expanded_fields = 200'000;  // Fields of all operations with fragments expanded.
  size_t max_errors = 100;               // Further errors are dropped.
};

// Checks an executable document against the schema: the rules of chapter 5 of the October 2021 specification,
// except that unused variables are allowed, custom scalars take any literal and below an unknown field nothing is
// looked at. Returns all problems in document order, each with one location; empty means valid. Time is near-linear
// in the document, whatever it holds. Thread-safe.
std::vector<GraphqlError> Validate(const Schema& schema, const Document& document,
                                   const ValidationOptions& options = {});

}  // namespace eider::graphql
