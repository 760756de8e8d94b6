#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "graphql/arena.h"
#include "graphql/graphql_error.h"

// The syntax tree of a GraphQL document. Every node is immutable, trivially destructible and owned by its
// Document; texts are views into the document or its arena.
namespace eider::graphql {

// Byte offset into the text of a document; Document::Locate turns it into a line and a column.
using Position = uint32_t;

// ---- Values ---------------------------------------------------------------------------------------------

enum class ValueKind : uint8_t { kVariable, kInt, kFloat, kString, kBoolean, kNull, kEnum, kList, kObject };

struct NamedValue;

// A literal or a variable. Also the form of coerced variable values and of resolved arguments.
struct Value {
  ValueKind kind = ValueKind::kNull;
  bool is_block = false;  // kString written as """…""".
  uint32_t count = 0;     // Number of items or fields.
  Position position = 0;
  std::string_view text;  // Variable name without $, number as written, unescaped string, true/false/null, enum name.
  union {
    const Value* item_data = nullptr;
    const NamedValue* field_data;
  };

  // Items of a kList; empty for others.
  std::span<const Value> items() const;
  // Fields of a kObject; empty for others.
  std::span<const NamedValue> fields() const;
  // The field of a kObject called `name`, or nullptr.
  const Value* Find(std::string_view name) const;

  bool IsNull() const { return kind == ValueKind::kNull; }
  // Whether a kBoolean is `true`.
  bool AsBool() const { return kind == ValueKind::kBoolean && text == "true"; }
};

// `name: value`; an argument or a field of an object literal. `position` is that of the name.
struct NamedValue {
  std::string_view name;
  Value value;
  Position position = 0;
};

using Argument = NamedValue;
using ObjectField = NamedValue;

// `@name(arguments)`; `position` is that of the `@`.
struct Directive {
  std::string_view name;
  std::span<const Argument> arguments;
  Position position = 0;

  // The argument called `name`, or nullptr.
  const Value* FindArgument(std::string_view argument) const;
};

// The first directive called `name`, or nullptr.
const Directive* FindDirective(std::span<const Directive> directives, std::string_view name);

// ---- Executable definitions -----------------------------------------------------------------------------

struct FieldNode;
struct InlineFragment;
struct FragmentSpread;

enum class SelectionKind : uint8_t { kField, kInlineFragment, kFragmentSpread };

// One member of a selection set: exactly the pointer named by `kind` is valid.
struct Selection {
  SelectionKind kind;
  union {
    const FieldNode* field;
    const InlineFragment* inline_fragment;
    const FragmentSpread* spread;
  };
};

using SelectionSet = std::span<const Selection>;

// `alias: name(arguments) @directives { selections }`. `position` is where the node starts: alias or name.
struct FieldNode {
  std::string_view alias;  // Empty when there is none.
  std::string_view name;
  std::span<const Argument> arguments;
  std::span<const Directive> directives;
  SelectionSet selections;
  Position position = 0;
  Position name_position = 0;
  bool has_selections = false;

  std::string_view response_name() const { return alias.empty() ? name : alias; }
  // The argument called `argument`, or nullptr.
  const Argument* FindArgument(std::string_view argument) const;
};

// `... on type_condition @directives { selections }`; the condition may be empty.
struct InlineFragment {
  std::string_view type_condition;
  std::span<const Directive> directives;
  SelectionSet selections;
  Position position = 0;
  Position type_position = 0;
};

// `...name @directives`.
struct FragmentSpread {
  std::string_view name;
  std::span<const Directive> directives;
  Position position = 0;
  Position name_position = 0;
};

enum class TypeNodeKind : uint8_t { kNamed, kList, kNonNull };

// A type as written. `name` is that of the innermost named type for every kind.
struct TypeNode {
  TypeNodeKind kind = TypeNodeKind::kNamed;
  Position position = 0;
  std::string_view name;
  const TypeNode* inner = nullptr;  // Null for kNamed.

