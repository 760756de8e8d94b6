#pragma once

#include <optional>
#include <string>

namespace eider::cli {

enum class AnswerFormat { kTable, kJson, kJsonl };

// The format called `name`; without a name a table on a terminal and JSON elsewhere. Nothing for an unknown name.
std::optional<AnswerFormat> AnswerFormatOf(const std::string& name);

// Columns of the terminal at standard output, or of a page when it is none.
std::size_t OutputWidth();

bool OutputIsTerminal();

// Writes the body of a GraphQL answer to standard output, and its errors, unless the format is JSON, to standard error.
// Returns the exit code that it means.
int PrintAnswer(const std::string& body, AnswerFormat format);

}  // namespace eider::cli
