#include "server/query_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/text.h"
#include "engine/text_function.h"
#include "server/option_mapping.h"

namespace eider::server {
namespace {

constexpr std::chrono::hours kBetweenCleanings{1};
constexpr const char* kKept = "7 days";
// A node alone keeps the newest in its own memory or file, and looks after so many more.
constexpr int kMostKept = 1'000'000;
constexpr std::size_t kBetweenCleaningsRows = 100'000;
constexpr std::size_t kLongest = 200;  // Bytes of a text.
constexpr int kMostShown = 10'000;
constexpr std::string_view kLocalTable = "core.eider.query_history";
constexpr std::string_view kTable = "query_history";
constexpr std::string_view kMark = "query_history:";  // Before the name of a node, in `settings`.
constexpr std::size_t kRunBytes = 8;

double Milliseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) * 1e-6; }

// Cut between characters.
std::string_view Short(std::string_view text) {
  std::size_t size = std::min(text.size(), kLongest);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

// The table `query_history`, whose rows are deleted when they are old: when the first is written, and then every hour.
class HistoryTable {
 public:
  HistoryTable(std::string node, std::string run, const HistoryParts& parts)
      : node_(std::move(node)),
        run_(std::move(run)),
        sessions_(parts.sessions),
        store_(parts.store),
        table_(parts.store == nullptr ? std::string(kLocalTable) : parts.store->Table(kTable)) {}

  using Batch = observe::SendQueue<observe::QueryRecord>::Batch;

  Status Write(const Batch& batch, const Deadline& deadline, const StopToken& stop) {
    EIDER_RETURN_IF_ERROR(Run(InsertSql(batch), deadline, stop));
    const auto now = Deadline::Clock::now();
    written_ += batch.records.size();
    if (now < next_cleaning_ && (store_ != nullptr || written_ < kBetweenCleaningsRows)) return {};
    next_cleaning_ = now + kBetweenCleanings;
    written_ = 0;
    // A failure is none of the records', which are written already; the next hour tries again.
    (void)Run("DELETE FROM " + table_ + " WHERE ts < now() - INTERVAL '" + kKept + "'", deadline, stop);
    if (store_ != nullptr) {
      (void)Run("DELETE FROM " + store_->Table("settings") + " WHERE key LIKE '" + std::string(kMark) +
                    "%' AND (value ->> 'at')::timestamptz < now() - INTERVAL '" + kKept + "'",
                deadline, stop);
    } else {
      (void)Run(fmt::format("DELETE FROM {0} WHERE ts < (SELECT ts FROM {0} ORDER BY ts DESC LIMIT 1 OFFSET {1})",
                            table_, kMostKept),
                deadline, stop);
    }
    return {};
  }

 private:
  Status Run(std::string sql, const Deadline& deadline, const StopToken& stop) {
    if (store_ != nullptr) {
      cluster::CoreChange change;
      change.statements.push_back(std::move(sql));
      return store_->Apply(change, deadline);
    }
    EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire({deadline, stop}));
    EIDER_RETURN_IF_ERROR(session->Run(sql, {deadline, stop}));
    return {};
  }

  // Nothing when the answer to a former try has got lost: the mark of the node's last batch, which is written with its
  // rows, tells so. A former try that is still under way is waited for, and one that comes late adds nothing either.
  std::string InsertSql(const Batch& batch) const {
    const std::string insert =
        "INSERT INTO " + table_ +
        " (ts, request_id, node, protocol, kind, user_id, user_name, role, auth_provider, hash, total_ms, "
        "parse_ms, plan_ms, queue_ms, execute_ms, rows, bytes, outcome, code) ";
    if (store_ == nullptr) return insert + "VALUES " + RowsSql(batch.records);
    return fmt::format(
        "WITH mark AS (INSERT INTO {} AS s (key, value) VALUES ({}, jsonb_build_object('run', {}, 'batch', {}, 'at', "
        "now())) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value WHERE s.value ->> 'run' <> EXCLUDED.value ->> "
        "'run' OR (s.value ->> 'batch')::bigint < (EXCLUDED.value ->> 'batch')::bigint RETURNING 1) {}SELECT v.* FROM "
        "(VALUES {}) v WHERE EXISTS (SELECT 1 FROM mark)",
        store_->Table("settings"), QuoteLiteral(std::string(kMark) + node_), QuoteLiteral(run_), batch.number, insert,
        RowsSql(batch.records));
  }

  // The time is the database's: now, less the age by this machine.
  std::string RowsSql(std::span<const observe::QueryRecord> records) const {
    std::string sql;
    const auto now = std::chrono::system_clock::now();
    for (const observe::QueryRecord& record : records) {
      if (!sql.empty()) sql.append(", ");
      const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - record.ended).count();
      sql.append(fmt::format("(now() - {} * INTERVAL '1 millisecond'", std::max<std::int64_t>(0, age)));
      for (const std::string* text : {&record.request_id, &node_, &record.protocol, &record.kind, &record.user_id,
                                      &record.user_name, &record.role, &record.auth_provider, &record.hash}) {
        sql.append(", ").append(QuoteLiteral(Short(*text)));
      }
      sql.append(fmt::format(", {:.3f}, {:.3f}, {:.3f}, {:.3f}, {:.3f}, {}, {}, '{}', {})", Milliseconds(record.total),
                             Milliseconds(record.parse), Milliseconds(record.plan), Milliseconds(record.queued),
                             Milliseconds(record.execute), record.rows, record.bytes,
                             record.code.empty() ? "ok" : "error", QuoteLiteral(record.code)));
    }
    return sql;
  }

  const std::string node_;
  const std::string run_;  // Of this process alone.
  engine::SessionPool& sessions_;
  cluster::CoreStore* const store_;
  const std::string table_;
  // Of the queue's thread.
  Deadline::Clock::time_point next_cleaning_;
  std::size_t written_ = 0;  // Rows since the last cleaning.
};

}  // namespace

