#include "jq/program.h"

#include "jq/budget.h"
#include "jq/interpreter.h"
#include "jq/large_stack.h"
#include "jq/library.h"
#include "jq/parser.h"

namespace eider::jq {
namespace {

struct Run {
  const SyntaxNode& root;
  std::string_view input;
  const std::vector<std::string>& variables;
  const RunOptions& options;
  Result<std::vector<std::string>> result = std::vector<std::string>();

  Status Read(std::string_view text, Value* value) const {
    std::string problem;
    if (ParseJson(text, value, &problem)) return {};
    if (const Error* exhausted = Budget::exhausted()) return *exhausted;
    return Error(ErrorCode::kBadInput, "the input is no JSON: " + problem);
  }

  Result<std::vector<std::string>> Execute() const {
    const Budget budget({options.deadline, options.stop, options.max_bytes});
    Value value;
    EIDER_RETURN_IF_ERROR(Read(input, &value));
    std::vector<Value> globals(variables.size());
    for (std::size_t i = 0; i < globals.size(); ++i) EIDER_RETURN_IF_ERROR(Read(variables[i], &globals[i]));
    Interpreter interpreter(options, globals);
    std::vector<std::string> outputs;
    const bool done = interpreter.Run(root, std::move(value), [&](Item&& item) {
      outputs.emplace_back();
      AppendJson(item.value, outputs.back());
      Budget::Use(static_cast<std::int64_t>(outputs.back().size() + sizeof(std::string)));
      return Budget::exhausted() == nullptr;
    });
    if (!done && !interpreter.halted()) return interpreter.error();
    if (const Error* exhausted = Budget::exhausted()) return *exhausted;
    return outputs;
  }
};

}  // namespace

Program::~Program() = default;

Result<std::shared_ptr<const Program>> Program::Compile(std::string_view text, std::vector<std::string> variables) {
  std::shared_ptr<Program> program(new Program());
  program->names_ = std::move(variables);
  ParseResult parsed = ParseProgram(text, program->names_, Library());
  if (!parsed.root) return Error(ErrorCode::kBadInput, parsed.problem);
  program->root_ = std::move(parsed.root);
  return std::shared_ptr<const Program>(std::move(program));
}

Result<std::vector<std::string>> Program::Run(std::string_view input, const std::vector<std::string>& variables,
                                              const RunOptions& options) const {
  jq::Run run{*root_, input, variables, options};
  EIDER_RETURN_IF_ERROR(OnLargeStack(kStackSize, [&run] { run.result = run.Execute(); }));
  return std::move(run.result);
}

std::string OneOutput(std::vector<std::string> outputs) {
  if (outputs.empty()) return "null";
  if (outputs.size() == 1) return std::move(outputs[0]);
  std::string out = "[";
  for (const std::string& output : outputs) {
    if (out.size() > 1) out.push_back(',');
    out.append(output);
  }
  out.push_back(']');
  return out;
}

}  // namespace eider::jq
