#include "sources/mysql/mysql_connector.h"

#include <chrono>

#include "base/text.h"
#include "engine/text_rows.h"
#include "sources/attached/connection_text.h"
#include "sources/duckdb/introspection.h"
#include "sources/mysql/mysql_keys.h"

namespace eider::sources {
namespace {

struct Alias {
  std::string_view written;
  std::string_view meant;
};

// What other clients call the same setting.
constexpr Alias kAliases[] = {{"passwd", "password"}, {"pwd", "password"},  {"db", "database"},
                              {"dbname", "database"}, {"username", "user"}, {"unix_socket", "socket"},
                              {"sslmode", "ssl_mode"}};

Result<ConnectionSettings> Settings(const cluster::SourceRecord& source) {
  EIDER_ASSIGN_OR_RETURN(ConnectionSettings settings, ReadConnectionText(source.path));
  for (auto& [name, value] : settings) {
    for (const Alias& alias : kAliases) {
      if (name == alias.written) name = alias.meant;
    }
  }
  return settings;
}

std::string Shown(const ConnectionSettings& settings) {
  std::string host = FindSetting(settings, "host");
  if (host.empty()) host = FindSetting(settings, "socket");
  const std::string port = FindSetting(settings, "port");
  return "mysql://" + host + (port.empty() ? "" : ":" + port) + "/" + FindSetting(settings, "database");
}

// The engine's own name for the database that was named when the source was attached.
Result<std::string> CurrentDatabase(engine::Session& session, const std::string& catalog) {
  EIDER_ASSIGN_OR_RETURN(const auto rows, AskMysql(session, catalog, "SELECT database() AS name"));
  return rows.empty() ? std::string() : rows.front()[0].value_or("");
}

}  // namespace

Result<AttachPlan> MysqlConnector::PlanAttach(const cluster::SourceRecord& source) const {
  AttachPlan plan;
  plan.extensions = {"mysql_scanner"};
  // The server sorts NULLs first, and some aggregates over filtered rows do not bind when they are its own to compute.
  plan.settings = {"SET GLOBAL mysql_order_pushdown_enabled = false",
                   "SET GLOBAL mysql_aggregate_pushdown_enabled = false"};
  plan.options = {"TYPE mysql"};
  if (source.read_only) plan.options.emplace_back("READ_ONLY");
  EIDER_ASSIGN_OR_RETURN(const ConnectionSettings settings, Settings(source));
  plan.secret = "TYPE mysql";
  for (const auto& [name, value] : settings) {
    plan.secret.append(", ").append(QuoteIdentifier(name)).append(" ").append(QuoteLiteral(value));
  }
  plan.shown = Shown(settings);
  return plan;
}

// A guest that leaves before it logs in is counted by the server as a failure, so it is asked ever less often.
Result<std::shared_ptr<const NativeSource>> MysqlConnector::OpenNative(const cluster::SourceRecord& source) const {
  const async::Pulse::Question greeting{"", std::chrono::seconds(1), std::chrono::minutes(10)};
  EIDER_ASSIGN_OR_RETURN(const ConnectionSettings settings, Settings(source));
  NativeSource native;
  native.pulse = std::make_shared<async::Pulse>("MySQL at " + Shown(settings), greeting);
  const std::string host = FindSetting(settings, "host");
  const std::string port = FindSetting(settings, "port");
  if (const std::string socket = FindSetting(settings, "socket"); !socket.empty()) {
    native.pulse->FindPeer(socket);
  } else if (!host.empty() && host != "localhost") {
    native.pulse->FindPeer(host, port.empty() ? "3306" : port);
  }
  CircuitBreaker::Options breaker = breaker_;
  breaker.name = BreakerName(source.name);
  if (native.pulse->has_peer()) {
    native.is_back = [pulse = native.pulse] { return pulse->TakesConnections(); };
  } else {
    // Nobody can look whether it is back: it is tried often.
    breaker.longest = breaker.reset;
  }
  native.breaker = std::make_shared<CircuitBreaker>(std::move(breaker));
  native.engine_connects = std::make_shared<EngineConnects>();
  return std::shared_ptr<const NativeSource>(std::make_shared<NativeSource>(std::move(native)));
}

catalog::SourceTraits MysqlConnector::traits() const {
  catalog::SourceTraits traits;
  traits.returning = false;
  traits.empty_inserts = false;
  traits.upserts = catalog::Upserts::kByKey;
  traits.changes_by_key = true;
  return traits;
}

std::string MysqlConnector::DefaultSchemaOf(const cluster::SourceRecord& source) const {
  const auto settings = Settings(source);
  return settings ? FindSetting(*settings, "database") : std::string();
}

Result<std::vector<catalog::SdlFile>> MysqlConnector::Introspect(const Attachment& attachment) const {
  EIDER_ASSIGN_OR_RETURN(const std::string database, CurrentDatabase(attachment.session, attachment.catalog));
  EIDER_ASSIGN_OR_RETURN(RelationMap relations, ReadRelations(attachment.session, attachment.catalog));
  EIDER_RETURN_IF_ERROR(AddMysqlKeys(attachment.session, attachment.catalog, database, relations));
  return IntrospectedFiles(relations, database);
}

Result<std::unique_ptr<ColumnTypeLookup>> MysqlConnector::LookUpTypes(const Attachment& attachment) const {
  EIDER_ASSIGN_OR_RETURN(std::string database, CurrentDatabase(attachment.session, attachment.catalog));
  EIDER_ASSIGN_OR_RETURN(const auto generated, MysqlGenerated(attachment.session, attachment.catalog));
  auto types = std::make_unique<EngineColumnTypes>(attachment.session, attachment.catalog, std::move(database));
  types->SetGenerated(generated);
  return types;
}

}  // namespace eider::sources
