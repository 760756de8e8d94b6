#pragma once

#include <string>
#include <string_view>

#include "graphql/ast.h"
#include "graphql/schema.h"

namespace eider::graphql {

// Appends `text` as a GraphQL string literal in one line.
void PrintString(std::string_view text, std::string* out);

// The literal in one line, as the reference implementation prints it: `{a: [1, $x], b: "t"}`.
std::string PrintValue(const Value& value);
void PrintValue(const Value& value, std::string* out);

// The value as JSON; enum values and variables' names become strings.
void PrintJson(const Value& value, std::string* out);

// The executable definitions in normal form, two spaces of indent, comments gone: equal for equal syntax trees.
std::string PrintDocument(const Document& document);
// One field with everything below it, in one line.
std::string PrintField(const FieldNode& field);
// An operation alone, in the form of PrintDocument.
std::string PrintOperation(const OperationDefinition& operation);
// The same of a fragment.
std::string PrintFragment(const FragmentDefinition& fragment);

struct PrintSdlOptions {
  bool sorted = false;  // Types by name instead of in definition order.
  bool descriptions = true;
};

// The whole schema as SDL, without standard scalars, directives and introspection types.
std::string PrintSdl(const Schema& schema, const PrintSdlOptions& options = {});
// One type as SDL.
std::string PrintType(const Type& type, const PrintSdlOptions& options = {});

}  // namespace eider::graphql
