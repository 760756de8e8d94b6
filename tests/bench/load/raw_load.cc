#include "load/raw_load.h"

#include <duckdb.h>
#include <fmt/core.h>

#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "columnar/arrow_c.h"

namespace eider::bench {
namespace {

void Must(bool done, const char* what, const char* why = nullptr) {
  if (done) return;
  fmt::print(stderr, "load: {}: {}\n", what, why ? why : "failed");
  std::exit(2);
}

// One client: a connection and its prepared statement.
class Client {
 public:
  Client(duckdb_database database, const RawLoadOptions& options, std::uint64_t seed)
      : options_(options),
        random_(seed) {
    Must(duckdb_connect(database, &connection_) == DuckDBSuccess, "connect");
    const bool prepared = duckdb_prepare(connection_, options.sql.c_str(), &statement_) == DuckDBSuccess;
    Must(prepared, "prepare", duckdb_prepare_error(statement_));
    duckdb_connection_get_arrow_options(connection_, &arrow_);
  }
  ~Client() {
    duckdb_destroy_arrow_options(&arrow_);
    duckdb_destroy_prepare(&statement_);
    duckdb_disconnect(&connection_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Run(Clock::time_point end) {
    while (options_.requests > 0 ? latencies.count() < options_.requests : Clock::now() < end) {
      const auto start = Clock::now();
      Execute();
      latencies.Add(Clock::now() - start);
    }
  }

  Latencies latencies;
  std::uint64_t rows = 0;

 private:
  void Execute() {
    if (duckdb_nparams(statement_) == 1) {
      duckdb_bind_int64(statement_, 1, static_cast<std::int64_t>(1 + random_.Below(options_.ids)));
    }
    duckdb_pending_result pending = nullptr;
    duckdb_pending_prepared_streaming(statement_, &pending);
    duckdb_result result;
    const bool done = duckdb_execute_pending(pending, &result) == DuckDBSuccess;
    Must(done, "execute", duckdb_result_error(&result));
    while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result)) {
      TakeChunk(chunk);
      duckdb_destroy_data_chunk(&chunk);
    }
    duckdb_destroy_result(&result);
    duckdb_destroy_pending(&pending);
  }

  void TakeChunk(duckdb_data_chunk chunk) {
    rows += duckdb_data_chunk_get_size(chunk);
    ArrowArray array{};
    duckdb_error_data error = duckdb_data_chunk_to_arrow(arrow_, chunk, &array);
    Must(!duckdb_error_data_has_error(error), "to Arrow");
    duckdb_destroy_error_data(&error);
    if (array.release != nullptr) array.release(&array);
  }

  const RawLoadOptions& options_;
  Random random_;
  duckdb_connection connection_ = nullptr;
  duckdb_prepared_statement statement_ = nullptr;
  duckdb_arrow_options arrow_ = nullptr;
};

duckdb_database OpenReadOnly(const RawLoadOptions& options) {
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  duckdb_set_config(config, "access_mode", "READ_ONLY");
  duckdb_set_config(config, "threads", std::to_string(options.threads).c_str());
  duckdb_database database = nullptr;
  char* error = nullptr;
  Must(duckdb_open_ext(options.database.c_str(), &database, config, &error) == DuckDBSuccess, "open", error);
  duckdb_destroy_config(&config);
  return database;
}

}  // namespace

RawLoadResult RunRawLoad(const RawLoadOptions& options) {
  duckdb_database database = OpenReadOnly(options);
  RawLoadResult result;
  {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < options.clients; ++i) {
      clients.push_back(std::make_unique<Client>(database, options, static_cast<std::uint64_t>(i) + 1));
    }
    const auto start = Clock::now();
    const auto end =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
    std::vector<std::thread> threads;
    for (const auto& client : clients) threads.emplace_back([&client, end] { client->Run(end); });
    for (auto& thread : threads) thread.join();
    result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    for (const auto& client : clients) {
      result.latencies.Add(client->latencies);
      result.rows += client->rows;
    }
  }
  result.executions = result.latencies.count();
  duckdb_close(&database);
  return result;
}

}  // namespace eider::bench
