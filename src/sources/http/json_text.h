#pragma once

#include <string_view>

#include "base/result.h"

namespace eider::sources {

// Whether `text` is one JSON value that is not nested deeper than every reader behind this one takes.
Status CheckJson(std::string_view text);

}  // namespace eider::sources
