#pragma once

#include <string>

namespace eider::sources {

// Tells a file from another one that was put under the same name; writing to it changes nothing. "new" when there is
// none yet.
std::string FileIdentity(const std::string& path);

}  // namespace eider::sources
