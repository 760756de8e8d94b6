// eider_bench_load http|raw KEY=VALUE... — prints one JSON object with what was measured.

#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "load/http_load.h"
#include "load/raw_load.h"

namespace {

using Arguments = std::map<std::string, std::string>;

std::string Text(const Arguments& arguments, const std::string& name) {
  const auto it = arguments.find(name);
  return it == arguments.end() ? "" : it->second;
}

double Number(const Arguments& arguments, const std::string& name, double otherwise) {
  const std::string text = Text(arguments, name);
  return text.empty() ? otherwise : std::strtod(text.c_str(), nullptr);
}

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  return out;
}

void Http(const Arguments& arguments) {
  eider::bench::HttpLoadOptions options;
  options.port = static_cast<std::uint16_t>(Number(arguments, "port", 0));
  if (const std::string path = Text(arguments, "path"); !path.empty()) options.path = path;
  options.connections = static_cast<int>(Number(arguments, "connections", 1));
  options.seconds = Number(arguments, "seconds", 1);
  options.requests = static_cast<std::uint64_t>(Number(arguments, "requests", 0));
  options.body = FileText(Text(arguments, "body"));
  options.ids = static_cast<std::uint64_t>(Number(arguments, "ids", 0));
  options.sequential = Number(arguments, "sequential", 0) != 0;
  auto result = RunHttpLoad(options);
  fmt::print(R"({{"count": {}, "failures": {}, "first_failure": "{}", "bytes": {}, "seconds": {:.6f}, "rate": {:.3f}, )"
             R"("p50_us": {:.1f}, "p99_us": {:.1f}, "first_byte_us": {:.1f}}})"
             "\n",
             result.answers, result.failures, Escaped(result.first_failure), result.bytes, result.seconds,
             static_cast<double>(result.answers) / result.seconds, result.latencies.Percentile(0.5),
             result.latencies.Percentile(0.99), result.first_byte_us);
}

void Raw(const Arguments& arguments) {
  eider::bench::RawLoadOptions options;
  options.database = Text(arguments, "database");
  options.sql = FileText(Text(arguments, "sql"));
  options.clients = static_cast<int>(Number(arguments, "clients", 1));
  options.threads = static_cast<int>(Number(arguments, "threads", 2));
  options.seconds = Number(arguments, "seconds", 1);
  options.requests = static_cast<std::uint64_t>(Number(arguments, "requests", 0));
  options.ids = static_cast<std::uint64_t>(Number(arguments, "ids", 0));
  auto result = RunRawLoad(options);
  fmt::print(R"({{"count": {}, "rows": {}, "seconds": {:.6f}, "rate": {:.3f}, "p50_us": {:.1f}, "p99_us": {:.1f}}})"
             "\n",
             result.executions, result.rows, result.seconds, static_cast<double>(result.executions) / result.seconds,
             result.latencies.Percentile(0.5), result.latencies.Percentile(0.99));
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto at = argument.find('=');
    arguments[argument.substr(0, at)] = at == std::string::npos ? "1" : argument.substr(at + 1);
  }
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "http") {
    Http(arguments);
  } else if (mode == "raw") {
    Raw(arguments);
  } else {
    fmt::print(stderr, "usage: eider_bench_load http|raw KEY=VALUE...\n");
    return 64;
  }
  return 0;
}
