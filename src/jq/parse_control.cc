#include "jq/parser_state.h"

namespace eider::jq {

NodePtr Parser::ParseIf() {
  const Nested nested(*this);
  if (!nested.ok()) return nullptr;
  ++at_;
  NodePtr condition = ParsePipe();
  if (!condition || !Expect("then")) return nullptr;
  NodePtr then = ParsePipe();
  if (!then) return nullptr;
  NodePtr otherwise;
  if (IsWord("elif")) {
    otherwise = ParseIf();
  } else if (TakeWord("else")) {
    otherwise = ParsePipe();
    if (!otherwise || !Expect("end")) return nullptr;
  } else {
    if (!Expect("end")) return nullptr;
    otherwise = Make(Op::kIdentity);
  }
  if (!otherwise) return nullptr;
  return Checked(MakeOf(Op::kIf, std::move(condition), std::move(then), std::move(otherwise)));
}

NodePtr Parser::ParseFold(Op op) {
  ++at_;
  NodePtr source = ParsePostfix();
  if (!source || !Expect("as")) return nullptr;
  NodePtr node = MakeOf(op, std::move(source));
  const std::size_t mark = scope_.size();
  if (!ParsePatterns(*node) || !Expect("(")) return nullptr;
  const std::size_t inner = scope_.size();
  // The variables are not visible in the initial value.
  scope_.Hide(mark, inner, true);
  node->kids.push_back(ParsePipe());
  scope_.Hide(mark, inner, false);
  do {
    if (!node->kids.back()) return nullptr;
    if (!Is(";")) break;
    ++at_;
    node->kids.push_back(ParsePipe());
  } while (true);
  if (!Expect(")")) return nullptr;
  scope_.Shrink(mark);
  const std::size_t most = op == Op::kReduce ? 3 : 4;
  if (node->kids.size() < 3 || node->kids.size() > most) return Unexpected();
  if (op == Op::kForeach && node->kids.size() == 3) node->kids.push_back(nullptr);
  for (const NodePtr& kid : node->kids) {
    if (kid) node->depth = std::max(node->depth, kid->depth + 1);
  }
  return Checked(std::move(node));
}

NodePtr Parser::ParseTry() {
  ++at_;
  NodePtr body = ParsePostfix();
  if (!body) return nullptr;
  NodePtr handler;
  if (TakeWord("catch")) {
    handler = ParsePostfix();
    if (!handler) return nullptr;
  }
  return MakeOf(Op::kTry, std::move(body), std::move(handler));
}

NodePtr Parser::ParseLabel() {
  ++at_;
  if (!Is(TokenKind::kVariable)) return Unexpected();
  const std::size_t mark = scope_.size();
  const int id = scope_.Add({ParserScope::Kind::kLabel, Now().text});
  ++at_;
  if (!Expect("|")) return nullptr;
  NodePtr body = ParsePipe();
  scope_.Shrink(mark);
  if (!body) return nullptr;
  NodePtr node = MakeOf(Op::kLabel, std::move(body));
  node->id = id;
  return node;
}

NodePtr Parser::ParseBreak() {
  ++at_;
  if (!Is(TokenKind::kVariable)) return Unexpected();
  const Token label = Now();
  ++at_;
  const ParserScope::Entry* found = scope_.FindLabel(label.text);
  if (found == nullptr) return Undefined("$*label-" + label.text, label.line);
  NodePtr node = Make(Op::kBreak);
  node->id = found->id;
  return node;
}

// Behind `as`.
NodePtr Parser::ParseBinding(NodePtr source) {
  const std::size_t mark = scope_.size();
  NodePtr node = MakeOf(Op::kBind, std::move(source));
  if (!ParsePatterns(*node) || !Expect("|")) return nullptr;
  NodePtr body = ParsePipe();
  scope_.Shrink(mark);
  if (!body) return nullptr;
  node->depth = std::max(node->depth, body->depth + 1);
  node->kids.push_back(std::move(body));
  return Checked(std::move(node));
}

bool Parser::ParsePatterns(SyntaxNode& node) {
  do {
    if (!ParsePattern(node.patterns.emplace_back(), node)) return false;
  } while (Take("?//"));
  return true;
}

int Parser::BindVariable(const std::string& name, SyntaxNode& node) {
  // Alternatives share their variables.
  for (const int id : node.variables) {
    if (scope_.NameOf(id) == name) return id;
  }
  node.variables.push_back(scope_.Add({ParserScope::Kind::kVariable, name}));
  return node.variables.back();
}

bool Parser::ParsePattern(Pattern& pattern, SyntaxNode& node) {
  const Nested nested(*this);
  if (!nested.ok()) return false;
  if (Is(TokenKind::kVariable)) {
    pattern.variable = BindVariable(Now().text, node);
    ++at_;
    return true;
  }
  if (Take("{")) return ParseObjectPattern(pattern, node);
  if (!Take("[")) return Unexpected() != nullptr;
  pattern.is_array = true;
  do {
    if (!ParsePattern(pattern.items.emplace_back(), node)) return false;
  } while (Take(","));
  return Expect("]");
}

bool Parser::ParseObjectPattern(Pattern& pattern, SyntaxNode& node) {
  do {
    Pattern::Member& member = pattern.members.emplace_back();
    if (Is(TokenKind::kVariable)) {
      member.key = Literal(Value::Text(Now().text));
      member.variable = BindVariable(Now().text, node);
      ++at_;
    } else if (Is(TokenKind::kName)) {
      member.key = Literal(Value::Text(Now().text));
      ++at_;
    } else if (Is(TokenKind::kQuote) || Is(TokenKind::kFormat)) {
      member.key = ParseTerm();
    } else if (Take("(")) {
      member.key = ParsePipe();
      if (member.key && !Expect(")")) return false;
    }
    if (!member.key) return Unexpected() != nullptr;
    if (Take(":")) {
      member.pattern = std::make_unique<Pattern>();
      if (!ParsePattern(*member.pattern, node)) return false;
    } else if (member.variable == 0) {
      return Unexpected() != nullptr;
    }
  } while (Take(","));
  return Expect("}");
}

std::unique_ptr<Function> Parser::ParseDefinition() {
  ++at_;
  if (!Is(TokenKind::kName)) return Unexpected(), nullptr;
  auto function = std::make_unique<Function>();
  function->name = Now().text;
  function->is_global = is_library_ && scope_.size() == 0;
  ++at_;
  const std::size_t outer = scope_.size();
  if (Take("(")) {
    do {
      Function::Parameter& parameter = function->parameters.emplace_back();
      parameter.is_value = Is(TokenKind::kVariable);
      if (!parameter.is_value && !Is(TokenKind::kName)) return Unexpected(), nullptr;
      parameter.name = Now().text;
      ++at_;
    } while (Take(";"));
    if (!Expect(")")) return nullptr;
  }
  if (!Expect(":")) return nullptr;
  const int arity = static_cast<int>(function->parameters.size());
  function->id = scope_.Add({ParserScope::Kind::kFunction, function->name, arity, function.get()});
  const std::size_t own = scope_.size();
  for (Function::Parameter& parameter : function->parameters) {
    parameter.id = scope_.Add(
        {parameter.is_value ? ParserScope::Kind::kValueParameter : ParserScope::Kind::kClosure, parameter.name});
  }
  function->body = ParsePipe();
  scope_.Shrink(own);
  if (!function->body || !Expect(";")) {
    scope_.Shrink(outer);
    return nullptr;
  }
  return function;
}

}  // namespace eider::jq
