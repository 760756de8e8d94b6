#include "sources/connector.h"
#include "sources/duckdb/duckdb_connector.h"
#include "sources/ducklake/ducklake_connector.h"
#include "sources/extension/extension_connector.h"
#include "sources/files/files_connector.h"
#include "sources/http/http_connector.h"
#include "sources/iceberg/iceberg_connector.h"
#include "sources/mysql/mysql_connector.h"
#include "sources/postgres/postgres_connector.h"
#include "sources/sqlite/sqlite_connector.h"

namespace eider::sources {

Result<std::unique_ptr<ColumnTypeLookup>> Connector::LookUpTypes(const Attachment& attachment) const {
  return std::make_unique<EngineColumnTypes>(attachment.session, attachment.catalog);
}

ConnectorTable::ConnectorTable(const HttpDefaults& http, const CircuitBreaker::Options& breaker) {
  connectors_.emplace_back("duckdb", std::make_unique<DuckdbConnector>());
  connectors_.emplace_back("extension", std::make_unique<ExtensionConnector>());
  connectors_.emplace_back("files", std::make_unique<FilesConnector>());
  connectors_.emplace_back("postgres", std::make_unique<PostgresConnector>(breaker));
  connectors_.emplace_back("sqlite", std::make_unique<SqliteConnector>());
  connectors_.emplace_back("mysql", std::make_unique<MysqlConnector>(breaker));
  connectors_.emplace_back("ducklake", std::make_unique<DucklakeConnector>());
  connectors_.emplace_back("iceberg", std::make_unique<IcebergConnector>());
  connectors_.emplace_back("http", std::make_unique<HttpConnector>(http, breaker));
}

ConnectorTable::~ConnectorTable() = default;

Result<const Connector*> ConnectorTable::Find(std::string_view type) const {
  for (const auto& [name, connector] : connectors_) {
    if (name == type) return connector.get();
  }
  std::string known;
  for (const auto& [name, connector] : connectors_) known.append(known.empty() ? "" : ", ").append(name);
  return Error(ErrorCode::kBadInput,
               "unknown data source type: \"" + std::string(type) + "\" (known here: " + known + ")");
}

}  // namespace eider::sources
