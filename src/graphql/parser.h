#pragma once

#include <cstddef>
#include <string>

#include "graphql/ast.h"
#include "graphql/graphql_error.h"

namespace eider::graphql {

// What a document may use up before it is refused with an error, never with a crash.
struct ParseLimits {
  size_t max_bytes = size_t{16} << 20;
  size_t max_tokens = 1'000'000;
  size_t max_nesting = 200;    // Selection sets, list and object literals, one inside another.
  size_t max_fields = 50'000;  // Fields written in the document, of selection sets.
  size_t max_aliases = 10'000;
  size_t max_fragments = 2'000;  // Fragments that spread each other in a chain are as deep as they are many.
};

// Parses a whole document, executable and type-system definitions alike (October 2021 specification). The error
// has one location and a message such as `Expected Name, found <EOF>` (no full stop). Thread-safe.
GraphqlResult<DocumentPtr> Parse(std::string text, const ParseLimits& limits = {});

// Parses type-system definitions of a file; an executable definition in it is an error. The limits suit schemas.
GraphqlResult<DocumentPtr> ParseSdl(std::string text, std::string file_name = {});

// Parses one literal without variables, such as a default value, into `arena`; texts are copied there.
GraphqlResult<const Value*> ParseConstValue(std::string_view text, Arena& arena);

// Parses a type in GraphQL notation, such as `[Int!]`, into `arena`; texts are copied there.
GraphqlResult<const TypeNode*> ParseType(std::string_view text, Arena& arena);

}  // namespace eider::graphql
