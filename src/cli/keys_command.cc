#include <cstdio>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "config/load.h"
#include "server/data_node.h"

namespace eider::cli {
namespace {

int Fail(int code, const std::string& message) {
  std::fprintf(stderr, "eider keys rotate: %s\n", message.c_str());
  return code;
}

void PrintHelp(const std::vector<config::ExtraFlag>& extras) {
  std::printf(
      "Encrypts the secrets of the core database with the key of CORE_DB_ENCRYPTION_KEY. The key that they are\n"
      "encrypted with now must be among CORE_DB_ENCRYPTION_KEYS_OLD. No node may use a database file meanwhile; the\n"
      "nodes of a cluster go on when all of them have both keys. API keys stay valid.\n\nUsage: eider keys rotate "
      "[--config FILE] [FLAGS]\n\n%s\n%s",
      config::HelpText(extras).c_str(), kExitCodeHelp);
}

}  // namespace

int RunKeysRotate(const Arguments& arguments) {
  config::LoadInputs inputs;
  inputs.arguments = arguments;
  const auto loaded = config::Load(inputs);
  if (!loaded) return Fail(kUsage, loaded.error().message);
  if (loaded->help) {
    PrintHelp(inputs.extra_flags);
    return kOk;
  }
  if (loaded->config.core_db_path.empty()) return Fail(kUsage, "there is no core database: set CORE_DB_PATH");
  if (loaded->config.core_db_encryption_key.empty()) {
    return Fail(kUsage, "set CORE_DB_ENCRYPTION_KEY to the new key, and CORE_DB_ENCRYPTION_KEYS_OLD to the former one");
  }
  server::DataNodeOptions options;
  options.config = loaded->config;
  const auto node = server::DataNode::Open(options);
  if (!node) return Fail(kUnreachable, node.error().ToString());
  const auto count = (*node)->RotateKeys();
  if (!count) return Fail(kUnreachable, count.error().ToString());
  std::printf("%d secrets are encrypted with the new key\n", *count);
  return kOk;
}

}  // namespace eider::cli
