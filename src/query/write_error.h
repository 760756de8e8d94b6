#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace eider::query {

// What a failed statement of the root field `field` means to the client: what a data source says about conflicts with
// other writers and about keys becomes a sentence that says what to do. Other errors stay as they are.
Error WriteError(const Error& error, std::string_view source, std::string_view field);

// A failed COMMIT of `source`. When others were committed before it, the message names them: they stay.
Error CommitError(const Error& error, const std::string& source, const std::vector<std::string>& committed);

}  // namespace eider::query
