#include "sources/http/openapi/operations.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "sources/sdl_text.h"

namespace eider::sources::openapi {
namespace {

constexpr std::array<std::string_view, 5> kMethods = {"get", "post", "put", "patch", "delete"};
constexpr std::string_view kCall = "http_data_source_request_scalar";

bool IsForm(std::string_view type) {
  return type == "application/x-www-form-urlencoded" || type == "multipart/form-data";
}

// The schema of a content that is JSON, whatever it is called exactly.
Site JsonSchema(const Site& holder) {
  const Site content = holder.Member("content");
  if (!content || !content.value->IsObject()) return {};
  Site any;
  for (const auto& member : content.value->GetObject()) {
    const std::string type(member.name.GetString(), member.name.GetStringLength());
    const Site media = content.Member(type);
    if (type == "application/json") return media.Member("schema");
    if (type.find("json") != std::string::npos || type == "*/*") any = media.Member("schema");
  }
  return any;
}

// The content type of a body that has none of JSON: a form before all others; empty when there is nothing else.
std::string OtherType(const Site& holder) {
  const Site content = holder.Member("content");
  if (!content || !content.value->IsObject()) return {};
  std::string other;
  for (const auto& member : content.value->GetObject()) {
    std::string type(member.name.GetString(), member.name.GetStringLength());
    if (IsForm(type)) return type;
    if (type.find("json") != std::string::npos || type == "*/*") return {};
    if (other.empty()) other = type;
  }
  return other;
}

std::string Upper(std::string_view method) {
  std::string out;
  for (const char c : method) out.push_back(static_cast<char>(c - 'a' + 'A'));
  return out;
}

// "get_pets_petId" for an operation without a name of its own.
std::string FunctionName(const Site& site, const std::string& method, const std::string& path) {
  std::string wanted = site.Text("operationId");
  if (wanted.empty()) wanted = method + "_" + path;
  std::string name;
  for (const char c : GraphqlName(wanted)) {
    if (c != '_' || !name.ends_with('_')) name.push_back(c);
  }
  name.erase(0, std::min(name.find_first_not_of('_'), name.size()));
  while (name.ends_with('_')) name.pop_back();
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, method + "_");
  return name;
}

// A default that stands as it is in SDL; empty = none.
std::string DefaultText(const Site& schema, const TypeUse& type) {
  const Site value = schema.Member("default");
  if (!value || type.is_list) return {};
  if (type.name == "Boolean" && value.value->IsBool()) return value.value->GetBool() ? "true" : "false";
  const bool is_integer = type.name == "Int" || type.name == "BigInt";
  if (is_integer && value.value->IsInt()) return std::to_string(value.value->GetInt());
  if (type.name == "Float" && value.value->IsNumber()) return JsonTextOf(*value.value);
  if (type.name == "String" && value.value->IsString()) return SdlString(value.value->GetString());
  return {};
}

std::string Placeholder(const std::string& argument) { return "[" + argument + "]"; }

}  // namespace

Status Operations::AddAll(const Site& paths) {
  if (!paths.value->IsObject()) return BrokenAt(paths, "paths must be an object");
  for (const auto& member : paths.value->GetObject()) {
    const std::string path(member.name.GetString(), member.name.GetStringLength());
    if (path.starts_with("x-")) continue;
    const Site written = paths.Member(path);
    if (!path.starts_with('/')) return BrokenAt(written, "a path must begin with \"/\"");
    EIDER_ASSIGN_OR_RETURN(const Site item, references_.Resolve(written));
    if (!item.value->IsObject()) return BrokenAt(written, "a path must hold an object of operations");
    for (const std::string_view method : kMethods) {
      const Site operation = item.Member(method);
      if (!operation) continue;
      if (!operation.value->IsObject()) return BrokenAt(operation, "an operation must be an object");
      EIDER_RETURN_IF_ERROR(Add(item, operation, std::string(method), path));
    }
  }
  return {};
}

void Operations::AddArgument(const std::string& name, const std::string& type, const std::string& description,
                             Operation& operation) {
  operation.arguments += SdlDescription(description, 2) + "\t\t" + name + ": " + type + "\n";
}

