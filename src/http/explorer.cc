#include "http/explorer.h"

#include "base/text.h"
#include "explorer_assets.h"
#include "http/compressor.h"
#include "http/negotiate.h"

namespace eider::http {
namespace {

// The page loads nothing from elsewhere; its editor sets styles from scripts.
constexpr std::string_view kPageHeaders =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cache-Control: no-cache\r\n";

std::string_view TypeOf(std::string_view file) {
  if (file.ends_with(".html")) return "text/html; charset=utf-8";
  if (file.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (file.ends_with(".css")) return "text/css; charset=utf-8";
  if (file.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

Response NodeJson(const NodeLabel& node) {
  Response response;
  response.headers = kPageHeaders;
  response.body = "{\"name\":";
  AppendJsonString(response.body, node.name);
  response.body.append(",\"version\":");
  AppendJsonString(response.body, node.version);
  response.body.push_back('}');
  return response;
}

}  // namespace

Response AnswerExplorer(const Request& request, const NodeLabel& node) {
  Response response;
  std::string_view path = request.path();
  if (path == "/" || path == "/admin/") {
    response.status = 302;
    response.content_type = {};
    response.headers = "Location: /admin\r\n";
    return response;
  }
  if (path == "/admin/node.json") return NodeJson(node);
  const std::string file = path == "/admin" ? "index.html" : std::string(path.substr(sizeof("/admin/") - 1));
  const std::string_view compressed = assets::Explorer(file + ".gz");
  if (compressed.empty()) return ErrorResponse(ErrorCode::kNotFound, "not found", true);
  response.content_type = TypeOf(file);
  response.headers = kPageHeaders;
  if (AcceptsGzip(request.Header("accept-encoding"))) {
    response.static_body = compressed;
    response.headers.append("Content-Encoding: gzip\r\n");
  } else {
    response.body = Gunzip(compressed);
  }
  return response;
}

}  // namespace eider::http
