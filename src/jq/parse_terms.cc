#include <algorithm>

#include "jq/natives.h"
#include "jq/parser_state.h"

namespace eider::jq {
namespace {

struct SpecialName {
  std::string_view name;
  int arity;
  Special special;
};

constexpr SpecialName kSpecials[] = {
    {"empty", 0, Special::kEmpty},     {"path", 1, Special::kPath},       {"getpath", 1, Special::kGetPath},
    {"recurse", 0, Special::kRecurse}, {"recurse", 1, Special::kRecurse}, {"repeat", 1, Special::kRecurse},
    {"range", 1, Special::kRange},     {"range", 2, Special::kRange},     {"range", 3, Special::kRange},
    {"first", 1, Special::kFirst},     {"limit", 2, Special::kLimit},     {"isempty", 1, Special::kIsEmpty},
};

constexpr std::string_view kKeywords[] = {"def",    "if",      "then",    "elif", "else",   "end",
                                          "as",     "reduce",  "foreach", "try",  "catch",  "label",
                                          "import", "include", "and",     "or",   "__loc__"};

bool IsKeyword(std::string_view name) { return std::ranges::find(kKeywords, name) != std::end(kKeywords); }

}  // namespace

NodePtr Parser::ParsePostfix() {
  NodePtr term = ParseTerm();
  return term ? ParseSuffixes(std::move(term)) : nullptr;
}

NodePtr Parser::ParseSuffixes(NodePtr term) {
  while (term) {
    if (Is(TokenKind::kField)) {
      term = MakeOf(Op::kIndex, std::move(term), Literal(Value::Text(Now().text)));
      ++at_;
    } else if (Is(".") && (tokens_[at_ + 1].kind == TokenKind::kQuote || tokens_[at_ + 1].text == "[")) {
      ++at_;
      if (Is(TokenKind::kQuote)) {
        NodePtr key = ParseString("");
        if (!key) return nullptr;
        term = MakeOf(Op::kIndex, std::move(term), std::move(key));
      }
    } else if (Take("?")) {
      term = MakeOf(Op::kTry, std::move(term), NodePtr());
    } else if (Take("[")) {
      term = ParseBracket(std::move(term));
    } else {
      return term;
    }
    term = Checked(std::move(term));
  }
  return term;
}

// Behind "[": an index, a slice or nothing.
NodePtr Parser::ParseBracket(NodePtr target) {
  if (Take("]")) return MakeOf(Op::kIterate, std::move(target));
  NodePtr from;
  if (!Is(":")) {
    from = ParsePipe();
    if (!from) return nullptr;
    if (Take("]")) return MakeOf(Op::kIndex, std::move(target), std::move(from));
  }
  if (!Expect(":")) return nullptr;
  NodePtr to;
  if (!Is("]")) {
    to = ParsePipe();
    if (!to) return nullptr;
  } else if (!from) {
    return Unexpected();
  }
  if (!Expect("]")) return nullptr;
  return MakeOf(Op::kSlice, std::move(target), std::move(from), std::move(to));
}

NodePtr Parser::ParseTerm() {
  const Nested nested(*this);
  if (!nested.ok()) return nullptr;
  switch (Now().kind) {
    case TokenKind::kNumber: return ParseNumber();
    case TokenKind::kQuote: return ParseString("");
    case TokenKind::kVariable: return ParseVariable();
    case TokenKind::kName: return ParseWord();
    case TokenKind::kFormat: {
      const std::string format = Now().text;
      ++at_;
      if (Is(TokenKind::kQuote)) return ParseString(format);
      NodePtr node = Make(Op::kFormat);
      node->text = format;
      return node;
    }
    case TokenKind::kField: {
      NodePtr node = MakeOf(Op::kIndex, Make(Op::kIdentity), Literal(Value::Text(Now().text)));
      ++at_;
      return node;
    }
    default: break;
  }
  if (Take("..")) return Make(Op::kRecurseDefault);
  if (Take(".")) {
    if (!Is(TokenKind::kQuote)) return Make(Op::kIdentity);
    NodePtr key = ParseString("");
    return key ? MakeOf(Op::kIndex, Make(Op::kIdentity), std::move(key)) : nullptr;
  }
  if (Take("(")) {
    NodePtr inner = ParsePipe();
    return inner && Expect(")") ? std::move(inner) : nullptr;
  }
  if (Take("[")) {
    if (Take("]")) return MakeOf(Op::kArray, NodePtr());
    NodePtr inner = ParsePipe();
    return inner && Expect("]") ? MakeOf(Op::kArray, std::move(inner)) : nullptr;
  }
  if (Take("{")) return ParseObject();
  return Unexpected();
}

NodePtr Parser::ParseWord() {
  const Token word = Now();
  if (word.text == "if") return ParseIf();
  if (word.text == "try") return ParseTry();
  if (word.text == "reduce") return ParseFold(Op::kReduce);
  if (word.text == "foreach") return ParseFold(Op::kForeach);
  if (word.text == "break") return ParseBreak();
  if (word.text == "import" || word.text == "include") {
    Fail("modules cannot be imported");
    return nullptr;
  }
  if (IsKeyword(word.text)) return Unexpected();
  ++at_;
  return ParseCall(word.text, word.line);
}

NodePtr Parser::ParseCall(const std::string& name, int line) {
  std::vector<NodePtr> arguments;
  if (Take("(")) {
    do {
      arguments.push_back(ParsePipe());
      if (!arguments.back()) return nullptr;
    } while (Take(";"));
    if (!Expect(")")) return nullptr;
  }
  const int arity = static_cast<int>(arguments.size());
  if (const ParserScope::Entry* found = scope_.FindFunction(name, arity)) {
    if (found->kind == ParserScope::Kind::kValueParameter || found->kind == ParserScope::Kind::kClosure) {
      NodePtr node = Make(found->kind == ParserScope::Kind::kClosure ? Op::kCallClosure : Op::kVariable);
      node->id = found->id;
      return node;
    }
    NodePtr node = Make(Op::kCall, std::move(arguments));
    node->function = found->function;
    return Checked(std::move(node));
  }
  if (arity == 0 && (name == "null" || name == "true" || name == "false")) {
    return Literal(name == "null" ? Value() : Value::Bool(name == "true"));
  }
  for (const SpecialName& special : kSpecials) {
    if (special.name != name || special.arity != arity) continue;
    NodePtr node = Make(Op::kSpecial, std::move(arguments));
    node->special = special.special;
    return Checked(std::move(node));
  }
  if (const auto known = library_.find(std::pair(name, arity)); known != library_.end()) {
    NodePtr node = Make(Op::kCall, std::move(arguments));
    node->function = known->second;
    return Checked(std::move(node));
  }
  const Native* native = FindNative(name, arity);
  // Names that begin with an underscore are the library's own.
  if (native == nullptr || (name.starts_with('_') && !is_library_))
    return Undefined(fmt::format("{}/{}", name, arity), line);
  NodePtr node = Make(Op::kNative, std::move(arguments));
  node->native = native;
  return Checked(std::move(node));
}

NodePtr Parser::ParseNumber() {
  std::string text = Now().text;
  ++at_;
  if (text.starts_with('.')) text.insert(0, "0");
  if (text.ends_with('.')) text.pop_back();
  return Literal(Value::Number(text));
}

NodePtr Parser::ParseString(const std::string& format) {
  ++at_;
  NodePtr node = Make(Op::kString);
  node->text = format;
  while (true) {
    node->kids.push_back(Literal(Value::Text(Now().text)));
    ++at_;
    if (Is(TokenKind::kUnquote)) break;
    ++at_;
    NodePtr inner = ParsePipe();
    if (!inner || !Expect(")")) return nullptr;
    node->depth = std::max(node->depth, inner->depth + 1);
    node->kids.push_back(std::move(inner));
  }
  ++at_;
  if (node->kids.size() == 1) return std::move(node->kids[0]);
  return Checked(std::move(node));
}

NodePtr Parser::ParseVariable() {
  const Token token = Now();
  ++at_;
  if (token.text == "__loc__") {
    Object place;
    place.Set("file", Value::Text("<top-level>"));
    place.Set("line", Value::Int(token.line));
    return Literal(Value::Of(std::move(place)));
  }
  if (const ParserScope::Entry* found = scope_.FindVariable(token.text)) {
    NodePtr node = Make(Op::kVariable);
    node->id = found->id;
    return node;
  }
  const auto global = std::ranges::find(variables_, token.text);
  if (global != variables_.end()) {
    NodePtr node = Make(Op::kGlobal);
    node->id = static_cast<int>(global - variables_.begin());
    return node;
  }
  // Nothing of the process shows.
  if (token.text == "ENV") return Literal(Value::Of(Object()));
  return Undefined("$" + token.text, token.line);
}

// Behind "{".
NodePtr Parser::ParseObject() {
  NodePtr node = Make(Op::kObject);
  while (!Is("}")) {
    if (!ParseMember(*node)) return nullptr;
    if (!Take(",") && !Is("}")) return Unexpected();
  }
  ++at_;
  for (const NodePtr& kid : node->kids) node->depth = std::max(node->depth, kid->depth + 1);
  return Checked(std::move(node));
}

bool Parser::ParseMember(SyntaxNode& object) {
  NodePtr key;
  NodePtr value;  // What a key without a value stands for.
  if (Is(TokenKind::kVariable)) {
    const std::string name = Now().text;
    value = ParseVariable();
    if (!value) return false;
    // `{$x: 1}` takes the variable's value as the key, `{$x}` its name.
    key = Is(":") ? std::move(value) : Literal(Value::Text(name));
  } else if (Is(TokenKind::kName)) {
    key = Literal(Value::Text(Now().text));
    value = MakeOf(Op::kIndex, Make(Op::kIdentity), Literal(key->value));
    ++at_;
  } else if (Is(TokenKind::kNumber)) {
    key = ParseNumber();
  } else if (Is(TokenKind::kQuote) || Is(TokenKind::kFormat)) {
    const std::size_t start = at_;
    key = ParseTerm();
    if (key && !Is(":")) {
      const std::size_t behind = at_;
      at_ = start;
      value = MakeOf(Op::kIndex, Make(Op::kIdentity), ParseTerm());
      at_ = behind;
    }
  } else if (Take("(")) {
    key = ParsePipe();
    if (!key || !Expect(")")) return false;
    if (!Is(":")) return Fail(fmt::format("expected ':', found '{}'", Now().text));
  }
  if (!key) return Unexpected() != nullptr;
  if (Take(":")) value = ParseObjectValue();
  if (!value) return problem_.empty() ? Unexpected() != nullptr : false;
  object.kids.push_back(std::move(key));
  object.kids.push_back(std::move(value));
  return true;
}

// Everything but a comma outside brackets.
NodePtr Parser::ParseObjectValue() {
  const Nested nested(*this);
  if (!nested.ok()) return nullptr;
  NodePtr left = ParseLevel(kAlternativeLevel);
  if (!left || !Take("|")) return left;
  NodePtr right = ParseObjectValue();
  return right ? MakeOf(Op::kPipe, std::move(left), std::move(right)) : nullptr;
}

}  // namespace eider::jq
