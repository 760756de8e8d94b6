#include "sources/environment.h"

#include <cstdlib>

namespace eider::sources {

Result<std::string> SubstituteEnvironment(std::string_view path) {
  std::string out;
  while (true) {
    const std::size_t open = path.find("[$");
    const std::size_t close = open == std::string_view::npos ? open : path.find(']', open);
    if (close == std::string_view::npos) break;
    const std::string name(path.substr(open + 2, close - open - 2));
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
      return Error(ErrorCode::kBadInput, "environment variable is not set: " + name);
    }
    out.append(path.substr(0, open)).append(value);
    path.remove_prefix(close + 1);
  }
  return out.append(path);
}

}  // namespace eider::sources
