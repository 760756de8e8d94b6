#include <fmt/format.h>

#include "graphql/print.h"
#include "graphql/schema_builder_state.h"

// SchemaBuilder::AddSdl: definitions first, extensions after them.
namespace eider::graphql {
namespace {

constexpr std::string_view kNoReason = "No longer supported";

std::optional<std::string_view> DeprecationOf(std::span<const Directive> directives) {
  const Directive* deprecated = FindDirective(directives, "deprecated");
  if (deprecated == nullptr) return std::nullopt;
  const Value* reason = deprecated->FindArgument("reason");
  return reason == nullptr ? kNoReason : reason->text;
}

class SdlReader {
 public:
  SdlReader(SchemaBuilder& builder, const Document& document, std::vector<GraphqlError>& errors)
      : builder_(builder),
        document_(document),
        errors_(errors) {}

  void Read() {
    for (const DirectiveDefinition* directive : document_.directives()) AddDirective(*directive);
    for (const TypeDefinition* type : document_.types()) {
      if (!type->is_extension) Define(*type);
    }
    for (const TypeDefinition* type : document_.types()) {
      if (type->is_extension) Extend(*type);
    }
    for (const SchemaDefinition* schema : document_.schemas()) {
      if (!schema->description.empty()) builder_.SetDescription(schema->description);
      for (const RootOperation& root : schema->operations) builder_.SetRoot(root.kind, root.type.name);
    }
  }

 private:
  void Fail(Position position, std::string message) {
    errors_.push_back({std::move(message), {document_.Locate(position)}, {}});
  }

  void Define(const TypeDefinition& definition) {
    TypeBuilder* type = builder_.Define(definition.kind, definition.name);
    if (type == nullptr) {
      Fail(definition.position, fmt::format("There can be only one type named \"{}\".", definition.name));
      return;
    }
    if (!definition.description.empty()) type->Description(definition.description);
    Fill(*type, definition);
  }

  void Extend(const TypeDefinition& definition) {
    TypeBuilder* type = builder_.Find(definition.name);
    if (type == nullptr) {
      Fail(definition.position, fmt::format("Cannot extend type \"{}\" because it is not defined.", definition.name));
    } else if (type->kind() != definition.kind) {
      Fail(definition.position, fmt::format("Cannot extend type \"{}\" as another kind of type.", definition.name));
    } else {
      Fill(*type, definition);
    }
  }

  void Fill(TypeBuilder& type, const TypeDefinition& definition) {
    if (const Directive* specified = FindDirective(definition.directives, "specifiedBy")) {
      if (const Value* url = specified->FindArgument("url")) type.SpecifiedBy(url->text);
    }
    if (FindDirective(definition.directives, "oneOf") != nullptr) type.OneOf();
    for (const NameNode& name : definition.interfaces) type.AddInterface(name.name);
    for (const NameNode& name : definition.members) type.AddMember(name.name);
    for (const FieldDefinition& field : definition.fields) AddField(type, field);
    for (const InputValueDefinition& field : definition.input_fields) {
      if (!type.AddInputField(Spec(field))) FailDuplicate(type, field.name, field.position);
    }
    for (const EnumValueDefinition& value : definition.enum_values) {
      const EnumValueSpec spec{
          .name = value.name, .description = value.description, .deprecation = DeprecationOf(value.directives)};
      if (!type.AddEnumValue(spec)) {
        Fail(value.position, fmt::format("Enum value \"{}.{}\" can only be defined once.", type.name(), value.name));
      }
    }
  }

  void AddField(TypeBuilder& type, const FieldDefinition& field) {
    const FieldSpec spec{.name = field.name,
                         .type = builder_.Ref(*field.type),
                         .arguments = Arguments(field.arguments),
                         .description = field.description,
                         .deprecation = DeprecationOf(field.directives)};
    if (!type.AddField(spec)) FailDuplicate(type, field.name, field.position);
  }

  void FailDuplicate(const TypeBuilder& type, std::string_view field, Position position) {
    Fail(position, fmt::format("Field \"{}.{}\" can only be defined once.", type.name(), field));
  }

  InputValueSpec Spec(const InputValueDefinition& input) {
    InputValueSpec spec{.name = input.name,
                        .type = builder_.Ref(*input.type),
                        .description = input.description,
                        .deprecation = DeprecationOf(input.directives)};
    if (input.default_value != nullptr) spec.default_text = builder_.Intern(PrintValue(*input.default_value));
    return spec;
  }

  std::span<const InputValue> Arguments(std::span<const InputValueDefinition> inputs) {
    std::vector<InputValueSpec> specs;
    for (const InputValueDefinition& input : inputs) specs.push_back(Spec(input));
    return builder_.Arguments(specs);
  }

  void AddDirective(const DirectiveDefinition& definition);

  SchemaBuilder& builder_;
  const Document& document_;
  std::vector<GraphqlError>& errors_;
};

void SdlReader::AddDirective(const DirectiveDefinition& definition) {
  uint32_t locations = 0;
  for (const NameNode& name : definition.locations) {
    DirectiveLocation location;
    if (ParseDirectiveLocation(name.name, &location)) locations |= 1U << static_cast<unsigned>(location);
  }
  const DirectiveSpec spec{.name = definition.name,
                           .arguments = Arguments(definition.arguments),
                           .location_bits = locations,
                           .is_repeatable = definition.is_repeatable,
                           .description = definition.description};
  if (!builder_.AddDirective(spec)) {
    Fail(definition.position, fmt::format("There can be only one directive named \"@{}\".", definition.name));
  }
}

}  // namespace

void SchemaBuilder::AddSdl(const Document& document) { SdlReader(*this, document, state_->errors).Read(); }

}  // namespace eider::graphql
