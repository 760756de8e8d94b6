#pragma once

#include <utility>

#include "base/circuit_breaker.h"
#include "sources/attached/attached_connector.h"

namespace eider::sources {

// MySQL and MariaDB servers: `mysql://user:password@host:port/database`, `host=… user=… database=…`, or the name of a
// secret of the engine. With a database, its tables need no schema; without one, each database is a schema.
class MysqlConnector final : public AttachedConnector {
 public:
  explicit MysqlConnector(CircuitBreaker::Options breaker) : breaker_(std::move(breaker)) {}

  catalog::SourceTraits traits() const override;
  // No sessions: a breaker, and the pulse of a server whose address is known.
  Result<std::shared_ptr<const NativeSource>> OpenNative(const cluster::SourceRecord& source) const override;
  std::string DefaultSchemaOf(const cluster::SourceRecord& source) const override;
  Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const override;
  Result<std::unique_ptr<ColumnTypeLookup>> LookUpTypes(const Attachment& attachment) const override;

 protected:
  Result<AttachPlan> PlanAttach(const cluster::SourceRecord& source) const override;

 private:
  const CircuitBreaker::Options breaker_;
};

}  // namespace eider::sources
