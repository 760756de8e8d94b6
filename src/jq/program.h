#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "base/stop_token.h"

namespace eider::columnar {
class TimeZone;
}

namespace eider::jq {

struct SyntaxNode;

// What a run may use.
struct RunOptions {
  Deadline deadline = Deadline::Never();
  StopToken stop;
  std::int64_t max_bytes = std::int64_t{256} << 20;
  const columnar::TimeZone* zone = nullptr;  // Of localTime and its kin; null = UTC.
  std::string identity = "null";             // What authInfo answers, as JSON.
  // Runs a GraphQL request for queryHugr: its text and its variables as JSON, or empty. Null = there is no such thing.
  std::function<Result<std::string>(const std::string& text, const std::string& variables)> query;
};

// A compiled jq program. Immutable, used by any number of threads at once.
class Program {
 public:
  // Compiles `text`; `variables` are the names that it may use with $. Fails with kBadInput and the problem with its
  // line, such as "foo/0 is not defined at line 1".
  static Result<std::shared_ptr<const Program>> Compile(std::string_view text, std::vector<std::string> variables);
  ~Program();

  // Runs on the JSON text `input` with the JSON texts of the variables, in their order, and returns every output as
  // JSON text. Blocks, on a thread of its own, within the limits of `options`. Fails with kBadInput for an error that
  // the program raises, and kTimeout, kCancelled or kMemoryLimit at a limit.
  Result<std::vector<std::string>> Run(std::string_view input, const std::vector<std::string>& variables,
                                       const RunOptions& options) const;

 private:
  Program() = default;

  std::vector<std::string> names_;
  std::unique_ptr<SyntaxNode> root_;
};

// The outputs of a run as one JSON text: one as it is, several as an array, none as null.
std::string OneOutput(std::vector<std::string> outputs);

}  // namespace eider::jq
