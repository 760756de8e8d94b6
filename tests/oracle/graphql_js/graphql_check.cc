// graphql_check SCHEMA < CASES > VERDICTS: says what Eider thinks of GraphQL documents, for comparison with another
// implementation. CASES is a JSON list of {"document": text, "steps": "parse" | "validate" | "coerce",
// "variables": {…}}; the answer has one verdict for each, and the result of an introspection query.
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "graphql/coerce.h"
#include "graphql/introspection.h"
#include "graphql/parser.h"
#include "graphql/print.h"
#include "graphql/schema_builder.h"
#include "graphql/validate.h"

namespace {

using namespace eider::graphql;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void WriteText(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void WriteErrors(Writer& writer, const char* phase, const std::vector<GraphqlError>& errors) {
  writer.Key("phase");
  writer.String(phase);
  writer.Key("errors");
  writer.StartArray();
  for (const GraphqlError& error : errors) {
    writer.StartObject();
    writer.Key("message");
    WriteText(writer, error.message);
    writer.Key("line");
    writer.Uint(error.locations.empty() ? 0 : error.locations[0].line);
    writer.Key("column");
    writer.Uint(error.locations.empty() ? 0 : error.locations[0].column);
    writer.EndObject();
  }
  writer.EndArray();
}

void WriteVariables(Writer& writer, const OperationDefinition& operation, const Variables& variables) {
  std::string json = "{";
  for (const VariableDefinition& definition : operation.variables) {
    const Value* value = variables.Find(definition.name);
    if (value == nullptr) continue;
    if (json.size() > 1) json += ",";
    json.append("\"").append(definition.name).append("\":");
    PrintJson(*value, &json);
  }
  json += "}";
  writer.Key("variables");
  writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

void Check(Writer& writer, const Schema& schema, const rapidjson::Value& test) {
  const std::string_view steps = test["steps"].GetString();
  auto document = Parse(std::string(test["document"].GetString(), test["document"].GetStringLength()));
  if (!document) return WriteErrors(writer, "parse", {document.error()});
  writer.Key("printed");
  WriteText(writer, PrintDocument(**document));
  if (steps == "parse") return WriteErrors(writer, "valid", {});
  if (const auto errors = Validate(schema, **document); !errors.empty()) return WriteErrors(writer, "validate", errors);
  if (steps == "validate") return WriteErrors(writer, "valid", {});
  const OperationDefinition& operation = *(*document)->operations()[0];
  auto variables = CoerceVariables(schema, **document, operation, &test["variables"]);
  if (!variables) return WriteErrors(writer, "coerce", variables.error());
  WriteVariables(writer, operation, *variables);
  WriteErrors(writer, "valid", {});
}

std::string Introspect(const Schema& schema, const std::string& query) {
  const auto document = *Parse(query);
  const Variables variables;
  const CollectContext context{schema, *document, variables};
  const auto fields = CollectFields(context, *schema.query(), document->operations()[0]->selections);
  std::string out;
  if (!WriteIntrospection(context, fields[0], {}, &out)) return "null";
  return out;
}

SchemaPtr LoadSchema(const char* path) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto document = ParseSdl(text, path);
  if (!document) {
    std::cerr << path << ": " << document.error().message << "\n";
    return nullptr;
  }
  SchemaBuilder builder;
  builder.AddSdl(**document);
  auto schema = builder.Build();
  if (schema) return *schema;
  for (const GraphqlError& error : schema.error()) std::cerr << path << ": " << error.message << "\n";
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const SchemaPtr schema = LoadSchema(argv[1]);
  if (schema == nullptr) return 1;
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  rapidjson::Document request;
  request.Parse(input.data(), input.size());
  if (!request.IsObject()) return 2;
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  writer.Key("verdicts");
  writer.StartArray();
  for (const auto& test : request["cases"].GetArray()) {
    writer.StartObject();
    Check(writer, *schema, test);
    writer.EndObject();
  }
  writer.EndArray();
  writer.Key("sdl");
  WriteText(writer, PrintSdl(*schema));
  writer.Key("introspection");
  const std::string introspection = Introspect(*schema, request["introspection"].GetString());
  writer.RawValue(introspection.data(), introspection.size(), rapidjson::kObjectType);
  writer.EndObject();
  std::cout << buffer.GetString() << "\n";
  return 0;
}