Status Operations::AddParameter(const Site& written, Operation& operation) {
  EIDER_ASSIGN_OR_RETURN(const Site site, references_.Resolve(written));
  if (!site.value->IsObject()) return BrokenAt(written, "a parameter must be an object");
  Parameter parameter;
  parameter.key = site.Text("name");
  parameter.in = site.Text("in");
  if (parameter.key.empty()) return BrokenAt(site, "a parameter needs a name");
  const bool is_known =
      parameter.in == "path" || parameter.in == "query" || parameter.in == "header" || parameter.in == "cookie";
  if (!is_known) return BrokenAt(site, "in must be path, query, header or cookie");
  const auto same = [&](const Parameter& known) { return known.key == parameter.key && known.in == parameter.in; };
  // What the operation says goes before what its path says.
  if (std::ranges::any_of(operation.parameters, same)) return {};
  const std::string lower = LowerAscii(parameter.key);
  if (parameter.in == "header" && (lower == "accept" || lower == "content-type" || lower == "authorization")) return {};
  parameter.argument = operation.names.Claim(GraphqlName(parameter.key));
  Site schema = site.Member("schema");
  if (!schema) schema = JsonSchema(site);
  EIDER_ASSIGN_OR_RETURN(TypeUse type, schemas_.Input(schema, operation.name + "_" + parameter.argument));
  // Sent as it is written.
  if (type.name == "Timestamp") type.name = "String";
  parameter.is_list = type.is_list;
  const Site explode = site.Member("explode");
  const bool repeats = !explode || !explode.value->IsBool() || explode.value->GetBool();
  parameter.joined = type.is_list && (parameter.in != "query" || !repeats);
  EIDER_ASSIGN_OR_RETURN(const Site resolved, references_.Resolve(schema));
  const std::string standard = DefaultText(resolved, type);
  std::string text = type.Text();
  if (!standard.empty()) {
    text += " = " + standard;
  } else if (parameter.in == "path" || site.Flag("required")) {
    text += "!";
  }
  AddArgument(parameter.argument, text, site.Text("description"), operation);
  operation.parameters.push_back(std::move(parameter));
  return {};
}

Status Operations::AddParameters(const Site& list, Operation& operation) {
  if (!list) return {};
  if (!list.value->IsArray()) return BrokenAt(list, "parameters must be a list");
  for (rapidjson::SizeType i = 0; i < list.value->Size(); ++i) {
    EIDER_RETURN_IF_ERROR(AddParameter(list.Item(i), operation));
  }
  return {};
}

Status Operations::AddBody(const Site& site, Operation& operation) {
  if (operation.method == "get" || !site.Member("requestBody")) return {};
  EIDER_ASSIGN_OR_RETURN(const Site body, references_.Resolve(site.Member("requestBody")));
  if (!body.value->IsObject()) return BrokenAt(body, "a request body must be an object");
  Site schema = JsonSchema(body);
  if (!schema) operation.body_type = OtherType(body);
  TypeUse type;
  if (IsForm(operation.body_type)) {
    schema = body.Member("content").Member(operation.body_type).Member("schema");
  }
  if (operation.body_type.empty() || IsForm(operation.body_type)) {
    EIDER_ASSIGN_OR_RETURN(type, schemas_.Input(schema, operation.name + "_body"));
  } else {
    type.name = "String";
  }
  operation.has_body = true;
  AddArgument("request_body", type.Text() + (body.Flag("required") ? "!" : ""), body.Text("description"), operation);
  return {};
}

// What status 200 answers; else what the document says of all of them.
Result<TypeUse> Operations::ResultOf(const Site& site, const Operation& operation) {
  const Site responses = site.Member("responses");
  for (const char* status : {"200", "2XX", "default", "201"}) {
    const Site written = responses.Member(status);
    if (!written) continue;
    EIDER_ASSIGN_OR_RETURN(const Site response, references_.Resolve(written));
    return schemas_.Output(JsonSchema(response), operation.name + "_result");
  }
  return TypeUse();
}

std::string Operations::PathSql(const Operation& operation) const {
  std::string sql;
  std::string text = prefix_;
  const auto add = [&](const std::string& part) { sql += (sql.empty() ? "" : " || ") + part; };
  for (std::size_t at = 0; at < operation.path.size();) {
    const std::size_t open = operation.path.find('{', at);
    const std::size_t close = open == std::string::npos ? open : operation.path.find('}', open);
    if (close == std::string::npos) {
      text += operation.path.substr(at);
      break;
    }
    text += operation.path.substr(at, open - at);
    const std::string key = operation.path.substr(open + 1, close - open - 1);
    const auto parameter = std::ranges::find_if(
        operation.parameters, [&](const Parameter& known) { return known.in == "path" && known.key == key; });
    at = close + 1;
    if (parameter == operation.parameters.end()) continue;  // Checked before.
    if (!text.empty()) add(QuoteLiteral(text));
    text.clear();
    const std::string value = Placeholder(parameter->argument);
    add("url_encode(" + (parameter->joined ? "array_to_string(" + value + ", ',')" : "CAST(" + value + " AS VARCHAR)") +
        ")");
  }
  if (!text.empty() || sql.empty()) add(QuoteLiteral(text));
  return sql;
}

