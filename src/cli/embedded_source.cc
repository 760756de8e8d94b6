#include "cli/embedded_source.h"

#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace eider::cli {
namespace {

// A DuckDB file has its mark behind an eight-byte checksum.
bool IsDuckdbFile(const std::string& path) {
  char head[12] = {};
  std::ifstream in(path, std::ios::binary);
  in.read(head, sizeof head);
  return in.gcount() == sizeof head && std::string_view(head + 8, 4) == "DUCK";
}

bool HasDuckdbName(const std::string& path) {
  const std::string extension = LowerAscii(std::filesystem::path(path).extension().string());
  return extension == ".duckdb" || extension == ".db" || extension == ".ddb";
}

class StringSink final : public query::ResponseSink {
 public:
  Status Write(std::string_view bytes) override {
    body.append(bytes);
    return {};
  }
  std::string body;
};

}  // namespace

Result<std::unique_ptr<server::DataNode>> OpenEmbedded(const std::string& path) {
  server::DataNodeOptions options;
  options.with_core = false;
  config::SourceConfig source;
  source.name = "source";
  source.type = IsDuckdbFile(path) || HasDuckdbName(path) ? "duckdb" : "files";
  source.path = path;
  source.read_only = true;
  source.self_defined = true;
  options.config.sources.push_back(source);
  EIDER_ASSIGN_OR_RETURN(auto node, server::DataNode::Open(options));
  EIDER_RETURN_IF_ERROR(node->sources().Load(source.name));
  return node;
}

Result<std::string> AskEmbedded(query::QueryService& service, query::RequestContext context, const std::string& query,
                                const std::string& variables, const std::string& operation) {
  query::GraphqlRequest request;
  request.query = query;
  request.operation_name = operation;
  if (!variables.empty()) request.variables.Parse(variables.data(), variables.size());
  const auto execution = service.Prepare(std::move(context), std::move(request));
  if (const std::string* body = execution->ready_body()) return *body;
  StringSink sink;
  EIDER_RETURN_IF_ERROR(execution->Run(sink));
  return std::move(sink.body);
}

}  // namespace eider::cli
