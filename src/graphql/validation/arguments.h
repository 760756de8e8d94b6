#pragma once

#include "graphql/validation/context.h"

namespace eider::graphql::validation {

// Checks given arguments against their definitions, except that required ones are there.
void CheckArguments(Context& context, Mentions* mentions, std::span<const InputValue> definitions,
                    std::span<const Argument> arguments);

// The first required argument that is not given, in order of definition, starting at `*next`, which is moved behind
// it; nullptr when there is no more.
const InputValue* NextMissingArgument(std::span<const InputValue> definitions, std::span<const Argument> arguments,
                                      size_t* next);

// Checks directives at a place: known, allowed there, not repeated, and their arguments.
void CheckDirectives(Context& context, Mentions* mentions, std::span<const Directive> directives,
                     DirectiveLocation location);

}  // namespace eider::graphql::validation
