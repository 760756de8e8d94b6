#include <fmt/format.h>

#include "graphql/validation/context.h"
#include "graphql/validation/unique_names.h"

namespace eider::graphql::validation {
namespace {

void CheckExecutable(Context& context) {
  for (const Definition& definition : context.document().definitions()) {
    switch (definition.kind) {
      case DefinitionKind::kType:
        context.Report(definition.type->keyword_position,
                       fmt::format("The \"{}\" definition is not executable.", definition.type->name));
        break;
      case DefinitionKind::kDirective:
        context.Report(definition.directive->position,
                       fmt::format("The \"{}\" definition is not executable.", definition.directive->name));
        break;
      case DefinitionKind::kSchema:
        context.Report(definition.schema->position, "The schema definition is not executable.");
        break;
      case DefinitionKind::kOperation:
      case DefinitionKind::kFragment: break;
    }
  }
}

}  // namespace

void CheckDefinitions(Context& context) {
  CheckExecutable(context);
  const auto operations = context.document().operations();
  UniqueNames names;
  for (const OperationDefinition* operation : operations) {
    if (operation->name.empty()) {
      if (operations.size() > 1) {
        context.Report(operation->position, "This anonymous operation must be the only defined operation.");
      }
    } else if (!names.Add(operation->name)) {
      context.Report(operation->name_position,
                     fmt::format("There can be only one operation named \"{}\".", operation->name));
    }
  }
  names.Clear();
  for (const FragmentDefinition* fragment : context.document().fragments()) {
    if (!names.Add(fragment->name)) {
      context.Report(fragment->name_position,
                     fmt::format("There can be only one fragment named \"{}\".", fragment->name));
    }
  }
}

}  // namespace eider::graphql::validation
