#include "jq/parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "jq/lexer.h"
#include "jq/natives.h"
#include "jq/parser_scope.h"

namespace eider::jq {
namespace {

constexpr int kMaxNesting = 256;  // Of the parser's own recursion.
constexpr int kMaxDepth = 5000;   // Of the tree.

NodePtr Make(Op op, std::vector<NodePtr> kids = {}) {
  auto node = std::make_unique<SyntaxNode>();
  node->op = op;
  for (const NodePtr& kid : kids) {
    if (kid) node->depth = std::max(node->depth, kid->depth + 1);
  }
  node->kids = std::move(kids);
  return node;
}

template <class... Kids>
NodePtr MakeOf(Op op, Kids... kids) {
  std::vector<NodePtr> list;
  (list.push_back(std::move(kids)), ...);
  return Make(op, std::move(list));
}

NodePtr Literal(Value value) {
  NodePtr node = Make(Op::kLiteral);
  node->value = std::move(value);
  return node;
}

struct Binary {
  std::string_view text;
  int level;  // Higher binds tighter.
  enum { kLeft, kRight, kNone } side;
  Op op;
};

constexpr Binary kBinaries[] = {
    {"|", 0, Binary::kRight, Op::kPipe},         {",", 1, Binary::kLeft, Op::kComma},
    {"//", 2, Binary::kRight, Op::kAlternative}, {"=", 3, Binary::kNone, Op::kAssign},
    {"|=", 3, Binary::kNone, Op::kModify},       {"+=", 3, Binary::kNone, Op::kCompute},
    {"-=", 3, Binary::kNone, Op::kCompute},      {"*=", 3, Binary::kNone, Op::kCompute},
    {"/=", 3, Binary::kNone, Op::kCompute},      {"%=", 3, Binary::kNone, Op::kCompute},
    {"//=", 3, Binary::kNone, Op::kCompute},     {"or", 4, Binary::kLeft, Op::kOr},
    {"and", 5, Binary::kLeft, Op::kAnd},         {"==", 6, Binary::kNone, Op::kCompare},
    {"!=", 6, Binary::kNone, Op::kCompare},      {"<", 6, Binary::kNone, Op::kCompare},
    {"<=", 6, Binary::kNone, Op::kCompare},      {">", 6, Binary::kNone, Op::kCompare},
    {">=", 6, Binary::kNone, Op::kCompare},      {"+", 7, Binary::kLeft, Op::kArithmetic},
    {"-", 7, Binary::kLeft, Op::kArithmetic},    {"*", 8, Binary::kLeft, Op::kArithmetic},
    {"/", 8, Binary::kLeft, Op::kArithmetic},    {"%", 8, Binary::kLeft, Op::kArithmetic},
};
constexpr int kAlternativeLevel = 2;
constexpr int kLevels = 9;

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

class Parser {
 public:
  Parser(std::vector<Token> tokens, const std::vector<std::string>& variables, const FunctionTable& library)
      : tokens_(std::move(tokens)),
        variables_(variables),
        library_(library) {}

  NodePtr ParseMain() {
    if (Is(TokenKind::kEnd)) return Make(Op::kIdentity);
    NodePtr root = ParsePipe();
    if (root && !Is(TokenKind::kEnd)) return Unexpected();
    return root;
  }

  std::unique_ptr<Function> ParseDefinition();
  bool AtDefinition() const { return IsWord("def"); }
  bool AtEnd() const { return Is(TokenKind::kEnd); }
  const std::string& problem() const { return problem_; }
  ParserScope& scope() { return scope_; }
  void UseGlobals() { is_library_ = true; }

 private:
  // ---- Tokens -------------------------------------------------------------------------------------------
  const Token& Now() const { return tokens_[at_]; }
  bool Is(TokenKind kind) const { return Now().kind == kind; }
  bool Is(std::string_view text) const { return Is(TokenKind::kOperator) && Now().text == text; }
  bool IsWord(std::string_view text) const { return Is(TokenKind::kName) && Now().text == text; }
  bool Take(std::string_view text) {
    if (!Is(text)) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view text) {
    if (!IsWord(text)) return false;
    ++at_;
    return true;
  }
  bool Expect(std::string_view text) {
    return Take(text) || TakeWord(text) || Fail(fmt::format("expected '{}', found '{}'", text, Now().text));
  }

  bool Fail(std::string_view what) {
    if (problem_.empty()) problem_ = fmt::format("syntax error: {} at line {}", what, Now().line);
    return false;
  }
  NodePtr Unexpected() {
    Fail(fmt::format("unexpected '{}'", Now().text));
    return nullptr;
  }
  NodePtr Undefined(std::string_view name, int line) {
    if (problem_.empty()) problem_ = fmt::format("{} is not defined at line {}", name, line);
    return nullptr;
  }
  static bool IsKeyword(std::string_view name) { return std::ranges::find(kKeywords, name) != std::end(kKeywords); }

  // Counts nesting while it lives; not ok when there is too much.
  class Nested {
   public:
    explicit Nested(Parser& parser) : parser_(parser) {
      if (++parser_.nesting_ > kMaxNesting) parser_.Fail("the program is nested too deeply");
    }
    ~Nested() { --parser_.nesting_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    bool ok() const { return parser_.problem_.empty(); }

   private:
    Parser& parser_;
  };

  NodePtr Checked(NodePtr node) {
    if (node && node->depth > kMaxDepth) {
      Fail("the program is too long");
      return nullptr;
    }
    return node;
  }

