#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/compiler.h"

namespace eider::sources {

// Prints SDL files as one canonical document: definitions in order, then extensions; comments dropped, one member a
// line after a tab, strings in plain quotes, everything else as written.
Result<std::string> PrintDeclaredSdl(const std::vector<catalog::SdlFile>& files);

}  // namespace eider::sources
