#include <rapidjson/document.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/text.h"
#include "cli/answer_output.h"
#include "cli/command.h"
#include "cli/embedded_source.h"
#include "cli/exit_code.h"
#include "cli/explanation.h"
#include "cli/flag_reader.h"
#include "cli/http_client.h"

namespace eider::cli {
namespace {

struct QueryFlags {
  std::string url;
  std::string source;
  std::string variables;
  std::string operation;
  std::string format;
  std::string explain;
};

std::vector<Flag> FlagsOf(QueryFlags& flags) {
  return {
      {"url", "URL", "the node to ask (default http://127.0.0.1:15000)", &flags.url},
      {"source", "FILE", "ask a DuckDB, Parquet, CSV or JSON file, or a folder, without any node", &flags.source},
      {"variables", "JSON", "the variables, as a JSON object", &flags.variables},
      {"operation", "NAME", "which operation of the document to run", &flags.operation},
      {"explain", "", "tell what ran where, with the SQL, instead of the data", &flags.explain},
      {"format", "FORMAT", "table (default on a terminal), json (default elsewhere) or jsonl", &flags.format},
  };
}

void PrintHelp(QueryFlags& flags) {
  std::printf(
      "Asks a GraphQL query and prints the answer.\n\n"
      "Usage: eider query QUERY [FLAGS]\n\n"
      "QUERY is the text of the query, @FILE for a file that holds it, or - for standard input.\n\n%s\n"
      "Examples:\n"
      "  eider query '{ flights(limit: 3) { carrier dep_delay } }' --source flights.parquet\n"
      "  eider query '{ nyc { airlines { carrier name } } }' --url http://127.0.0.1:15000 --format json\n\n"
      "Types of a file are called like its tables; those of a Parquet, CSV or JSON file like the file.\n"
      "`eider schema print --source FILE` shows them.\n\n%s",
      FlagHelp(FlagsOf(flags)).c_str(), kExitCodeHelp);
}

int Fail(int code, const std::string& message) {
  std::fprintf(stderr, "eider query: %s\n", message.c_str());
  return code;
}

Result<std::string> ReadQuery(const std::string& argument) {
  if (argument == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  if (!argument.starts_with('@')) return argument;
  std::ifstream in(argument.substr(1), std::ios::binary);
  if (!in) return Error(ErrorCode::kBadInput, "cannot read " + argument.substr(1));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

bool IsJsonObject(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  return !document.HasParseError() && document.IsObject();
}

std::string RequestBody(const std::string& query, const QueryFlags& flags) {
  std::string body = "{\"query\":";
  AppendJsonString(body, query);
  if (!flags.variables.empty()) body.append(",\"variables\":").append(flags.variables);
  if (!flags.operation.empty()) {
    body.append(",\"operationName\":");
    AppendJsonString(body, flags.operation);
  }
  return body.append("}");
}

int Print(const std::string& body, const QueryFlags& flags, AnswerFormat format) {
  return flags.explain.empty() ? PrintAnswer(body, format) : PrintExplanation(body, format);
}

int AskNode(const std::string& query, const QueryFlags& flags, AnswerFormat format) {
  const std::string url = QueryEndpoint(flags.url.empty() ? "http://127.0.0.1:15000" : flags.url);
  std::vector<std::string> headers;
  if (!flags.explain.empty()) headers.emplace_back("X-Eider-Explain: true");
  const auto answer = PostJson(url, RequestBody(query, flags), headers);
  if (!answer) {
    const bool unreachable = answer.error().code == ErrorCode::kSourceUnavailable;
    const char* hint = unreachable && flags.url.empty()
                           ? "\nIs a node running? `eider serve` starts one; --source FILE needs none."
                           : "";
    return Fail(unreachable ? kUnreachable : kBrokenAnswer, answer.error().message + hint);
  }
  if (answer->status != 200 && !answer->body.starts_with('{')) {
    return Fail(kBrokenAnswer,
                url + " answered " + std::to_string(answer->status) + ": " + answer->body.substr(0, 300));
  }
  return Print(answer->body, flags, format);
}

int AskFile(const std::string& query, const QueryFlags& flags, AnswerFormat format) {
  const auto node = OpenEmbedded(flags.source);
  if (!node) return Fail(kUnreachable, node.error().message);
  query::RequestContext context;
  context.explain = !flags.explain.empty();
  const auto body = AskEmbedded((*node)->service(), std::move(context), query, flags.variables, flags.operation);
  if (!body) return Fail(kBrokenAnswer, body.error().message);
  return Print(*body, flags, format);
}

}  // namespace

int RunQuery(const Arguments& arguments) {
  QueryFlags flags;
  const auto read = ReadFlagsOf(arguments, FlagsOf(flags));
  if (!read) return Fail(kUsage, read.error().message);
  if (read->help) {
    PrintHelp(flags);
    return kOk;
  }
  if (read->positional.size() != 1) return Fail(kUsage, "give one query; `eider query --help` shows how");
  if (!flags.url.empty() && !flags.source.empty()) return Fail(kUsage, "--url and --source exclude each other");
  if (!flags.variables.empty() && !IsJsonObject(flags.variables)) return Fail(kUsage, "--variables is no JSON object");
  const auto format = AnswerFormatOf(flags.format);
  if (!format) return Fail(kUsage, "unknown format \"" + flags.format + "\": table, json or jsonl");
  const auto query = ReadQuery(read->positional[0]);
  if (!query) return Fail(kUsage, query.error().message);
  return flags.source.empty() ? AskNode(*query, flags, *format) : AskFile(*query, flags, *format);
}

}  // namespace eider::cli
