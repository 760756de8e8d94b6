#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "graphql/collect.h"

namespace eider::graphql::introspection {

// What a selected member of an introspection object yields.
enum class Member : uint8_t {
  kTypename,
  kName,
  kDescription,
  kKind,
  kFields,
  kInterfaces,
  kPossibleTypes,
  kEnumValues,
  kInputFields,
  kOfType,
  kSpecifiedByUrl,
  kIsOneOf,
  kHugrType,
  kModule,
  kCatalog,
  kArgs,
  kType,
  kIsDeprecated,
  kDeprecationReason,
  kMcpExclude,
  kFieldKind,
  kDefaultValue,
  kIsRepeatable,
  kLocations,
  kTypes,
  kQueryType,
  kMutationType,
  kSubscriptionType,
  kDirectives,
  kNull,
};

// A piece of output written before, to be copied instead of computed again.
struct Piece {
  size_t offset = 0;
  size_t size = 0;
};

// A selection set on an introspection type, compiled: what to write for one object. Written once per request and
// then run for every type or field, so that no syntax tree is walked a hundred thousand times.
struct Program {
  struct Step {
    std::string label;  // `{"name":` or `,"name":`.
    Member member = Member::kNull;
    bool include_deprecated = false;
    std::unique_ptr<Program> inner;  // For object-valued members.
  };

  std::string_view type_name;  // For __typename.
  std::vector<Step> steps;
  bool is_shallow = true;  // Does not list members of types: the result for a type may be remembered.
  std::unordered_map<uint64_t, Piece> pieces;  // Results by type or by argument list.
};

// Compiles the sub-selection of `field`, whose object is of an introspection type. `depth` counts object-valued members
// from the root field on; deeper than `max_depth` they become kNull.
GraphqlResult<std::unique_ptr<Program>> Compile(const CollectContext& context, const CollectedField& field,
                                                size_t depth, size_t max_depth);

}  // namespace eider::graphql::introspection
