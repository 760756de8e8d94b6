#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/arena.h"
#include "graphql/ast.h"

// The type system requests are checked against. Everything here is immutable once built, owned by its Schema
// and read from any thread. Texts without a value are empty; where null and empty differ, `data() == nullptr` is null.
namespace eider::graphql {

class Schema;
class SchemaBuilder;
struct Type;

// Opaque data the catalog hangs on types, fields and arguments. Kept alive by SchemaBuilder::Keep.
struct Annotation {
  virtual ~Annotation() = default;
};

// A named type inside up to 16 list and non-null wrappers. Cheap to copy and to compare.
class TypeRef {
 public:
  constexpr TypeRef() = default;
  explicit constexpr TypeRef(const Type* named) : named_(named) {}

  // The type inside all wrappers; null only for a default-constructed reference.
  const Type* named() const { return named_; }
  bool IsNonNull() const { return (wrap_ & 3) == kNonNullBits; }
  bool IsList() const { return (wrap_ & 3) == kListBits; }
  // Whether there is no wrapper.
  bool IsNamed() const { return wrap_ == 0; }
  // Without the outermost wrapper. REQUIRES: !IsNamed().
  TypeRef Inner() const { return TypeRef(named_, wrap_ >> 2); }
  // Without an outermost non-null.
  TypeRef Nullable() const { return IsNonNull() ? Inner() : *this; }
  // `[this]`.
  TypeRef List() const { return TypeRef(named_, wrap_ << 2 | kListBits); }
  // `this!`; itself when already non-null.
  TypeRef NonNull() const { return IsNonNull() ? *this : TypeRef(named_, wrap_ << 2 | kNonNullBits); }
  // `this` with the wrappers of another type, outermost last applied, around another named type.
  TypeRef WithNamed(const Type* named) const { return TypeRef(named, wrap_); }
  // The wrappers as one number, for hashing and comparing.
  uint32_t wrapping() const { return wrap_; }
  // GraphQL notation, such as `[T!]!`.
  std::string ToString() const;

  friend bool operator==(const TypeRef&, const TypeRef&) = default;

 private:
  static constexpr uint32_t kListBits = 1;
  static constexpr uint32_t kNonNullBits = 2;
  constexpr TypeRef(const Type* named, uint32_t wrap) : named_(named), wrap_(wrap) {}

  const Type* named_ = nullptr;
  uint32_t wrap_ = 0;
};

// An argument, or a field of an input object.
struct InputValue {
  std::string_view name;
  std::string_view description;
  TypeRef type;
  std::string_view default_text;         // The default as a literal; null view when there is none.
  const Value* default_value = nullptr;  // The same parsed; null when there is none.
  std::string_view deprecation;          // Reason; null view when not deprecated.
  const Annotation* annotation = nullptr;

  // Whether a value must be given: non-null without a default.
  bool IsRequired() const { return type.IsNonNull() && default_value == nullptr; }
};

// A field of an object or interface.
struct Field {
  std::string_view name;
  std::string_view description;
  TypeRef type;
  std::span<const InputValue> arguments;
  std::string_view deprecation;  // Reason; null view when not deprecated.
  const Annotation* annotation = nullptr;
  std::string_view hugr_type;
  std::string_view catalog;
  std::string_view field_kind;
  bool mcp_exclude = false;

  // The argument called `argument`, or nullptr.
  const InputValue* FindArgument(std::string_view argument) const;
};

struct EnumValue {
  std::string_view name;
  std::string_view description;
  std::string_view deprecation;  // Reason; null view when not deprecated.
  const Annotation* annotation = nullptr;
};

// Positions of the members of a type, by name; empty for a type with few members.
struct NameIndex {
  static constexpr uint32_t kSmall = 8;  // Up to this many, a scan is faster.
  static constexpr uint32_t kNone = 0xffffffff;
  std::span<const uint32_t> slots;  // 1-based positions, 0 = free; the size is a power of two.
};

// A named type. Only the lists its kind has are filled.
struct Type {
  TypeKind kind = TypeKind::kScalar;
  bool is_one_of = false;
  bool is_builtin = false;  // Standard scalar or introspection type.
  std::string_view name;
  std::string_view description;
  std::span<const Field> fields;                // Objects, interfaces.
  std::span<const InputValue> input_fields;     // Input objects.
  std::span<const EnumValue> enum_values;       // Enums.
  std::span<const Type* const> interfaces;      // Objects, interfaces: implemented ones.
  std::span<const Type* const> possible_types;  // Unions: members. Interfaces: implementing objects.
  std::string_view specified_by_url;            // Null view when there is none.
  const Annotation* annotation = nullptr;
  std::string_view hugr_type;
  std::string_view module;
  std::string_view catalog;
  NameIndex member_index;  // Of fields, input fields or enum values.
  uint32_t id = 0;         // Position in Schema::types().