// Headers are members of an object; cookies share one of them.
std::string Operations::HeadersSql(const Operation& operation) {
  std::string members;
  std::string cookies;
  const auto add = [&](const std::string& name, const std::string& value) {
    members += (members.empty() ? "" : ", ") + QuoteLiteral(name) + ", " + value;
  };
  for (const Parameter& parameter : operation.parameters) {
    const std::string value = Placeholder(parameter.argument);
    const std::string text = parameter.joined ? "array_to_string(" + value + ", ',')" : value;
    if (parameter.in == "header") add(parameter.key, text);
    if (parameter.in != "cookie") continue;
    cookies += ", " + QuoteLiteral(parameter.key + "=") + " || url_encode(CAST(" + text + " AS VARCHAR))";
  }
  if (!cookies.empty()) add("Cookie", "nullif(concat_ws('; '" + cookies + "), '')");
  if (!operation.body_type.empty()) add("Content-Type", QuoteLiteral(operation.body_type));
  return members.empty() ? std::string("'{}'") : "json_object(" + members + ")";
}

std::string Operations::CallSql(const Operation& operation) const {
  const auto object_of = [&](std::string_view in) {
    std::string members;
    for (const Parameter& parameter : operation.parameters) {
      if (parameter.in != in) continue;
      const std::string value = Placeholder(parameter.argument);
      members += (members.empty() ? "" : ", ") + QuoteLiteral(parameter.key) + ", " +
                 (parameter.joined ? "array_to_string(" + value + ", ',')" : value);
    }
    return members.empty() ? std::string("'{}'") : "json_object(" + members + ")";
  };
  return std::string(kCall) + "([$catalog], " + PathSql(operation) + ", " + QuoteLiteral(Upper(operation.method)) +
         ", " + HeadersSql(operation) + ", " + object_of("query") + ", " +
         (operation.has_body ? "[request_body]" : "NULL") + ", '')";
}

Status Operations::Add(const Site& item, const Site& site, std::string method, std::string path) {
  Operation operation;
  operation.method = std::move(method);
  operation.path = std::move(path);
  const std::string wanted = FunctionName(site, operation.method, operation.path);
  const bool is_query = operation.method == "get" || operation.method == "post";
  const bool is_mutation = operation.method != "get";
  operation.name = wanted;
  for (int number = 2; (is_query && queries_.Has(operation.name)) || (is_mutation && mutations_.Has(operation.name));
       ++number) {
    operation.name = wanted + "_" + std::to_string(number);
  }
  if (is_query) (void)queries_.Enter(operation.name);
  if (is_mutation) (void)mutations_.Enter(operation.name);
  (void)operation.names.Enter("request_body");
  EIDER_RETURN_IF_ERROR(AddParameters(site.Member("parameters"), operation));
  EIDER_RETURN_IF_ERROR(AddParameters(item.Member("parameters"), operation));
  for (std::size_t open = operation.path.find('{'); open != std::string::npos;
       open = operation.path.find('{', open + 1)) {
    const std::size_t close = operation.path.find('}', open);
    if (close == std::string::npos) return BrokenAt(site, "the path has \"{\" without \"}\"");
    const std::string key = operation.path.substr(open + 1, close - open - 1);
    const bool is_declared = std::ranges::any_of(
        operation.parameters, [&](const Parameter& known) { return known.in == "path" && known.key == key; });
    if (!is_declared) return BrokenAt(site, "the path parameter \"" + key + "\" is not declared");
  }
  EIDER_RETURN_IF_ERROR(AddBody(site, operation));
  EIDER_ASSIGN_OR_RETURN(const TypeUse result, ResultOf(site, operation));
  std::string description = site.Text("summary");
  if (description.empty()) description = site.Text("description");
  const std::string arguments = operation.arguments.empty() ? "" : "(\n" + operation.arguments + "\t)";
  const std::string text = SdlDescription(description, 1) + "\t" + operation.name + arguments + ": " + result.Text() +
                           " @function(name: " + SdlString(operation.name) + ", sql: " + SdlString(CallSql(operation)) +
                           ", json_cast: true)" + (site.Flag("deprecated") ? " @deprecated" : "") + "\n";
  if (is_query) query_sdl_ += text;
  if (is_mutation) mutation_sdl_ += text;
  return {};
}

std::string Operations::Sdl() const {
  std::string sdl;
  if (!query_sdl_.empty()) sdl += "extend type Function {\n" + query_sdl_ + "}\n";
  if (!mutation_sdl_.empty()) sdl += "extend type MutationFunction {\n" + mutation_sdl_ + "}\n";
  return sdl;
}

}  // namespace eider::sources::openapi
