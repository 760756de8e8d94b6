#include "sources/iceberg/iceberg_path.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/text.h"

namespace eider::sources {
namespace {

constexpr std::string_view kSettings[] = {
    "client_id",     "client_secret", "oauth2_server_uri",      "oauth2_scope",   "token",
    "schema_filter", "table_filter",  "access_delegation_mode", "default_schema", "support_nested_namespaces",
    "secret"};

Error Unreadable(const std::string& what) {
  return Error(ErrorCode::kBadInput, "the path of an Iceberg source " + what);
}

Result<ConnectionSettings> ReadSettings(std::string_view query) {
  ConnectionSettings settings;
  for (const std::string_view pair : SplitText(query, '&')) {
    const std::size_t sign = std::min(pair.find('='), pair.size());
    std::string name = LowerAscii(pair.substr(0, sign));
    if (std::find(std::begin(kSettings), std::end(kSettings), name) == std::end(kSettings)) {
      return Unreadable("has no setting \"" + name + "\"");
    }
    settings.emplace_back(std::move(name), PercentDecoded(pair.substr(std::min(sign + 1, pair.size()))));
  }
  return settings;
}

// `host:port/prefix/warehouse`: the last segment is the warehouse.
Status ReadCatalog(std::string_view scheme, std::string_view rest, IcebergPath& out) {
  out.is_catalog = true;
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  EIDER_ASSIGN_OR_RETURN(out.settings, ReadSettings(rest.substr(std::min(mark + 1, rest.size()))));
  rest = rest.substr(0, mark);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t slash = rest.rfind('/');
  out.endpoint = std::string(scheme) + std::string(rest.substr(0, slash));
  if (slash != std::string_view::npos) out.warehouse = PercentDecoded(rest.substr(slash + 1));
  if (rest.empty() || slash == 0) return Unreadable("names no host of a catalogue");
  const bool half =
      FindSetting(out.settings, "client_id").empty() != FindSetting(out.settings, "client_secret").empty();
  const bool twice = !FindSetting(out.settings, "secret").empty() &&
                     !(FindSetting(out.settings, "client_id") + FindSetting(out.settings, "token")).empty();
  if (twice) return Unreadable("has credentials and a secret; one of them is too many");
  if (half) return Unreadable("needs client_id and client_secret together");
  return {};
}

}  // namespace

Result<IcebergPath> ReadIcebergPath(const std::string& path) {
  struct Scheme {
    std::string_view written;
    std::string_view meant;
  };
  constexpr Scheme kSchemes[] = {
      {"iceberg://", "https://"}, {"iceberg+https://", "https://"}, {"iceberg+http://", "http://"}};
  IcebergPath out;
  const std::string_view text = path;
  for (const auto& [written, meant] : kSchemes) {
    if (!text.starts_with(written)) continue;
    EIDER_RETURN_IF_ERROR(ReadCatalog(meant, text.substr(written.size()), out));
    return out;
  }
  if (text.starts_with("iceberg+")) {
    return Unreadable(
        "begins with iceberg://, iceberg+http://, or is the folder of tables; other catalogues than REST "
        "are not reached");
  }
  if (text.empty()) return Unreadable("is empty: name a REST catalogue (iceberg://host/warehouse) or a folder");
  out.folder = text.find("://") != std::string_view::npos ? path : std::filesystem::absolute(text).string();
  while (out.folder.size() > 1 && out.folder.ends_with('/')) out.folder.pop_back();
  return out;
}

}  // namespace eider::sources