  // The field called `field`, or nullptr; constant time.
  const Field* FindField(std::string_view field) const;
  // The input field called `field`, or nullptr; constant time.
  const InputValue* FindInputField(std::string_view field) const;
  // The enum value called `value`, or nullptr; constant time.
  const EnumValue* FindEnumValue(std::string_view value) const;

  bool IsLeaf() const { return kind == TypeKind::kScalar || kind == TypeKind::kEnum; }
  bool IsComposite() const { return kind == TypeKind::kObject || IsAbstract(); }
  bool IsAbstract() const { return kind == TypeKind::kInterface || kind == TypeKind::kUnion; }
  bool IsInput() const { return IsLeaf() || kind == TypeKind::kInputObject; }
  bool IsOutput() const { return kind != TypeKind::kInputObject; }
};

enum class DirectiveLocation : uint8_t {
  kQuery,
  kMutation,
  kSubscription,
  kField,
  kFragmentDefinition,
  kFragmentSpread,
  kInlineFragment,
  kVariableDefinition,
  kSchema,
  kScalar,
  kObject,
  kFieldDefinition,
  kArgumentDefinition,
  kInterface,
  kUnion,
  kEnum,
  kEnumValue,
  kInputObject,
  kInputFieldDefinition,
};

// The name in SDL, such as "FIELD_DEFINITION".
std::string_view DirectiveLocationName(DirectiveLocation location);

// Reads a name in SDL; false when there is no such location.
bool ParseDirectiveLocation(std::string_view name, DirectiveLocation* location);

struct DirectiveDef {
  std::string_view name;
  std::string_view description;
  std::span<const InputValue> arguments;
  uint32_t locations = 0;  // Bit 1 << DirectiveLocation.
  bool is_repeatable = false;
  bool is_builtin = false;

  bool AllowedAt(DirectiveLocation location) const { return (locations >> static_cast<unsigned>(location) & 1) != 0; }
  // The argument called `argument`, or nullptr.
  const InputValue* FindArgument(std::string_view argument) const;
};

// A complete, checked schema. Built by SchemaBuilder, then immutable and shared as shared_ptr<const Schema>; any
// thread may read it. Types, fields and texts live as long as the schema.
class Schema {
 public:
  ~Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  // All types in the order they were first defined; built-in ones first.
  std::span<const Type* const> types() const { return types_; }
  std::span<const DirectiveDef> directives() const { return directives_; }
  // Constant-time look-ups; nullptr when there is none.
  const Type* FindType(std::string_view name) const;
  const DirectiveDef* FindDirective(std::string_view name) const;

  std::string_view description() const { return description_; }
  // Root types; null when the schema has none of that kind. The query root always exists.
  const Type* query() const { return roots_[0]; }
  const Type* mutation() const { return roots_[1]; }
  const Type* subscription() const { return roots_[2]; }
  const Type* root(OperationKind kind) const { return roots_[static_cast<size_t>(kind)]; }

  // The field `name` of composite `type`, including `__typename` and, at the query root, `__schema` and `__type`;
  // nullptr when there is none.
  const Field* FindSelectable(const Type& type, std::string_view name) const;
  const Field* typename_field() const { return typename_field_; }
  const Field* schema_field() const { return schema_field_; }
  const Field* type_field() const { return type_field_; }

  // Whether an object can be both: spreads of one inside the other make sense.
  bool TypesOverlap(const Type& a, const Type& b) const;
  // Whether every `type` is a `super`: the same type, a member of the union or an implementation.
  bool IsSubtype(const Type& type, const Type& super) const;
  // The same for wrapped types.
  bool IsSubtype(TypeRef type, TypeRef super) const;
  // The type as written, or a null reference when its name is unknown.
  TypeRef Resolve(const TypeNode& node) const;

 private:
  friend class SchemaBuilder;
  Schema();

  struct TypeTable;
  Arena arena_;
  std::unique_ptr<TypeTable> table_;
  std::vector<const Type*> types_;
  std::span<const DirectiveDef> directives_;
  std::string_view description_;
  const Type* roots_[3] = {nullptr, nullptr, nullptr};
  const Field* typename_field_ = nullptr;
  const Field* schema_field_ = nullptr;
  const Field* type_field_ = nullptr;
  std::vector<std::shared_ptr<const void>> kept_;
};

using SchemaPtr = std::shared_ptr<const Schema>;

}  // namespace eider::graphql
