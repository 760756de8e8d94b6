#include "graphql/validate.h"

#include "graphql/validation/context.h"

namespace eider::graphql {

std::vector<GraphqlError> Validate(const Schema& schema, const Document& document, const ValidationOptions& options) {
  validation::Context context(schema, document, options);
  validation::CheckDefinitions(context);
  validation::CheckSelections(context);
  validation::CheckFragmentCycles(context);
  validation::CheckUnusedFragments(context);
  validation::CheckVariables(context);
  if (!context.has_cycles && validation::CheckLimits(context)) {
    validation::CheckSubscriptions(context);
    validation::CheckOverlaps(context);
  }
  return context.Take();
}

}  // namespace eider::graphql
