#pragma once

#include <string>

#include "base/result.h"
#include "engine/session.h"
#include "sources/files/file_discovery.h"

namespace eider::sources {

// The table function call that reads `file`, with the columns and the dialect of CSV and JSON files written out, so
// that they are not guessed again by every statement. Fails with kSourceUnavailable naming the file when it is not what
// its name says.
Result<std::string> FileReaderSql(engine::Session& session, const DataFile& file);

}  // namespace eider::sources
