#include "sources/ducklake/lake_path.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/text.h"

namespace eider::sources {
namespace {

// What may stand behind the question mark; everything else there belongs to the connection.
constexpr std::string_view kOptions[] = {"data_path",          "override_data_path", "encrypted",
                                         "metadata_schema",    "metadata_catalog",   "data_inlining_row_limit",
                                         "snapshot_version",   "snapshot_time",      "create_if_not_exists",
                                         "migrate_if_required"};

bool IsOption(std::string_view name) {
  return std::find(std::begin(kOptions), std::end(kOptions), name) != std::end(kOptions);
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Moves the lake's options from behind the last question mark into `options`; what is left there stays in the text.
std::string TakeOptions(std::string_view text, ConnectionSettings& options) {
  const std::size_t mark = text.rfind('?');
  if (mark == std::string_view::npos) return std::string(text);
  std::string kept;
  for (const std::string_view pair : SplitText(text.substr(mark + 1), '&')) {
    const std::size_t sign = std::min(pair.find('='), pair.size());
    std::string name = LowerAscii(pair.substr(0, sign));
    if (IsOption(name)) {
      options.emplace_back(std::move(name), PercentDecoded(pair.substr(std::min(sign + 1, pair.size()))));
    } else {
      kept.append(kept.empty() ? "?" : "&").append(pair);
    }
  }
  return std::string(text.substr(0, mark)) + kept;
}

}  // namespace

Result<LakePath> ReadLakePath(const std::string& path) {
  LakePath out;
  std::string_view text = path;
  TakePrefix(text, "ducklake:");
  const std::string rest = TakeOptions(text, out.options);
  text = rest;
  if (TakePrefix(text, "secret:")) {
    out.catalog = LakePath::Catalog::kSecret;
    out.secret = std::string(text);
    return out;
  }
  const bool is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
  if (is_url || TakePrefix(text, "postgres:")) {
    out.catalog = LakePath::Catalog::kPostgres;
  } else if (text.starts_with("mysql://") || TakePrefix(text, "mysql:")) {
    out.catalog = LakePath::Catalog::kMysql;
  } else {
    if (TakePrefix(text, "sqlite:")) out.catalog = LakePath::Catalog::kSqlite;
    if (text.empty()) return Error(ErrorCode::kBadInput, "a DuckLake source needs the path of its catalog database");
    out.file = std::filesystem::absolute(text).string();
    return out;
  }
  EIDER_ASSIGN_OR_RETURN(out.connection, ReadConnectionText(text));
  return out;
}

}  // namespace eider::sources
