#include "cluster/core_snapshot.h"

#include <fcntl.h>
#include <rapidjson/document.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace eider::cluster {
namespace {

constexpr std::string_view kPlace = "core_snapshot|v1";
constexpr const char* kFile = "core.snapshot";

using rapidjson::Value;

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string CellsJson(const std::vector<std::optional<std::string>>& cells) {
  std::string json = "[";
  for (const auto& cell : cells) {
    json.append(json.size() > 1 ? "," : "").append(cell ? JsonTextOf(*cell) : "null");
  }
  return json + "]";
}

std::string RowsJson(const MirrorState& tables) {
  std::string json = "{";
  for (const auto& [table, rows] : tables) {
    json.append(json.size() > 1 ? "," : "").append(JsonTextOf(table)).append(":[");
    for (const auto& [key, row] : rows) {
      if (json.back() != '[') json.push_back(',');
      json.append("[").append(CellsJson({key.begin(), key.end()})).append(",").append(CellsJson(row)).append("]");
    }
    json.push_back(']');
  }
  return json + "}";
}

std::vector<std::optional<std::string>> Cells(const Value& array) {
  std::vector<std::optional<std::string>> cells;
  if (!array.IsArray()) return cells;
  for (const Value& cell : array.GetArray()) {
    cells.push_back(cell.IsString() ? std::optional<std::string>(PlainTextOf(cell)) : std::nullopt);
  }
  return cells;
}

MirrorRows RowsOf(const Value& array) {
  MirrorRows rows;
  if (!array.IsArray()) return rows;
  for (const Value& pair : array.GetArray()) {
    if (!pair.IsArray() || pair.Size() != 2) continue;
    std::vector<std::string> key;
    for (const auto& cell : Cells(pair[0])) key.push_back(cell.value_or(""));
    rows.emplace(std::move(key), Cells(pair[1]));
  }
  return rows;
}

Result<CoreSnapshot::Source> SourceOf(const Value& object) {
  CoreSnapshot::Source source;
  source.wanted.name = TextMember(object, "name");
  source.wanted.generation = NumberMember(object, "generation");
  source.wanted.is_loaded = FlagMember(object, "loaded");
  source.wanted.model_hash = TextMember(object, "model_hash");
  source.model = TextMember(object, "model");
  EIDER_ASSIGN_OR_RETURN(source.wanted.record, SourceRecordFromJson(TextMember(object, "record")));
  return source;
}

Error Unusable(const std::string& file, std::string_view why) {
  return Error(ErrorCode::kCoreUnavailable, "the snapshot " + file + " cannot be started from: " + std::string(why));
}

// Writes the whole of `text` into a new file that only its owner may read.
bool WriteFile(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  const bool synced = text.empty() && ::fsync(file) == 0;
  return ::close(file) == 0 && synced;
}

}  // namespace

std::string ToJson(const CoreSnapshot& snapshot, std::int64_t taken_ms) {
  const CoreVersions& versions = snapshot.versions;
  std::string json = "{\"taken_ms\":" + std::to_string(taken_ms) + ",\"schema\":" + std::to_string(versions.schema) +
                     ",\"permission\":" + std::to_string(versions.permission) +
                     ",\"storage\":" + std::to_string(versions.storage) + ",\"rows\":" + std::to_string(versions.rows) +
                     ",\"tables\":" + RowsJson(snapshot.rows) + ",\"sources\":[";
  for (const CoreSnapshot::Source& source : snapshot.sources) {
    const DesiredSource& wanted = source.wanted;
    json.append(json.back() == '[' ? "{\"name\":" : ",{\"name\":").append(JsonTextOf(wanted.name));
    json.append(",\"generation\":").append(std::to_string(wanted.generation));
    json.append(wanted.is_loaded ? ",\"loaded\":true" : ",\"loaded\":false");
    json.append(",\"model_hash\":").append(JsonTextOf(wanted.model_hash));
    json.append(",\"model\":").append(JsonTextOf(source.model));
    json.append(",\"record\":").append(JsonTextOf(ToJson(wanted.record))).append("}");
  }
  return json + "]}";
}

Result<CoreSnapshot> CoreSnapshotFromJson(const std::string& json, std::int64_t& taken_ms) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  const Value* tables = document.HasParseError() || !document.IsObject() ? nullptr : FindMember(document, "tables");
  const Value* sources = tables == nullptr ? nullptr : FindMember(document, "sources");
  if (sources == nullptr || !tables->IsObject() || !sources->IsArray()) {
    return Error(ErrorCode::kInternal, "it is of another form");
  }
  taken_ms = NumberMember(document, "taken_ms");
  CoreSnapshot snapshot;
  snapshot.versions = {NumberMember(document, "schema"), NumberMember(document, "permission"),
                       NumberMember(document, "storage"), NumberMember(document, "rows")};
  for (const auto& table : tables->GetObject()) snapshot.rows.emplace(PlainTextOf(table.name), RowsOf(table.value));
  for (const Value& object : sources->GetArray()) {
    EIDER_ASSIGN_OR_RETURN(auto source, SourceOf(object));
    snapshot.sources.push_back(std::move(source));
  }
  return snapshot;
}

Status CoreSnapshots::Save(const CoreSnapshot& snapshot) const {
  const std::string path = (std::filesystem::path(folder_) / kFile).string();
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  EIDER_ASSIGN_OR_RETURN(const std::string sealed, cipher_->Seal(ToJson(snapshot, NowMs()), kPlace));
  if (!failed && WriteFile(path + ".next", sealed)) std::filesystem::rename(path + ".next", path, failed);
  if (!failed && std::filesystem::exists(path, failed)) return {};
  return Error(ErrorCode::kCoreUnavailable, "the snapshot " + path + " cannot be written");
}

Result<CoreSnapshot> CoreSnapshots::Load() const {
  const std::string path = (std::filesystem::path(folder_) / kFile).string();
  std::ifstream in(path, std::ios::binary);
  if (!in) return Unusable(path, "there is none");
  const std::string sealed{std::istreambuf_iterator<char>(in), {}};
  if (!CoreCipher::IsSealed(sealed)) return Unusable(path, "it is no snapshot");
  const auto json = cipher_->Unseal(sealed, kPlace);
  if (!json) return Unusable(path, "it was written with another CORE_DB_ENCRYPTION_KEY, or was changed");
  std::int64_t taken_ms = 0;
  auto snapshot = CoreSnapshotFromJson(*json, taken_ms);
  if (!snapshot) return Unusable(path, snapshot.error().message);
  if (NowMs() - taken_ms > max_age_.count()) return Unusable(path, "it is older than CORE_SNAPSHOT_MAX_AGE");
  return snapshot;
}

}  // namespace eider::cluster
