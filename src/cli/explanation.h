#pragma once

#include <string>

#include "cli/answer_output.h"

namespace eider::cli {

// Writes what an answer's extension `explain` tells, instead of its data: for every root field where it ran, its rows,
// its time, and the SQL with its parameters. JSON formats print the extension as it came. Errors are printed as
// PrintAnswer() does. Returns the exit code that the answer means.
int PrintExplanation(const std::string& body, AnswerFormat format);

}  // namespace eider::cli
