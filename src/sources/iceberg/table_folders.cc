#include "sources/iceberg/table_folders.h"

#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "sources/graphql_name.h"

namespace eider::sources {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".metadata.json";

struct Version {
  long number = -1;
  std::string name;  // `3` of v3.metadata.json, `00003-ab12` of 00003-ab12.metadata.json.
  fs::path file;
};

std::vector<fs::path> Members(const fs::path& folder) {
  std::vector<fs::path> members;
  std::error_code error;
  for (fs::directory_iterator it(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
    members.push_back(it->path());
  }
  std::sort(members.begin(), members.end());
  return members;
}

bool IsFolder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

Version NewestVersion(const fs::path& metadata) {
  Version newest;
  for (const fs::path& file : Members(metadata)) {
    std::string name = file.filename().string();
    if (!name.ends_with(kSuffix)) continue;
    name.resize(name.size() - kSuffix.size());
    if (name.starts_with('v')) name.erase(0, 1);
    long number = -1;
    std::from_chars(name.data(), name.data() + name.size(), number);
    if (number > newest.number) newest = {number, name, file};
  }
  return newest;
}

std::string WrittenLocation(const fs::path& file) {
  std::ifstream in(file);
  rapidjson::IStreamWrapper stream(in);
  rapidjson::Document document;
  document.ParseStream<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag>(stream);
  if (document.HasParseError() || !document.IsObject()) return {};
  const auto location = document.FindMember("location");
  if (location == document.MemberEnd() || !location->value.IsString()) return {};
  std::string text = location->value.GetString();
  if (text.starts_with("file://")) text.erase(0, 7);
  while (text.ends_with('/')) text.pop_back();
  return text;
}

class Discovery {
 public:
  void Add(const fs::path& folder, const std::string& name) {
    if (AddTable(folder, name)) return;
    for (const fs::path& member : Members(folder)) {
      const std::string own = member.filename().string();
      if (!IsFolder(member) || own.starts_with('.') || own.starts_with('_')) continue;
      Add(member, depth_ == 0 ? own : name + "_" + own, 1);
    }
  }
  std::vector<IcebergTable> Take() { return std::move(tables_); }

 private:
  void Add(const fs::path& folder, const std::string& name, int deeper) {
    constexpr int kDepth = 8;
    depth_ += deeper;
    if (depth_ < kDepth) Add(folder, name);
    depth_ -= deeper;
  }

  bool AddTable(const fs::path& folder, const std::string& name) {
    const Version newest = NewestVersion(folder / "metadata");
    if (newest.number < 0) return false;
    std::error_code ignored;
    const bool hinted = fs::exists(folder / "metadata" / "version-hint.text", ignored);
    const bool moved = WrittenLocation(newest.file) != folder.string();
    tables_.push_back({names_.Claim(GraphqlName(name)), folder.string(), hinted ? "" : newest.name, moved});
    return true;
  }

  int depth_ = 0;
  NameScope names_;
  std::vector<IcebergTable> tables_;
};

}  // namespace

Result<std::vector<IcebergTable>> FindIcebergTables(const std::string& folder) {
  const std::string name = fs::path(folder).filename().string();
  if (folder.find("://") != std::string::npos) return std::vector<IcebergTable>{{GraphqlName(name), folder, "", true}};
  if (!IsFolder(folder))
    return Error(ErrorCode::kSourceUnavailable, "folder of Iceberg tables does not exist: " + folder);
  Discovery discovery;
  discovery.Add(folder, name);
  std::vector<IcebergTable> tables = discovery.Take();
  if (tables.empty()) {
    return Error(ErrorCode::kSourceUnavailable,
                 "no Iceberg table (a folder with metadata/*.metadata.json) below " + folder);
  }
  return tables;
}

}  // namespace eider::sources
