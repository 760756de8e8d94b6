#include "http/query_run.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/digest.h"

namespace eider::http {
namespace {

// Requests of administrators that wait to be read when everybody else's places are taken.
constexpr std::size_t kReservedWaits = 64;

async::WorkClass ClassOf(query::WorkClass work_class) {
  switch (work_class) {
    case query::WorkClass::kInteractive: return async::WorkClass::kInteractive;
    case query::WorkClass::kScan: return async::WorkClass::kScan;
  }
  return async::WorkClass::kScan;
}

// Passes a body on and tells how much of it there was.
class ProgressSink final : public query::ResponseSink {
 public:
  ProgressSink(query::ResponseSink& to, std::function<void(std::size_t)> wrote) : to_(to), wrote_(std::move(wrote)) {}
  Status Write(std::string_view bytes) override {
    wrote_(bytes.size());
    return to_.Write(bytes);
  }
  void NoteCache(const query::CacheNote& note) override { to_.NoteCache(note); }

 private:
  query::ResponseSink& to_;
  const std::function<void(std::size_t)> wrote_;
};

}  // namespace

QueryRun::QueryRun(RunEnvironment& environment, query::RequestContext context, query::GraphqlRequest request,
                   BodyStream::Options stream)
    : environment_(environment),
      context_(std::move(context)),
      request_(std::move(request)),
      request_id_(context_.request_id),
      protocol_(context_.protocol),
      trace_(context_.trace),
      deadline_(context_.deadline),
      stream_(std::move(stream)) {
  context_.stop = stop_.get_token();
  identity_ = context_.identity;
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
  // Administrators get to the places that are reserved for them through a full queue, too.
  const std::size_t most = environment_.max_queued + (IsPrivileged() ? kReservedWaits : 0);
  if (!environment_.prepare_pool.Submit(self_, most)) {
    environment_.metrics.CountRefused("queue_full");
    Fail(Error(ErrorCode::kOverloaded, "too many requests; try again later"));
  }
}

void QueryRun::Cancel() {
  Kill();
  stream_.Abandon();
}

void QueryRun::Kill() {
  stop_.request_stop();
  if (const auto ticket = ticket_.load()) environment_.admission.Abort(ticket);
}

void QueryRun::Run() {
  switch (stage_) {
    case Stage::kPrepare:
      if (stop_.stop_requested()) return Fail(Error(ErrorCode::kCancelled, "query cancelled"));
      if (Status status = Read(); !status) return Fail(std::move(status).error());
      NoteText();
      Register();
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

void QueryRun::NoteText() {
  constexpr std::size_t kShown = 16 << 10;
  if (environment_.live == nullptr || !shown_.empty()) return;
  shown_ = request_.query.substr(0, kShown);
  shown_operation_ = request_.operation_name;
}

void QueryRun::Register() {
  if (environment_.live == nullptr || live_) return;
  auto query = std::make_shared<auth::LiveQuery>();
  query->id = request_id_;
  query->protocol = protocol_;
  query->operation_name = std::move(shown_operation_);
  query->text = std::move(shown_);
  query->identity = identity_;
  query->started_at = std::chrono::system_clock::now();
  query->started = started_;
  listed_ = query;
  live_ = environment_.live->Add(std::move(query), [weak = weak_from_this()] {
    if (const auto run = weak.lock()) run->Kill();
  });
}

void QueryRun::SetState(auth::QueryState state) {
  // What is being cancelled stays so.
  auth::QueryState before = live_ ? live_->state.load() : auth::QueryState::kCancelling;
  if (before != auth::QueryState::kCancelling) live_->state.compare_exchange_strong(before, state);
}

void QueryRun::Prepare() {
  NoteText();
  prepared_at_ = Clock::now();
  execution_ = environment_.service.Prepare(std::move(context_), std::move(request_));
}

void QueryRun::Dispatch() {
  if (const std::string* ready = execution_->ready_body()) return Deliver(*ready);
  Register();
  sources_ = execution_->Sources();
  if (live_) live_->SetSources(sources_);
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
  // Look-ups together take no turn, so a role whose turns or memory are counted has none of them.
  const bool counted = role_ != nullptr && (role_->limits.max_concurrency || role_->limits.max_memory_bytes);
  if (!counted && execution_->StartCoalesced([this](std::string body) { Deliver(std::move(body)); })) return;
  Queue();
}

void QueryRun::Queue() {
  SetState(auth::QueryState::kQueued);
  queued_at_ = Clock::now();
  // The run may be over, on another thread, before Enter() returns.
  const auto self = self_;
  const auto ticket = environment_.admission.Enter(
      Claim(), deadline_.at(), [this](Result<async::Admission::Slot> slot) { OnAdmitted(std::move(slot)); });
  if (ticket == 0) return;
  ticket_ = ticket;
  // Whoever cancelled before the ticket was known could not abort the wait.
  if (stop_.stop_requested()) environment_.admission.Abort(ticket);
}

bool QueryRun::IsPrivileged() const { return identity_->role == "admin" || identity_->auth_type == "cluster"; }

async::Claim QueryRun::Claim() const {
  async::Claim claim;
  claim.work_class = ClassOf(execution_->work_class());
  claim.principal = identity_->principal;
  claim.privileged = IsPrivileged();
  claim.sources = sources_;
  if (role_ == nullptr) return claim;
  const auto& limits = role_->limits;
  claim.priority = static_cast<int>(std::clamp<std::int64_t>(limits.priority.value_or(claim.priority), 1, 10));
  claim.memory = limits.max_memory_bytes.value_or(0);
  if (!limits.max_concurrency && !limits.max_queued) return claim;
  claim.group = identity_->role;
  claim.group_slots = limits.max_concurrency.value_or(-1);
  claim.group_queued = limits.max_queued.value_or(-1);
  return claim;
}

void QueryRun::OnAdmitted(Result<async::Admission::Slot> slot) {
  queued_ = Clock::now() - queued_at_;
  if (live_) live_->queue_ms = std::chrono::duration_cast<std::chrono::milliseconds>(queued_).count();
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
  if (stop_.stop_requested()) return Fail(Error(ErrorCode::kCancelled, "query cancelled"));
  SetState(auth::QueryState::kRunning);
  ProgressSink progress(stream_, [this](std::size_t bytes) {
    SetState(auth::QueryState::kWriting);
    if (live_) live_->bytes += static_cast<std::int64_t>(bytes);
  });
  Status status = execution_->Run(progress);
  const auto self = std::move(self_);
  live_ = {};
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
  live_ = {};
  Account({});
  stream_.NoteCache(execution_->stats().cache);
  stream_.FinishWith(std::move(body_));
}

void QueryRun::Fail(Error error) {
  const auto self = std::move(self_);
  const async::Admission::Slot done = std::move(slot_);
  live_ = {};
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
      const std::string trace = observe::TraceIdOf(trace_);
      environment_.log.Error("query failed", {{"request_id", request_id_},
                                              {trace.empty() ? "" : "trace_id", trace},
                                              {"reason", status.error().ToString()}});
    }
  }
  if (execution_) stats_ = execution_->stats();
  if (environment_.history != nullptr) WriteHistory(status, total);
  if (!execution_) return;
  const query::ExecutionStats& stats = stats_;
  if (status) environment_.metrics.CountQuery(stats, {total, queued_});
  CountSources();
  if (trace_ != nullptr) TracePhases();
  if (environment_.slow_query.count() > 0 && total >= environment_.slow_query) LogSlow(total);
}

void QueryRun::CountSources() const {
  if (listed_ == nullptr) return;
  const std::chrono::nanoseconds duration(stats_.execute_ns);
  for (const std::string& source : sources_) environment_.metrics.CountSource(source, duration);
  // Of several it is not known which one failed.
  const bool is_away = stats_.error_code == ErrorCodeName(ErrorCode::kSourceUnavailable) ||
                       stats_.error_code == ErrorCodeName(ErrorCode::kSourceCircuitOpen);
  if (sources_.size() == 1 && is_away) {
    environment_.metrics.CountSourceError(sources_.front());
  }
}

void QueryRun::WriteHistory(const Status& status, std::chrono::nanoseconds total) const {
  using std::chrono::nanoseconds;
  observe::QueryRecord record;
  record.request_id = request_id_;
  record.protocol = "http";
  record.kind = stats_.is_mutation ? "mutation" : "query";
  record.user_id = identity_->user_id;
  record.user_name = identity_->user_name;
  record.role = identity_->role;
  record.auth_provider = identity_->auth_provider;
  const std::string& text = listed_ == nullptr ? shown_ : listed_->text;
  if (!text.empty()) record.hash = HexText(Sha256(auth::WithoutLiterals(text)));
  record.total = total;
  record.parse = nanoseconds(stats_.parse_ns);
  record.plan = nanoseconds(stats_.plan_ns);
  record.queued = queued_;
  record.execute = nanoseconds(stats_.execute_ns);
  record.rows = std::max<std::int64_t>(0, stats_.rows);
  // A body that is known as a whole is handed over behind this.
  record.bytes = static_cast<std::int64_t>(stream_.bytes_taken() + body_.size());
  if (!status) {
    record.code = ErrorCodeName(status.error().code);
  } else if (stats_.has_errors) {
    record.code = stats_.error_code.empty() ? std::string_view("OTHER") : stats_.error_code;
  }
  environment_.history->Write(std::move(record));
}

void QueryRun::TracePhases() const {
  using std::chrono::nanoseconds;
  const auto now = Clock::now();
  const auto now_by_calendar = std::chrono::system_clock::now();
  const auto record = [&](const char* name, Clock::time_point start, nanoseconds duration) {
    if (duration.count() <= 0) return;
    const auto begun = now_by_calendar - std::chrono::duration_cast<std::chrono::system_clock::duration>(now - start);
    observe::RecordSpan(trace_, name, begun,
                        begun + std::chrono::duration_cast<std::chrono::system_clock::duration>(duration));
  };
  record("parse", prepared_at_, nanoseconds(stats_.parse_ns));
  record("plan", prepared_at_ + nanoseconds(stats_.parse_ns), nanoseconds(stats_.plan_ns));
  record("queue", queued_at_, queued_);
  record("execute", now - nanoseconds(stats_.execute_ns), nanoseconds(stats_.execute_ns));
}

void QueryRun::LogSlow(std::chrono::nanoseconds total) const {
  constexpr std::size_t kLogged = 4 << 10;
  const query::ExecutionStats& stats = stats_;
  const std::string text = auth::WithoutLiterals(listed_ == nullptr ? shown_ : listed_->text).substr(0, kLogged);
  const std::string trace = observe::TraceIdOf(trace_);
  const auto milliseconds = [](std::int64_t ns) { return static_cast<double>(ns) * 1e-6; };
  environment_.log.Warn("slow query", {{"request_id", request_id_},
                                       {trace.empty() ? "" : "trace_id", trace},
                                       {"total_ms", milliseconds(total.count())},
                                       {"parse_ms", milliseconds(stats.parse_ns)},
                                       {"plan_ms", milliseconds(stats.plan_ns)},
                                       {"queue_ms", milliseconds(queued_.count())},
                                       {"execute_ms", milliseconds(stats.execute_ns)},
                                       {"rows", stats.rows},
                                       {"bytes", static_cast<std::int64_t>(stream_.bytes_taken())},
                                       {"error", stats.error_code},
                                       {"text", text}});
}

}  // namespace eider::http
