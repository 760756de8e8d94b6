#include "cli/flag_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/similar_word.h"

namespace eider::cli {
namespace {

const Flag* FindFlag(const std::vector<Flag>& flags, std::string_view name) {
  const auto it = std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) { return flag.name == name; });
  return it == flags.end() ? nullptr : &*it;
}

Error UnknownFlag(const std::vector<Flag>& flags, std::string_view name) {
  std::vector<std::string> names;
  for (const Flag& flag : flags) names.push_back("--" + std::string(flag.name));
  const std::string given = "--" + std::string(name);
  return Error(ErrorCode::kBadInput, "unknown flag " + given + DidYouMean(given, names));
}

}  // namespace

Result<ReadFlags> ReadFlagsOf(const Arguments& arguments, const std::vector<Flag>& flags) {
  ReadFlags read;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      read.help = true;
    } else if (argument == "--") {
      read.positional.insert(read.positional.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                             arguments.end());
      break;
    } else if (!argument.starts_with("--")) {
      read.positional.emplace_back(argument);
    } else {
      const std::size_t sign = argument.find('=');
      const std::string_view name = argument.substr(2, sign == std::string_view::npos ? sign : sign - 2);
      const Flag* flag = FindFlag(flags, name);
      if (flag == nullptr) return UnknownFlag(flags, name);
      if (sign != std::string_view::npos) {
        *flag->value = argument.substr(sign + 1);
      } else if (flag->placeholder.empty()) {
        *flag->value = "true";
      } else if (++i < arguments.size()) {
        *flag->value = arguments[i];
      } else {
        return Error(ErrorCode::kBadInput, fmt::format("flag --{} needs a value: {}", name, flag->placeholder));
      }
    }
  }
  return read;
}

std::string FlagHelp(const std::vector<Flag>& flags) {
  std::string text;
  for (const Flag& flag : flags) {
    const std::string left = fmt::format("--{} {}", flag.name, flag.placeholder);
    text.append(fmt::format("  {:<22} {}\n", left, flag.help));
  }
  return text;
}

}  // namespace eider::cli
