#include <rapidjson/document.h>

#include <cstdio>

#include "base/text.h"
#include "cli/command.h"
#include "cli/embedded_source.h"
#include "cli/exit_code.h"
#include "cli/flag_reader.h"
#include "cli/http_client.h"
#include "cli/introspection_sdl.h"
#include "config/load.h"

namespace eider::cli {
namespace {

struct SchemaFlags {
  std::string url;
  std::string source;
  std::string config;
};

std::vector<Flag> FlagsOf(SchemaFlags& flags) {
  return {
      {"url", "URL", "a running node (default http://127.0.0.1:15000)", &flags.url},
      {"source", "FILE", "a DuckDB, Parquet, CSV or JSON file, or a folder of them", &flags.source},
      {"config", "FILE", "the sources of a configuration file, without starting a node", &flags.config},
  };
}

int Fail(int code, const std::string& message) {
  std::fprintf(stderr, "eider schema print: %s\n", message.c_str());
  return code;
}

int Print(const std::string& sdl) {
  std::fwrite(sdl.data(), 1, sdl.size(), stdout);
  return kOk;
}

int PrintOfNode(const std::string& given) {
  const std::string url = QueryEndpoint(given.empty() ? "http://127.0.0.1:15000" : given);
  std::string body = "{\"query\":";
  AppendJsonString(body, kIntrospectionQuery);
  const auto answer = PostJson(url, body + "}");
  if (!answer) return Fail(kUnreachable, answer.error().message);
  rapidjson::Document document;
  document.Parse(answer->body.data(), answer->body.size());
  const bool complete = !document.HasParseError() && document.IsObject() && document.HasMember("data") &&
                        document["data"].IsObject() && document["data"].HasMember("__schema");
  if (!complete) return Fail(kBrokenAnswer, url + " did not answer with a schema: " + answer->body.substr(0, 300));
  return Print(SdlOfIntrospection(document["data"]["__schema"]));
}

int PrintOfFile(const std::string& path) {
  const auto node = OpenEmbedded(path);
  if (!node) return Fail(kUnreachable, node.error().message);
  return Print((*node)->service().PrintSchema());
}

// The core database stays untouched: it may be in use by the node that this configuration belongs to.
int PrintOfConfiguration(const std::string& path) {
  config::LoadInputs inputs;
  inputs.arguments = {"--config", path};
  const auto loaded = config::Load(inputs);
  if (!loaded) return Fail(kUsage, loaded.error().message);
  server::DataNodeOptions options;
  options.config = loaded->config;
  options.config.core_db_path.clear();
  const auto node = server::DataNode::Open(options);
  if (!node) return Fail(kUnreachable, node.error().message);
  if (const Status done = (*node)->sources().LoadAll(); !done) return Fail(kUnreachable, done.error().message);
  int code = kOk;
  for (const sources::SourceReport& report : (*node)->sources().Reports()) {
    if (!report.error.empty()) code = Fail(kUnreachable, report.name + ": " + report.error);
  }
  Print((*node)->service().PrintSchema());
  return code;
}

}  // namespace

int RunSchemaPrint(const Arguments& arguments) {
  SchemaFlags flags;
  const auto read = ReadFlagsOf(arguments, FlagsOf(flags));
  if (!read) return Fail(kUsage, read.error().message);
  if (read->help) {
    std::printf("Prints the GraphQL schema as SDL.\n\nUsage: eider schema print [FLAGS]\n\n%s\n%s",
                FlagHelp(FlagsOf(flags)).c_str(), kExitCodeHelp);
    return kOk;
  }
  if (!read->positional.empty()) return Fail(kUsage, "unexpected argument " + read->positional[0]);
  const int given = !flags.url.empty() + !flags.source.empty() + !flags.config.empty();
  if (given > 1) return Fail(kUsage, "--url, --source and --config exclude each other");
  if (!flags.source.empty()) return PrintOfFile(flags.source);
  if (!flags.config.empty()) return PrintOfConfiguration(flags.config);
  return PrintOfNode(flags.url);
}

}  // namespace eider::cli
