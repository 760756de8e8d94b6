#include <cstdio>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/flag_reader.h"
#include "engine/database.h"
#include "server/data_node.h"

namespace eider::cli {

int RunVersion(const Arguments& arguments) {
  std::string as_json;
  const std::vector<Flag> flags = {{"json", "", "print a JSON object", &as_json}};
  const auto read = ReadFlagsOf(arguments, flags);
  if (!read || !read->positional.empty()) {
    const std::string why = read ? "takes no argument" : read.error().message;
    std::fprintf(stderr, "eider version: %s\n", why.c_str());
    return kUsage;
  }
  if (read->help) {
    std::printf("Prints the versions of eider and its engine.\n\nUsage: eider version [--json]\n\n%s\n%s",
                FlagHelp(flags).c_str(), kExitCodeHelp);
    return kOk;
  }
  const auto database = engine::Database::Open({});
  const std::string engine = database ? (*database)->version() : "unknown";
  const std::string version = server::DataNode::version();
  const std::string date = server::DataNode::build_date();
  if (as_json.empty()) {
    std::printf("eider %s (built %s)\nduckdb %s\n", version.c_str(), date.c_str(), engine.c_str());
  } else {
    std::printf("{\"version\":\"%s\",\"build_date\":\"%s\",\"duckdb\":\"%s\"}\n", version.c_str(), date.c_str(),
                engine.c_str());
  }
  return kOk;
}

}  // namespace eider::cli
