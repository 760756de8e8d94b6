#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/admission.h"
#include "async/blocking_pool.h"
#include "auth/live_queries.h"
#include "auth/role_directory.h"
#include "http/body_stream.h"
#include "http/http_metrics.h"
#include "http/run.h"
#include "observe/log.h"
#include "observe/query_history.h"
#include "observe/span.h"
#include "query/service.h"

namespace eider::http {

// What runs need of the server; outlives them.
struct RunEnvironment {
  query::QueryService& service;
  async::Admission& admission;
  async::BlockingPool& query_pool;
  async::BlockingPool& prepare_pool;
  HttpMetrics& metrics;
  observe::Log& log;
  std::size_t max_queued = 1000;
  std::chrono::milliseconds slow_query{0};   // 0 = none is logged.
  auth::LiveQueries* live = nullptr;         // Where running queries are listed; null = nowhere.
  observe::QueryHistory* history = nullptr;  // Where they are written down at their end; null = nowhere.
};

// One GraphQL request from its text to the end of its body: prepare, then answer at once, coalesce, or wait for
// admission and run in the pool. Moves between threads, but only one works on it at a time; Cancel() may come from
// any.
class QueryRun final : public AnswerRun, public async::Task, public std::enable_shared_from_this<QueryRun> {
 public:
  QueryRun(RunEnvironment& environment, query::RequestContext context, query::GraphqlRequest request,
           BodyStream::Options stream);

  // Reads a body.
  using ReadBody = Result<query::GraphqlRequest> (*)(std::string_view body);

  // The same for a body that is too long to be read on an event loop; a bad one fails with kBadInput.
  QueryRun(RunEnvironment& environment, query::RequestContext context, std::string unread_body, ReadBody read_body,
           BodyStream::Options stream);

  // Whose limits hold for its turn; to be called before Start(). Null = none.
  void SetRole(std::shared_ptr<const auth::RoleFacts> role) { role_ = std::move(role); }

  void Start() override;
  void Cancel() override;

  // Makes the run end soon with an answer that tells so. Idempotent.
  void Kill();

  BodyStream& stream() override { return stream_; }
  const Response* head() const override { return nullptr; }
  const query::ExecutionStats& stats() const override { return stats_; }

  // Continues on a pool's thread.
  void Run() override;

 private:
  using Clock = std::chrono::steady_clock;
  enum class Stage { kPrepare, kQueue, kExecute, kDeliver };

  // Lists the run among the live queries.
  void NoteText();
  void Register();
  void SetState(auth::QueryState state);
  Status Read();
  void Prepare();
  void Dispatch();
  void Queue();
  bool IsPrivileged() const;
  async::Claim Claim() const;
  void OnAdmitted(Result<async::Admission::Slot> slot);
  void Execute();
  void Deliver(std::string body);
  void FinishDelivery();
  void Fail(Error error);
  void Account(const Status& status);
  void CountSources() const;
  void LogSlow(std::chrono::nanoseconds total) const;
  void TracePhases() const;
  void WriteHistory(const Status& status, std::chrono::nanoseconds total) const;

  RunEnvironment& environment_;
  query::RequestContext context_;
  query::GraphqlRequest request_;
  const std::string request_id_;
  const std::string_view protocol_;
  const observe::TraceRef trace_;
  const Deadline deadline_;
  StopSource stop_;
  BodyStream stream_;
  std::unique_ptr<query::Execution> execution_;
  std::vector<std::string> sources_;  // That it touches.
  Stage stage_ = Stage::kPrepare;
  std::string unread_body_;
  ReadBody read_body_ = nullptr;
  std::string body_;
  query::ExecutionStats stats_;
  std::shared_ptr<const auth::Identity> identity_;
  std::shared_ptr<const auth::RoleFacts> role_;
  std::string shown_;  // The text and the operation's name, for the list.
  std::string shown_operation_;
  auth::LiveQueries::Entry live_;
  std::shared_ptr<const auth::LiveQuery> listed_;  // The same, for what is told at the end.
  async::Admission::Slot slot_;
  std::atomic<async::Admission::Ticket> ticket_ = 0;
  const Clock::time_point started_ = Clock::now();
  Clock::time_point prepared_at_;
  Clock::time_point queued_at_;
  std::chrono::nanoseconds queued_{0};
  std::shared_ptr<QueryRun> self_;  // Set while somebody works on it or will.
};

}  // namespace eider::http