  // ---- Expressions --------------------------------------------------------------------------------------
  NodePtr ParsePipe();
  NodePtr ParseLevel(int level);
  NodePtr ParseOperand();
  NodePtr ParsePostfix();
  NodePtr ParseSuffixes(NodePtr term);
  NodePtr ParseBracket(NodePtr target);
  NodePtr ParseTerm();
  NodePtr ParseWord();
  NodePtr ParseCall(const std::string& name, int line);
  NodePtr ParseString(const std::string& format);
  NodePtr ParseNumber();
  NodePtr ParseVariable();
  NodePtr ParseObject();
  bool ParseMember(SyntaxNode& object);
  NodePtr ParseObjectValue();
  NodePtr ParseIf();
  NodePtr ParseFold(Op op);
  NodePtr ParseTry();
  NodePtr ParseLabel();
  NodePtr ParseBreak();
  NodePtr ParseBinding(NodePtr source);
  const Binary* NextBinary(int level) const;

  // ---- Patterns -----------------------------------------------------------------------------------------
  bool ParsePatterns(SyntaxNode& node);
  bool ParsePattern(Pattern& pattern, SyntaxNode& node);
  bool ParseObjectPattern(Pattern& pattern, SyntaxNode& node);
  int BindVariable(const std::string& name, SyntaxNode& node);

  std::vector<Token> tokens_;
  const std::vector<std::string>& variables_;
  const FunctionTable& library_;
  ParserScope scope_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  bool is_library_ = false;
  std::string problem_;
};

NodePtr Parser::ParsePipe() {
  const Nested nested(*this);
  if (!nested.ok()) return nullptr;
  if (AtDefinition()) {
    const std::size_t mark = scope_.size();
    auto function = ParseDefinition();
    if (!function) return nullptr;
    NodePtr rest = ParsePipe();
    scope_.Shrink(mark);
    if (!rest) return nullptr;
    NodePtr node = MakeOf(Op::kDefine, std::move(rest));
    node->definition = std::move(function);
    return Checked(std::move(node));
  }
  return ParseLevel(0);
}

const Binary* Parser::NextBinary(int level) const {
  if (!Is(TokenKind::kOperator) && !Is(TokenKind::kName)) return nullptr;
  for (const Binary& binary : kBinaries) {
    if (binary.level == level && binary.text == Now().text) return &binary;
  }
  return nullptr;
}

// The operators of `level` and of all above.
NodePtr Parser::ParseLevel(int level) {
  if (level == kLevels) return ParseOperand();
  NodePtr left = ParseLevel(level + 1);
  while (left) {
    // `.a?//1` is `.a? // 1`.
    const bool optional = level == kAlternativeLevel && (Is("?//"));
    const Binary* binary = optional ? &kBinaries[2] : NextBinary(level);
    if (binary == nullptr) return left;
    ++at_;
    NodePtr right;
    if (binary->side == Binary::kRight) {
      const Nested nested(*this);
      if (!nested.ok()) return nullptr;
      right = level == 0 ? ParsePipe() : ParseLevel(level);
    } else {
      right = ParseLevel(level + 1);
    }
    if (!right) return nullptr;
    if (optional) left = MakeOf(Op::kTry, std::move(left), NodePtr());
    left = MakeOf(binary->op, std::move(left), std::move(right));
    left->text = binary->op == Op::kCompute ? std::string(binary->text.substr(0, binary->text.size() - 1))
                                            : std::string(binary->text);
    left = Checked(std::move(left));
    if (binary->side == Binary::kNone && left && NextBinary(level) != nullptr) return Unexpected();
  }
  return left;
}

NodePtr Parser::ParseOperand() {
  const Nested nested(*this);
  if (!nested.ok()) return nullptr;
  if (Take("-")) {
    NodePtr operand = ParseOperand();
    return operand ? MakeOf(Op::kNegate, std::move(operand)) : nullptr;
  }
  if (AtDefinition()) return ParsePipe();
  if (IsWord("label")) return ParseLabel();
  NodePtr term = ParsePostfix();
  if (term && TakeWord("as")) return ParseBinding(std::move(term));
  return term;
}

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

bool Prepare(std::string_view text, std::vector<Token>* tokens, std::string* problem) {
  constexpr std::size_t kMaxText = 256 << 10;
  if (text.size() > kMaxText) {
    *problem = "the program is too long";
    return false;
  }
  return Tokenize(text, tokens, problem);
}

}  // namespace

ParseResult ParseProgram(std::string_view text, const std::vector<std::string>& variables,
                         const FunctionTable& library) {
  ParseResult result;
  std::vector<Token> tokens;
  if (!Prepare(text, &tokens, &result.problem)) return result;
  Parser parser(std::move(tokens), variables, library);
  result.root = parser.ParseMain();
  if (!result.root) result.problem = parser.problem();
  return result;
}

std::string ParseLibrary(std::string_view text, std::vector<std::unique_ptr<Function>>* functions,
                         FunctionTable* table) {
  std::string problem;
  std::vector<Token> tokens;
  if (!Prepare(text, &tokens, &problem)) return problem;
  const std::vector<std::string> none;
  Parser parser(std::move(tokens), none, *table);
  parser.UseGlobals();
  while (!parser.AtEnd()) {
    auto function = parser.ParseDefinition();
    if (!function) return parser.problem();
    parser.scope().Shrink(0);
    (*table)[{function->name, static_cast<int>(function->parameters.size())}] = function.get();
    functions->push_back(std::move(function));
  }
  return {};
}

}  // namespace eider::jq
