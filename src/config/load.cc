#include "config/load.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "base/text.h"
#include "config/dotenv.h"
#include "config/option.h"

namespace eider::config {
namespace {

constexpr std::string_view kFileSuffix = "_FILE";

Error Refuse(std::string text) { return {ErrorCode::kBadInput, std::move(text)}; }

// What the command line says, before any of it is read as a value.
struct Flags {
  std::map<const Option*, std::string> options;
  std::string config_file;
  bool help = false;
};

const Option* OptionOfFlag(std::string_view name) {
  std::string key(name);
  for (char& c : key) c = c == '-' ? '_' : c;
  return name.find('_') == std::string_view::npos ? FindOption(key) : nullptr;
}

const ExtraFlag* FindExtra(const std::vector<ExtraFlag>& extras, std::string_view name) {
  for (const ExtraFlag& extra : extras) {
    if (extra.name == name) return &extra;
  }
  return nullptr;
}

// Reads one flag, and the argument after it when the flag takes its value from there.
class FlagReader {
 public:
  FlagReader(const LoadInputs& inputs, Flags& flags) : inputs_(inputs), flags_(flags) {}

  Status ReadAll() {
    for (; at_ < inputs_.arguments.size(); ++at_) EIDER_RETURN_IF_ERROR(ReadOne(inputs_.arguments[at_]));
    return {};
  }

 private:
  Status ReadOne(std::string_view argument) {
    if (argument == "--help" || argument == "-h") {
      flags_.help = true;
      return {};
    }
    if (!argument.starts_with("--") || argument.size() == 2) {
      return Refuse(fmt::format("unexpected argument \"{}\"; --help lists the flags", argument));
    }
    const std::size_t sign = argument.find('=');
    const std::string_view name = argument.substr(2, sign == std::string_view::npos ? sign : sign - 2);
    std::optional<std::string> value;
    if (sign != std::string_view::npos) value = argument.substr(sign + 1);
    return Store(name, std::move(value));
  }

  Status Store(std::string_view name, std::optional<std::string> value) {
    if (name == "config") {
      EIDER_ASSIGN_OR_RETURN(flags_.config_file, ValueOf(name, std::move(value)));
      return {};
    }
    if (const ExtraFlag* extra = FindExtra(inputs_.extra_flags, name)) {
      if (extra->placeholder.empty() && !value) value = "true";
      EIDER_ASSIGN_OR_RETURN(*extra->value, ValueOf(name, std::move(value)));
      return {};
    }
    const Option* option = OptionOfFlag(name);
    if (option == nullptr) return Refuse(fmt::format("unknown flag --{}; --help lists the flags", name));
    if (std::holds_alternative<bool Config::*>(option->member) && !value) value = "true";
    EIDER_ASSIGN_OR_RETURN(flags_.options[option], ValueOf(name, std::move(value)));
    return {};
  }

  Result<std::string> ValueOf(std::string_view name, std::optional<std::string> value) {
    if (value) return std::move(*value);
    if (at_ + 1 == inputs_.arguments.size()) return Refuse(fmt::format("flag --{} needs a value", name));
    return inputs_.arguments[++at_];
  }

  const LoadInputs& inputs_;
  Flags& flags_;
  std::size_t at_ = 0;
};

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Refuse(fmt::format("the configuration file cannot be read: {}", path));
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) return Refuse(fmt::format("the configuration file cannot be read: {}", path));
  return text;
}

// The names of an option's variable, the usual one first, and of the variables with files of secrets.
std::vector<std::string> EnvironmentNames(const Option& option) {
  std::vector<std::string> names{EnvironmentName(option)};
  for (const std::string_view alias : SplitText(option.aliases, ',')) names.emplace_back(alias);
  if (option.is_secret) names.push_back(EnvironmentName(option) + std::string(kFileSuffix));
  return names;
}

// Sets `option` from the first of flag, environment and .env that has it.
Status ApplyOption(const Option& option, const Flags& flags, const LoadInputs& inputs,
                   const std::map<std::string, std::string>& dotenv, Config& config) {
  const auto apply = [&](const std::string& origin, std::string_view text) -> Status {
    if (Status status = SetOption(option, text, config); !status) {
      return Refuse(fmt::format("{} {}", origin, status.error().message));
    }
    return {};
  };
  if (const auto flag = flags.options.find(&option); flag != flags.options.end()) {
    return apply(FlagName(option), flag->second);
  }
  for (const std::string& name : EnvironmentNames(option)) {
    const auto real = inputs.environment ? inputs.environment(name) : ProcessEnvironment(name);
    const auto line = dotenv.find(name);
    if (!real && line == dotenv.end()) continue;
    const std::string origin = real ? name : name + " in .env";
    const std::string& text = real ? *real : line->second;
    if (!option.is_secret || !name.ends_with(kFileSuffix)) return apply(origin, text);
    auto content = ReadWholeFile(text);
    if (!content) return Refuse(fmt::format("{} names a file that cannot be read: {}", origin, text));
    while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
    return apply(origin, *content);
  }
  return {};
}

}  // namespace

Result<Loaded> Load(const LoadInputs& inputs) {
  Flags flags;
  EIDER_RETURN_IF_ERROR(FlagReader(inputs, flags).ReadAll());
  Loaded loaded;
  if (flags.help) {
    loaded.help = true;
    return loaded;
  }
  loaded.config_file = flags.config_file;
  if (!flags.config_file.empty()) {
    EIDER_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(flags.config_file));
    EIDER_RETURN_IF_ERROR(ApplyFile(text, flags.config_file, loaded.config));
  }
  EIDER_ASSIGN_OR_RETURN(const auto dotenv, ReadDotenv(inputs.working_directory + "/.env"));
  for (const OptionGroup& group : OptionGroups()) {
    for (const Option& option : group.options) {
      EIDER_RETURN_IF_ERROR(ApplyOption(option, flags, inputs, dotenv, loaded.config));
    }
  }
  return loaded;
}

}  // namespace eider::config
