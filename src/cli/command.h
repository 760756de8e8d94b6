#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eider::cli {

using Arguments = std::vector<std::string>;

// One sub-command: a row of the table in command.cc.
struct Command {
  std::string_view name;  // One or two words: "schema print".
  std::string_view summary;
  int (*run)(const Arguments& arguments);  // Without the command's own words; gives the exit code.
};

std::span<const Command> Commands();

// Runs the command that the arguments name; the process's whole life after main().
int RunCommandLine(const Arguments& arguments);

int RunServe(const Arguments& arguments);
int RunQuery(const Arguments& arguments);
int RunSchemaPrint(const Arguments& arguments);
int RunMigrate(const Arguments& arguments);
int RunClusterDoctor(const Arguments& arguments);
int RunClusterLeader(const Arguments& arguments);
int RunClusterNodes(const Arguments& arguments);
int RunClusterPing(const Arguments& arguments);
int RunClusterStatus(const Arguments& arguments);
int RunKeysRotate(const Arguments& arguments);
int RunAuditVerify(const Arguments& arguments);
int RunVersion(const Arguments& arguments);

}  // namespace eider::cli
