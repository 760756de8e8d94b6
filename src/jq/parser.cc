#include "jq/parser.h"

#include <algorithm>

#include "jq/parser_state.h"

namespace eider::jq {

struct Binary {
  std::string_view text;
  int level;  // Higher binds tighter.
  enum { kLeft, kRight, kNone } side;
  Op op;
};

namespace {

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
constexpr int kLevels = 9;

}  // namespace

NodePtr Make(Op op, std::vector<NodePtr> kids) {
  auto node = std::make_unique<SyntaxNode>();
  node->op = op;
  for (const NodePtr& kid : kids) {
    if (kid) node->depth = std::max(node->depth, kid->depth + 1);
  }
  node->kids = std::move(kids);
  return node;
}

NodePtr Literal(Value value) {
  NodePtr node = Make(Op::kLiteral);
  node->value = std::move(value);
  return node;
}

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

namespace {

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
