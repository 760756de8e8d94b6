#pragma once

#include <string>

#include "cluster/source_record.h"
#include "sources/attached/connection_text.h"

namespace eider::sources {

// The path of a DuckLake source, taken apart.
struct LakePath {
  enum class Catalog { kDuckdb, kSqlite, kPostgres, kMysql, kSecret };

  Catalog catalog = Catalog::kDuckdb;
  std::string file;               // kDuckdb, kSqlite: absolute.
  std::string secret;             // kSecret: its name; the engine knows where the lake is.
  ConnectionSettings connection;  // kPostgres, kMysql.
  ConnectionSettings options;     // Of the lake, by lower-case name.
};

// Fails with kBadInput when the path cannot be read.
Result<LakePath> ReadLakePath(const std::string& path);

}  // namespace eider::sources
