#include "sources/http/http_connector.h"

#include <chrono>

#include "catalog/compiled_source.h"
#include "fetch/knock.h"
#include "sources/empty_catalog.h"
#include "sources/http/openapi/openapi_sdl.h"

namespace eider::sources {
namespace {

constexpr std::chrono::seconds kKnockTime{2};

}  // namespace

std::shared_ptr<fetch::HttpClient> HttpConnector::Client() const {
  MutexLock lock(mutex_);
  if (client_ == nullptr) client_ = std::make_shared<fetch::HttpClient>();
  return client_;
}

Result<std::string> HttpConnector::Fingerprint(const cluster::SourceRecord& source) const {
  EIDER_ASSIGN_OR_RETURN(const HttpOptions options, ParseHttpPath(source.path, defaults_.peer));
  return "http " + source.path;
}

Result<std::shared_ptr<const NativeSource>> HttpConnector::OpenNative(const cluster::SourceRecord& source) const {
  NativeSource native;
  CircuitBreaker::Options options = breaker_;
  options.name = BreakerName(source.name);
  native.breaker = std::make_shared<CircuitBreaker>(std::move(options));
  HttpServiceParts parts{defaults_, Client(), native.breaker};
  EIDER_ASSIGN_OR_RETURN(native.http, HttpService::Open(source.name, source.path, std::move(parts)));
  EIDER_ASSIGN_OR_RETURN(fetch::Url server, fetch::ParseUrl(native.http->base_url()));
  native.is_back = [server = std::move(server)] {
    return fetch::TakesConnections(server, Deadline::After(kKnockTime));
  };
  return std::shared_ptr<const NativeSource>(std::make_shared<NativeSource>(std::move(native)));
}

Status HttpConnector::Attach(engine::Session& session, const cluster::SourceRecord& /*source*/,
                             const std::string& catalog) const {
  return AttachEmpty(session, "ATTACH", catalog);
}

Status HttpConnector::Replace(engine::Session& session, const cluster::SourceRecord& /*source*/,
                              const std::string& catalog) const {
  return AttachEmpty(session, "ATTACH OR REPLACE", catalog);
}

Status HttpConnector::Refresh(engine::Session& /*session*/, const cluster::SourceRecord& /*source*/,
                              const std::string& /*catalog*/) const {
  return {};
}

Status HttpConnector::Check(const catalog::CompiledSource& compiled) const {
  for (const catalog::DataObject& object : compiled.objects) {
    if (!object.view_sql.empty()) continue;
    return Error(ErrorCode::kBadInput, "an HTTP source has functions, and views with sql, but no table or view \"" +
                                           object.declared_name + "\"");
  }
  return {};
}

Result<std::vector<catalog::SdlFile>> HttpConnector::Introspect(const Attachment& attachment) const {
  HttpService& service = *attachment.native->http;
  EIDER_ASSIGN_OR_RETURN(const auto document, service.ReadDocument({}));
  std::vector<catalog::SdlFile> files;
  if (!document) return files;
  EIDER_ASSIGN_OR_RETURN(const rapidjson::Document tree, openapi::ReadDocument(document->text));
  openapi::Place place;
  place.document_url = document->url;
  place.base_url = service.base_url();
  place.base_is_server = service.has_server();
  EIDER_ASSIGN_OR_RETURN(openapi::Description description, openapi::DescribeApi(tree, place));
  EIDER_RETURN_IF_ERROR(service.UseSchemes(description.security_schemes));
  if (!description.sdl.empty()) files.push_back({"openapi", std::move(description.sdl)});
  return files;
}

}  // namespace eider::sources
