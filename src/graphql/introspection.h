#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "graphql/collect.h"
#include "graphql/graphql_error.h"
#include "graphql/schema.h"

namespace eider::graphql {

// Decides what introspection shows, for instance by role. Fields and arguments of hidden types are hidden with them.
class Visibility {
 public:
  virtual ~Visibility() = default;
  virtual bool IsVisible(const Type& type) const = 0;
  virtual bool IsVisible(const Type& parent, const Field& field) const = 0;
  virtual bool IsVisible(const Type& parent, const InputValue& input_field) const = 0;
  // An argument of a field.
  virtual bool IsVisible(const Type& parent, const Field& field, const InputValue& argument) const = 0;
};

struct IntrospectionOptions {
  // Object-valued members nested deeper than this, counted from the root field, are null; `ofType` does not count.
  size_t max_depth = 7;
  size_t max_output_bytes = size_t{1} << 30;
  const Visibility* visibility = nullptr;  // Null shows everything.
};

// Whether `field` is __schema or __type of the query root, which WriteIntrospection answers.
bool IsIntrospection(const Schema& schema, const CollectedField& field);

// Appends the JSON value of the root field __schema or __type to `out`. Fails when an argument or the size of the
// answer does not fit; `out` then holds a part of it. REQUIRES: IsIntrospection(field) of a valid document.
GraphqlResult<void> WriteIntrospection(const CollectContext& context, const CollectedField& field,
                                       const IntrospectionOptions& options, std::string* out);

// The same for fields of other types whose values are of introspection types: __Type, a list of the __Field of an
// object, and a list of __InputValue. Depth counts from the field.
GraphqlResult<void> WriteTypeValue(const CollectContext& context, const CollectedField& field, TypeRef type,
                                   const IntrospectionOptions& options, std::string* out);
GraphqlResult<void> WriteFieldList(const CollectContext& context, const CollectedField& field, const Type& type,
                                   const IntrospectionOptions& options, std::string* out);
GraphqlResult<void> WriteInputValueList(const CollectContext& context, const CollectedField& field,
                                        std::span<const InputValue> values, const IntrospectionOptions& options,
                                        std::string* out);

}  // namespace eider::graphql
