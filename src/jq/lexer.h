#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace eider::jq {

enum class TokenKind {
  kEnd,
  kName,      // foo, foo::bar and keywords
  kField,     // .foo
  kVariable,  // $foo
  kNumber,
  kFormat,    // @foo
  kQuote,     // the beginning of a string
  kText,      // a piece of a string
  kInsert,    // \( inside a string
  kUnquote,   // the end of a string
  kOperator,  // everything else, longest first
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  int line = 1;
};

// Splits a program; false, with `problem` filled, when it holds what no program can.
bool Tokenize(std::string_view program, std::vector<Token>* tokens, std::string* problem);

}  // namespace eider::jq
