// Any bytes as a program and its input, split at the first zero byte: it compiles or not, and ends within its limits.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "jq/program.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace eider;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find('\0');
  const auto program = jq::Program::Compile(text.substr(0, cut), {"x"});
  if (!program) {
    if (program.error().message.empty()) std::abort();
    return 0;
  }
  jq::RunOptions options;
  options.deadline = Deadline::After(std::chrono::milliseconds(200));
  options.max_bytes = 8 << 20;
  const std::string input = cut == std::string::npos ? R"({"a":[1,{"b":"x"}],"c":null})" : text.substr(cut + 1);
  (void)(*program)->Run(input, {"[1,\"y\"]"}, options);
  return 0;
}
