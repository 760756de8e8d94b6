#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jq/lexer.h"
#include "jq/parser.h"
#include "jq/parser_scope.h"

// Inside the parser: not for other folders.
namespace eider::jq {

constexpr int kMaxNesting = 256;      // Of the parser's own recursion.
constexpr int kMaxDepth = 5000;       // Of the tree.
constexpr int kAlternativeLevel = 2;  // Of `//`, the loosest operator that stands in a member's value.

NodePtr Make(Op op, std::vector<NodePtr> kids = {});

template <class... Kids>
NodePtr MakeOf(Op op, Kids... kids) {
  std::vector<NodePtr> list;
  (list.push_back(std::move(kids)), ...);
  return Make(op, std::move(list));
}

NodePtr Literal(Value value);

struct Binary;

// Recursive descent over the tokens of one program; a null node after a problem. Its members stand in `parser.cc`
// (operators), `parse_terms.cc` and `parse_control.cc`.
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

}  // namespace eider::jq
