#include <fmt/format.h>

#include "graphql/parser_state.h"

namespace eider::graphql {

bool Parser::ParseOperation() {
  OperationDefinition operation;
  operation.position = token_.position;
  if (!Peek(TokenKind::kBraceLeft)) {
    operation.kind = token_.text == "query"      ? OperationKind::kQuery
                     : token_.text == "mutation" ? OperationKind::kMutation
                                                 : OperationKind::kSubscription;
    if (!Advance()) return false;
    operation.name_position = token_.position;
    if (Peek(TokenKind::kName) && !ParseName(&operation.name)) return false;
    if (!ParseVariables(&operation.variables)) return false;
    if (!ParseDirectives(false, &operation.directives)) return false;
  }
  if (!ParseSelectionSet(&operation.selections)) return false;
  Definition definition{.kind = DefinitionKind::kOperation, .operation = arena_.New<OperationDefinition>(operation)};
  definitions_.push_back(definition);
  return true;
}

bool Parser::ParseVariables(std::span<const VariableDefinition>* variables) {
  if (!Peek(TokenKind::kParenLeft)) return true;
  if (!Advance()) return false;
  ListScope<VariableDefinition> list(variables_);
  do {
    VariableDefinition variable;
    if (!ParseVariableDefinition(&variable)) return false;
    list.Add(variable);
  } while (!Peek(TokenKind::kParenRight));
  *variables = list.Finish(arena_);
  return Advance();
}

bool Parser::ParseVariableDefinition(VariableDefinition* variable) {
  variable->position = token_.position;
  if (!Expect(TokenKind::kDollar) || !ParseName(&variable->name) || !Expect(TokenKind::kColon)) return false;
  if (!ParseTypeNode(&variable->type)) return false;
  bool has_default = false;
  if (!Skip(TokenKind::kEquals, &has_default)) return false;
  if (has_default) {
    Value value;
    if (!ParseValue(true, &value)) return false;
    variable->default_value = arena_.New<Value>(value);
  }
  return ParseDirectives(true, &variable->directives);
}

bool Parser::ParseSelectionSet(SelectionSet* selections) {
  const Nesting nesting(*this);
  if (!nesting.ok() || !Expect(TokenKind::kBraceLeft)) return false;
  ListScope<Selection> list(selections_);
  do {
    Selection selection{.kind = SelectionKind::kField, .field = nullptr};
    if (!ParseSelection(&selection)) return false;
    list.Add(selection);
  } while (!Peek(TokenKind::kBraceRight));
  *selections = list.Finish(arena_);
  return Advance();
}

bool Parser::ParseSelection(Selection* selection) {
  return Peek(TokenKind::kSpread) ? ParseSpread(selection) : ParseField(selection);
}

bool Parser::ParseField(Selection* selection) {
  FieldNode field;
  field.position = token_.position;
  field.name_position = token_.position;
  if (!ParseName(&field.name)) return false;
  bool has_alias = false;
  if (!Skip(TokenKind::kColon, &has_alias)) return false;
  if (has_alias) {
    field.alias = field.name;
    field.name_position = token_.position;
    if (!ParseName(&field.name)) return false;
  }
  if (!CountField(field)) return false;
  if (!ParseArguments(false, &field.arguments) || !ParseDirectives(false, &field.directives)) return false;
  if (Peek(TokenKind::kBraceLeft)) {
    field.has_selections = true;
    if (!ParseSelectionSet(&field.selections)) return false;
  }
  selection->kind = SelectionKind::kField;
  selection->field = arena_.New<FieldNode>(field);
  return true;
}

bool Parser::CountField(const FieldNode& field) {
  if (++fields_ > limits_.max_fields) {
    return Fail(field.position, fmt::format("Document contains more than {} fields", limits_.max_fields));
  }
  if (!field.alias.empty() && ++aliases_ > limits_.max_aliases) {
    return Fail(field.position, fmt::format("Document contains more than {} aliases", limits_.max_aliases));
  }
  return true;
}

bool Parser::ParseSpread(Selection* selection) {
  const Position start = token_.position;
  if (!Advance()) return false;
  bool has_condition = false;
  if (!SkipKeyword("on", &has_condition)) return false;
  if (!has_condition && Peek(TokenKind::kName)) {
    FragmentSpread spread;
    spread.position = start;
    spread.name_position = token_.position;
    if (!ParseName(&spread.name) || !ParseDirectives(false, &spread.directives)) return false;
    selection->kind = SelectionKind::kFragmentSpread;
    selection->spread = arena_.New<FragmentSpread>(spread);
    return true;
  }
  InlineFragment fragment;
  fragment.position = start;
  fragment.type_position = token_.position;
  if (has_condition && !ParseName(&fragment.type_condition)) return false;
  if (!ParseDirectives(false, &fragment.directives) || !ParseSelectionSet(&fragment.selections)) return false;
  selection->kind = SelectionKind::kInlineFragment;
  selection->inline_fragment = arena_.New<InlineFragment>(fragment);
  return true;
}

bool Parser::ParseFragment() {
  FragmentDefinition fragment;
  fragment.position = token_.position;
  if (!Advance()) return false;
  if (PeekKeyword("on")) return FailUnexpected();
  fragment.name_position = token_.position;
  if (!ParseName(&fragment.name) || !ExpectKeyword("on")) return false;
  fragment.type_position = token_.position;
  if (!ParseName(&fragment.type_condition) || !ParseDirectives(false, &fragment.directives)) return false;
  if (!ParseSelectionSet(&fragment.selections)) return false;
  fragment.index = fragment_count_++;
  if (fragment_count_ > limits_.max_fragments) {
    return Fail(fragment.position, fmt::format("Document contains more than {} fragments", limits_.max_fragments));
  }
  Definition definition{.kind = DefinitionKind::kFragment, .fragment = arena_.New<FragmentDefinition>(fragment)};
  definitions_.push_back(definition);
  return true;
}

}  // namespace eider::graphql