Result<std::unique_ptr<observe::QueryHistory>> OpenHistory(const config::Config& config, const HistoryParts& parts) {
  if (config.query_history.empty()) return std::unique_ptr<observe::QueryHistory>();
  if (config.query_history != "core") {
    return Error(ErrorCode::kBadInput, "QUERY_HISTORY must be core or empty: " + config.query_history);
  }
  if (IsReadOnlyCore(config)) {
    return Error(ErrorCode::kBadInput, "QUERY_HISTORY=core needs a core database that may be written");
  }
  observe::SendQueueOptions options;
  options.timeout = cluster::CoreStore::kPatience;
  options.on_problem = [&log = parts.log](const std::string& problem) {
    log.Warn("requests cannot be written into core.queries.history", {{"reason", problem}});
  };
  EIDER_ASSIGN_OR_RETURN(const std::string run, RandomBytes(kRunBytes));
  auto table = std::make_shared<HistoryTable>(NodeName(config), HexText(std::string_view(run)), parts);
  auto send = [table](const HistoryTable::Batch& batch, const Deadline& deadline, const StopToken& stop) {
    return table->Write(batch, deadline, stop);
  };
  return std::make_unique<observe::QueryHistory>(std::move(options), std::move(send), parts.metrics);
}

Status AddHistoryRows(engine::Database& database, cluster::PgCoreStore* store) {
  return database.AddTextFunction(
      {"eider_query_history", 1, true,
       [store](std::span<const engine::TextFunction::Argument>) -> Result<std::optional<std::string>> {
         if (store == nullptr) return std::optional<std::string>("[]");
         // A database of an older version has no such table.
         EIDER_ASSIGN_OR_RETURN(const auto table, store->Read("SELECT to_regclass($1::text)::text",
                                                              engine::Parameters{store->Table(kTable)}));
         if (table.empty() || !table[0][0]) return std::optional<std::string>("[]");
         EIDER_ASSIGN_OR_RETURN(
             const auto rows, store->Read(fmt::format("SELECT coalesce(json_agg(r), '[]')::text FROM (SELECT * FROM {} "
                                                      "ORDER BY ts DESC LIMIT {}) r",
                                                      store->Table(kTable), kMostShown)));
         return rows.empty() ? std::optional<std::string>("[]") : rows[0][0];
       }});
}

}  // namespace eider::server
