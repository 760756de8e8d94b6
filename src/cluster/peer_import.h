#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "cluster/core_database.h"
#include "cluster/core_secrets.h"

// Copies what users have written from the core database of another server of this kind.
namespace eider::cluster {

// Rows of one table by the columns of `core`; a column that the other server does not have is absent.
using PeerRow = std::map<std::string, std::optional<std::string>, std::less<>>;
using PeerTables = std::map<std::string, std::vector<PeerRow>, std::less<>>;

struct PeerAddressOptions {
  std::string dsn;     // postgres://… or libpq's key=value text.
  std::string schema;  // Where its tables lie; empty = the one that has `data_sources`.
};

// Reads all of it in one transaction that may not write. Fails with kBadInput for a text that is no such address or a
// database that is no such core, kSourceUnavailable when it does not answer; nothing is changed anywhere.
Result<PeerTables> ReadPeerCore(const PeerAddressOptions& peer, const Deadline& deadline);

// What an import does to one table.
struct ImportCount {
  std::string table;
  int added = 0;
  int changed = 0;
  int same = 0;
};

struct ImportReport {
  std::vector<ImportCount> tables;
  std::vector<std::string> notes;  // What was left out, and why.
};

// Adds the rows that are not there and makes the others equal, in one transaction; rows that only `core` has stay. Keys
// of clients become hashes, connection texts are encrypted. Only tells what it would do when `dry_run`. Fails as
// CoreDatabase::Change() and leaves everything as it was.
Result<ImportReport> ImportPeerCore(CoreDatabase& core, CoreSecrets& secrets, const PeerTables& peer, bool dry_run);

}  // namespace eider::cluster
