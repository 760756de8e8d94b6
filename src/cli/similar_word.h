#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace eider::cli {

// `; did you mean "serve"?` for a word that is close to `given`, or nothing.
std::string DidYouMean(std::string_view given, const std::vector<std::string>& words);

}  // namespace eider::cli
