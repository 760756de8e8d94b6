#pragma once

#include "graphql/validation/context.h"

namespace eider::graphql::validation {

// Checks literals against input types and records the variables in them.
class ValueChecker {
 public:
  // `mentions` collects variables; null where none may stand.
  ValueChecker(Context& context, Mentions* mentions) : context_(context), mentions_(mentions) {}

  // Checks `value` where `type` is expected and, being absent, a default exists or not.
  void Check(const Value& value, TypeRef type, bool has_default);
  // Records the variables in a value that may be anything.
  void CheckUntyped(const Value& value);

 private:
  void CheckLeaf(const Value& value, TypeRef type);
  void CheckObject(const Value& value, const Type& type);
  void CheckOneOf(const Value& value, const Type& type);
  void CheckUniqueFields(const Value& value);
  void CheckEnum(const Value& value, const Type& type);
  void AddVariable(const Value& value, TypeRef type, bool has_default, const Type* one_of);

  Context& context_;
  Mentions* mentions_;
};

// What is wrong with a scalar literal (no variable, not null), or an empty text. Custom scalars take anything.
std::string ScalarProblem(const Value& value, const Type& scalar);

// Whether the digits are a number between -2^31 and 2^31 - 1.
bool IsInt32(std::string_view digits);

}  // namespace eider::graphql::validation
