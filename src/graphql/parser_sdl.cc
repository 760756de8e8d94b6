#include <fmt/format.h>

#include "graphql/parser_state.h"
#include "graphql/schema.h"

namespace eider::graphql {
namespace {

struct TypeKeyword {
  std::string_view word;
  TypeKind kind;
};

constexpr TypeKeyword kTypeKeywords[] = {
    {"type", TypeKind::kObject},   {"input", TypeKind::kInputObject},   {"enum", TypeKind::kEnum},
    {"scalar", TypeKind::kScalar}, {"interface", TypeKind::kInterface}, {"union", TypeKind::kUnion},
};

}  // namespace

bool Parser::ParseTypeSystem(std::string_view description, bool is_extension, bool* known) {
  *known = true;
  if (Peek(TokenKind::kName)) {
    for (const TypeKeyword& keyword : kTypeKeywords) {
      if (token_.text != keyword.word) continue;
      TypeDefinition definition;
      definition.description = description;
      definition.is_extension = is_extension;
      return ParseTypeDefinition(keyword.kind, definition);
    }
    if (token_.text == "schema") {
      SchemaDefinition definition;
      definition.description = description;
      definition.is_extension = is_extension;
      return ParseSchema(definition);
    }
    if (token_.text == "directive" && !is_extension) return ParseDirectiveDefinition(description);
  }
  *known = false;
  return true;
}

bool Parser::ParseExtension() {
  if (!Advance()) return false;
  bool known = false;
  if (!ParseTypeSystem({}, true, &known)) return false;
  return known || FailUnexpected();
}

bool Parser::ParseDescription(std::string_view* description) {
  if (!Peek(TokenKind::kString) && !Peek(TokenKind::kBlockString)) return true;
  *description = token_.text;
  return Advance();
}

bool Parser::ParseSchema(SchemaDefinition definition) {
  definition.position = token_.position;
  if (!Advance() || !ParseDirectives(true, &definition.directives)) return false;
  const bool may_omit = definition.is_extension && !definition.directives.empty();
  if (definition.is_extension && !may_omit && !Peek(TokenKind::kBraceLeft)) return FailUnexpected();
  ListScope<RootOperation> roots(root_operations_);
  if (!may_omit || Peek(TokenKind::kBraceLeft)) {
    if (!Expect(TokenKind::kBraceLeft)) return false;
    do {
      RootOperation root;
      root.position = token_.position;
      const Token kind = token_;
      if (!Expect(TokenKind::kName)) return false;
      if (kind.text == "mutation") {
        root.kind = OperationKind::kMutation;
      } else if (kind.text == "subscription") {
        root.kind = OperationKind::kSubscription;
      } else if (kind.text != "query") {
        return Fail(kind.position, "Unexpected " + TokenText(kind));
      }
      if (!Expect(TokenKind::kColon) || !ParseNameNode(&root.type)) return false;
      roots.Add(root);
    } while (!Peek(TokenKind::kBraceRight));
    if (!Advance()) return false;
  }
  definition.operations = roots.Finish(arena_);
  definitions_.push_back({.kind = DefinitionKind::kSchema, .schema = arena_.New<SchemaDefinition>(definition)});
  return true;
}

bool Parser::ParseTypeDefinition(TypeKind kind, TypeDefinition definition) {
  definition.kind = kind;
  definition.keyword_position = token_.position;
  if (!Advance()) return false;
  definition.position = token_.position;
  if (!ParseName(&definition.name)) return false;
  const bool has_interfaces = kind == TypeKind::kObject || kind == TypeKind::kInterface;
  if (has_interfaces && !ParseImplements(&definition.interfaces)) return false;
  if (!ParseDirectives(true, &definition.directives) || !ParseTypeBody(&definition)) return false;
  const bool is_empty = definition.directives.empty() && definition.interfaces.empty() && definition.fields.empty() &&
                        definition.input_fields.empty() && definition.enum_values.empty() && definition.members.empty();
  if (definition.is_extension && is_empty) return FailUnexpected();
  definitions_.push_back({.kind = DefinitionKind::kType, .type = arena_.New<TypeDefinition>(definition)});
  return true;
}

bool Parser::ParseTypeBody(TypeDefinition* definition) {
  switch (definition->kind) {
    case TypeKind::kScalar: return true;
    case TypeKind::kObject:
    case TypeKind::kInterface: return ParseFieldDefinitions(&definition->fields);
    case TypeKind::kUnion: return ParseUnionMembers(&definition->members);
    case TypeKind::kEnum: return ParseEnumValues(&definition->enum_values);
    case TypeKind::kInputObject:
      return ParseInputValues(TokenKind::kBraceLeft, TokenKind::kBraceRight, &definition->input_fields);
  }
  return true;
}

bool Parser::ParseDelimited(TokenKind separator, std::span<const NameNode>* names) {
  bool more = false;
  if (!Skip(separator, &more)) return false;
  ListScope<NameNode> list(names_);
  do {
    NameNode name;
    if (!ParseNameNode(&name)) return false;
    list.Add(name);
    if (!Skip(separator, &more)) return false;
  } while (more);
  *names = list.Finish(arena_);
  return true;
}

bool Parser::ParseImplements(std::span<const NameNode>* interfaces) {
  bool found = false;
  if (!SkipKeyword("implements", &found)) return false;
  return !found || ParseDelimited(TokenKind::kAmp, interfaces);
}

bool Parser::ParseUnionMembers(std::span<const NameNode>* members) {
  bool found = false;
  if (!Skip(TokenKind::kEquals, &found)) return false;
  return !found || ParseDelimited(TokenKind::kPipe, members);
}

bool Parser::ParseFieldDefinitions(std::span<const FieldDefinition>* fields) {
  if (!Peek(TokenKind::kBraceLeft)) return true;
  if (!Advance()) return false;
  ListScope<FieldDefinition> list(field_definitions_);
  do {
    FieldDefinition field;
    if (!ParseDescription(&field.description)) return false;
    field.position = token_.position;
    if (!ParseName(&field.name)) return false;
    if (!ParseInputValues(TokenKind::kParenLeft, TokenKind::kParenRight, &field.arguments)) return false;
    if (!Expect(TokenKind::kColon) || !ParseTypeNode(&field.type)) return false;
    if (!ParseDirectives(true, &field.directives)) return false;
    list.Add(field);
  } while (!Peek(TokenKind::kBraceRight));
  *fields = list.Finish(arena_);
  return Advance();
}

bool Parser::ParseInputValues(TokenKind open, TokenKind close, std::span<const InputValueDefinition>* values) {
  if (!Peek(open)) return true;
  if (!Advance()) return false;
  ListScope<InputValueDefinition> list(input_values_);
  do {
    InputValueDefinition input;
    if (!ParseDescription(&input.description)) return false;
    input.position = token_.position;
    if (!ParseName(&input.name) || !Expect(TokenKind::kColon) || !ParseTypeNode(&input.type)) return false;
    bool has_default = false;
    if (!Skip(TokenKind::kEquals, &has_default)) return false;
    if (has_default) {
      Value value;
      if (!ParseValue(true, &value)) return false;
      input.default_value = arena_.New<Value>(value);
    }
    if (!ParseDirectives(true, &input.directives)) return false;
    list.Add(input);
  } while (!Peek(close));
  *values = list.Finish(arena_);
  return Advance();
}

bool Parser::ParseEnumValues(std::span<const EnumValueDefinition>* values) {
  if (!Peek(TokenKind::kBraceLeft)) return true;
  if (!Advance()) return false;
  ListScope<EnumValueDefinition> list(enum_values_);
  do {
    EnumValueDefinition value;
    if (!ParseDescription(&value.description)) return false;
    value.position = token_.position;
    if (PeekKeyword("true") || PeekKeyword("false") || PeekKeyword("null")) {
      return Fail(token_.position,
                  fmt::format("Name \"{}\" is reserved and cannot be used for an enum value", token_.text));
    }
    if (!ParseName(&value.name) || !ParseDirectives(true, &value.directives)) return false;
    list.Add(value);
  } while (!Peek(TokenKind::kBraceRight));
  *values = list.Finish(arena_);
  return Advance();
}

bool Parser::ParseDirectiveDefinition(std::string_view description) {
  DirectiveDefinition definition;
  definition.description = description;
  if (!Advance() || !Expect(TokenKind::kAt)) return false;
  definition.position = token_.position;
  if (!ParseName(&definition.name)) return false;
  if (!ParseInputValues(TokenKind::kParenLeft, TokenKind::kParenRight, &definition.arguments)) return false;
  if (!SkipKeyword("repeatable", &definition.is_repeatable) || !ExpectKeyword("on")) return false;
  if (!ParseDirectiveLocations(&definition.locations)) return false;
  definitions_.push_back(
      {.kind = DefinitionKind::kDirective, .directive = arena_.New<DirectiveDefinition>(definition)});
  return true;
}

bool Parser::ParseDirectiveLocations(std::span<const NameNode>* locations) {
  bool more = false;
  if (!Skip(TokenKind::kPipe, &more)) return false;
  ListScope<NameNode> list(names_);
  do {
    const Token token = token_;
    NameNode name;
    if (!ParseNameNode(&name)) return false;
    DirectiveLocation location;
    if (!ParseDirectiveLocation(name.name, &location)) return Fail(token.position, "Unexpected " + TokenText(token));
    list.Add(name);
    if (!Skip(TokenKind::kPipe, &more)) return false;
  } while (more);
  *locations = list.Finish(arena_);
  return true;
}

}  // namespace eider::graphql
