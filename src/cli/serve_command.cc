#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "async/stop_signals.h"
#include "cli/answer_output.h"
#include "cli/command.h"
#include "cli/embedded_source.h"
#include "cli/exit_code.h"
#include "config/load.h"
#include "server/node.h"

namespace eider::cli {
namespace {

int Fail(int code, const std::string& message) {
  std::fprintf(stderr, "eider serve: %s\n", message.c_str());
  return code;
}

void PrintHelp(const std::vector<config::ExtraFlag>& extras) {
  std::printf(
      "Starts a node and serves GraphQL over HTTP until SIGTERM or Ctrl-C.\n\n"
      "Usage: eider serve [--config FILE] [FLAGS]\n\n"
      "Every option may be given as a flag, as an environment variable, in a file .env, or in the\n"
      "configuration file, in this order of precedence. Sources are listed in the configuration file:\n\n"
      "  sources:\n"
      "    - name: shop\n"
      "      type: duckdb              # or files: a folder or glob of Parquet, CSV and JSON files\n"
      "      path: /data/shop.duckdb\n"
      "      self_defined: true        # types, keys and relations are read from the source\n"
      "      read_only: true\n\n"
      "%s\n%s",
      config::HelpText(extras).c_str(), kExitCodeHelp);
}

// JSON lines are for machines; a person who did not ask for them gets text.
void PreferTextOnTerminal(const Arguments& arguments, config::Config& config) {
  const bool asked = std::getenv("LOG_FORMAT") != nullptr ||
                     std::any_of(arguments.begin(), arguments.end(),
                                 [](const std::string& argument) { return argument.starts_with("--log-format"); });
  if (OutputIsTerminal() && !asked) config.log_format = config::LogFormat::kText;
}

std::string ReportLine(const sources::SourceReport& report) {
  std::string line = "  " + report.name;
  line.resize(std::max<std::size_t>(line.size() + 2, 20), ' ');
  line.append(report.type);
  line.resize(std::max<std::size_t>(line.size() + 2, 30), ' ');
  line.append(sources::StateText(report));
  if (!report.error.empty()) line.append(": ").append(report.error);
  return line + "\n";
}

// To a person on standard output; beside log lines for machines it goes to standard error.
void PrintBanner(server::Node& node, const config::Config& config) {
  const std::string url = "http://" + node.address();
  std::string text = "eider " + server::DataNode::version() + " answers GraphQL at " + url + "/query\n";
  if (config.admin_ui) text.append("explorer page: ").append(url).append("/admin\n");
  const auto reports = node.data().sources().Reports();
  text.append(reports.empty() ? "no sources yet\n" : "sources:\n");
  for (const sources::SourceReport& report : reports) text.append(ReportLine(report));
  std::FILE* to = OutputIsTerminal() ? stdout : stderr;
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

void AnswerFirstQuery(server::Node& node, const std::string& query) {
  const auto body = AskEmbedded(node.data().service(), {}, query, "", "");
  if (!body) {
    std::fprintf(stderr, "the first query failed: %s\n", body.error().message.c_str());
    return;
  }
  if (OutputIsTerminal()) std::printf("\n%s\n", query.c_str());
  (void)PrintAnswer(*body, OutputIsTerminal() ? AnswerFormat::kTable : AnswerFormat::kJson);
}

}  // namespace

int RunServe(const Arguments& arguments) {
  std::string first_query_file;
  config::LoadInputs inputs;
  inputs.arguments = arguments;
  inputs.extra_flags = {
      {"first-query", "FILE", "Print the answer to the query in FILE once the node serves.", &first_query_file}};
  auto loaded = config::Load(inputs);
  if (!loaded) return Fail(kUsage, loaded.error().message);
  if (loaded->help) {
    PrintHelp(inputs.extra_flags);
    return kOk;
  }
  std::string first_query;
  if (!first_query_file.empty()) {
    std::ifstream in(first_query_file, std::ios::binary);
    if (!in) return Fail(kUsage, "cannot read the first query: " + first_query_file);
    first_query.assign(std::istreambuf_iterator<char>(in), {});
  }
  PreferTextOnTerminal(arguments, loaded->config);
  // Before any thread starts, so that all of them leave the signals to this one.
  async::StopSignals signals;
  const auto node = server::Node::Start(loaded->config);
  if (!node) return Fail(node.error().code == ErrorCode::kBadInput ? kUsage : kUnreachable, node.error().ToString());
  PrintBanner(**node, loaded->config);
  if (!first_query.empty()) AnswerFirstQuery(**node, first_query);
  signals.Wait([&] { (*node)->ReloadAccess(); });
  if (OutputIsTerminal()) std::fputs("stopping; once more to stop at once\n", stderr);
  (*node)->Stop();
  return kOk;
}

}  // namespace eider::cli
