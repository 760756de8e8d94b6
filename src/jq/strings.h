#pragma once

#include <string>
#include <string_view>

#include "jq/value.h"

namespace eider::jq {

// The parts of `text` between `separator`; its code points for an empty one.
Value SplitString(std::string_view text, std::string_view separator);

// What `tostring` gives: text as it is, everything else as JSON.
std::string TextOf(const Value& value);

}  // namespace eider::jq
