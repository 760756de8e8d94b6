#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/circuit_breaker.h"
#include "base/result.h"
#include "catalog/compiler.h"
#include "cluster/source_record.h"
#include "engine/session.h"
#include "sources/column_types.h"
#include "sources/http/http_options.h"
#include "sources/native_source.h"

namespace eider::sources {

// An attached source, as those see it who read its structure.
struct Attachment {
  engine::Session& session;                       // Of the engine.
  std::string catalog;                            // The engine's name for it.
  const NativeSource* native;                     // Null when the engine runs its statements.
  const cluster::SourceRecord* record = nullptr;  // Set while the source is compiled.
};

// How one kind of source is reached. Stateless and thread-safe; one instance per type, owned by the ConnectorTable.
// Paths arrive with environment variables already put in. Errors are kSourceUnavailable or kDiskFull with a message for
// the person who registered the source.
class Connector {
 public:
  virtual ~Connector() = default;

  // Says what an attachment of `source` would be made of. While it stays the same, a reload keeps the attachment.
  virtual Result<std::string> Fingerprint(const cluster::SourceRecord& source) const = 0;

  // Opens the source's own sessions and makes sure that it answers; null when the engine runs its statements.
  virtual Result<std::shared_ptr<const NativeSource>> OpenNative(const cluster::SourceRecord& /*source*/) const {
    return std::shared_ptr<const NativeSource>();
  }

  // Attaches the source as the engine's database `catalog`. Leaves nothing behind on failure.
  virtual Status Attach(engine::Session& session, const cluster::SourceRecord& source,
                        const std::string& catalog) const = 0;

  // Puts a fresh attachment in the place of the one called `catalog`. Statements that run meanwhile end on the old one.
  virtual Status Replace(engine::Session& session, const cluster::SourceRecord& source,
                         const std::string& catalog) const = 0;

  // Makes or brings up to date what a fresh attachment does not have by itself, such as views over files. Called inside
  // a transaction, which is rolled back when the load fails later.
  virtual Status Refresh(engine::Session& session, const cluster::SourceRecord& source,
                         const std::string& catalog) const = 0;

  // Whether the SDL is always read from the source, whatever `self_defined` says.
  virtual bool always_self_defined() const = 0;

  // Whether the source never takes writes, whatever `read_only` says.
  virtual bool always_read_only() const = 0;
  // The same where it depends on the source.
  virtual bool IsReadOnly(const cluster::SourceRecord& source) const { return source.read_only || always_read_only(); }

  // The schema of tables whose name has none.
  virtual std::string_view default_schema() const { return "main"; }

  // Why the engine cannot read the source, and what to do; empty when it can. Asked of sources with own sessions only.
  virtual std::string EngineRefusal(engine::Session& /*session*/) const { return {}; }

  // Whether loading may wait for another machine; such sources are loaded side by side.
  virtual bool is_remote() const { return false; }
  // The same where it depends on the source.
  virtual std::string DefaultSchemaOf(const cluster::SourceRecord& /*source*/) const {
    return std::string(default_schema());
  }

  // What statements on such sources can do.
  virtual catalog::SourceTraits traits() const { return {}; }
  // The same where it depends on the source.
  virtual catalog::SourceTraits TraitsOf(const cluster::SourceRecord& /*source*/) const { return traits(); }

  // Describes what the source holds as SDL.
  virtual Result<std::vector<catalog::SdlFile>> Introspect(const Attachment& attachment) const = 0;

  // Whether the compiled schema asks for nothing that such a source does not have. Errors: kBadInput.
  virtual Status Check(const catalog::CompiledSource& /*compiled*/) const { return {}; }

  // Reads the column types of its tables, or what is needed to look them up.
  virtual Result<std::unique_ptr<ColumnTypeLookup>> LookUpTypes(const Attachment& attachment) const;
};

// Finds connectors by the `type` of a source.
class ConnectorTable {
 public:
  ConnectorTable(const HttpDefaults& http, const CircuitBreaker::Options& breaker);
  ~ConnectorTable();

  // The connector of `type`, or "unknown data source type".
  Result<const Connector*> Find(std::string_view type) const;

 private:
  std::vector<std::pair<std::string_view, std::unique_ptr<Connector>>> connectors_;
};

}  // namespace eider::sources
