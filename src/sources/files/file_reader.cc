#include "sources/files/file_reader.h"

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "engine/text_rows.h"

namespace eider::sources {
namespace {

Error NotReadable(const DataFile& file, const std::string& why) {
  return Error(ErrorCode::kSourceUnavailable,
               "cannot read " + std::string(FileFormatName(file.format)) + " file " + file.path + ": " + why);
}

// The engine takes paths for globs; brackets make their characters plain again.
std::string EscapeGlob(const std::string& path) {
  std::string escaped;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      escaped.append("[").append(1, c).append("]");
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

bool IsPlainText(const std::string& path) {
  char head[4096];
  std::ifstream in(path, std::ios::binary);
  in.read(head, sizeof head);
  return std::string_view(head, static_cast<std::size_t>(in.gcount())).find('\0') == std::string_view::npos;
}

Status CheckContent(const DataFile& file) {
  if (file.partitioned) return {};
  std::error_code error;
  const auto size = std::filesystem::file_size(file.path, error);
  if (error) return NotReadable(file, error.message());
  if (size == 0) return NotReadable(file, "the file is empty");
  if (!std::ifstream(file.path)) return NotReadable(file, "no permission to open it");
  const bool is_text = file.format != FileFormat::kParquet && !file.path.ends_with(".gz");
  if (is_text && !IsPlainText(file.path)) return NotReadable(file, "it holds binary data");
  return {};
}

std::string_view FunctionOf(FileFormat format) {
  switch (format) {
    case FileFormat::kParquet: return "read_parquet";
    case FileFormat::kCsv: return "read_csv";
    case FileFormat::kJson: return "read_json";
  }
  return "";
}

// The call that finds out columns by itself.
std::string GuessingCall(const DataFile& file) {
  std::string call(FunctionOf(file.format));
  if (file.partitioned) {
    return call + "(" + QuoteLiteral(EscapeGlob(file.path) + "/**/*" + file.extension) +
           ", hive_partitioning = true, union_by_name = true)";
  }
  return call + "(" + QuoteLiteral(EscapeGlob(file.path)) + ", hive_partitioning = false)";
}

// What the sniffer found, as a call; it forgets to escape globs.
Result<std::string> SniffedCall(engine::Session& session, const DataFile& file) {
  const std::string path = EscapeGlob(file.path);
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         engine::ReadTextRows(session, "SELECT Prompt FROM sniff_csv(" + QuoteLiteral(path) + ")"));
  std::string call = rows.empty() ? "" : rows[0][0].value_or("");
  if (path != file.path || !call.starts_with("FROM ")) return GuessingCall(file);
  call.erase(0, 5);
  while (call.ends_with(';') || call.ends_with('\n')) call.pop_back();
  return call;
}

Result<std::string> TypedJsonCall(engine::Session& session, const DataFile& file) {
  EIDER_ASSIGN_OR_RETURN(const auto columns, engine::ReadTextRows(session, "DESCRIBE FROM " + GuessingCall(file)));
  std::string list;
  for (const engine::TextRow& column : columns) {
    list.append(list.empty() ? "" : ", ")
        .append(QuoteLiteral(*column[0]))
        .append(": ")
        .append(QuoteLiteral(*column[1]));
  }
  return "read_json(" + QuoteLiteral(EscapeGlob(file.path)) + ", columns = {" + list + "})";
}

Result<std::string> CallFor(engine::Session& session, const DataFile& file) {
  if (file.partitioned || file.format == FileFormat::kParquet) return GuessingCall(file);
  return file.format == FileFormat::kCsv ? SniffedCall(session, file) : TypedJsonCall(session, file);
}

}  // namespace

Result<std::string> FileReaderSql(engine::Session& session, const DataFile& file) {
  EIDER_RETURN_IF_ERROR(CheckContent(file));
  auto call = CallFor(session, file);
  if (!call) return NotReadable(file, call.error().message);
  return call;
}

}  // namespace eider::sources
