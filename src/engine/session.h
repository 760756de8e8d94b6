#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"
#include "base/stop_token.h"
#include "columnar/batch.h"
#include "engine/database.h"
#include "engine/value.h"

namespace eider::observe {
struct TracePoint;
}

namespace eider::engine {

class MemoryAccount;

// When a statement must end. Expiry gives kTimeout ("query timeout"), the stop token kCancelled ("query cancelled"),
// an account that is exceeded kMemoryLimit.
struct Limits {
  Deadline deadline = Deadline::Never();
  StopToken stop;
  bool alone = false;  // No help from the worker crew: the statement is short, and others have a use for the cores.
  std::shared_ptr<MemoryAccount> memory = nullptr;             // What the engine's statements may take; null = any.
  std::shared_ptr<const observe::TracePoint> trace = nullptr;  // What calls of other servers belong to; null = nothing.
};

// Appends the next piece of a COPY's input; false when there is none.
using CopySource = std::function<bool(std::string&)>;

// A statement compiled for one session. Owned by the session's cache or the caller, never outlives the session.
class PreparedStatement {
 public:
  virtual ~PreparedStatement() = default;
  virtual int parameter_count() const = 0;
};

// The batches of a running statement, in order. Movable handle; while it lives the session runs nothing else.
// Destroying it before the end cancels the statement.
class Cursor {
 public:
  virtual ~Cursor() = default;
  // The Arrow schema of the result.
  virtual std::shared_ptr<const columnar::BatchSchema> schema() const = 0;
  // The next batch, or nothing at the end. Blocks until there is one. Never returns an empty batch.
  virtual Result<std::optional<columnar::Batch>> Next() = 0;
  // Rows changed by INSERT, UPDATE or DELETE; 0 otherwise. Valid at the end.
  virtual std::int64_t rows_changed() const = 0;
};

struct SessionOptions {
  std::size_t prepared_cache_size = 256;
};

// Runs statements on one connection: of the embedded engine, or of a database that plans and runs them itself.
// Destroyed before its Database. Not thread-safe, except Interrupt(), which any thread may call.
class Session {
 public:
  // Opens a connection of the engine. Fails with kSourceUnavailable when it refuses.
  static Result<std::unique_ptr<Session>> Open(Database& database, const SessionOptions& options);
  virtual ~Session() = default;

  // Returns the statement for `sql` from the session's LRU, preparing it on a miss. One statement only. The pointer
  // stays valid while the shared_ptr is held. Errors: kBadInput with the engine's text.
  virtual Result<std::shared_ptr<PreparedStatement>> Prepare(std::string_view sql) = 0;

  // Starts `statement` and streams its result with bounded memory; blocks until the first batch is ready or the
  // statement has no rows. Each parameter is bound with exactly the type the statement expects, so that the engine
  // keeps its plan. REQUIRES: no cursor of this session is open. On error the session stays usable.
  virtual Result<std::unique_ptr<Cursor>> Execute(const std::shared_ptr<PreparedStatement>& statement,
                                                  const Parameters& parameters, const Limits& limits) = 0;

  // Prepares and executes in one call.
  virtual Result<std::unique_ptr<Cursor>> Query(std::string_view sql, const Parameters& parameters,
                                                const Limits& limits) = 0;

  // Runs one or several statements without result (BEGIN, ATTACH, SET, DDL). Returns the rows changed by the last.
  virtual Result<std::int64_t> Run(std::string_view sql, const Limits& limits = {}) = 0;

  // Sends what `rows` gives as the input of a COPY … FROM STDIN and returns how many were stored. Only for databases
  // that have such a statement; kInternal elsewhere.
  virtual Result<std::int64_t> CopyIn(std::string_view sql, const CopySource& rows, const Limits& limits);

  // Loads the engine's extension `name` (such as `spatial`) for all sessions of the database, unless some session has
  // done so. Nothing is downloaded: its file is looked for in the option EXTENSION_DIRECTORY. Errors:
  // kSourceUnavailable, saying what to do when the file is missing. REQUIRES: no cursor of this session is open.
  virtual Status LoadExtension(std::string_view name) = 0;

  // Sets the IANA time zone of this session when it differs from the current one; kBadInput when unknown.
  virtual Status SetTimeZone(std::string_view zone) = 0;

  // Makes a running statement return kCancelled soon. Idempotent, never blocks.
  virtual void Interrupt() noexcept = 0;

  // Whether another request may use this session; false when its connection is broken or in an unknown state.
  virtual bool reusable() const { return true; }
};

// Opens a session within the limits.
using SessionFactory = std::function<Result<std::unique_ptr<Session>>(const Limits&)>;

// Opens sessions of the engine, which outlives them.
SessionFactory EngineSessions(Database& database, SessionOptions options = {});

}  // namespace eider::engine
