#include "engine/database.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "engine/batch_function_binding.h"
#include "engine/engine_error.h"
#include "engine/geo_functions.h"
#include "engine/instance.h"
#include "engine/text_function_binding.h"

namespace eider::engine {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

int ThreadCount(const DatabaseOptions& options) {
  if (options.threads > 0) return options.threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// What cannot be changed while the engine runs.
bool IsStartSetting(std::string_view name) { return name == "allow_unredacted_secrets"; }

// The settings the engine starts with. Every thread is declared external: the engine then starts none itself.
Settings StartSettings(const DatabaseOptions& options) {
  const std::string threads = std::to_string(ThreadCount(options));
  Settings settings = {{"threads", threads},
                       {"external_threads", threads},
                       // Limits above this are read by row number first and shown last; below it they stream.
                       {"late_materialization_max_rows", "1000000000"},
                       // Statements stay prepared while their tables change, but these two plan with the statistics of
                       // the moment: a later value that is longer, or the first NULL, would be cut or left out.
                       {"disabled_optimizers", "statistics_propagation,compressed_materialization"},
                       {"autoinstall_known_extensions", "false"},
                       {"autoload_known_extensions", options.extension_directory.empty() ? "false" : "true"}};
  if (options.memory_limit_bytes > 0) {
    settings.emplace_back("memory_limit", std::to_string(options.memory_limit_bytes) + "B");
  }
  for (const auto& [name, value] : options.settings) {
    if (IsStartSetting(name)) settings.emplace_back(name, value);
  }
  if (!options.temp_directory.empty()) settings.emplace_back("temp_directory", options.temp_directory);
  if (!options.extension_directory.empty()) {
    settings.emplace_back("extension_directory", options.extension_directory);
  }
  return settings;
}

Result<ConfigHandle> MakeConfig(const DatabaseOptions& options) {
  ConfigHandle config;
  if (duckdb_create_config(config.Out()) != DuckDBSuccess) {
    return Error(ErrorCode::kInternal, "the engine has no memory for its settings");
  }
  for (const auto& [name, value] : StartSettings(options)) {
    if (duckdb_set_config(config.get(), name.c_str(), value.c_str()) != DuckDBSuccess) {
      return Error(ErrorCode::kBadInput, "the engine refuses setting " + name + " = " + value);
    }
  }
  return config;
}

Status RunGlobal(duckdb_connection connection, const std::string& sql) {
  ResultHandle result;
  if (duckdb_query(connection, sql.c_str(), result.Out()) == DuckDBSuccess) return {};
  Error error = EngineError(duckdb_result_error(result.get()));
  error.code = ErrorCode::kBadInput;
  return error;
}

// Settings that extensions own exist only after they are loaded, so these go through SQL.
Status ApplySettings(duckdb_connection connection, const DatabaseOptions& options) {
  EIDER_RETURN_IF_ERROR(RunGlobal(connection, "SET GLOBAL TimeZone = " + QuoteLiteral(options.time_zone)));
  for (const auto& [name, value] : options.settings) {
    if (IsStartSetting(name)) continue;
    EIDER_RETURN_IF_ERROR(RunGlobal(connection, "SET GLOBAL " + QuoteIdentifier(name) + " = " + QuoteLiteral(value)));
  }
  return {};
}

std::int64_t BigIntAt(duckdb_data_chunk chunk, idx_t column) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
  return static_cast<const std::int64_t*>(duckdb_vector_get_data(vector))[0];
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& options) {
  EIDER_ASSIGN_OR_RETURN(ConfigHandle config, MakeConfig(options));
  DatabaseHandle database;
  char* text = nullptr;
  const char* path = options.path.empty() ? nullptr : options.path.c_str();
  if (duckdb_open_ext(path, database.Out(), config.get(), &text) != DuckDBSuccess) {
    Error error = EngineError(TakeText(text));
    if (error.code != ErrorCode::kDiskFull) error.code = ErrorCode::kSourceUnavailable;
    error.source = DefaultSource(error.code);
    return error;
  }
  ConnectionHandle connection;
  if (duckdb_connect(database.get(), connection.Out()) != DuckDBSuccess) {
    return Error(ErrorCode::kSourceUnavailable, "the engine refuses a connection");
  }
  EIDER_RETURN_IF_ERROR(ApplySettings(connection.get(), options));
  EIDER_RETURN_IF_ERROR(RegisterGeoFunctions(connection.get()));
  connection.Reset();
  auto instance = std::make_shared<Instance>(std::move(database), options.time_zone, ThreadCount(options) - 1);
  return std::make_unique<DuckDatabase>(std::move(instance));
}

Database::Usage DuckDatabase::GetUsage() const {
  static constexpr const char* kSql =
      "SELECT CAST(coalesce(sum(memory_usage_bytes), 0) AS BIGINT), "
      "CAST(coalesce(sum(temporary_storage_bytes), 0) AS BIGINT) FROM duckdb_memory()";
  MutexLock lock(mutex_);
  if (!usage_connection_ && duckdb_connect(instance_->database.get(), usage_connection_.Out()) != DuckDBSuccess) {
    return {};
  }
  ResultHandle result;
  if (duckdb_query(usage_connection_.get(), kSql, result.Out()) != DuckDBSuccess) return {};
  const ChunkHandle chunk(duckdb_fetch_chunk(*result.get()));
  if (!chunk || duckdb_data_chunk_get_size(chunk.get()) == 0) return {};
  return Usage{BigIntAt(chunk.get(), 0), BigIntAt(chunk.get(), 1)};
}

Status DuckDatabase::AddFunction(const BatchFunction& function) {
  ConnectionHandle connection;
  if (duckdb_connect(instance_->database.get(), connection.Out()) != DuckDBSuccess) {
    return Error(ErrorCode::kSourceUnavailable, "the engine refuses a connection");
  }
  return RegisterBatchFunction(connection.get(), instance_->calls, function);
}

Status DuckDatabase::AddTextFunction(TextFunction function) {
  ConnectionHandle connection;
  if (duckdb_connect(instance_->database.get(), connection.Out()) != DuckDBSuccess) {
    return Error(ErrorCode::kSourceUnavailable, "the engine refuses a connection");
  }
  return RegisterTextFunction(connection.get(), std::move(function));
}

}  // namespace eider::engine
