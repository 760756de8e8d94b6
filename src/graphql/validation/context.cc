#include "graphql/validation/context.h"

#include <algorithm>

namespace eider::graphql::validation {

Context::Context(const Schema& schema, const Document& document, const ValidationOptions& options)
    : schema_(schema),
      document_(document),
      options_(options) {
  operation_mentions.resize(document.operations().size());
  fragment_mentions.resize(document.fragments().size());
}

void Context::Report(Position position, std::string message) {
  if (found_.size() < options_.max_errors) found_.push_back({position, std::move(message)});
}

bool Context::Spend(size_t steps, Position position) {
  if (steps_ > kMaxSteps) return false;
  steps_ += steps;
  if (steps_ <= kMaxSteps) return true;
  Report(position, "Document is too complex to be validated.");
  return false;
}

std::vector<GraphqlError> Context::Take() {
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Found& a, const Found& b) { return a.position < b.position; });
  std::vector<GraphqlError> errors;
  errors.reserve(found_.size());
  for (Found& found : found_) errors.push_back({std::move(found.message), {document_.Locate(found.position)}, {}});
  return errors;
}

}  // namespace eider::graphql::validation
