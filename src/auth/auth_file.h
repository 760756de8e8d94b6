#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "auth/settings.h"
#include "base/result.h"

namespace eider::auth {

// How values of an auth file are found that it only names.
struct ValueSources {
  std::function<std::optional<std::string>(const std::string&)> environment;  // For ${NAME}.
  std::function<Result<std::string>(const std::string&)> file;                // For file:/path.

  // The process's environment and the file system.
  static ValueSources OfProcess();
};

// Reads the text of an auth file (docs/access.md), JSON or YAML, over `settings`. Fails with kBadInput; the message
// names the file, the line and the key, never a value.
Status ReadAuthText(std::string_view text, const std::string& file, const ValueSources& values, AuthSettings& settings);

// The same for the file at `path`, which must end in .json, .yaml or .yml.
Status ReadAuthFile(const std::string& path, AuthSettings& settings);

}  // namespace eider::auth
