#include "sources/source_model.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/json.h"

namespace eider::sources {
namespace {

using rapidjson::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Write(Writer& writer, const std::string& text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void Write(Writer& writer, const std::pair<std::string, std::string>& pair) {
  writer.StartArray();
  Write(writer, pair.first);
  Write(writer, pair.second);
  writer.EndArray();
}

void WriteFiles(Writer& writer, const char* name, const std::vector<catalog::SdlFile>& files) {
  writer.Key(name);
  writer.StartArray();
  for (const catalog::SdlFile& file : files) Write(writer, {file.name, file.text});
  writer.EndArray();
}

void Key(Writer& writer, const std::string& name) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void WriteColumns(Writer& writer, const catalog::SourceAnswers& answers) {
  writer.Key("columns");
  writer.StartObject();
  for (const auto& [object, columns] : answers.columns) {
    Key(writer, object);
    if (!columns) {
      writer.Null();
      continue;
    }
    writer.StartArray();
    for (const auto& column : *columns) Write(writer, column);
    writer.EndArray();
  }
  writer.EndObject();
}

void WriteAnswers(Writer& writer, const catalog::SourceAnswers& answers) {
  WriteColumns(writer, answers);
  writer.Key("generated");
  writer.StartArray();
  for (const auto& [column, is_generated] : answers.generated) {
    if (is_generated) Write(writer, column);
  }
  writer.EndArray();
  writer.Key("views");
  writer.StartArray();
  for (const auto& view : answers.queries) Write(writer, view);
  writer.EndArray();
  writer.Key("functions");
  writer.StartArray();
  for (const auto& [written, qualified] : answers.functions) {
    if (qualified) Write(writer, {written, *qualified});
  }
  writer.EndArray();
  writer.Key("rows");
  writer.StartObject();
  for (const auto& [object, rows] : answers.estimates) {
    if (rows < 0) continue;
    Key(writer, object);
    writer.Int64(rows);
  }
  writer.EndObject();
}

std::string Text(const Value& value) { return value.IsString() ? PlainTextOf(value) : std::string(); }

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
  WriteAnswers(writer, *model.answers);
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
  auto answers = std::make_shared<catalog::SourceAnswers>();
  if (document["columns"].IsObject()) {
    for (const auto& entry : document["columns"].GetObject()) {
      auto& columns = answers->columns[Text(entry.name)];
      if (entry.value.IsArray()) columns = Pairs(entry.value);
    }
  }
  for (auto& column : Pairs(document["generated"])) answers->generated[std::move(column)] = true;
  for (auto& [written, qualified] : Pairs(document["views"])) answers->queries[written] = qualified;
  for (auto& [written, qualified] : Pairs(document["functions"])) answers->functions[written] = qualified;
  if (document["rows"].IsObject()) {
    for (const auto& entry : document["rows"].GetObject()) {
      if (entry.value.IsInt64()) answers->estimates[Text(entry.name)] = entry.value.GetInt64();
    }
  }
  model.answers = std::move(answers);
  return model;
}

}  // namespace eider::sources
