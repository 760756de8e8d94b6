#pragma once

#include <vector>

#include "base/result.h"
#include "catalog/compiler.h"
#include "cluster/source_record.h"
#include "engine/session.h"

namespace eider::sources {

// Reads the SDL of `catalogs` in their order: `localFS` gives every *.graphql file below a folder in path order, `uri`
// the files of a glob or below a prefix, `uriFile` one file, `text` the path itself. Files are named relative to the
// catalog's folder. Remote files of `uri` and `uriFile` are read by the engine. All failures are kBadInput.
Result<std::vector<catalog::SdlFile>> ReadCatalogs(engine::Session& session,
                                                   const std::vector<cluster::CatalogRecord>& catalogs);

}  // namespace eider::sources
