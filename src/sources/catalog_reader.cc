#include "sources/catalog_reader.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "engine/text_rows.h"
#include "sources/environment.h"

namespace eider::sources {
namespace {

namespace fs = std::filesystem;
using catalog::SdlFile;

Error Unreadable(const fs::path& path) {
  std::error_code ignored;
  const char* why = fs::exists(path, ignored) ? "cannot read file: " : "file does not exist: ";
  return Error(ErrorCode::kBadInput, why + path.string());
}

Result<SdlFile> ReadFile(const fs::path& path, std::string name) {
  std::error_code ignored;
  std::ifstream in(path, std::ios::binary);
  if (!in || fs::is_directory(path, ignored)) return Unreadable(path);
  SdlFile file;
  file.name = std::move(name);
  file.text.assign(std::istreambuf_iterator<char>(in), {});
  return file;
}

Status AppendFiles(const std::vector<fs::path>& paths, const fs::path& folder, std::vector<SdlFile>& files) {
  for (const fs::path& path : paths) {
    EIDER_ASSIGN_OR_RETURN(SdlFile file, ReadFile(path, path.lexically_relative(folder).string()));
    files.push_back(std::move(file));
  }
  return {};
}

Result<std::vector<fs::path>> GraphqlFilesBelow(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::follow_directory_symlink, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    if (it->path().extension() == ".graphql" && it->is_regular_file(ignored)) paths.push_back(it->path());
  }
  if (error) return Error(ErrorCode::kBadInput, "cannot read folder " + folder.string() + ": " + error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

Status ReadLocalFolder(const std::string& path, std::vector<SdlFile>& files) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    return Error(ErrorCode::kBadInput, "wrong localFS catalog source type: directory does not exist: " + path);
  }
  EIDER_ASSIGN_OR_RETURN(const std::vector<fs::path> paths, GraphqlFilesBelow(path));
  return AppendFiles(paths, path, files);
}

std::vector<fs::path> MatchGlob(const std::string& pattern) {
  glob_t matches{};
  std::vector<fs::path> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
    paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  }
  ::globfree(&matches);
  return paths;
}

// A folder, a glob, or the beginning of file names.
Status ReadUri(const std::string& path, std::vector<SdlFile>& files) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return ReadLocalFolder(path, files);
  const bool is_glob = path.find_first_of("*?[") != std::string::npos;
  std::vector<fs::path> paths = MatchGlob(is_glob ? path : path + "*.graphql");
  if (paths.empty() && !is_glob) paths = MatchGlob(path);
  if (paths.empty()) return Error(ErrorCode::kBadInput, "no file matches " + path);
  return AppendFiles(paths, fs::path(path).parent_path(), files);
}

// Files that the engine reaches: one, or those of a glob or with a common beginning where the storage can list them.
Status ReadRemote(engine::Session& session, const std::string& type, const std::string& path,
                  std::vector<SdlFile>& files) {
  EIDER_RETURN_IF_ERROR(session.LoadExtension("httpfs"));
  const bool is_glob = path.find_first_of("*?[") != std::string::npos;
  constexpr std::string_view kListing[] = {"s3://", "gs://", "r2://", "az://", "azure://", "abfss://", "abfs://"};
  const bool lists = std::any_of(std::begin(kListing), std::end(kListing),
                                 [&](const std::string_view scheme) { return path.starts_with(scheme); });
  const bool is_prefix = type == "uri" && lists && !is_glob && !path.ends_with(".graphql");
  const std::string pattern = is_prefix ? path + (path.ends_with('/') ? "**/*.graphql" : "*.graphql") : path;
  const auto rows =
      engine::ReadTextRows(session, "SELECT filename, content FROM read_text($1) ORDER BY filename", {pattern});
  if (!rows) {
    return Error(ErrorCode::kBadInput,
                 "cannot read " + RedactSecrets(path) + ": " + RedactSecrets(rows.error().message));
  }
  if (rows->empty()) return Error(ErrorCode::kBadInput, "no file matches " + RedactSecrets(pattern));
  const std::size_t folder = path.substr(0, path.find_first_of("*?[")).rfind('/') + 1;
  for (const engine::TextRow& row : *rows) {
    const std::string name = row[0].value_or("");
    files.push_back({name.size() > folder ? name.substr(folder) : name, row[1].value_or("")});
  }
  return {};
}

Status ReadCatalog(engine::Session& session, const cluster::CatalogRecord& record, std::vector<SdlFile>& files) {
  if (record.type == "text") {
    files.push_back({record.name.empty() ? "text" : record.name, record.path});
    return {};
  }
  const bool known = record.type == "localFS" || record.type == "uri" || record.type == "uriFile";
  if (!known) {
    return Error(ErrorCode::kBadInput,
                 "unknown catalog source type: \"" + record.type + "\" (known: localFS, uri, uriFile, text)");
  }
  EIDER_ASSIGN_OR_RETURN(std::string path, SubstituteEnvironment(record.path));
  if (path.starts_with("file://")) path.erase(0, 7);
  if (record.type != "localFS" && path.find("://") != std::string::npos) {
    return ReadRemote(session, record.type, path, files);
  }
  if (record.type == "localFS") return ReadLocalFolder(path, files);
  if (record.type == "uri") return ReadUri(path, files);
  return AppendFiles({fs::path(path)}, fs::path(path).parent_path(), files);
}

}  // namespace

Result<std::vector<SdlFile>> ReadCatalogs(engine::Session& session,
                                          const std::vector<cluster::CatalogRecord>& catalogs) {
  std::vector<SdlFile> files;
  for (const cluster::CatalogRecord& record : catalogs) EIDER_RETURN_IF_ERROR(ReadCatalog(session, record, files));
  return files;
}

}  // namespace eider::sources
