#include "http/response.h"

#include <fmt/format.h>

#include <charconv>
#include <ctime>

#include "base/text.h"
#include "http/error_map.h"

namespace eider::http {
namespace {

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 204: return "No Content";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

void AppendNumber(std::string& out, std::uint64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void AppendHeader(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out.append(name).append(value).append("\r\n");
}

void AppendErrorList(std::string& out, ErrorCode code, std::string_view message, bool extended) {
  out.append("[{\"message\":");
  AppendJsonString(out, message);
  if (extended) out.append(",\"extensions\":{\"code\":\"").append(ErrorCodeName(code)).append("\"}");
  out.append("}]");
}

}  // namespace

void AppendHead(std::string& out, const HeadOptions& options) {
  out.append(options.http10 ? "HTTP/1.0 " : "HTTP/1.1 ");
  AppendNumber(out, static_cast<std::uint64_t>(options.status));
  out.append(" ").append(ReasonPhrase(options.status)).append("\r\n");
  AppendHeader(out, "Content-Type: ", options.content_type);
  AppendHeader(out, "Content-Encoding: ", options.content_encoding);
  if (options.content_length) {
    out.append("Content-Length: ");
    AppendNumber(out, *options.content_length);
    out.append("\r\n");
  } else if (!options.http10 && options.status != 204 && options.status != 101) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  AppendHeader(out, "Date: ", options.date);
  AppendHeader(out, "X-Eider-Request-Id: ", options.request_id);
  if (options.schema_version) {
    out.append("X-Eider-Schema-Version: ");
    AppendNumber(out, *options.schema_version);
    out.append("\r\n");
  }
  out.append(options.headers);
  if (options.close) {
    out.append("Connection: close\r\n");
  } else if (options.http10) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

std::string ErrorBody(ErrorCode code, std::string_view message, bool extended) {
  std::string body = "{\"errors\":";
  AppendErrorList(body, code, message, extended);
  return body.append("}");
}

std::string ErrorListOf(ErrorCode code, std::string_view message) {
  std::string list;
  AppendErrorList(list, code, message, true);
  return list;
}

Response ErrorResponse(int status, ErrorCode code, std::string_view message, bool extended) {
  Response response;
  response.status = status;
  response.body = ErrorBody(code, message, extended);
  if (status != 200) response.headers.append("X-Eider-Error-Code: ").append(ErrorCodeName(code)).append("\r\n");
  if (status == 503) response.headers.append("Retry-After: 1\r\n");
  return response;
}

Response ErrorResponse(ErrorCode code, std::string_view message, bool extended) {
  return ErrorResponse(StatusOf(code), code, message, extended);
}

Response NotAllowed(std::string_view allowed) {
  const std::string_view verb = allowed.find(',') == std::string_view::npos ? "is" : "are";
  std::string methods(allowed);
  if (const std::size_t comma = methods.rfind(','); comma != std::string::npos) methods.replace(comma, 1, " and");
  Response response =
      ErrorResponse(405, ErrorCode::kBadInput, fmt::format("only {} {} answered here", methods, verb), true);
  response.headers.append(fmt::format("Allow: {}\r\n", allowed));
  return response;
}

Response NotFound(std::string_view path) {
  constexpr std::size_t kShown = 200;
  return ErrorResponse(ErrorCode::kNotFound, fmt::format("not found: {}", path.substr(0, kShown)), true);
}

Response PlainError(std::string message) {
  Response response;
  response.status = 400;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(message);
  response.headers = "X-Eider-Error-Code: BAD_INPUT\r\n";
  return response;
}

void AddRequestId(Response& response, std::string_view request_id) {
  constexpr std::string_view kEnd = "}}]}";
  if (!response.body.ends_with(kEnd)) return;
  response.body.resize(response.body.size() - kEnd.size());
  response.body.append(",\"request_id\":");
  AppendJsonString(response.body, request_id);
  response.body.append(kEnd);
}

std::string FormatDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

}  // namespace eider::http
