#include <fmt/format.h>

#include "graphql/parser_state.h"

namespace eider::graphql {

bool Parser::ParseValue(bool is_const, Value* value) {
  value->position = token_.position;
  value->text = token_.text;
  switch (token_.kind) {
    case TokenKind::kBracketLeft: return ParseListValue(is_const, value);
    case TokenKind::kBraceLeft: return ParseObjectValue(is_const, value);
    case TokenKind::kInt: value->kind = ValueKind::kInt; return Advance();
    case TokenKind::kFloat: value->kind = ValueKind::kFloat; return Advance();
    case TokenKind::kString:
    case TokenKind::kBlockString:
      value->kind = ValueKind::kString;
      value->is_block = token_.kind == TokenKind::kBlockString;
      return Advance();
    case TokenKind::kName: return ParseNameValue(value);
    case TokenKind::kDollar: return ParseVariable(is_const, value);
    default: return FailUnexpected();
  }
}

bool Parser::ParseNameValue(Value* value) {
  if (token_.text == "true" || token_.text == "false") {
    value->kind = ValueKind::kBoolean;
  } else {
    value->kind = token_.text == "null" ? ValueKind::kNull : ValueKind::kEnum;
  }
  return Advance();
}

bool Parser::ParseVariable(bool is_const, Value* value) {
  const Token dollar = token_;
  if (!Advance()) return false;
  if (is_const) {
    if (!Peek(TokenKind::kName)) return Fail(dollar.position, "Unexpected " + TokenText(dollar));
    return Fail(dollar.position, fmt::format("Unexpected variable \"${}\" in constant value", token_.text));
  }
  value->kind = ValueKind::kVariable;
  return ParseName(&value->text);
}

bool Parser::ParseListValue(bool is_const, Value* value) {
  const Nesting nesting(*this);
  if (!nesting.ok() || !Advance()) return false;
  ListScope<Value> items(values_);
  while (!Peek(TokenKind::kBracketRight)) {
    Value item;
    if (!ParseValue(is_const, &item)) return false;
    items.Add(item);
  }
  value->kind = ValueKind::kList;
  const std::span<const Value> list = items.Finish(arena_);
  value->item_data = list.data();
  value->count = static_cast<uint32_t>(list.size());
  return Advance();
}

bool Parser::ParseObjectValue(bool is_const, Value* value) {
  const Nesting nesting(*this);
  if (!nesting.ok() || !Advance()) return false;
  ListScope<NamedValue> fields(arguments_);
  while (!Peek(TokenKind::kBraceRight)) {
    NamedValue field;
    if (!ParseNamedValue(is_const, &field)) return false;
    fields.Add(field);
  }
  value->kind = ValueKind::kObject;
  const std::span<const NamedValue> list = fields.Finish(arena_);
  value->field_data = list.data();
  value->count = static_cast<uint32_t>(list.size());
  return Advance();
}

bool Parser::ParseNamedValue(bool is_const, NamedValue* value) {
  value->position = token_.position;
  return ParseName(&value->name) && Expect(TokenKind::kColon) && ParseValue(is_const, &value->value);
}

bool Parser::ParseArguments(bool is_const, std::span<const Argument>* arguments) {
  if (!Peek(TokenKind::kParenLeft)) return true;
  if (!Advance()) return false;
  ListScope<Argument> list(arguments_);
  do {
    Argument argument;
    if (!ParseNamedValue(is_const, &argument)) return false;
    list.Add(argument);
  } while (!Peek(TokenKind::kParenRight));
  *arguments = list.Finish(arena_);
  return Advance();
}

bool Parser::ParseDirectives(bool is_const, std::span<const Directive>* directives) {
  if (!Peek(TokenKind::kAt)) return true;
  ListScope<Directive> list(directives_);
  while (Peek(TokenKind::kAt)) {
    Directive directive;
    directive.position = token_.position;
    if (!Advance() || !ParseName(&directive.name) || !ParseArguments(is_const, &directive.arguments)) return false;
    list.Add(directive);
  }
  *directives = list.Finish(arena_);
  return true;
}

bool Parser::ParseTypeNode(const TypeNode** type) {
  TypeNode parsed;
  if (!ParseInnerType(&parsed)) return false;
  const TypeNode* node = arena_.New<TypeNode>(parsed);
  bool non_null = false;
  if (!Skip(TokenKind::kBang, &non_null)) return false;
  if (non_null) node = arena_.New<TypeNode>(TypeNode{TypeNodeKind::kNonNull, node->position, node->name, node});
  *type = node;
  return true;
}

bool Parser::ParseInnerType(TypeNode* type) {
  type->position = token_.position;
  if (!Peek(TokenKind::kBracketLeft)) return ParseName(&type->name);
  if (type_lists_ == kMaxTypeLists) {
    return Fail(token_.position, fmt::format("Type is nested deeper than {} lists", kMaxTypeLists));
  }
  ++type_lists_;
  if (!Advance() || !ParseTypeNode(&type->inner)) return false;
  --type_lists_;
  type->kind = TypeNodeKind::kList;
  type->name = type->inner->name;
  return Expect(TokenKind::kBracketRight);
}

}  // namespace eider::graphql
