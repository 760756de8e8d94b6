#include "sources/http/http_body.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "fetch/url.h"

namespace eider::sources {
namespace {

using rapidjson::Value;

// A line that occurs nowhere in `text`.
std::string Boundary(std::string_view text) {
  for (int number = 0;; ++number) {
    std::string boundary = "eider-part-" + std::to_string(number);
    if (text.find(boundary) == std::string_view::npos) return boundary;
  }
}

// The name of a part between quotes.
std::string PartName(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c == '"') {
      out.append("%22");
    } else if (c == '\r') {
      out.append("%0D");
    } else if (c == '\n') {
      out.append("%0A");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

Result<std::string> FormOf(const Value& object) {
  std::string form;
  EIDER_RETURN_IF_ERROR(ForEachHttpValue(object, [&](const std::string& name, const std::string& value) -> Status {
    form.append(form.empty() ? "" : "&").append(fetch::EncodeUrl(name)).append("=").append(fetch::EncodeUrl(value));
    return {};
  }));
  return form;
}

Result<std::string> PartsOf(const Value& object, const std::string& boundary) {
  std::string parts;
  EIDER_RETURN_IF_ERROR(ForEachHttpValue(object, [&](const std::string& name, const std::string& value) -> Status {
    parts.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=\"");
    parts.append(PartName(name)).append("\"\r\n\r\n").append(value).append("\r\n");
    return {};
  }));
  return parts.append("--").append(boundary).append("--\r\n");
}

}  // namespace

Status ForEachHttpValue(const Value& object,
                        const std::function<Status(const std::string& name, const std::string& value)>& add) {
  for (const auto& member : object.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    if (member.value.IsNull()) continue;
    if (!member.value.IsArray()) {
      EIDER_RETURN_IF_ERROR(add(name, PlainTextOf(member.value)));
      continue;
    }
    for (const Value& item : member.value.GetArray()) {
      if (!item.IsNull()) EIDER_RETURN_IF_ERROR(add(name, PlainTextOf(item)));
    }
  }
  return {};
}

const std::string* FindHeader(const std::vector<std::string>& headers, std::string_view name) {
  const auto found = std::ranges::find_if(headers, [&](const std::string& header) {
    return LowerAscii(std::string_view(header).substr(0, header.find_first_of(":;"))) == name;
  });
  return found == headers.end() ? nullptr : &*found;
}

Status WriteHttpBody(fetch::Request& request) {
  const std::string* header = FindHeader(request.headers, "content-type");
  if (header == nullptr) {
    request.headers.emplace_back("Content-Type: application/json");
    return {};
  }
  const std::string type = LowerAscii(*header);
  const bool is_form = type.find("application/x-www-form-urlencoded") != std::string::npos;
  const bool has_parts = type.find("multipart/form-data") != std::string::npos;
  // Who names a boundary has written the parts already.
  if ((!is_form && !has_parts) || type.find("boundary=") != std::string::npos) return {};
  rapidjson::Document document;
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag | rapidjson::kParseValidateEncodingFlag;
  document.Parse<kFlags>(request.body.data(), request.body.size());
  if (document.HasParseError() || !document.IsObject()) {
    if (is_form && document.HasParseError()) return {};  // Written as a form already.
    return Error(ErrorCode::kBadInput, "the body of a form must be a JSON object, which becomes its fields");
  }
  if (is_form) {
    EIDER_ASSIGN_OR_RETURN(request.body, FormOf(document));
    return {};
  }
  const std::string boundary = Boundary(request.body);
  EIDER_ASSIGN_OR_RETURN(request.body, PartsOf(document, boundary));
  request.headers[static_cast<std::size_t>(header - request.headers.data())].append("; boundary=" + boundary);
  return {};
}

}  // namespace eider::sources
