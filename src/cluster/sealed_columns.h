#pragma once

#include <string>

#include "engine/text_rows.h"

namespace eider::cluster {

// A column of the core database whose texts are encrypted, each for its own row.
struct SealedColumn {
  const char* table;
  const char* column;
  const char* version = nullptr;  // A column that tells which text of the row it is; null = there is one.
  const char* key = "name";       // The column that tells rows apart.
  bool is_shared_only = false;    // Only in databases that nodes share.
};

inline constexpr SealedColumn kSealedColumns[] = {{"data_sources", "path"},
                                                  {"catalog_sources", "path"},
                                                  {"object_storages", "key"},
                                                  {"object_storages", "secret"},
                                                  {"source_desired", "spec", "generation"},
                                                  {"auth_settings", "config", nullptr, "id", true}};

// The place that a text was encrypted for, given a row of key, text and version.
inline std::string PlaceOfRow(const SealedColumn& place, const engine::TextRow& row) {
  std::string of = std::string(place.table) + "|" + place.column + "|" + row[0].value_or("");
  if (place.version != nullptr) of.append("|").append(row[2].value_or(""));
  return of;
}

}  // namespace eider::cluster
