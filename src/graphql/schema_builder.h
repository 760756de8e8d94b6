#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "graphql/graphql_error.h"
#include "graphql/schema.h"

namespace eider::graphql {

// What to add; texts are copied by the call that takes the spec. An unset optional means "none".
struct InputValueSpec {
  std::string_view name;
  TypeRef type;
  std::string_view description = {};
  std::optional<std::string_view> default_text = {};  // A GraphQL literal, such as `2000` or `ASC`.
  std::optional<std::string_view> deprecation = {};
  const Annotation* annotation = nullptr;
};

struct FieldSpec {
  std::string_view name;
  TypeRef type;
  std::span<const InputValue> arguments = {};  // From SchemaBuilder::Arguments; may be shared by any number of fields.
  std::string_view description = {};
  std::optional<std::string_view> deprecation = {};
  const Annotation* annotation = nullptr;
  std::string_view hugr_type = {};
  std::string_view catalog = {};
  std::string_view field_kind = {};
  bool mcp_exclude = false;
};

struct EnumValueSpec {
  std::string_view name;
  std::string_view description = {};
  std::optional<std::string_view> deprecation = {};
  const Annotation* annotation = nullptr;
};

struct DirectiveSpec {
  std::string_view name;
  std::span<const InputValue> arguments = {};
  std::initializer_list<DirectiveLocation> locations = {};
  uint32_t location_bits = 0;  // Further locations as bits 1 << DirectiveLocation.
  bool is_repeatable = false;
  std::string_view description = {};
};

// Fills one type; handed out by SchemaBuilder, which owns it, and valid until Build(). Repeated names are kept
// out: the Add methods return false and change nothing when the name exists.
class TypeBuilder {
 public:
  std::string_view name() const { return type_->name; }
  TypeKind kind() const { return type_->kind; }
  // A reference to this type.
  TypeRef ref() const { return TypeRef(type_); }

  bool AddField(const FieldSpec& spec);
  bool AddInputField(const InputValueSpec& spec);
  bool AddEnumValue(const EnumValueSpec& spec);
  // Adds an interface this object or interface implements.
  bool AddInterface(std::string_view interface_name);
  // Adds a member of this union.
  bool AddMember(std::string_view object_name);

  bool HasField(std::string_view field) const;
  bool HasInputField(std::string_view field) const;
  size_t member_count() const { return fields_.size() + input_fields_.size() + enum_values_.size(); }
  // A field added before, to change it; nullptr when there is none. Valid until the next Add.
  Field* FindField(std::string_view field);
  InputValue* FindInputField(std::string_view field);

  TypeBuilder& Description(std::string_view text);
  TypeBuilder& Annotate(const Annotation* annotation);
  TypeBuilder& HugrType(std::string_view text);
  TypeBuilder& Module(std::string_view text);
  TypeBuilder& Catalog(std::string_view text);
  TypeBuilder& SpecifiedBy(std::string_view url);
  TypeBuilder& OneOf();

 private:
  friend class SchemaBuilder;
  TypeBuilder(SchemaBuilder& builder, Type* type) : builder_(builder), type_(type) {}
  uint32_t FindMember(std::string_view member) const;
  std::string_view MemberName(uint32_t position) const;
  bool ClaimMember(std::string_view member);
  void Grow();

  SchemaBuilder& builder_;
  Type* type_;
  std::vector<Field> fields_;
  std::vector<InputValue> input_fields_;
  std::vector<EnumValue> enum_values_;
  std::vector<const Type*> interfaces_;
  std::vector<const Type*> members_;
  std::vector<uint32_t> slots_;  // Open-addressing table once there are many members.
};

// Collects types in any order, then checks references and makes an immutable Schema. Starts with the standard
// scalars, directives and introspection types. Not thread-safe; use once.
class SchemaBuilder {
 public:
  SchemaBuilder();
  ~SchemaBuilder();
  SchemaBuilder(const SchemaBuilder&) = delete;
  SchemaBuilder& operator=(const SchemaBuilder&) = delete;

  // A reference to the type `name`, which may be defined later or before.
  TypeRef Ref(std::string_view name);
  // A reference to a type as written in a document, also forward.
  TypeRef Ref(const TypeNode& node);

  // Defines a type and returns it to be filled; nullptr when the name is already defined.
  TypeBuilder* Define(TypeKind kind, std::string_view name);
  // The type defined before under `name`, or nullptr.
  TypeBuilder* Find(std::string_view name);

  // Makes an argument list that lives in the schema and can be shared by many fields.
  std::span<const InputValue> Arguments(std::span<const InputValueSpec> specs);
  std::span<const InputValue> Arguments(std::initializer_list<InputValueSpec> specs);
  // Defines a directive; false when the name is already defined.
  bool AddDirective(const DirectiveSpec& spec);

  // Root types by name; the defaults are "Query" and, if they are defined, "Mutation" and "Subscription".
  void SetRoot(OperationKind kind, std::string_view name);
  void SetDescription(std::string_view text);
  // Keeps `owner` alive as long as the schema: the store annotations live in.
  void Keep(std::shared_ptr<const void> owner);
  // A copy of `text` that lives as long as the schema; equal texts share one copy.
  std::string_view Intern(std::string_view text);

  // Adds the definitions and extensions of an SDL document: standard semantics, no catalog directives applied except
  // @deprecated, @specifiedBy and @oneOf. Errors, with locations, are kept for Build().
  void AddSdl(const Document& document);

  // Checks references and makes the schema; the builder is empty afterwards. On failure returns every problem:
  // unknown types, a default that is no literal, a missing query root.
  tl::expected<SchemaPtr, std::vector<GraphqlError>> Build();

 private:
  friend class TypeBuilder;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace eider::graphql