  // Position of the innermost name.
  Position name_position() const { return inner == nullptr ? position : inner->name_position(); }
  // The type in GraphQL notation, such as `[Int!]!`.
  std::string ToString() const;
};

// `$name: type = default @directives`; `position` is that of the `$`.
struct VariableDefinition {
  std::string_view name;
  const TypeNode* type = nullptr;
  const Value* default_value = nullptr;  // Null when there is none.
  std::span<const Directive> directives;
  Position position = 0;
};

enum class OperationKind : uint8_t { kQuery, kMutation, kSubscription };

// "query", "mutation" or "subscription".
std::string_view OperationKindName(OperationKind kind);

struct OperationDefinition {
  OperationKind kind = OperationKind::kQuery;
  std::string_view name;  // Empty when anonymous.
  std::span<const VariableDefinition> variables;
  std::span<const Directive> directives;
  SelectionSet selections;
  Position position = 0;
  Position name_position = 0;
};

struct FragmentDefinition {
  std::string_view name;
  std::string_view type_condition;
  std::span<const Directive> directives;
  SelectionSet selections;
  Position position = 0;
  Position name_position = 0;
  Position type_position = 0;
  uint32_t index = 0;  // Place in Document::fragments().
};

// ---- Type system definitions ----------------------------------------------------------------------------

// A name with its place: an implemented interface, a union member, a directive location.
struct NameNode {
  std::string_view name;
  Position position = 0;
};

// An argument of a field or directive, or a field of an input type. `position` is that of the name.
struct InputValueDefinition {
  std::string_view name;
  std::string_view description;
  const TypeNode* type = nullptr;
  const Value* default_value = nullptr;  // Null when there is none.
  std::span<const Directive> directives;
  Position position = 0;
};

struct FieldDefinition {
  std::string_view name;
  std::string_view description;
  std::span<const InputValueDefinition> arguments;
  const TypeNode* type = nullptr;
  std::span<const Directive> directives;
  Position position = 0;
};

struct EnumValueDefinition {
  std::string_view name;
  std::string_view description;
  std::span<const Directive> directives;
  Position position = 0;
};

enum class TypeKind : uint8_t { kScalar, kObject, kInterface, kUnion, kEnum, kInputObject };

// `scalar`, `type`, `interface`, `union`, `enum` or `input`, also with `extend`. `position` is that of the name.
struct TypeDefinition {
  TypeKind kind = TypeKind::kScalar;
  bool is_extension = false;
  std::string_view name;
  std::string_view description;
  std::span<const Directive> directives;
  std::span<const NameNode> interfaces;                // Objects and interfaces.
  std::span<const FieldDefinition> fields;             // Objects and interfaces.
  std::span<const InputValueDefinition> input_fields;  // Input objects.
  std::span<const EnumValueDefinition> enum_values;    // Enums.
  std::span<const NameNode> members;                   // Unions.
  Position position = 0;
  Position keyword_position = 0;
};

// `query: Query` inside a schema definition.
struct RootOperation {
  OperationKind kind = OperationKind::kQuery;
  NameNode type;
  Position position = 0;
};

struct SchemaDefinition {
  bool is_extension = false;
  std::string_view description;
  std::span<const Directive> directives;
  std::span<const RootOperation> operations;
  Position position = 0;
};

struct DirectiveDefinition {
  std::string_view name;
  std::string_view description;
  std::span<const InputValueDefinition> arguments;
  std::span<const NameNode> locations;
  bool is_repeatable = false;
  Position position = 0;  // Of the name.
};

enum class DefinitionKind : uint8_t { kOperation, kFragment, kType, kSchema, kDirective };

// One definition in document order: exactly the pointer named by `kind` is valid.
struct Definition {
  DefinitionKind kind;
  union {
    const OperationDefinition* operation;
    const FragmentDefinition* fragment;
    const TypeDefinition* type;
    const SchemaDefinition* schema;
    const DirectiveDefinition* directive;
  };
};

// ---- Document -------------------------------------------------------------------------------------------

// A parsed document with its text. Immutable after parsing and shared as shared_ptr<const Document>, hence
// safe to read from any thread. Nodes and views taken from it live as long as it does.
class Document {
 public:
  // Takes the text; `file_name` may be empty. Use Parse() of parser.h instead.
  Document(std::string text, std::string file_name) : text_(std::move(text)), file_name_(std::move(file_name)) {}
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  std::string_view text() const { return text_; }
  // Name of the file the text came from; empty for a request.
  std::string_view file_name() const { return file_name_; }

  // All definitions in document order.
  std::span<const Definition> definitions() const { return definitions_; }
  std::span<const OperationDefinition* const> operations() const { return operations_; }
  std::span<const FragmentDefinition* const> fragments() const { return fragments_; }
  std::span<const TypeDefinition* const> types() const { return types_; }
  std::span<const SchemaDefinition* const> schemas() const { return schemas_; }
  std::span<const DirectiveDefinition* const> directives() const { return directives_; }

  // The first operation called `name`, for an empty name the first one; nullptr when there is none.
  const OperationDefinition* FindOperation(std::string_view name) const;
  // The first fragment called `name`, or nullptr.
  const FragmentDefinition* FindFragment(std::string_view name) const;
  // Line and column of `position`. Linear in the text before it.
  Location Locate(Position position) const;

 private:
  friend class Parser;

  std::string text_;
  std::string file_name_;
  Arena arena_;
  std::span<const Definition> definitions_;
  std::span<const OperationDefinition* const> operations_;
  std::span<const FragmentDefinition* const> fragments_;
  std::span<const FragmentDefinition* const> fragments_by_name_;  // Sorted.
  std::span<const TypeDefinition* const> types_;
  std::span<const SchemaDefinition* const> schemas_;
  std::span<const DirectiveDefinition* const> directives_;
};

using DocumentPtr = std::shared_ptr<const Document>;

inline std::span<const Value> Value::items() const {
  return kind == ValueKind::kList ? std::span<const Value>(item_data, count) : std::span<const Value>();
}

inline std::span<const NamedValue> Value::fields() const {
  return kind == ValueKind::kObject ? std::span<const NamedValue>(field_data, count) : std::span<const NamedValue>();
}

}  // namespace eider::graphql
