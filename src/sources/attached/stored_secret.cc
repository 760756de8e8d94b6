#include "sources/attached/stored_secret.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>

#include "base/text.h"
#include "engine/text_rows.h"
#include "sources/attached/connection_text.h"

namespace eider::sources {
namespace {

// What secrets of database servers may hold.
constexpr std::string_view kSettings[] = {"database", "dbname",      "host",    "hostaddr",   "passfile", "password",
                                          "port",     "socket",      "ssl_ca",  "ssl_capath", "ssl_cert", "ssl_cipher",
                                          "ssl_crl",  "ssl_crlpath", "ssl_key", "ssl_mode",   "sslmode",  "user"};

bool IsSetting(std::string_view name) {
  return std::find(std::begin(kSettings), std::end(kSettings), name) != std::end(kSettings);
}

Result<std::string> SettingOf(engine::Session& session, std::string_view name) {
  EIDER_ASSIGN_OR_RETURN(const auto rows, engine::ReadTextRows(session, "SELECT CAST(current_setting(" +
                                                                            QuoteLiteral(name) + ") AS VARCHAR)"));
  return rows.empty() ? std::string() : rows.front()[0].value_or("");
}

// `name=…;type=…;provider=…;serializable=…;scope=…;database=…;host=…`, values as they are: one that looks like a
// further setting is taken for one.
ConnectionSettings ReadSecretText(std::string_view text) {
  ConnectionSettings settings;
  const std::size_t scope = std::min(text.find(";scope"), text.size());
  for (const std::string_view piece : SplitText(text.substr(scope), ';')) {
    const std::size_t sign = std::min(piece.find('='), piece.size());
    std::string name = LowerAscii(piece.substr(0, sign));
    if (sign < piece.size() && IsSetting(name)) {
      settings.emplace_back(std::move(name), std::string(piece.substr(sign + 1)));
    } else if (!settings.empty()) {
      settings.back().second.append(";").append(piece);
    }
  }
  return settings;
}

// Whether a path may be the name of a secret: neither a URL, nor settings, nor a file in a folder.
bool IsSecretName(std::string_view path) {
  return !path.empty() && path.find_first_of("=:/\\.? ") == std::string_view::npos;
}

// Whether the engine keeps a secret of that name and type.
Result<bool> HasSecret(engine::Session& session, std::string_view type, std::string_view name) {
  EIDER_ASSIGN_OR_RETURN(const auto rows, engine::ReadTextRows(session,
                                                               "SELECT name FROM duckdb_secrets() WHERE type = $1 AND "
                                                               "name = lower($2)",
                                                               {std::string(type), std::string(name)}));
  return !rows.empty();
}

// What the secret `name` of `type` (`postgres`, `mysql`) holds, by lower-case names.
Result<ConnectionSettings> ReadSecret(engine::Session& session, std::string_view type, const std::string& name) {
  engine::DatabaseOptions options;
  options.threads = 1;
  options.settings["allow_unredacted_secrets"] = "true";
  EIDER_ASSIGN_OR_RETURN(options.extension_directory, SettingOf(session, "extension_directory"));
  EIDER_ASSIGN_OR_RETURN(options.settings["secret_directory"], SettingOf(session, "secret_directory"));
  EIDER_ASSIGN_OR_RETURN(const auto database, engine::Database::Open(options));
  EIDER_ASSIGN_OR_RETURN(const auto reader, engine::Session::Open(*database, {}));
  EIDER_RETURN_IF_ERROR(reader->LoadExtension(std::string(type) + "_scanner"));
  EIDER_ASSIGN_OR_RETURN(const auto rows, engine::ReadTextRows(*reader,
                                                               "SELECT whole.secret_string, shown.secret_string "
                                                               "FROM duckdb_secrets(redact := false) whole "
                                                               "JOIN duckdb_secrets() shown USING (name) "
                                                               "WHERE whole.type = $1 AND name = lower($2)",
                                                               {std::string(type), name}));
  if (rows.empty()) {
    return Error(ErrorCode::kSourceUnavailable,
                 "the path \"" + name + "\" names no secret of type " + std::string(type) + " in " +
                     options.settings["secret_directory"] +
                     "; make one there by CREATE PERSISTENT SECRET, or write host and database into the path");
  }
  ConnectionSettings settings = ReadSecretText(rows.front()[0].value_or(""));
  if (settings.size() != ReadSecretText(rows.front()[1].value_or("")).size()) {
    return Error(ErrorCode::kSourceUnavailable, "a value of secret \"" + name +
                                                    "\" has a further setting in it, such as \";port=\"; "
                                                    "give the source a path instead");
  }
  return settings;
}

// The settings as `name='value' …`, which ReadConnectionText and libpq read.
std::string WriteConnectionText(const ConnectionSettings& settings) {
  std::string text;
  for (const auto& [name, value] : settings) {
    text.append(text.empty() ? "" : " ").append(name).append("='");
    for (const char c : value) {
      if (c == '\'' || c == '\\') text.push_back('\\');
      text.push_back(c);
    }
    text.push_back('\'');
  }
  return text;
}

}  // namespace

Result<std::string> PathOfSecret(engine::Session& session, const cluster::SourceRecord& source) {
  if (!IsSecretName(source.path)) return source.path;
  if (source.type == "postgres" || source.type == "mysql") {
    EIDER_ASSIGN_OR_RETURN(const ConnectionSettings settings, ReadSecret(session, source.type, source.path));
    return WriteConnectionText(settings);
  }
  std::error_code ignored;
  if (source.type != "ducklake" || std::filesystem::exists(source.path, ignored)) return source.path;
  EIDER_RETURN_IF_ERROR(session.LoadExtension("ducklake"));
  EIDER_ASSIGN_OR_RETURN(const bool is_kept, HasSecret(session, "ducklake", source.path));
  return is_kept ? "secret:" + source.path : source.path;
}

}  // namespace eider::sources
