#include "query/operation.h"

#include "graphql/parser.h"
#include "graphql/validate.h"

namespace eider::query {

std::shared_ptr<const Operation> CompileOperation(std::string text, std::shared_ptr<const catalog::Snapshot> snapshot,
                                                  std::size_t max_depth) {
  auto operation = std::make_shared<Operation>();
  operation->snapshot = std::move(snapshot);
  operation->has_stats = text.find("stats") != std::string::npos;
  operation->has_jq = text.find("jq") != std::string::npos;
  auto document = graphql::Parse(std::move(text));
  if (!document) {
    operation->errors.push_back(document.error());
    return operation;
  }
  operation->document = *document;
  graphql::ValidationOptions options;
  options.max_depth = max_depth;
  operation->errors = graphql::Validate(*operation->snapshot->schema, **document, options);
  return operation;
}

}  // namespace eider::query
