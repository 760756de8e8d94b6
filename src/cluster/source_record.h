#pragma once

#include <string>
#include <vector>

namespace eider::cluster {

// Where a part of a source's SDL comes from: a row of `catalog_sources`.
struct CatalogRecord {
  std::string name;
  std::string type;  // localFS, uri, uriFile or text.
  std::string path;

  friend bool operator==(const CatalogRecord&, const CatalogRecord&) = default;
};

// A data source as it was registered: a row of `data_sources` with its catalogs, or an entry of the configuration.
struct SourceRecord {
  std::string name;
  std::string type;
  std::string prefix;
  std::string description;
  std::string path;
  bool as_module = false;
  bool disabled = false;
  bool self_defined = false;
  bool read_only = false;
  std::vector<CatalogRecord> catalogs;  // By name.

  friend bool operator==(const SourceRecord&, const SourceRecord&) = default;
};

}  // namespace eider::cluster
