#include "fetch/url.h"
#include "sources/http/openapi/openapi_sdl.h"
#include "sources/http/openapi/operations.h"
#include "sources/http/openapi/schemas.h"

namespace eider::sources::openapi {
namespace {

std::string WithoutSlash(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

// The path of the document's server below the base URL. A server elsewhere is not asked: the source says where to go.
std::string ServerPrefix(const Site& document, const Place& place) {
  const Site servers = document.Member("servers");
  if (place.base_is_server || !servers || !servers.value->IsArray() || servers.value->Empty()) return {};
  const std::string server = servers.Item(0).Text("url");
  if (server.empty() || server.find('{') != std::string::npos) return {};
  const auto resolved = fetch::ResolveUrl(place.document_url, server);
  const auto base = fetch::ParseUrl(place.base_url);
  const auto there = resolved ? fetch::ParseUrl(*resolved) : Result<fetch::Url>(resolved.error());
  if (!there || !base || there->origin() != base->origin()) return {};
  const std::string from = WithoutSlash(base->path);
  const std::string to = WithoutSlash(there->path);
  const bool is_below = to.starts_with(from) && (to.size() == from.size() || to[from.size()] == '/');
  return is_below ? to.substr(from.size()) : std::string();
}

}  // namespace

Result<Description> DescribeApi(const rapidjson::Value& document, const Place& place) {
  const Site root{&document};
  if (root.Member("swagger")) {
    return BrokenAt(root.Member("swagger"), "it is of Swagger 2.0; convert it to OpenAPI 3");
  }
  if (!root.Text("openapi").starts_with("3.")) {
    return BrokenAt(root.Member("openapi"), "it must say \"openapi\": \"3.…\"");
  }
  Description description;
  description.security_schemes = root.Member("components").Member("securitySchemes").value;
  const Site paths = root.Member("paths");
  if (!paths) return description;
  const References references(document);
  Schemas schemas(references, document);
  Operations operations(references, schemas, ServerPrefix(root, place));
  EIDER_RETURN_IF_ERROR(operations.AddAll(paths));
  description.sdl = schemas.Sdl() + operations.Sdl();
  return description;
}

}  // namespace eider::sources::openapi
