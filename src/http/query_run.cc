#include "http/query_run.h"

#include <utility>

namespace eider::http {
namespace {

async::WorkClass ClassOf(query::WorkClass work_class) {
  switch (work_class) {
    case query::WorkClass::kInteractive: return async::WorkClass::kInteractive;
    case query::WorkClass::kScan: return async::WorkClass::kScan;
  }
  return async::WorkClass::kScan;
}

}  // namespace

QueryRun::QueryRun(RunEnvironment& environment, query::RequestContext context, query::GraphqlRequest request,
                   BodyStream::Options stream)
    : environment_(environment),
      context_(std::move(context)),
      request_(std::move(request)),
      request_id_(context_.request_id),
      deadline_(context_.deadline),
      stream_(std::move(stream)) {
  context_.stop = stop_.get_token();
}

QueryRun::QueryRun(RunEnvironment& environment, query::RequestContext context, std::string unread_body,
                   ReadBody read_body, BodyStream::Options stream)
    : QueryRun(environment, std::move(context), query::GraphqlRequest(), std::move(stream)) {
  unread_body_ = std::move(unread_body);
  read_body_ = read_body;
}

void QueryRun::Start() {
  self_ = shared_from_this();
  if (unread_body_.empty() && environment_.service.IsCheap(request_.query)) {
    Prepare();
    Dispatch();
    return;
  }
  stage_ = Stage::kPrepare;
  if (!environment_.prepare_pool.Submit(self_, environment_.max_queued)) {
    environment_.metrics.CountRefused("queue_full");
    Fail(Error(ErrorCode::kOverloaded, "too many requests; try again later"));
  }
}

void QueryRun::Cancel() {
  stop_.request_stop();
  stream_.Abandon();
  if (const auto ticket = ticket_.load()) environment_.admission.Abort(ticket);
}

void QueryRun::Run() {
  switch (stage_) {
    case Stage::kPrepare:
      if (stop_.stop_requested()) return Fail(Error(ErrorCode::kCancelled, "request cancelled"));
      if (Status status = Read(); !status) return Fail(std::move(status).error());
      Prepare();
      return Dispatch();
    case Stage::kQueue: return Queue();
    case Stage::kExecute: return Execute();
    case Stage::kDeliver: return FinishDelivery();
  }
}

Status QueryRun::Read() {
  if (unread_body_.empty()) return {};
  EIDER_ASSIGN_OR_RETURN(request_, read_body_(unread_body_));
  std::string().swap(unread_body_);
  return {};
}

void QueryRun::Prepare() { execution_ = environment_.service.Prepare(std::move(context_), std::move(request_)); }

void QueryRun::Dispatch() {
  if (const std::string* ready = execution_->ready_body()) return Deliver(*ready);
  // Whoever answers may do it, on another thread, before this one is through.
  const auto self = self_;
  query::Execution::Sharing sharing;
  sharing.done = [this](std::string body) { Deliver(std::move(body)); };
  sharing.run = [this] {
    // Many may be told at once, one by the failing of the other.
    stage_ = Stage::kQueue;
    (void)environment_.prepare_pool.Submit(self_);
  };
  if (execution_->StartShared(std::move(sharing))) return;
  if (execution_->StartCoalesced([this](std::string body) { Deliver(std::move(body)); })) return;
  Queue();
}

void QueryRun::Queue() {
  queued_at_ = Clock::now();
  // The run may be over, on another thread, before Enter() returns.
  const auto self = self_;
  const auto ticket =
      environment_.admission.Enter(ClassOf(execution_->work_class()), deadline_.at(),
                                   [this](Result<async::Admission::Slot> slot) { OnAdmitted(std::move(slot)); });
  if (ticket == 0) return;
  ticket_ = ticket;
  // Whoever cancelled before the ticket was known could not abort the wait.
  if (stop_.stop_requested()) environment_.admission.Abort(ticket);
}

void QueryRun::OnAdmitted(Result<async::Admission::Slot> slot) {
  queued_ = Clock::now() - queued_at_;
  if (!slot) {
    if (slot.error().code == ErrorCode::kOverloaded) {
      environment_.metrics.CountRefused(queued_ < std::chrono::milliseconds(50) ? "queue_full" : "queue_timeout");
    }
    return Fail(std::move(slot).error());
  }
  slot_ = std::move(*slot);
  stage_ = Stage::kExecute;
  // The pool has a thread for every slot: nothing waits in its queue for long.
  if (!environment_.query_pool.Submit(self_)) Fail(Error(ErrorCode::kOverloaded, "too many requests; try again later"));
}

void QueryRun::Execute() {
  if (stop_.stop_requested()) return Fail(Error(ErrorCode::kCancelled, "request cancelled"));
  Status status = execution_->Run(stream_);
  const auto self = std::move(self_);
  Account(status);
  // Ends on this thread and not on an event loop, and before a slow client has read the last of the answer.
  execution_.reset();
  {
    const async::Admission::Slot done = std::move(slot_);
  }
  stream_.Finish(std::move(status));
}

void QueryRun::Deliver(std::string body) {
  body_ = std::move(body);
  if (stream_.wants_compression() && body_.size() >= BodyStream::kMinCompressed) {
    // Neither an event loop nor an engine's thread should compress.
    stage_ = Stage::kDeliver;
    if (environment_.prepare_pool.Submit(self_)) return;
  }
  FinishDelivery();
}

void QueryRun::FinishDelivery() {
  const auto self = std::move(self_);
  Account({});
  stream_.NoteCache(execution_->stats().cache);
  stream_.FinishWith(std::move(body_));
}

void QueryRun::Fail(Error error) {
  const auto self = std::move(self_);
  const async::Admission::Slot done = std::move(slot_);
  Account(error);
  // Others may wait for what it was to begin.
  execution_.reset();
  stream_.Finish(std::move(error));
}

void QueryRun::Account(const Status& status) {
  const std::chrono::nanoseconds total = Clock::now() - started_;
  if (!status) {
    environment_.metrics.CountQueryError(status.error().code);
    if (status.error().code == ErrorCode::kInternal) {
      environment_.log.Error("query failed", {{"request_id", request_id_}, {"reason", status.error().ToString()}});
    }
  }
  if (!execution_) return;
  stats_ = execution_->stats();
  const query::ExecutionStats& stats = stats_;
  if (status) environment_.metrics.CountQuery(stats, {total, queued_});
  if (environment_.slow_query.count() == 0 || total < environment_.slow_query) return;
  const auto milliseconds = [](std::int64_t ns) { return static_cast<double>(ns) * 1e-6; };
  environment_.log.Warn("slow query", {{"request_id", request_id_},
                                       {"total_ms", milliseconds(total.count())},
                                       {"parse_ms", milliseconds(stats.parse_ns)},
                                       {"plan_ms", milliseconds(stats.plan_ns)},
                                       {"queue_ms", milliseconds(queued_.count())},
                                       {"execute_ms", milliseconds(stats.execute_ns)},
                                       {"rows", stats.rows},
                                       {"bytes", static_cast<std::int64_t>(stream_.bytes_taken())},
                                       {"error", stats.error_code}});
}

}  // namespace eider::http
