#include "cluster/desired_sources.h"

#include <rapidjson/document.h>

#include <chrono>
#include <utility>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

namespace eider::cluster {
namespace {

constexpr std::size_t kLongestError = 2000;
constexpr std::int64_t kModelFormat = 1;  // JSON.

std::string PlaceOf(std::string_view name, std::int64_t generation) {
  return "source_desired|spec|" + std::string(name) + "|" + std::to_string(generation);
}

void Append(std::string& json, std::string_view name, const std::string& value) {
  json.append(json.back() == '{' ? "\"" : ",\"").append(name).append("\":");
  AppendJsonString(json, value);
}

void Append(std::string& json, std::string_view name, bool value) {
  json.append(",\"").append(name).append(value ? "\":true" : "\":false");
}

}  // namespace

bool DesiredSource::IsLoadedAs(const SourceRecord& other, const std::string& model) const {
  return is_loaded && !model.empty() && model_hash == HexText(Sha256(model)) && ToJson(record) == ToJson(other);
}

std::string ToJson(const SourceRecord& record) {
  std::string json = "{";
  Append(json, "name", record.name);
  Append(json, "type", record.type);
  Append(json, "prefix", record.prefix);
  Append(json, "description", record.description);
  Append(json, "path", record.path);
  Append(json, "as_module", record.as_module);
  Append(json, "self_defined", record.self_defined);
  Append(json, "read_only", record.read_only);
  json.append(",\"catalogs\":[");
  for (const CatalogRecord& catalog : record.catalogs) {
    json.append(json.back() == '[' ? "{" : ",{");
    Append(json, "name", catalog.name);
    Append(json, "type", catalog.type);
    Append(json, "path", catalog.path);
    json.push_back('}');
  }
  return json.append("]}");
}

Result<SourceRecord> SourceRecordFromJson(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) {
    return Error(ErrorCode::kInternal, "a stored source cannot be read");
  }
  SourceRecord record;
  record.name = TextMember(document, "name");
  record.type = TextMember(document, "type");
  record.prefix = TextMember(document, "prefix");
  record.description = TextMember(document, "description");
  record.path = TextMember(document, "path");
  record.as_module = FlagMember(document, "as_module");
  record.self_defined = FlagMember(document, "self_defined");
  record.read_only = FlagMember(document, "read_only");
  const auto catalogs = document.FindMember("catalogs");
  if (catalogs == document.MemberEnd() || !catalogs->value.IsArray()) return record;
  for (const auto& catalog : catalogs->value.GetArray()) {
    if (!catalog.IsObject()) continue;
    record.catalogs.push_back({TextMember(catalog, "name"), TextMember(catalog, "type"), TextMember(catalog, "path")});
  }
  return record;
}

