#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace eider::engine {

// The bytes of base64 text (RFC 4648, standard or URL alphabet, padding optional); nothing when it is malformed.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace eider::engine
