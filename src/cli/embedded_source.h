#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "server/data_node.h"

namespace eider::cli {

// Opens a node without network, core database or configuration over one DuckDB, Parquet, CSV or JSON file, or a folder
// of them, read-only and self-defined, its types at the root without prefix.
Result<std::unique_ptr<server::DataNode>> OpenEmbedded(const std::string& path);

// Answers one request and gives its whole body.
Result<std::string> AskEmbedded(query::QueryService& service, query::RequestContext context, const std::string& query,
                                const std::string& variables, const std::string& operation);

}  // namespace eider::cli