Result<std::vector<DesiredSource>> DesiredSources::List(std::string_view name) {
  EIDER_ASSIGN_OR_RETURN(
      const auto rows,
      store_.Read("SELECT name, generation::text, desired, spec, model_hash FROM " + store_.Table("source_desired") +
                  (name.empty() ? "" : " WHERE name = " + QuoteLiteral(name)) + " ORDER BY name"));
  std::vector<DesiredSource> sources;
  for (const engine::TextRow& row : rows) {
    DesiredSource source;
    source.name = row[0].value_or("");
    source.generation = std::stoll(row[1].value_or("0"));
    source.is_loaded = row[2] == "loaded";
    source.model_hash = row[4].value_or("");
    EIDER_ASSIGN_OR_RETURN(const std::string json,
                           cipher_.Unseal(row[3].value_or(""), PlaceOf(source.name, source.generation)));
    EIDER_ASSIGN_OR_RETURN(source.record, SourceRecordFromJson(json));
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<std::int64_t> DesiredSources::Put(const SourceRecord& record, bool is_loaded,
                                         const std::optional<LeaseToken>& lease, const std::string& node,
                                         const std::string& model) {
  const std::string table = store_.Table("source_desired");
  EIDER_ASSIGN_OR_RETURN(const auto known, store_.Read("SELECT generation::text FROM " + table + " WHERE name = $1",
                                                       engine::Parameters{record.name}));
  const std::int64_t before = known.empty() ? 0 : std::stoll(known[0][0].value_or("0"));
  const std::int64_t generation = before + 1;
  EIDER_ASSIGN_OR_RETURN(const std::string spec, cipher_.Seal(ToJson(record), PlaceOf(record.name, generation)));
  const std::string name = QuoteLiteral(record.name);
  const std::string desired = is_loaded ? "'loaded'" : "'unloaded'";
  const std::string hash = model.empty() ? "" : HexText(Sha256(model));
  const std::string shown_hash = model.empty() ? "NULL" : QuoteLiteral(hash);
  CoreChange change;
  change.lease = lease;
  if (!model.empty()) {
    // The one that nodes may still be reading stays.
    const std::string models = store_.Table("source_model");
    change.statements = {"DELETE FROM " + models + " WHERE name = " + name + " AND model_hash <> " + shown_hash +
                             " AND model_hash NOT IN (SELECT d.model_hash FROM " + table + " d WHERE d.name = " + name +
                             " AND d.model_hash IS NOT NULL)",
                         "INSERT INTO " + models + " (name, model_hash, format, content) VALUES (" + name + ", " +
                             shown_hash + ", " + std::to_string(kModelFormat) + ", decode(" +
                             QuoteLiteral(Base64(model)) + ", 'base64')) ON CONFLICT DO NOTHING"};
  }
  // The next generation, or an error when somebody else has begun it.
  change.statements.insert(
      change.statements.end(),
      {"INSERT INTO " + table + " AS d (name, generation, desired, spec, model_hash, epoch, changed_by) VALUES (" +
           name + ", " + std::to_string(generation) + ", " + desired + ", " + QuoteLiteral(spec) + ", " + shown_hash +
           ", " + std::to_string(lease ? lease->epoch : 0) + ", " + QuoteLiteral(node) +
           ") ON CONFLICT (name) DO UPDATE SET generation = EXCLUDED.generation, desired = EXCLUDED.desired, spec = "
           "EXCLUDED.spec, model_hash = EXCLUDED.model_hash, epoch = EXCLUDED.epoch, changed_at = now(), changed_by "
           "= EXCLUDED.changed_by WHERE d.generation = " +
           std::to_string(before),
       store_.CountUp("schema_version")});
  if (lease) {
    change.statements.push_back("INSERT INTO " + store_.Table("cluster_events") +
                                " (node, kind, object, detail) VALUES (" + QuoteLiteral(node) + ", " +
                                (is_loaded ? "'source_loaded'" : "'source_unloaded'") + ", " + name + ", 'generation " +
                                std::to_string(generation) + "')");
    change.statements.push_back(store_.Announce("eider_schema", "{\"k\":\"source\"}"));
  }
  EIDER_RETURN_IF_ERROR(store_.Apply(change));
  return generation;
}

Status DesiredSources::Forget(const std::string& name) {
  const std::string where = " WHERE name = " + QuoteLiteral(name);
  CoreChange change;
  for (const char* table : {"source_desired", "source_model", "node_sources"}) {
    change.statements.push_back("DELETE FROM " + store_.Table(table) + where);
  }
  return store_.Apply(change);
}

Status DesiredSources::Begin(const std::vector<SourceRecord>& records, const std::string& node) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t generation = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  CoreChange change;
  for (const SourceRecord& record : records) {
    EIDER_ASSIGN_OR_RETURN(const std::string spec, cipher_.Seal(ToJson(record), PlaceOf(record.name, generation)));
    change.statements.push_back("INSERT INTO " + store_.Table("source_desired") +
                                " (name, generation, desired, spec, epoch, changed_by) VALUES (" +
                                QuoteLiteral(record.name) + ", " + std::to_string(generation) + ", 'loaded', " +
                                QuoteLiteral(spec) + ", 0, " + QuoteLiteral(node) + ")");
  }
  return store_.Apply(change);
}

Status DesiredSources::KeepModel(const DesiredSource& source, const std::string& model) {
  const std::string digest = HexText(Sha256(model));
  if (digest == source.model_hash) return {};
  const std::string name = QuoteLiteral(source.name);
  const std::string hash = QuoteLiteral(digest);
  CoreChange change;
  change.statements = {
      "DELETE FROM " + store_.Table("source_model") + " WHERE name = " + name + " AND model_hash <> " + hash,
      "INSERT INTO " + store_.Table("source_model") + " (name, model_hash, format, content) VALUES (" + name + ", " +
          hash + ", " + std::to_string(kModelFormat) + ", decode(" + QuoteLiteral(Base64(model)) +
          ", 'base64')) ON CONFLICT DO NOTHING",
      "UPDATE " + store_.Table("source_desired") + " SET model_hash = " + hash + " WHERE name = " + name +
          " AND generation = " + std::to_string(source.generation)};
  return store_.Apply(change);
}

Result<std::string> DesiredSources::Model(const DesiredSource& source) {
  if (source.model_hash.empty()) return std::string();
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         store_.Read("SELECT convert_from(content, 'UTF8') FROM " + store_.Table("source_model") +
                                         " WHERE name = $1 AND model_hash = $2 AND format = $3",
                                     engine::Parameters{source.name, source.model_hash, kModelFormat}));
  return rows.empty() ? std::string() : rows[0][0].value_or("");
}

