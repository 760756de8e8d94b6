#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace eider::sources {

// A table that is read by its own metadata, without a catalogue.
struct IcebergTable {
  std::string name;     // GraphQL name made of its folders' names; unique within the source.
  std::string folder;   // Absolute, or a URL.
  std::string version;  // Of the metadata; empty = the one that `version-hint.text` names when a statement runs.
  bool moved = false;   // It does not lie where its metadata says.
};

// The tables below `folder`, by path: the folder itself, or its sub-folders that hold `metadata/`. A URL is one table.
// Fails with kSourceUnavailable when there is none.
Result<std::vector<IcebergTable>> FindIcebergTables(const std::string& folder);

}  // namespace eider::sources
