#pragma once

#include <string>

#include "base/result.h"
#include "sources/attached/connection_text.h"

namespace eider::sources {

// The path of an Iceberg source, taken apart: a REST catalogue
// `iceberg://host:port/prefix/warehouse?client_id=…` (`iceberg+http://` without TLS), or tables by their folders.
struct IcebergPath {
  bool is_catalog = false;
  std::string endpoint;         // Of a catalogue: URL without the warehouse.
  std::string warehouse;        // Its last path segment; may be empty.
  ConnectionSettings settings;  // What stands behind the question mark.
  std::string folder;           // Of tables: absolute, or a URL of one table.
};

// Fails with kBadInput when the path cannot be read or names a setting that is not known.
Result<IcebergPath> ReadIcebergPath(const std::string& path);

}  // namespace eider::sources
