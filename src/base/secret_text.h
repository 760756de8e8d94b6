#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eider {

// What is shown in the place of a secret.
inline constexpr std::string_view kRedacted = "***";

// Whether what is called so is a secret mostly: has "key", "token", "password" or the like in it.
bool IsSecretName(std::string_view name);

// The place of a secret in a connection text.
struct SecretSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string label;  // The same for the same kind of place, such as "url" or "password"; with a number when repeated.
};

// The secrets in `text`, in order: passwords of URLs, and values of names that look like one (password=, token=).
std::vector<SecretSpan> FindSecrets(std::string_view text);

// `text` with every secret that reads *** replaced by what `known` has in that place. Fails with kBadInput when it has
// nothing there.
Result<std::string> RestoreSecrets(std::string_view text, std::string_view known);

}  // namespace eider
