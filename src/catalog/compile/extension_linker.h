#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/compiled_source.h"

namespace eider::catalog {

// Sources with what extensions add to them.
struct LinkedSources {
  std::vector<std::shared_ptr<const CompiledSource>> sources;
  std::map<std::string, std::string, std::less<>> misfits;  // As Snapshot::misfits.
};

// Puts the parts of all extensions into the types that they extend. Sources that are added to are copies; the given
// ones stay as they are. Parts that need a source which is not there are left out, and so are parts that do not fit,
// but those of CompileOptions::strict_extensions fail with their position.
Result<LinkedSources> LinkExtensions(const std::vector<std::shared_ptr<const CompiledSource>>& sources,
                                     const CompileOptions& options);

}  // namespace eider::catalog
