#pragma once

#include <rapidjson/fwd.h>

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "graphql/arena.h"
#include "graphql/ast.h"
#include "graphql/graphql_error.h"
#include "graphql/schema.h"

namespace eider::graphql {

// Coerced variables of one request, owned by it. Values hold no variables. Views and values live as long as this
// object, and those that came from defaults as long as the document. Movable, used by one thread at a time.
class Variables {
 public:
  Variables() : arena_(std::make_unique<Arena>()) {}

  // The value, which is kNull for an explicit null; nullptr when neither a value nor a default was given.
  const Value* Find(std::string_view name) const;
  void Set(std::string_view name, const Value* value);
  size_t size() const { return values_.size(); }
  // For values that have to live as long as the variables, such as resolved arguments.
  Arena& arena() const { return *arena_; }

 private:
  std::unique_ptr<Arena> arena_;
  std::vector<std::pair<std::string_view, const Value*>> values_;
};

// Copies JSON into a value: numbers become kInt or kFloat with exact integers, strings kString, objects kObject. Fails
// when it is nested too deep.
GraphqlResult<const Value*> JsonToValue(const rapidjson::Value& json, Arena& arena);

// Parses JSON text into a value; numbers keep their digits as written.
GraphqlResult<const Value*> ParseJson(std::string_view json, Arena& arena);

// Coerces the members of `json` (an object, null, or nullptr for none) to the variables of `operation`. Members that
// are no variables are ignored. Errors read like `Variable "$x" got invalid value "a"; Int cannot represent
// non-integer value: "a"` and are located at the variable definition.
// REQUIRES: the operation is valid for the schema.
tl::expected<Variables, std::vector<GraphqlError>> CoerceVariables(const Schema& schema, const Document& document,
                                                                   const OperationDefinition& operation,
                                                                   const rapidjson::Value* json);

// The same for values already in the form of the syntax tree, such as those of ParseJson.
tl::expected<Variables, std::vector<GraphqlError>> CoerceVariables(const Schema& schema, const Document& document,
                                                                   const OperationDefinition& operation,
                                                                   const Value* object);

// A whole number where an ID is expected is text from then on; any other value stays.
inline Value IdAsText(Value value, const Type& type) {
  if (value.kind == ValueKind::kInt && type.is_builtin && type.name == "ID") value.kind = ValueKind::kString;
  return value;
}

// Makes a literal into a value of `type`: variables replaced, single values wrapped where a list is expected, defaults
// of input fields filled in, input fields set to a missing variable left out. Returns nullptr when `literal` is a
// variable without a value. Results may share memory with the literal, the variables and the schema; what is new is
// in `arena`. Fails when null ends up where the type forbids it.
GraphqlResult<const Value*> ResolveValue(const Value& literal, TypeRef type, const Variables& variables, Arena& arena);

struct ResolvedArgument {
  const InputValue* definition = nullptr;
  const Value* value = nullptr;    // Null when neither a value nor a default was given.
  const Argument* node = nullptr;  // Null when a default was taken.
};

// The arguments of a field in the order of its definition, resolved like ResolveValue.
GraphqlResult<std::vector<ResolvedArgument>> ResolveArguments(std::span<const InputValue> definitions,
                                                              std::span<const Argument> arguments,
                                                              const Variables& variables, Arena& arena);

}  // namespace eider::graphql
