#include "cli/command.h"

#include <cstdio>

#include "cli/exit_code.h"
#include "cli/similar_word.h"

namespace eider::cli {
namespace {

constexpr Command kCommands[] = {
    {"serve", "start a node", RunServe},
    {"query", "ask a node, or a file without any node", RunQuery},
    {"schema print", "print the GraphQL schema of a node, a file or a configuration", RunSchemaPrint},
    {"migrate", "bring a core database in PostgreSQL up to date", RunMigrate},
    {"cluster status", "tell how a node and its cluster fare", RunClusterStatus},
    {"cluster nodes", "list the nodes of a cluster", RunClusterNodes},
    {"cluster ping", "tell whether a node lives, or is ready", RunClusterPing},
    {"cluster doctor", "look for what is wrong, from this node", RunClusterDoctor},
    {"cluster leader", "tell which node leads, or make another one lead", RunClusterLeader},
    {"keys rotate", "encrypt the secrets of the core database with a new key", RunKeysRotate},
    {"audit verify", "check that no line of an audit log was changed", RunAuditVerify},
    {"version", "print the versions of eider and its engine", RunVersion},
};

void PrintHelp(std::FILE* to) {
  std::fputs("Eider answers GraphQL over many data sources.\n\nUsage: eider COMMAND [ARGUMENTS]\n\n", to);
  for (const Command& command : Commands()) {
    std::fprintf(to, "  %-14s %s\n", std::string(command.name).c_str(), std::string(command.summary).c_str());
  }
  std::fputs("\n`eider COMMAND --help` tells more.\n\n", to);
  std::fputs(kExitCodeHelp, to);
}

// How many leading arguments spell `name`; zero when they do not.
std::size_t WordsTaken(std::string_view name, const Arguments& arguments) {
  const std::size_t space = name.find(' ');
  if (arguments.empty() || arguments[0] != name.substr(0, space)) return 0;
  if (space == std::string_view::npos) return 1;
  return arguments.size() > 1 && arguments[1] == name.substr(space + 1) ? 2 : 0;
}

int UnknownCommand(const Arguments& arguments) {
  std::string given = arguments[0];
  std::vector<std::string> names;
  for (const Command& command : Commands()) {
    names.emplace_back(command.name);
    const bool first_word_fits = command.name.starts_with(given + " ");
    if (first_word_fits && arguments.size() > 1) given.append(" ").append(arguments[1]);
  }
  std::fprintf(stderr, "eider: no such command: %s%s\n", given.c_str(), DidYouMean(given, names).c_str());
  std::fputs("`eider --help` lists the commands.\n", stderr);
  return kUsage;
}

}  // namespace

std::span<const Command> Commands() { return kCommands; }

int RunCommandLine(const Arguments& arguments) {
  if (arguments.empty()) {
    PrintHelp(stderr);
    return kUsage;
  }
  const std::string& first = arguments[0];
  if (first == "--help" || first == "-h" || first == "help") {
    PrintHelp(stdout);
    return kOk;
  }
  if (first == "--version") return RunVersion({});
  for (const Command& command : Commands()) {
    const std::size_t words = WordsTaken(command.name, arguments);
    if (words > 0) return command.run({arguments.begin() + static_cast<std::ptrdiff_t>(words), arguments.end()});
  }
  return UnknownCommand(arguments);
}

}  // namespace eider::cli
