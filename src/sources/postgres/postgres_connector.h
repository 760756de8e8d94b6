#pragma once

#include <utility>

#include "base/circuit_breaker.h"
#include "sources/connector.h"

namespace eider::sources {

// PostgreSQL databases, which run their own statements; the path is a URL or libpq's key=value text. The engine
// attaches the database as well, for statements over several sources, when its extension is there.
class PostgresConnector final : public Connector {
 public:
  explicit PostgresConnector(CircuitBreaker::Options breaker) : breaker_(std::move(breaker)) {}

  Result<std::string> Fingerprint(const cluster::SourceRecord& source) const override;
  Result<std::shared_ptr<const NativeSource>> OpenNative(const cluster::SourceRecord& source) const override;
  Status Attach(engine::Session& session, const cluster::SourceRecord& source,
                const std::string& catalog) const override;
  Status Replace(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  Status Refresh(engine::Session& session, const cluster::SourceRecord& source,
                 const std::string& catalog) const override;
  bool always_self_defined() const override { return false; }
  bool always_read_only() const override { return false; }
  std::string_view default_schema() const override { return "public"; }
  std::string EngineRefusal(engine::Session& session) const override;
  bool is_remote() const override { return true; }
  Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const override;
  Result<std::unique_ptr<ColumnTypeLookup>> LookUpTypes(const Attachment& attachment) const override;

 private:
  const CircuitBreaker::Options breaker_;
};

}  // namespace eider::sources
