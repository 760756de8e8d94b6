#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/connection.h"
#include "engine/session.h"
#include "engine/session_casts.h"
#include "engine/statement_cache.h"

namespace eider::engine {

// The implementation of Session.
class DuckSession final : public Session {
 public:
  DuckSession(std::shared_ptr<Connection> connection, const SessionOptions& options);

  Result<std::shared_ptr<PreparedStatement>> Prepare(std::string_view sql) override;
  Result<std::unique_ptr<Cursor>> Execute(const std::shared_ptr<PreparedStatement>& statement,
                                          const Parameters& parameters, const Limits& limits) override;
  Result<std::unique_ptr<Cursor>> Query(std::string_view sql, const Parameters& parameters,
                                        const Limits& limits) override;
  Result<std::int64_t> Run(std::string_view sql, const Limits& limits) override;
  Status LoadExtension(std::string_view name) override;
  Status SetTimeZone(std::string_view zone) override;
  void Interrupt() noexcept override { connection_->interruption().Stop(StopCause::kCancelled); }

 private:
  // Runs the `index`-th of several extracted statements to its end.
  Result<std::int64_t> RunExtracted(duckdb_extracted_statements statements, idx_t index, const Limits& limits);
  // Notes the session zone; empty after a statement that may have set it to anything.
  void ZoneIs(std::string_view zone);

  const std::shared_ptr<Connection> connection_;
  StatementCache cache_;
  ConnectionCasts casts_;
  std::vector<std::string> zones_;  // Zones this session has seen; their index is a part of the cache's key.
  int zone_ = 0;
};

}  // namespace eider::engine
