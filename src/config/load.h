#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace eider::config {

// A flag of one command that is no option of the node, such as `--first-query FILE`.
struct ExtraFlag {
  std::string_view name;         // Without the dashes.
  std::string_view placeholder;  // Shown in the help; empty = a switch, whose value becomes "true".
  std::string_view help;
  std::string* value;  // Receives the text; outlives the call.
};

struct LoadInputs {
  std::vector<std::string> arguments;                                         // Without program and command name.
  std::function<std::optional<std::string>(const std::string&)> environment;  // Empty = the process's.
  std::string working_directory = ".";                                        // Where `.env` is looked for.
  std::vector<ExtraFlag> extra_flags;
};

struct Loaded {
  Config config;
  bool help = false;        // `--help` or `-h` was given; nothing else was checked.
  std::string config_file;  // As given by `--config`; may be empty.
};

// Reads flags, environment, `.env` and the file named by `--config`, in this order of precedence. Fails with
// kBadInput; the message names the flag, variable or key and says what it should be.
Result<Loaded> Load(const LoadInputs& inputs);

// Reads the text of a configuration file over `config`; `file` is its name in messages.
Status ApplyFile(std::string_view text, const std::string& file, Config& config);

// The options as help text in groups, with flags, environment names and defaults; ends with a line feed.
std::string HelpText(const std::vector<ExtraFlag>& extra_flags = {});

// The options as Markdown tables, one a group, as docs/configuration.md shows them.
std::string MarkdownTables();

// Parses `30s`, `2m`, `1h`, `250ms`, `1h30m` or bare seconds.
Result<Duration> ParseDuration(std::string_view text);

// Parses `64MB`, `2GiB`, `512k`; units are powers of 1024. A bare number is bytes and must be 0 or at least 65536.
Result<Bytes> ParseBytes(std::string_view text);

}  // namespace eider::config