Status DesiredSources::Report(const NodeSource& source) {
  std::string error = RedactSecrets(source.error);
  if (error.size() > kLongestError) error.resize(kLongestError);
  engine::Parameters values{source.node, source.name, source.generation, source.state};
  values.push_back(error.empty() ? engine::Value() : engine::Value(std::move(error)));
  values.emplace_back(source.attempts);
  auto done = store_.Change("INSERT INTO " + store_.Table("node_sources") +
                                " (node, name, generation, state, error, attempts, updated_at) VALUES ($1, $2, $3, $4, "
                                "$5, $6, now()) ON CONFLICT (node, name) DO UPDATE SET generation = "
                                "EXCLUDED.generation, state = EXCLUDED.state, error = EXCLUDED.error, attempts = "
                                "EXCLUDED.attempts, updated_at = now()",
                            values);
  if (!done) return std::move(done).error();
  return {};
}

Result<std::set<std::string>> DesiredSources::AttachedElsewhere(const std::string& node) {
  EIDER_ASSIGN_OR_RETURN(
      const auto rows,
      store_.Read("SELECT DISTINCT s.name FROM " + store_.Table("node_sources") + " s JOIN " +
                      store_.Table("cluster_nodes") + " n ON n.name = s.node JOIN " + store_.Table("source_desired") +
                      " d ON d.name = s.name AND d.generation = s.generation WHERE s.node <> $1 AND s.state = "
                      "'attached' AND n.status IN ('up', 'degraded')",
                  engine::Parameters{node}));
  std::set<std::string> names;
  for (const engine::TextRow& row : rows) names.insert(row[0].value_or(""));
  return names;
}

Result<std::vector<NodeSource>> DesiredSources::OfNodes(const std::string& name) {
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         store_.Read("SELECT node, generation::text, state, error, attempts::text FROM " +
                                         store_.Table("node_sources") + " WHERE name = $1",
                                     engine::Parameters{name}));
  std::vector<NodeSource> sources;
  for (const engine::TextRow& row : rows) {
    sources.push_back({row[0].value_or(""), name, std::stoll(row[1].value_or("0")), row[2].value_or(""),
                       row[3].value_or(""), std::stoll(row[4].value_or("0"))});
  }
  return sources;
}

}  // namespace eider::cluster
