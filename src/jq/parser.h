#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jq/syntax.h"

namespace eider::jq {

// Functions that any program may call, by name and number of parameters.
using FunctionTable = std::map<std::pair<std::string, int>, const Function*, std::less<>>;

struct ParseResult {
  NodePtr root;
  std::string problem;  // Empty = it parsed.
};

// Parses a program whose `$names` are `variables`.
ParseResult ParseProgram(std::string_view text, const std::vector<std::string>& variables,
                         const FunctionTable& library);

// Parses definitions that see each other in the order of the text, and adds them to `table`.
std::string ParseLibrary(std::string_view text, std::vector<std::unique_ptr<Function>>* functions,
                         FunctionTable* table);

}  // namespace eider::jq
