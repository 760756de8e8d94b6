#include "jq/library.h"

#include "base/check.h"
#include "jq_library.h"

namespace eider::jq {
namespace {

struct Parsed {
  std::vector<std::unique_ptr<Function>> functions;
  FunctionTable table;

  Parsed() {
    const std::string problem = ParseLibrary(assets::JqLibrary("library.jq"), &functions, &table);
    EIDER_CHECK(problem.empty());
  }
};

}  // namespace

const FunctionTable& Library() {
  static const Parsed parsed;
  return parsed.table;
}

}  // namespace eider::jq
