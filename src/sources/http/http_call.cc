#include "sources/http/http_call.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "fetch/url.h"
#include "sources/http/http_body.h"

namespace eider::sources {
namespace {

constexpr std::array<std::string_view, 6> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};

// What the client itself says about a request, and what would speak to somebody between.
constexpr std::array<std::string_view, 7> kOwnHeaders = {
    "host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te"};

Error BadCall(const std::string& what) { return Error(ErrorCode::kBadInput, what); }

Result<std::string> MethodOf(const std::string& text) {
  std::string method;
  for (const char c : text) method.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  if (std::ranges::find(kMethods, method) != kMethods.end()) return method;
  return BadCall("not a method of HTTP sources: \"" + text.substr(0, 20) +
                 "\" (known: GET, HEAD, POST, PUT, PATCH, DELETE)");
}

Result<rapidjson::Document> ObjectOf(const std::string& json, std::string_view what) {
  rapidjson::Document document;
  if (json.empty()) {
    document.SetObject();
    return document;
  }
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag | rapidjson::kParseValidateEncodingFlag;
  document.Parse<kFlags>(json.data(), json.size());
  if (!document.HasParseError() && document.IsNull()) document.SetObject();
  if (document.HasParseError() || !document.IsObject()) {
    return BadCall("the " + std::string(what) + " of an HTTP request must be a JSON object");
  }
  return document;
}

bool IsToken(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !name.empty() && std::ranges::all_of(name, allowed);
}

Status AddHeader(const std::string& name, const std::string& value, std::vector<std::string>& headers) {
  if (!IsToken(name)) return BadCall("not the name of a header: \"" + name.substr(0, 40) + "\"");
  if (std::ranges::find(kOwnHeaders, LowerAscii(name)) != kOwnHeaders.end()) {
    return BadCall("the header \"" + name + "\" belongs to the client and cannot be given");
  }
  const bool breaks = std::ranges::any_of(value, [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; });
  if (breaks) return BadCall("the header \"" + name + "\" has a control character");
  std::string& line = headers.emplace_back(name);
  line.append(value.empty() ? ";" : ": ").append(value);  // libcurl's way to send an empty one.
  return {};
}

// A path that stays below the base URL, with everything encoded that a path cannot hold.
Result<std::string> PathOf(const std::string& text) {
  std::string path = text.starts_with('/') || text.starts_with('?') || text.empty() ? "" : "/";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte > 0x20 && byte < 0x7F && std::string_view("\"#<>\\^`{|}").find(c) == std::string_view::npos;
    path.append(plain ? std::string(1, c) : fetch::EncodeUrl(std::string_view(&c, 1)));
  }
  const std::string_view before_query = std::string_view(path).substr(0, path.find('?'));
  for (const std::string_view part : SplitText(before_query, '/')) {
    const std::string decoded = UnescapePercent(part);
    if (decoded == ".." || decoded == ".")
      return BadCall("the path of an HTTP request must not have \"" + decoded + "\"");
  }
  return path;
}

void AppendQuery(const std::string& query, std::string& url) {
  if (query.empty()) return;
  url.append(url.find('?') == std::string::npos ? "?" : "&").append(query);
}

}  // namespace

Result<fetch::Request> BuildRequest(const HttpOptions& options, const HttpCall& call) {
  fetch::Request request;
  EIDER_ASSIGN_OR_RETURN(request.method, MethodOf(call.method));
  EIDER_ASSIGN_OR_RETURN(const rapidjson::Document headers, ObjectOf(call.headers, "headers"));
  EIDER_RETURN_IF_ERROR(ForEachHttpValue(headers, [&](const std::string& name, const std::string& value) {
    return AddHeader(name, value, request.headers);
  }));
  EIDER_ASSIGN_OR_RETURN(const std::string path, PathOf(call.path));
  request.url = options.base_url + path;
  AppendQuery(options.query, request.url);
  EIDER_ASSIGN_OR_RETURN(const rapidjson::Document parameters, ObjectOf(call.parameters, "parameters"));
  std::string query;
  EIDER_RETURN_IF_ERROR(ForEachHttpValue(parameters, [&](const std::string& name, const std::string& value) -> Status {
    query.append(query.empty() ? "" : "&").append(fetch::EncodeUrl(name)).append("=").append(fetch::EncodeUrl(value));
    return {};
  }));
  AppendQuery(query, request.url);
  if (!request.changes_nothing() && call.body) {
    request.body = *call.body;
    EIDER_RETURN_IF_ERROR(WriteHttpBody(request));
  }
  if (FindHeader(request.headers, "accept") == nullptr) request.headers.emplace_back("Accept: application/json");
  return request;
}

}  // namespace eider::sources
