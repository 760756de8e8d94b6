#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/ast.h"
#include "graphql/schema.h"
#include "graphql/validate.h"

namespace eider::graphql::validation {

// A variable where a value is expected. `type` has no name where anything is accepted.
struct VariableUse {
  const Value* value = nullptr;
  TypeRef type;
  bool has_default = false;      // The argument or input field has a default.
  const Type* one_of = nullptr;  // The @oneOf input object it is a member of.
};

// A spread with its fragment; the fragment is null when the name is unknown.
struct SpreadUse {
  const FragmentSpread* spread = nullptr;
  const FragmentDefinition* fragment = nullptr;
};

// What an operation or fragment mentions itself, not through fragments.
struct Mentions {
  std::vector<VariableUse> variables;
  std::vector<SpreadUse> spreads;
};

// What the rules share during one validation: the inputs, what has been found about the document, and the errors.
class Context {
 public:
  Context(const Schema& schema, const Document& document, const ValidationOptions& options);

  const Schema& schema() const { return schema_; }
  const Document& document() const { return document_; }
  const ValidationOptions& options() const { return options_; }

  // Records an error unless there are already too many.
  void Report(Position position, std::string message);
  // Counts a step of rules whose cost is not linear; false, with an error, when the document takes too many.
  bool Spend(size_t steps, Position position);
  // The errors in document order.
  std::vector<GraphqlError> Take();

  // By place in the document; filled by CheckSelections.
  std::vector<Mentions> operation_mentions;
  std::vector<Mentions> fragment_mentions;
  // Fragments such that a fragment stands behind those it spreads; filled by CheckFragmentCycles.
  std::vector<uint32_t> fragment_order;
  bool has_cycles = false;

 private:
  struct Found {
    Position position;
    std::string message;
  };
  static constexpr size_t kMaxSteps = 5'000'000;

  const Schema& schema_;
  const Document& document_;
  const ValidationOptions& options_;
  std::vector<Found> found_;
  size_t steps_ = 0;
};

// Names of operations and fragments, lone anonymous operation, only executable definitions.
void CheckDefinitions(Context& context);
// Fields, arguments, directives, fragment conditions and spreads, literals.
void CheckSelections(Context& context);
// Spreads that lead back to their fragment; also orders the fragments.
void CheckFragmentCycles(Context& context);
// Fragments no operation reaches.
void CheckUnusedFragments(Context& context);
// Variable definitions, and their uses with fragments followed.
void CheckVariables(Context& context);
// One root field per subscription.
void CheckSubscriptions(Context& context);
// Depth and size with fragments expanded. REQUIRES: no cycles. False when a limit is exceeded.
bool CheckLimits(Context& context);
// Fields with one response name can be merged. REQUIRES: no cycles, CheckLimits() passed.
void CheckOverlaps(Context& context);

}  // namespace eider::graphql::validation
