#include "sources/source_model.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace eider::sources {
namespace {

using rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

std::string KeyOf(const catalog::DataObject& object) {
  return object.name + "|" + object.table + "|" + object.view_sql;
}

std::string KeyOf(const catalog::DataObject& object, const std::string& column) {
  return object.name + "|" + object.table + "|" + column;
}

void Write(Writer& writer, const std::string& text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void WriteFiles(Writer& writer, const char* name, const std::vector<catalog::SdlFile>& files) {
  writer.Key(name);
  writer.StartArray();
  for (const catalog::SdlFile& file : files) {
    writer.StartArray();
    Write(writer, file.name);
    Write(writer, file.text);
    writer.EndArray();
  }
  writer.EndArray();
}

void WriteColumns(Writer& writer, const SourceModel& model) {
  writer.Key("columns");
  writer.StartObject();
  for (const auto& [object, columns] : model.columns) {
    writer.Key(object.data(), static_cast<rapidjson::SizeType>(object.size()));
    if (!columns) {
      writer.Null();
      continue;
    }
    writer.StartArray();
    for (const auto& [name, type] : *columns) {
      writer.StartArray();
      Write(writer, name);
      Write(writer, type);
      writer.EndArray();
    }
    writer.EndArray();
  }
  writer.EndObject();
}

std::string Text(const Value& value) {
  return value.IsString() ? std::string(value.GetString(), value.GetStringLength()) : std::string();
}

// The pairs of texts in a list; other members are left out.
std::vector<std::pair<std::string, std::string>> Pairs(const Value& list) {
  std::vector<std::pair<std::string, std::string>> out;
  if (!list.IsArray()) return out;
  for (const Value& pair : list.GetArray()) {
    if (pair.IsArray() && pair.Size() == 2) out.emplace_back(Text(pair[0]), Text(pair[1]));
  }
  return out;
}

std::vector<catalog::SdlFile> ReadFiles(const Value& list) {
  std::vector<catalog::SdlFile> files;
  for (auto& [name, text] : Pairs(list)) files.push_back({name, text});
  return files;
}

}  // namespace

std::string ToJson(const SourceModel& model) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  WriteFiles(writer, "introspected", model.introspected);
  WriteFiles(writer, "files", model.files);
  WriteColumns(writer, model);
  writer.Key("generated");
  writer.StartArray();
  for (const std::string& column : model.generated) Write(writer, column);
  writer.EndArray();
  writer.Key("views");
  writer.StartArray();
  for (const auto& [written, qualified] : model.views) {
    writer.StartArray();
    Write(writer, written);
    Write(writer, qualified);
    writer.EndArray();
  }
  writer.EndArray();
  writer.Key("functions");
  writer.StartArray();
  for (const auto& [written, qualified] : model.functions) {
    if (!qualified) continue;
    writer.StartArray();
    Write(writer, written);
    Write(writer, *qualified);
    writer.EndArray();
  }
  writer.EndArray();
  writer.Key("rows");
  writer.StartObject();
  for (const auto& [object, rows] : model.rows) {
    writer.Key(object.data(), static_cast<rapidjson::SizeType>(object.size()));
    writer.Int64(rows);
  }
  writer.EndObject();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

Result<SourceModel> SourceModelFromJson(const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  for (const char* member : {"introspected", "files", "columns", "generated", "views", "functions", "rows"}) {
    if (document.HasParseError() || !document.IsObject() || !document.HasMember(member)) {
      return Error(ErrorCode::kInternal, "a stored model of a source cannot be read");
    }
  }
  SourceModel model;
  model.introspected = ReadFiles(document["introspected"]);
  model.files = ReadFiles(document["files"]);
  if (document["columns"].IsObject()) {
    for (const auto& entry : document["columns"].GetObject()) {
      auto& columns = model.columns[Text(entry.name)];
      if (entry.value.IsArray()) columns = Pairs(entry.value);
    }
  }
  if (document["generated"].IsArray()) {
    for (const Value& column : document["generated"].GetArray()) model.generated.insert(Text(column));
  }
  for (auto& [written, qualified] : Pairs(document["views"])) model.views[written] = qualified;
  for (auto& [written, qualified] : Pairs(document["functions"])) model.functions[written] = qualified;
  if (document["rows"].IsObject()) {
    for (const auto& entry : document["rows"].GetObject()) {
      if (entry.value.IsInt64()) model.rows[Text(entry.name)] = entry.value.GetInt64();
    }
  }
  return model;
}

std::optional<ColumnTypes> RecordingTypes::Find(const catalog::DataObject& object) {
  return model_.columns[KeyOf(object)] = inner_.Find(object);
}

bool RecordingTypes::IsGenerated(const catalog::DataObject& object, const std::string& column) {
  const bool generated = inner_.IsGenerated(object, column);
  if (generated) model_.generated.insert(KeyOf(object, column));
  return generated;
}

std::string RecordingTypes::Qualify(const std::string& view_sql, const std::string& catalog) {
  return model_.views[view_sql] = inner_.Qualify(view_sql, catalog);
}

std::optional<std::string> RecordingTypes::FindFunction(const std::string& name, const std::string& catalog) {
  return model_.functions[name] = inner_.FindFunction(name, catalog);
}

std::int64_t RecordingTypes::EstimateRows(const catalog::DataObject& object) {
  const std::int64_t rows = inner_.EstimateRows(object);
  if (rows >= 0) model_.rows[KeyOf(object)] = rows;
  return rows;
}

std::optional<ColumnTypes> RecordedTypes::Find(const catalog::DataObject& object) {
  const auto found = model_.columns.find(KeyOf(object));
  return found == model_.columns.end() ? std::nullopt : found->second;
}

bool RecordedTypes::IsGenerated(const catalog::DataObject& object, const std::string& column) {
  return model_.generated.contains(KeyOf(object, column));
}

std::string RecordedTypes::Qualify(const std::string& view_sql, const std::string& /*catalog*/) {
  const auto found = model_.views.find(view_sql);
  return found == model_.views.end() ? view_sql : found->second;
}

std::optional<std::string> RecordedTypes::FindFunction(const std::string& name, const std::string& /*catalog*/) {
  const auto found = model_.functions.find(name);
  return found == model_.functions.end() ? std::nullopt : found->second;
}

std::int64_t RecordedTypes::EstimateRows(const catalog::DataObject& object) {
  const auto found = model_.rows.find(KeyOf(object));
  return found == model_.rows.end() ? -1 : found->second;
}

}  // namespace eider::sources
