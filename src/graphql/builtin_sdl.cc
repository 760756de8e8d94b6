#include "graphql/schema_builder_state.h"

namespace eider::graphql {

const char kBuiltinSdl[] = R"graphql(
"A whole number between -2147483648 and 2147483647."
scalar Int
"A double-precision number."
scalar Float
"Text, UTF-8."
scalar String
"`true` or `false`."
scalar Boolean
"A unique identifier, written as text or as a whole number."
scalar ID

"Includes this field or fragment only when the `if` argument is true."
directive @include("Included when true." if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"Leaves this field or fragment out when the `if` argument is true."
directive @skip("Skipped when true." if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
"Marks an element of the schema as no longer supported."
directive @deprecated("Why, and what to use instead." reason: String = "No longer supported")
  on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
"Tells where the behaviour of a scalar is specified."
directive @specifiedBy("The URL of the specification." url: String!) on SCALAR
"Exactly one field of the input object must be given, and not be null."
directive @oneOf on INPUT_OBJECT

"What a server can do: its types, root operations and directives."
type __Schema {
  description: String
  "All types of the schema."
  types: [__Type!]!
  "Where queries start."
  queryType: __Type!
  "Where mutations start, if there are any."
  mutationType: __Type
  "Where subscriptions start, if there are any."
  subscriptionType: __Type
  "All directives of the schema."
  directives: [__Directive!]!
}

"A type: `kind` tells which of the other fields have values."
type __Type {
  kind: __TypeKind!
  name: String
  description: String
  specifiedByURL: String
  fields(includeDeprecated: Boolean = false): [__Field!]
  interfaces: [__Type!]
  possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean = false): [__InputValue!]
  ofType: __Type
  isOneOf: Boolean
  "What the type is for."
  hugr_type: String
  "The module the type belongs to."
  module: String
  "The data source the type comes from."
  catalog: String
}

"A field of an object or interface."
type __Field {
  name: String!
  description: String
  args(includeDeprecated: Boolean = false): [__InputValue!]!
  type: __Type!
  isDeprecated: Boolean!
  deprecationReason: String
  "What the field is for."
  hugr_type: String
  "The data source the field comes from."
  catalog: String
  "Whether the field is kept from AI tools."
  mcp_exclude: Boolean
  "How the field gets its value."
  field_kind: String
}

"An argument, or a field of an input object."
type __InputValue {
  name: String!
  description: String
  type: __Type!
  "The default as a GraphQL literal."
  defaultValue: String
  isDeprecated: Boolean!
  deprecationReason: String
}

"One possible value of an enum."
type __EnumValue {
  name: String!
  description: String
  isDeprecated: Boolean!
  deprecationReason: String
}

"A directive that documents may use."
type __Directive {
  name: String!
  description: String
  isRepeatable: Boolean!
  locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean = false): [__InputValue!]!
}

"The kinds of types."
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }

"Where a directive may stand."
enum __DirectiveLocation {
  QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION
  SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT
  INPUT_FIELD_DEFINITION
}
)graphql";

}  // namespace eider::graphql
