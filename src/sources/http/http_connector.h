#pragma once

#include <memory>
#include <utility>

#include "sources/connector.h"
#include "sources/http/http_service.h"

namespace eider::sources {

// Servers that answer JSON over HTTP: functions only. The engine has an empty database in the source's place, and
// reaches the server by its function http_data_source_request_scalar. Attaching sends nothing unless an OpenAPI
// document is named, which is read at every load.
class HttpConnector final : public Connector {
 public:
  HttpConnector(HttpDefaults defaults, CircuitBreaker::Options breaker)
      : defaults_(defaults),
        breaker_(std::move(breaker)) {}

  Result<std::string> Fingerprint(const cluster::SourceRecord& source) const override;
  Result<std::shared_ptr<const NativeSource>> OpenNative(const cluster::SourceRecord& source) const override;
  Status Attach(engine::Session& session, const cluster::SourceRecord& source,
                const std::string& catalog) const override;
  Status Replace(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  Status Refresh(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  bool always_self_defined() const override { return true; }
  bool always_read_only() const override { return true; }
  bool is_remote() const override { return true; }
  Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const override;
  Status Check(const catalog::CompiledSource& compiled) const override;

 private:
  std::shared_ptr<fetch::HttpClient> Client() const;

  const HttpDefaults defaults_;
  const CircuitBreaker::Options breaker_;
  mutable Mutex mutex_;
  mutable std::shared_ptr<fetch::HttpClient> client_ GUARDED_BY(mutex_);  // Made for the first source.
};

}  // namespace eider::sources
