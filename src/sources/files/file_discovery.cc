#include "sources/files/file_discovery.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/text.h"
#include "sources/graphql_name.h"

namespace eider::sources {
namespace {

namespace fs = std::filesystem;

struct FormatSuffix {
  std::string_view suffix;
  FileFormat format;
};

constexpr FormatSuffix kSuffixes[] = {
    {".parquet", FileFormat::kParquet}, {".csv", FileFormat::kCsv},        {".csv.gz", FileFormat::kCsv},
    {".tsv", FileFormat::kCsv},         {".tsv.gz", FileFormat::kCsv},     {".json", FileFormat::kJson},
    {".json.gz", FileFormat::kJson},    {".jsonl", FileFormat::kJson},     {".jsonl.gz", FileFormat::kJson},
    {".ndjson", FileFormat::kJson},     {".ndjson.gz", FileFormat::kJson},
};

const FormatSuffix* SuffixOf(const std::string& file_name) {
  const std::string lower = LowerAscii(file_name);
  for (const FormatSuffix& known : kSuffixes) {
    if (lower.size() > known.suffix.size() && lower.ends_with(known.suffix)) return &known;
  }
  return nullptr;
}

bool IsHidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name.starts_with('_');
}

std::vector<fs::path> Members(const fs::path& folder) {
  std::vector<fs::path> members;
  std::error_code error;
  for (fs::directory_iterator it(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
    if (!IsHidden(it->path())) members.push_back(it->path());
  }
  std::sort(members.begin(), members.end());
  return members;
}

bool IsFolder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool IsPartitioned(const fs::path& folder) {
  const std::vector<fs::path> members = Members(folder);
  return std::any_of(members.begin(), members.end(), [](const fs::path& member) {
    return IsFolder(member) && member.filename().string().find('=') != std::string::npos;
  });
}

// The file's extension as written, so that a glob finds its siblings.
std::optional<std::pair<FileFormat, std::string>> FirstFormatBelow(const fs::path& folder) {
  for (const fs::path& member : Members(folder)) {
    if (IsFolder(member)) {
      if (auto found = FirstFormatBelow(member)) return found;
      continue;
    }
    const std::string name = member.filename().string();
    if (const FormatSuffix* suffix = SuffixOf(name)) {
      return std::pair(suffix->format, name.substr(name.size() - suffix->suffix.size()));
    }
  }
  return std::nullopt;
}

class Discovery {
 public:
  void AddAny(const fs::path& path, const std::string& prefix) {
    if (!IsFolder(path)) return AddFile(path, prefix);
    if (IsPartitioned(path)) return AddPartitioned(path, prefix);
    AddMembers(path, prefix + path.filename().string() + "_");
  }

  void AddMembers(const fs::path& folder, const std::string& prefix) {
    for (const fs::path& member : Members(folder)) AddAny(member, prefix);
  }

  std::vector<DataFile> Take() { return std::move(files_); }

 private:
  void AddFile(const fs::path& path, const std::string& prefix) {
    const std::string file_name = path.filename().string();
    const FormatSuffix* suffix = SuffixOf(file_name);
    if (suffix == nullptr) return;
    const std::string stem = file_name.substr(0, file_name.size() - suffix->suffix.size());
    files_.push_back({names_.Claim(GraphqlName(prefix + stem)), path.string(), suffix->format, false, ""});
  }

  void AddPartitioned(const fs::path& folder, const std::string& prefix) {
    const auto found = FirstFormatBelow(folder);
    if (!found) return;
    const std::string name = names_.Claim(GraphqlName(prefix + folder.filename().string()));
    files_.push_back({name, folder.string(), found->first, true, found->second});
  }

  NameScope names_;
  std::vector<DataFile> files_;
};

std::vector<fs::path> MatchGlob(const std::string& pattern) {
  glob_t matches{};
  std::vector<fs::path> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
    for (std::size_t i = 0; i < matches.gl_pathc; ++i) paths.emplace_back(matches.gl_pathv[i]);
  }
  ::globfree(&matches);
  return paths;
}

Error NothingFound(const std::string& path, const char* why) {
  return Error(ErrorCode::kSourceUnavailable, why + path);
}

constexpr char kKnown[] = "no Parquet, CSV or JSON file in ";

Result<std::vector<DataFile>> DiscoverExisting(fs::path path) {
  // "folder/" has an empty file name.
  if (!path.has_filename()) path = path.parent_path();
  Discovery discovery;
  if (IsFolder(path) && !IsPartitioned(path)) {
    discovery.AddMembers(path, "");
  } else {
    discovery.AddAny(path, "");
  }
  std::vector<DataFile> files = discovery.Take();
  if (!files.empty()) return files;
  if (IsFolder(path)) return NothingFound(path.string(), kKnown);
  return NothingFound(path.string(), "not a Parquet, CSV or JSON file by its name: ");
}

}  // namespace

std::string_view FileFormatName(FileFormat format) {
  switch (format) {
    case FileFormat::kParquet: return "Parquet";
    case FileFormat::kCsv: return "CSV";
    case FileFormat::kJson: return "JSON";
  }
  return "";
}

Result<std::vector<DataFile>> DiscoverDataFiles(const std::string& path) {
  if (path.find("://") != std::string::npos) {
    return Error(ErrorCode::kSourceUnavailable, "remote files are not supported yet: " + RedactSecrets(path));
  }
  if (path.empty()) return Error(ErrorCode::kSourceUnavailable, "a source of type files needs a path");
  const fs::path absolute = fs::absolute(path).lexically_normal();
  std::error_code ignored;
  if (fs::exists(absolute, ignored)) return DiscoverExisting(absolute);
  if (path.find_first_of("*?[") == std::string::npos) {
    return NothingFound(absolute.string(), "file or folder does not exist: ");
  }
  Discovery discovery;
  for (const fs::path& match : MatchGlob(absolute.string())) discovery.AddAny(match, "");
  std::vector<DataFile> files = discovery.Take();
  if (files.empty()) return NothingFound(absolute.string(), "no Parquet, CSV or JSON file matches ");
  return files;
}

}  // namespace eider::sources
