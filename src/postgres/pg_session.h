#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/session.h"
#include "postgres/pg_cursor.h"

namespace eider::postgres {

// One connection to PostgreSQL as a session; see engine::Session. A connection that was lost while idle is made anew;
// one that is lost within a transaction makes every statement fail until the session is discarded. Results arrive in
// the binary format and are streamed. The time zone is told to the server with the next statement,
// and how long a statement may take.
class PgSession final : public engine::Session {
 public:
  static Result<std::unique_ptr<engine::Session>> Open(std::shared_ptr<PgDatabase> database,
                                                       const engine::Limits& limits);
  explicit PgSession(std::shared_ptr<PgDatabase> database) : connection_(std::move(database)) {}

  Result<std::shared_ptr<engine::PreparedStatement>> Prepare(std::string_view sql) override;
  Result<std::unique_ptr<engine::Cursor>> Execute(const std::shared_ptr<engine::PreparedStatement>& statement,
                                                  const engine::Parameters& parameters,
                                                  const engine::Limits& limits) override;
  Result<std::unique_ptr<engine::Cursor>> Query(std::string_view sql, const engine::Parameters& parameters,
                                                const engine::Limits& limits) override;
  Result<std::int64_t> Run(std::string_view sql, const engine::Limits& limits) override;
  Result<std::int64_t> CopyIn(std::string_view sql, const engine::CopySource& rows,
                              const engine::Limits& limits) override;
  Status SetTimeZone(std::string_view zone) override;
  Status LoadExtension(std::string_view name) override;
  void Interrupt() noexcept override { connection_.wake_up().Stop(); }
  bool reusable() const override;

 private:
  using Statements = std::list<std::shared_ptr<PgPrepared>>;  // Most recently used first.

  // Makes the connection usable and applies the time zone.
  Status Begin(const engine::Limits& limits);
  Result<std::shared_ptr<PgPrepared>> FindOrPrepare(std::string_view sql, const engine::Limits& limits);
  Result<std::unique_ptr<engine::Cursor>> Send(const std::shared_ptr<PgPrepared>& statement,
                                               const std::vector<std::optional<std::string>>& parameters,
                                               const engine::Limits& limits, std::string& sql_state);
  Result<std::unique_ptr<engine::Cursor>> SendOrPrepareAgain(std::string_view sql, const engine::Parameters& parameters,
                                                             const engine::Limits& limits);
  Status DropLeastUsed(const engine::Limits& limits);
  void Forget(std::string_view sql);

  PgConnection connection_;
  Statements statements_;
  std::unordered_map<std::string_view, Statements::iterator> index_;  // The keys are the statements' own texts.
  std::uint64_t next_name_ = 0;
  bool in_transaction_ = false;
  std::string zone_;         // Of the server's session; empty = not known.
  std::string wanted_zone_;  // Empty = as it is.
  // Seconds, as told to the server; 0 = its own setting, -1 = not known.
  std::int64_t timeout_ = 0;
};

// Opens sessions of `database`.
engine::SessionFactory PgSessions(std::shared_ptr<PgDatabase> database);

}  // namespace eider::postgres
