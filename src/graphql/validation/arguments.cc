#include "graphql/validation/arguments.h"

#include <fmt/format.h>

#include "graphql/validation/unique_names.h"
#include "graphql/validation/values.h"

namespace eider::graphql::validation {
namespace {

template <class T>
const T* Find(std::span<const T> items, std::string_view name) {
  for (const T& item : items) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

void CheckDirectiveArguments(Context& context, Mentions* mentions, const DirectiveDef& definition,
                             const Directive& directive) {
  size_t next = 0;
  while (const InputValue* missing = NextMissingArgument(definition.arguments, directive.arguments, &next)) {
    context.Report(directive.position,
                   fmt::format("Directive \"@{}\" argument \"{}\" of type \"{}\" is required, but it was not provided.",
                               directive.name, missing->name, missing->type.ToString()));
  }
  CheckArguments(context, mentions, definition.arguments, directive.arguments);
}

}  // namespace

void CheckArguments(Context& context, Mentions* mentions, std::span<const InputValue> definitions,
                    std::span<const Argument> arguments) {
  ValueChecker values(context, mentions);
  UniqueNames names;
  for (const Argument& argument : arguments) {
    if (arguments.size() > 1 && !names.Add(argument.name)) {
      context.Report(argument.position, fmt::format("There can be only one argument named \"{}\".", argument.name));
    }
    const InputValue* definition = Find(definitions, argument.name);
    if (definition == nullptr) {
      context.Report(argument.position, fmt::format("Unknown argument \"{}\".", argument.name));
      values.CheckUntyped(argument.value);
    } else {
      values.Check(argument.value, definition->type, definition->default_value != nullptr);
    }
  }
}

const InputValue* NextMissingArgument(std::span<const InputValue> definitions, std::span<const Argument> arguments,
                                      size_t* next) {
  while (*next < definitions.size()) {
    const InputValue& definition = definitions[(*next)++];
    if (definition.IsRequired() && Find(arguments, definition.name) == nullptr) return &definition;
  }
  return nullptr;
}

void CheckDirectives(Context& context, Mentions* mentions, std::span<const Directive> directives,
                     DirectiveLocation location) {
  if (directives.empty()) return;
  UniqueNames names;
  for (const Directive& directive : directives) {
    const DirectiveDef* definition = context.schema().FindDirective(directive.name);
    if (definition == nullptr) {
      context.Report(directive.position, fmt::format("Unknown directive \"@{}\".", directive.name));
      continue;
    }
    if (!definition->AllowedAt(location)) {
      context.Report(directive.position, fmt::format("Directive \"@{}\" may not be used on {}.", directive.name,
                                                     DirectiveLocationName(location)));
    }
    if (!definition->is_repeatable && !names.Add(directive.name)) {
      context.Report(directive.position,
                     fmt::format("The directive \"@{}\" can only be used once at this location.", directive.name));
    }
    CheckDirectiveArguments(context, mentions, *definition, directive);
  }
}

}  // namespace eider::graphql::validation
