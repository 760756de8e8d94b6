#include <fmt/format.h>

#include <string>

#include "config/load.h"
#include "config/option.h"

namespace eider::config {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kIndent = 6;

// Appends `text` in lines that start at column kIndent and end before kWidth.
void AppendWrapped(std::string& out, std::string_view text) {
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column == 0 || column + 1 + end > kWidth) {
      out.append(column == 0 ? "" : "\n").append(kIndent, ' ');
      column = kIndent;
    } else {
      out.push_back(' ');
      ++column;
    }
    out.append(text.substr(0, end));
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out.push_back('\n');
}

void AppendEntry(std::string& out, std::string_view flag, std::string_view placeholder, std::string_view origin,
                 std::string_view help) {
  out.append(fmt::format("  {}{}{}{}\n", flag, placeholder.empty() ? "" : " ", placeholder, origin));
  AppendWrapped(out, help);
}

}  // namespace

std::string HelpText(const std::vector<ExtraFlag>& extra_flags) {
  std::string out =
      "Each option is taken from its flag, else from the environment variable in brackets, else from the\n"
      "file .env in the working directory, else from the file given by --config, else from its default.\n"
      "DURATION is 250ms, 30s, 2m, 1h or bare seconds; SIZE is 512KB, 64MB or 2GiB, in powers of 1024.\n\n";
  AppendEntry(out, "--config", "FILE", "",
              "YAML with the options below by their names in small letters, and the list of sources.");
  for (const ExtraFlag& extra : extra_flags) {
    AppendEntry(out, fmt::format("--{}", extra.name), extra.placeholder, "", extra.help);
  }
  AppendEntry(out, "--help", "", "", "Shows this text.");
  for (const OptionGroup& group : OptionGroups()) {
    out.append(fmt::format("\n{}\n", group.title));
    for (const Option& option : group.options) {
      const std::string origin = option.default_text.empty()
                                     ? fmt::format("  [{}]", EnvironmentName(option))
                                     : fmt::format("  [{}] = {}", EnvironmentName(option), option.default_text);
      AppendEntry(out, FlagName(option), Placeholder(option), origin, option.help);
    }
  }
  return out;
}

std::string MarkdownTables() {
  std::string out;
  for (const OptionGroup& group : OptionGroups()) {
    out.append(fmt::format("{}### {}\n\n| environment | flag, key | default | meaning |\n|---|---|---|---|\n",
                           out.empty() ? "" : "\n", group.title));
    for (const Option& option : group.options) {
      const std::string shown = option.default_text.empty() ? "" : fmt::format("`{}`", option.default_text);
      out.append(fmt::format("| `{}` | `{}`, `{}` | {} | {} |\n", EnvironmentName(option), FlagName(option), option.key,
                             shown, option.help));
    }
  }
  return out;
}

}  // namespace eider::config
