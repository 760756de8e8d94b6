#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace eider::config {

// The member of Config that an option fills; its type decides how texts are read.
using Member =
    std::variant<std::string Config::*, bool Config::*, std::int64_t Config::*, Duration Config::*, Bytes Config::*,
                 std::vector<std::string> Config::*, std::optional<bool> Config::*, LogLevel Config::*,
                 LogFormat Config::*, Megabytes Config::*, ItemSize Config::*, CacheIdentity Config::*,
                 CacheBackend Config::*, AutoMigrate Config::*, SubscriptionDelivery Config::*>;

// One row of the option table: everything that is known of one option. The default is the member's own.
struct Option {
  std::string_view key;  // In the configuration file; flag and environment name are derived from it.
  Member member;
  std::string_view default_text;  // As the help shows it; must read as the member's default, if it is a value.
  std::string_view help;
  std::string_view aliases = {};  // Further environment names, comma-separated.
  // NAME_FILE in the environment names a file with the value.
  bool is_secret = false;
};

// Options that the help shows under one heading.
struct OptionGroup {
  std::string_view title;
  std::span<const Option> options;
};

// The table, in the order of the help.
std::span<const OptionGroup> OptionGroups();

// The option with that key; nullptr when there is none.
const Option* FindOption(std::string_view key);

// `BIND` for the key `bind`.
std::string EnvironmentName(const Option& option);

// `--max-body-size` for the key `max_body_size`.
std::string FlagName(const Option& option);

// What the option takes, such as DURATION, or the words of an enumeration.
std::string_view Placeholder(const Option& option);

// Reads `text` into the option's member. The message says what was expected, not where the text came from.
Status SetOption(const Option& option, std::string_view text, Config& config);

}  // namespace eider::config
