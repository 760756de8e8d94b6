#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cluster/peer_import.h"
#include "cluster/pg_migrations.h"
#include "config/load.h"
#include "server/data_node.h"
#include "server/dry_core.h"
#include "server/option_mapping.h"

namespace eider::cli {
namespace {

int Fail(int code, const std::string& message) {
  std::fprintf(stderr, "eider migrate: %s\n", message.c_str());
  return code;
}

void PrintHelp(const std::vector<config::ExtraFlag>& extras) {
  std::printf(
      "Brings the tables of a core database in PostgreSQL to the version of this program. Live nodes of the\n"
      "version before go on working; --contract removes what they need, when none is left.\n\n"
      "Usage: eider migrate [--core-db DSN] [--to-version N] [--contract] [--dry-run] [--path FOLDER] [OPTIONS]\n"
      "       eider migrate import --from DSN [--from-schema NAME] [--core-db DSN] [--dry-run] [OPTIONS]\n\n"
      "%s\n%s",
      config::HelpText(extras).c_str(), kExitCodeHelp);
}

// "-to-version" as "--to-version": both are usual.
Arguments WithTwoDashes(const Arguments& arguments) {
  Arguments out;
  for (const std::string& argument : arguments) {
    const bool single = argument.size() > 2 && argument[0] == '-' && argument[1] != '-';
    out.push_back(single ? "-" + argument : argument);
  }
  return out;
}

constexpr std::chrono::minutes kImportTime{2};

void PrintImportHelp(const std::vector<config::ExtraFlag>& extras) {
  std::printf(
      "Copies data sources with their catalogs, roles, permissions and keys of clients from the core database of\n"
      "another server into this node's. Nothing is written there, and nothing that is only here is removed. Run it\n"
      "again to take over what has changed since.\n\n"
      "Usage: eider migrate import --from DSN [--from-schema NAME] [--core-db DSN] [--dry-run] [OPTIONS]\n\n"
      "%s\n%s",
      config::HelpText(extras).c_str(), kExitCodeHelp);
}

void PrintImport(const cluster::ImportReport& report) {
  for (const cluster::ImportCount& count : report.tables) {
    std::printf("%s: %d added, %d changed, %d unchanged\n", count.table.c_str(), count.added, count.changed,
                count.same);
  }
  for (const std::string& note : report.notes) std::printf("%s\n", note.c_str());
}

int RunImport(const Arguments& arguments) {
  std::string core_db;
  std::string dry_run;
  cluster::PeerAddressOptions peer;
  config::LoadInputs inputs;
  inputs.arguments = WithTwoDashes(arguments);
  inputs.extra_flags = {{"from", "DSN", "The other server's core database in PostgreSQL.", &peer.dsn},
                        {"from-schema", "NAME", "Where its tables lie; found out by default.", &peer.schema},
                        {"core-db", "DSN", "This node's core database, instead of CORE_DB_PATH.", &core_db},
                        {"dry-run", "", "Only tell what would be done.", &dry_run}};
  auto loaded = config::Load(inputs);
  if (!loaded) return Fail(kUsage, loaded.error().message);
  if (loaded->help) {
    PrintImportHelp(inputs.extra_flags);
    return kOk;
  }
  config::Config& config = loaded->config;
  if (!core_db.empty()) config.core_db_path = core_db;
  if (peer.dsn.empty()) return Fail(kUsage, "--from must name the other server's core database: postgres://…");
  if (config.core_db_path.empty())
    return Fail(kUsage, "CORE_DB_PATH must name a core database that lasts: a file, or postgres://…");
  if (server::IsReadOnlyCore(config)) return Fail(kUsage, "core database is read-only");
  const auto code_of = [](const Error& error) { return error.code == ErrorCode::kBadInput ? kUsage : kUnreachable; };
  // The other server first: nothing is begun here when it does not answer.
  const auto tables = cluster::ReadPeerCore(peer, Deadline::After(kImportTime));
  if (!tables) return Fail(code_of(tables.error()), "the other server: " + tables.error().message);
  const bool only_tells = !dry_run.empty();
  if (only_tells) {
    auto dry = server::DryCore(config);
    if (!dry) return Fail(code_of(dry.error()), dry.error().message);
    config = std::move(*dry);
  }
  const auto node = server::DataNode::Open({.config = config, .only_looks = only_tells});
  if (!node) return Fail(code_of(node.error()), node.error().message);
  const auto report = cluster::ImportPeerCore(*(*node)->core(), (*node)->secrets(), *tables, only_tells);
  if (!report) return Fail(code_of(report.error()), report.error().message);
  PrintImport(*report);
  return kOk;
}

}  // namespace

int RunMigrate(const Arguments& arguments) {
  if (!arguments.empty() && arguments[0] == "import") return RunImport({arguments.begin() + 1, arguments.end()});
  std::string core_db;
  std::string to_version;
  std::string scripts;
  std::string contract;
  std::string dry_run;
  config::LoadInputs inputs;
  inputs.arguments = WithTwoDashes(arguments);
  inputs.extra_flags = {{"core-db", "DSN", "The database, instead of CORE_DB_PATH.", &core_db},
                        {"to-version", "N", "Not the newest version but this one.", &to_version},
                        {"path", "FOLDER", "Afterwards run its *.sql files, by name.", &scripts},
                        {"contract", "", "Also remove what older nodes needed.", &contract},
                        {"dry-run", "", "Only print the SQL.", &dry_run}};
  auto loaded = config::Load(inputs);
  if (!loaded) return Fail(kUsage, loaded.error().message);
  if (loaded->help) {
    PrintHelp(inputs.extra_flags);
    return kOk;
  }
  if (!core_db.empty()) loaded->config.core_db_path = core_db;
  if (!cluster::IsPostgresPath(loaded->config.core_db_path)) {
    return Fail(kUsage, "the core database is not in PostgreSQL; a file is brought up to date when a node opens it");
  }
  cluster::PgMigrationOptions options;
  options.contract = !contract.empty();
  options.dry_run = !dry_run.empty();
  options.scripts = scripts;
  options.applied_by = "eider migrate " + server::DataNode::version();
  options.print = [](std::string_view text) { std::printf("%.*s\n", static_cast<int>(text.size()), text.data()); };
  if (!to_version.empty()) {
    options.to_version = std::atoi(to_version.c_str());
    if (options.to_version < 1) return Fail(kUsage, "--to-version must be a number from 1");
  }
  auto store = cluster::PgCoreStore::Open(server::PgCoreOptionsOf(loaded->config));
  if (!store) return Fail(kUsage, store.error().message);
  const Status done = cluster::MigratePg(**store, options);
  if (!done) return Fail(done.error().code == ErrorCode::kBadInput ? kUsage : kUnreachable, done.error().message);
  return kOk;
}

}  // namespace eider::cli
