#include "sources/sdl_text.h"

#include "base/text.h"

namespace eider::sources {

std::string SdlString(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

std::string SdlStringList(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) {
    if (out.size() > 1) out.append(", ");
    out.append(SdlString(name));
  }
  return out.append("]");
}

std::string SdlDescription(std::string_view text, int indent) {
  if (text.empty()) return "";
  const std::string tabs(static_cast<std::size_t>(indent), '\t');
  std::string out = tabs + "\"\"\"";
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("\"\"\"")) {
      out.append("\\\"\"\"");
      at += 3;
      continue;
    }
    out.push_back(text[at]);
    if (text[at++] == '\n') out.append(tabs);
  }
  // A quote or backslash at the very end would swallow the closing mark.
  if (out.ends_with('"') || out.ends_with('\\')) out.push_back('\n');
  return out.append("\"\"\"\n");
}

}  // namespace eider::sources
