#include "cli/answer_output.h"

#include <rapidjson/document.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/json.h"
#include "cli/answer_table.h"
#include "cli/exit_code.h"
#include "cli/raw_json.h"

namespace eider::cli {
namespace {

using rapidjson::Value;

// "error: text (line 1, column 3)".
void PrintError(const Value& error) {
  const auto message = error.FindMember("message");
  std::string text = message != error.MemberEnd() && message->value.IsString() ? message->value.GetString() : "unknown";
  if (const auto places = error.FindMember("locations");
      places != error.MemberEnd() && places->value.IsArray() && !places->value.Empty()) {
    const Value& place = places->value[0];
    if (place.IsObject() && place.HasMember("line") && place.HasMember("column")) {
      text.append(" (line ").append(PlainTextOf(place["line"])).append(", column ");
      text.append(PlainTextOf(place["column"])).append(")");
    }
  }
  std::fprintf(stderr, "error: %s\n", text.c_str());
}

void PrintCutLists(const Value& answer) {
  const auto extensions = answer.FindMember("extensions");
  if (extensions == answer.MemberEnd() || !extensions->value.IsObject()) return;
  const auto cut = extensions->value.FindMember("_truncated");
  if (cut == extensions->value.MemberEnd()) return;
  std::fprintf(stderr, "note: cut at the default limit: %s\n", JsonTextOf(cut->value).c_str());
}

void PrintTables(const Value& data) {
  bool first = true;
  for (const TextTable& table : TablesOf(data)) {
    const std::string drawn = (first ? "" : "\n") + DrawTable(table, OutputWidth());
    std::fwrite(drawn.data(), 1, drawn.size(), stdout);
    first = false;
  }
}

void PrintLine(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

void PrintRows(std::string_view body) {
  const auto data = RawMember(body, "data");
  if (!data) return;
  const auto list = FirstRawList(*data);
  if (!list) return PrintLine(*data);
  for (const std::string_view row : RawElements(*list)) PrintLine(row);
}

}  // namespace

bool OutputIsTerminal() { return ::isatty(STDOUT_FILENO) == 1; }

std::size_t OutputWidth() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const long width = columns == nullptr ? 0 : std::strtol(columns, nullptr, 10);
  return width > 0 ? static_cast<std::size_t>(width) : 120;
}

std::optional<AnswerFormat> AnswerFormatOf(const std::string& name) {
  if (name.empty()) return OutputIsTerminal() ? AnswerFormat::kTable : AnswerFormat::kJson;
  if (name == "table") return AnswerFormat::kTable;
  if (name == "json") return AnswerFormat::kJson;
  if (name == "jsonl") return AnswerFormat::kJsonl;
  return std::nullopt;
}

int PrintAnswer(const std::string& body, AnswerFormat format) {
  // Numbers stay the digits that the server wrote.
  rapidjson::Document answer;
  answer.Parse<rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag>(body.data(), body.size());
  if (answer.HasParseError() || !answer.IsObject()) {
    std::fprintf(stderr, "error: the answer is no GraphQL response: %s\n", body.substr(0, 300).c_str());
    return kBrokenAnswer;
  }
  const auto errors = answer.FindMember("errors");
  const bool failed = errors != answer.MemberEnd() && errors->value.IsArray();
  const auto data = answer.FindMember("data");
  if (format == AnswerFormat::kJson) {
    std::fwrite(body.data(), 1, body.size(), stdout);
    if (!body.ends_with('\n')) std::fputc('\n', stdout);
  } else {
    if (format == AnswerFormat::kJsonl) PrintRows(body);
    if (format == AnswerFormat::kTable && data != answer.MemberEnd()) PrintTables(data->value);
    std::fflush(stdout);
    if (failed) {
      for (const Value& error : errors->value.GetArray()) PrintError(error);
    }
    PrintCutLists(answer);
  }
  std::fflush(stdout);
  return failed ? kGraphqlErrors : kOk;
}

}  // namespace eider::cli
