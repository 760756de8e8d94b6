#include "cli/explanation.h"

#include <rapidjson/document.h>

#include <cstdio>

#include "base/json.h"
#include "cli/exit_code.h"
#include "cli/raw_json.h"

namespace eider::cli {
namespace {

using rapidjson::Value;

std::string Text(const Value& entry, const char* name) {
  const auto member = entry.FindMember(name);
  if (member == entry.MemberEnd()) return "";
  return PlainTextOf(member->value);
}

// One root field: a line of facts, then the statement.
void PrintEntry(const Value& entry) {
  std::printf("%s  runs in %s, %s rows, %s\n", Text(entry, "path").c_str(), Text(entry, "source").c_str(),
              Text(entry, "rows").c_str(), Text(entry, "time").c_str());
  std::printf("  %s\n", Text(entry, "sql").c_str());
  const auto parameters = entry.FindMember("parameters");
  if (parameters == entry.MemberEnd() || !parameters->value.IsArray()) return;
  int number = 0;
  for (const Value& parameter : parameters->value.GetArray()) {
    std::printf("  $%d = %s\n", ++number, JsonTextOf(parameter).c_str());
  }
}

}  // namespace

int PrintExplanation(const std::string& body, AnswerFormat format) {
  const auto extensions = RawMember(body, "extensions");
  const auto explain = extensions ? RawMember(*extensions, "explain") : std::nullopt;
  // Errors, and nodes that explain nothing.
  if (!explain) {
    const int code = PrintAnswer(body, format);
    if (code == kOk) std::fputs("note: the node gave no explanation\n", stderr);
    return code;
  }
  if (format == AnswerFormat::kJson) {
    std::fwrite(explain->data(), 1, explain->size(), stdout);
    std::fputc('\n', stdout);
    return kOk;
  }
  if (format == AnswerFormat::kJsonl) {
    for (const std::string_view entry : RawElements(*explain)) {
      std::fwrite(entry.data(), 1, entry.size(), stdout);
      std::fputc('\n', stdout);
    }
    return kOk;
  }
  rapidjson::Document entries;
  entries.Parse<rapidjson::kParseIterativeFlag>(explain->data(), explain->size());
  if (entries.HasParseError() || !entries.IsArray()) return kBrokenAnswer;
  bool first = true;
  for (const Value& entry : entries.GetArray()) {
    if (!first) std::fputc('\n', stdout);
    first = false;
    PrintEntry(entry);
  }
  return kOk;
}

}  // namespace eider::cli
