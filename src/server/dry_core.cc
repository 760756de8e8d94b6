#include "server/dry_core.h"

#include <filesystem>

#include "base/text.h"
#include "server/option_mapping.h"

namespace eider::server {
namespace {

Result<bool> HasTables(const config::Config& config) {
  EIDER_ASSIGN_OR_RETURN(const auto store, cluster::PgCoreStore::Open(PgCoreOptionsOf(config)));
  EIDER_ASSIGN_OR_RETURN(const auto table,
                         store->Read("SELECT to_regclass(" + QuoteLiteral(store->Table("migrations")) + ")::text"));
  return !table.empty() && table[0][0].has_value();
}

}  // namespace

Result<config::Config> DryCore(config::Config config) {
  const bool may_migrate = config.automigrate != config::AutoMigrate::kFalse;
  if (cluster::IsPostgresPath(config.core_db_path)) {
    EIDER_ASSIGN_OR_RETURN(const bool has_tables, HasTables(config));
    if (!has_tables && may_migrate) config.core_db_path.clear();
    config.automigrate = config::AutoMigrate::kFalse;
    return config;
  }
  const std::filesystem::path file = std::filesystem::absolute(config.core_db_path);
  std::error_code ignored;
  // A missing folder is the core database's to report.
  const bool is_new =
      !std::filesystem::exists(file, ignored) && std::filesystem::is_directory(file.parent_path(), ignored);
  if (is_new) config.core_db_path.clear();
  config.core_db_readonly = !is_new;
  return config;
}

}  // namespace eider::server
