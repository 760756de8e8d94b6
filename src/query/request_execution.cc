#include "query/request_execution.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>

#include "base/json.h"
#include "base/text.h"
#include "cluster/core_database.h"
#include "query/audit_trail.h"
#include "query/cost_check.h"
#include "query/error_body.h"
#include "query/mutation.h"
#include "query/projection.h"
#include "query/response_extensions.h"

namespace eider::query {

namespace {

// The source of the node's own tables.
const std::string kCoreSource = "core";

std::int64_t Now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

// Does jobs side by side: the caller and helpers of the pool each take the next one until none is left.
class SideBySide : public async::Task, public std::enable_shared_from_this<SideBySide> {
 public:
  using Job = std::function<Status()>;
  explicit SideBySide(std::vector<Job> jobs) : jobs_(std::move(jobs)) {}

  void Run() override {
    for (std::size_t i = next_++; i < jobs_.size(); i = next_++) {
      Status status = failed_ ? Status() : jobs_[i]();
      MutexLock lock(mutex_);
      if (!status && (!error_ || i < error_at_)) {
        error_ = status.error();
        error_at_ = i;
        failed_ = true;
      }
      ++finished_;
      done_.notify_all();
    }
  }

  // Waits until every job is done and returns the failure of the first one in order.
  Status Wait() {
    MutexLock lock(mutex_);
    while (finished_ != jobs_.size()) done_.wait(mutex_);
    if (error_) return *error_;
    return {};
  }

 private:
  const std::vector<Job> jobs_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  Mutex mutex_;
  CondVar done_;
  std::size_t finished_ GUARDED_BY(mutex_) = 0;
  std::size_t error_at_ GUARDED_BY(mutex_) = 0;
  std::optional<Error> error_ GUARDED_BY(mutex_);
};

// Whether some field writes tables that permissions are read from; what is inserted along belongs to them, too.
bool ChangesRoles(const ResponsePlan& plan) {
  constexpr std::array<std::string_view, 4> kTables = {"roles", "role_permissions", "role_limits", "api_keys"};
  return std::ranges::any_of(plan.fields, [&](const ResponseField& field) {
    const auto* mutation = std::get_if<MutationField>(&field.what);
    if (mutation == nullptr) return false;
    const catalog::DataObject& object = *mutation->plan.bound->field.binding->object;
    return object.source->internal && std::ranges::find(kTables, object.declared_name) != kTables.end();
  });
}

// Takes from a function's answer how many rows it has changed, and whether it did what it was asked for.
void NoteOutcome(const std::string& json, ResponseField& field) {
  rapidjson::Document answer;
  answer.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (answer.HasParseError() || !answer.IsObject()) return;
  const auto success = answer.FindMember("success");
  field.refused = success != answer.MemberEnd() && success->value.IsFalse();
  const auto rows = answer.FindMember("affected_rows");
  if (rows != answer.MemberEnd() && rows->value.IsInt64()) field.changed = rows->value.GetInt64();
}

// The fields of a plan and of the selections inside it that wait for others: leaves, and functions that ask servers.
void CollectWaiting(ResponsePlan& plan, std::vector<ResponseField*>& fields) {
  for (ResponseField& field : plan.fields) {
    const auto* function = std::get_if<FunctionField>(&field.what);
    const bool is_leaf = std::holds_alternative<Leaf>(field.what) && !field.wanted;
    if (is_leaf || (function != nullptr && function->waits)) fields.push_back(&field);
    if (auto* jq = std::get_if<JqField>(&field.what)) CollectWaiting(*jq->selection, fields);
  }
}

// The fields whose results are to be kept.
void CollectWanted(ResponsePlan& plan, std::vector<ResponseField*>& fields) {
  for (ResponseField& field : plan.fields) {
    if (field.wanted != nullptr) fields.push_back(&field);
    if (auto* jq = std::get_if<JqField>(&field.what)) CollectWanted(*jq->selection, fields);
  }
}

// What a function's result tells of each node.
std::string NodesOf(const std::string& json) {
  if (json.find(kNodesOfFunction) == std::string::npos) return {};
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError()) return {};
  const rapidjson::Value* nodes = FindMember(document, kNodesOfFunction);
  return nodes == nullptr ? "" : JsonTextOf(*nodes);
}

}  // namespace

RequestExecution::RequestExecution(const ExecutionParts& parts, Request request, ExecutionStats stats)
    : parts_(parts),
      request_(std::move(request)),
      stats_(stats) {
  stats_.is_mutation = request_.definition->kind == graphql::OperationKind::kMutation;
}

graphql::CollectContext RequestExecution::Collect() const {
  return {*request_.operation->snapshot->schema, *request_.operation->document, *request_.variables};
}

WorkClass RequestExecution::work_class() const {
  for (const ResponseField& field : request_.response.fields) {
    const Leaf* leaf = std::get_if<Leaf>(&field.what);
    if (leaf != nullptr && leaf->plan().is_scan) return WorkClass::kScan;
    if (std::holds_alternative<JqField>(field.what)) return WorkClass::kScan;
    const auto* function = std::get_if<FunctionField>(&field.what);
    if (function != nullptr && function->waits) return WorkClass::kScan;
  }
  return WorkClass::kInteractive;
}

Status RequestExecution::Run(ResponseSink& sink) {
  started_ = Now();
  BodyWriter out(sink);
  Status status = RunCalls(out);
  if (!status) status = Fail(out, status.error());
  if (status) status = out.Flush();
  stats_.execute_ns = Now() - started_;
  return status;
}

// Of several sources nobody knows which one was not reached.
Status RequestExecution::RunCalls(BodyWriter& out) {
  std::vector<sources::EngineCall> calls;
  std::size_t touched = 0;
  if (parts_.sessions.has_calls()) {
    const std::vector<std::string> sources = Sources();
    touched = sources.size();
    EIDER_ASSIGN_OR_RETURN(calls, parts_.sessions.BeginCalls(sources));
  }
  Status status = stats_.is_mutation ? RunMutation(out) : RunQuery(out);
  for (sources::EngineCall& call : calls) {
    if (status) call.attempt.Succeeded();
    if (!status && status.error().code == ErrorCode::kSourceUnavailable && touched == 1) {
      call.attempt.Failed(status.error());
    }
  }
  return status;
}

Status RequestExecution::CheckSources() const {
  return parts_.sessions.is_any_silent() ? parts_.sessions.CheckSilence(Sources()) : Status();
}

std::string RequestExecution::Body(const Error& error) const {
  return FullErrors(ErrorBody(error), error.code, request_.context);
}

Status RequestExecution::Fail(BodyWriter& out, const Error& error) {
  stats_.has_errors = true;
  stats_.error_code = ErrorCodeName(error.code);
  if (error.code == ErrorCode::kForbidden && !stats_.is_mutation && parts_.audit != nullptr) {
    RecordDenial(*parts_.audit, request_.context, false, error.hidden);
  }
  if (out.flushed()) return error;
  out.text() = Body(error);
  return {};
}

Status RequestExecution::StartLeaves() {
  std::vector<ResponseField*> wanted;
  CollectWanted(request_.response, wanted);
  std::vector<Shared> shared;
  for (ResponseField* field : wanted) shared.push_back({field, JoinFlight(*field)});
  EIDER_RETURN_IF_ERROR(StartOwnLeaves());
  EIDER_RETURN_IF_ERROR(AwaitShared(shared));
  return StartLarge(wanted);
}

Status RequestExecution::StartOwnLeaves() {
  std::vector<ResponseField*> fields;
  CollectWaiting(request_.response, fields);
  if (fields.empty()) return {};
  if (fields.size() == 1) return StartField(*fields[0]);
  std::size_t helpers = parts_.helpers == nullptr ? 0 : fields.size() - 1;
  if (parts_.max_parallel > 0) helpers = std::min(helpers, static_cast<std::size_t>(parts_.max_parallel - 1));
  std::vector<SideBySide::Job> jobs;
  for (ResponseField* field : fields) jobs.emplace_back([this, field] { return StartField(*field); });
  auto starter = std::make_shared<SideBySide>(std::move(jobs));
  // A busy pool is no reason to wait: the caller starts whatever no helper takes.
  for (std::size_t i = 0; i < helpers; ++i) {
    if (!parts_.helpers->Submit(starter, helpers)) break;
  }
  starter->Run();
  return starter->Wait();
}

Status RequestExecution::StartField(ResponseField& field) {
  if (auto* leaf = std::get_if<Leaf>(&field.what)) return leaf->Start(parts_.sessions, request_.settings);
  std::string result;
  EIDER_RETURN_IF_ERROR(CallFunction(field, request_.context, result));
  std::get<FunctionField>(field.what).result = std::move(result);
  return {};
}

Status RequestExecution::CallFunction(ResponseField& field, const RequestContext& context, std::string& out) {
  const auto& function = std::get<FunctionField>(field.what);
  const std::int64_t start = Now();
  rapidjson::Document arguments;
  arguments.Parse(function.arguments.c_str());
  EIDER_ASSIGN_OR_RETURN(const std::string json, (*function.handler)(arguments, context));
  field.times.execute_ns = Now() - start;
  if (stats_.is_mutation && parts_.audit != nullptr) NoteOutcome(json, field);
  if (field.times.wanted) field.nodes = NodesOf(json);
  return AppendProjected(Collect(), function.field, json, out);
}

Status RequestExecution::CallAudited(ResponseField& field, std::string& out) {
  const engine::Limits& limits = request_.settings.limits;
  EIDER_ASSIGN_OR_RETURN(auto place, parts_.audit->Reserve(1, limits.deadline, limits.stop));
  observe::AuditRecord record = RecordOf(request_.context);
  DescribeChange(field, record);
  Status done = CallFunction(field, request_.context, out);
  if (!done) DescribeFailure(done.error(), record);
  record.duration = std::chrono::system_clock::now() - record.ts;
  place.Write(std::move(record));
  return done;
}

Status RequestExecution::ComputeJq(ResponsePlan& plan) {
  for (ResponseField& field : plan.fields) {
    auto* jq = std::get_if<JqField>(&field.what);
    if (jq == nullptr) continue;
    EIDER_RETURN_IF_ERROR(ComputeJq(*jq->selection));
    TextSink data;
    BodyWriter writer(data);
    EIDER_RETURN_IF_ERROR(WritePlan(*jq->selection, writer));
    EIDER_RETURN_IF_ERROR(writer.Flush());
    const std::int64_t start = Now();
    auto result = parts_.jq.Run(*jq->program, data.text(), jq->variables, request_.context, request_.no_mutation);
    if (!result) {
      Error error = std::move(result).error();
      if (error.code == ErrorCode::kBadInput) error.message.insert(0, "jq query execution error: ");
      return error;
    }
    field.times.execute_ns = Now() - start;
    jq->result = std::move(*result);
    jq->value = jq->include_origin ? std::move(data.text()) : "null";
  }
  return {};
}

Status RequestExecution::WritePlan(ResponsePlan& plan, BodyWriter& out) {
  for (ResponseField& field : plan.fields) {
    out.text().append(field.before);
    if (auto* constant = std::get_if<ConstantField>(&field.what)) {
      out.text().append(constant->json);
    } else if (const auto* function = std::get_if<FunctionField>(&field.what)) {
      if (function->result) {
        out.text().append(*function->result);
      } else if (parts_.audit != nullptr && IsChangingFunction(*function)) {
        EIDER_RETURN_IF_ERROR(CallAudited(field, out.text()));
      } else {
        EIDER_RETURN_IF_ERROR(CallFunction(field, request_.context, out.text()));
      }
    } else if (auto* jq = std::get_if<JqField>(&field.what)) {
      out.text().append(jq->value);
    } else if (auto* cached = std::get_if<CachedField>(&field.what)) {
      out.text().append(cached->entry->result.json);
    } else if (auto* leaf = std::get_if<Leaf>(&field.what)) {
      EIDER_RETURN_IF_ERROR(leaf->Write(out));
      stats_.rows += leaf->rows();
    }
    EIDER_RETURN_IF_ERROR(out.FlushIfFull());
  }
  out.text().append(plan.after);
  return {};
}

Status RequestExecution::CheckCosts(ResponsePlan& plan) {
  for (ResponseField& field : plan.fields) {
    if (auto* jq = std::get_if<JqField>(&field.what)) EIDER_RETURN_IF_ERROR(CheckCosts(*jq->selection));
    Leaf* leaf = std::get_if<Leaf>(&field.what);
    if (leaf == nullptr) continue;
    EIDER_RETURN_IF_ERROR(CheckCost(*leaf, parts_.sessions, request_.settings, *request_.max_cost));
  }
  return {};
}

Status RequestExecution::RunQuery(BodyWriter& out) {
  if (request_.max_cost) EIDER_RETURN_IF_ERROR(CheckCosts(request_.response));
  EIDER_RETURN_IF_ERROR(StartLeaves());
  // Before anything is sent, so that a failing program is an error answer.
  EIDER_RETURN_IF_ERROR(ComputeJq(request_.response));
  stats_.cache = CacheNoteOf(request_.response);
  out.NoteCache(stats_.cache);
  out.text().append("{\"data\":");
  EIDER_RETURN_IF_ERROR(WritePlan(request_.response, out));
  AppendExtensions(out.text());
  out.text().push_back('}');
  return {};
}

Status RequestExecution::RunMutation(BodyWriter& out) {
  return parts_.audit == nullptr ? RunDropping(out) : RunAudited(out);
}

Status RequestExecution::RunDropping(BodyWriter& out) {
  Status done = RunChanges(out);
  // Also after a failure: some sources may have committed before it, and some know no way back.
  DropChanged();
  return done;
}

Status RequestExecution::FinishCore(MutationScope& scope) const {
  engine::Session* const core = ChangesRoles(request_.response) ? scope.SessionOf(kCoreSource) : nullptr;
  return core == nullptr ? Status() : cluster::CoreDatabase::FinishRoleChange(*core);
}

// Before the answer, so that the client's next request finds its change.
Status RequestExecution::NoteCore() const {
  if (ChangesRoles(request_.response) && parts_.permissions != nullptr) {
    EIDER_RETURN_IF_ERROR(parts_.permissions->Refresh());
  }
  if (parts_.core_changed) parts_.core_changed();
  return {};
}

Status RequestExecution::RunAudited(BodyWriter& out) {
  const engine::Limits& limits = request_.settings.limits;
  std::vector<ResponseField*> fields;
  for (ResponseField& field : request_.response.fields) {
    if (!std::holds_alternative<ConstantField>(field.what)) fields.push_back(&field);
  }
  // What cannot be written down does not run.
  EIDER_ASSIGN_OR_RETURN(auto places, parts_.audit->Reserve(fields.size(), limits.deadline, limits.stop));
  const observe::AuditRecord who = RecordOf(request_.context);
  Status done = RunDropping(out);
  for (const ResponseField* field : fields) {
    observe::AuditRecord record = who;
    DescribeChange(*field, record);
    record.detail.append(request_.audit_note);
    record.duration = std::chrono::system_clock::now() - who.ts;
    if (field->refused) record.outcome = observe::AuditOutcome::kError;
    if (done) record.rows = field->changed;
    if (!done) DescribeFailure(done.error(), record);
    places.Write(std::move(record));
  }
  return done;
}

Status RequestExecution::RunChanges(BodyWriter& out) {
  MutationScope scope(parts_.sessions, request_.settings, parts_.core_mirror);
  std::string body = "{\"data\":";
  for (ResponseField& field : request_.response.fields) {
    body.append(field.before);
    if (auto* constant = std::get_if<ConstantField>(&field.what)) {
      body.append(constant->json);
    } else if (std::holds_alternative<FunctionField>(field.what)) {
      // With a shared core database a function may be another node's work, which sees only what is committed.
      if (parts_.core_mirror != nullptr && scope.SessionOf(kCoreSource) != nullptr) {
        EIDER_RETURN_IF_ERROR(FinishCore(scope));
        EIDER_RETURN_IF_ERROR(scope.Commit());
        EIDER_RETURN_IF_ERROR(NoteCore());
      }
      RequestContext context = request_.context;
      context.core_changes = scope.SessionOf(kCoreSource);
      context.at_core_end = [&scope](std::function<void(bool)> work) { scope.AtEnd(kCoreSource, std::move(work)); };
      EIDER_RETURN_IF_ERROR(CallFunction(field, context, body));
    } else if (auto* mutation = std::get_if<MutationField>(&field.what)) {
      const std::int64_t start = Now();
      EIDER_RETURN_IF_ERROR(scope.Run(Collect(), *mutation, request_.context.explain ? &mutation->ran : nullptr, body));
      field.changed = scope.changed();
      field.times.execute_ns = Now() - start;
    } else if (auto* leaf = std::get_if<Leaf>(&field.what)) {
      const std::int64_t start = Now();
      EIDER_RETURN_IF_ERROR(scope.Call(*leaf, body));
      field.times.execute_ns = Now() - start;
    }
  }
  EIDER_RETURN_IF_ERROR(FinishCore(scope));
  const bool changes_core = scope.SessionOf(kCoreSource) != nullptr;
  EIDER_RETURN_IF_ERROR(scope.Commit());
  if (changes_core) EIDER_RETURN_IF_ERROR(NoteCore());
  EIDER_RETURN_IF_ERROR(scope.Complete(body));
  out.text().append(body).append(request_.response.after);
  AppendExtensions(out.text());
  out.text().push_back('}');
  return {};
}

void RequestExecution::AppendExtensions(std::string& out) const {
  ResponseExtensions extensions = CollectExtensions(request_.response, request_.context);
  if (request_.response.wants_times) {
    FieldTimes times;
    times.plan_ns = stats_.plan_ns;
    times.execute_ns = Now() - started_;
    for (const ResponseField& field : request_.response.fields) times.compile_ns += field.times.compile_ns;
    times.plan_ns -= times.compile_ns;
    const std::int64_t total = stats_.parse_ns + stats_.plan_ns + times.execute_ns;
    extensions.Set("", "stats", TimesJson(request_.definition->name, times, stats_.parse_ns, total));
  }
  if (extensions.empty()) return;
  out.append(",\"extensions\":");
  extensions.Append(out);
}

bool RequestExecution::StartCoalesced(std::function<void(std::string)> done) {
  if (parts_.coalescers == nullptr || !request_.default_zone || request_.response.fields.size() != 1) return false;
  Leaf* leaf = std::get_if<Leaf>(&request_.response.fields[0].what);
  if (leaf == nullptr || leaf->plan().batch_sql.empty() || request_.response.fields[0].wanted) return false;
  if (request_.max_cost || request_.settings.rows != nullptr) return false;
  if (parts_.sessions.has_calls() && parts_.sessions.IsCall(Sources())) return false;
  if (request_.context.explain || request_.response.wants_times || request_.response.fields[0].times.wanted)
    return false;
  PointLookup lookup;
  lookup.parameters = leaf->StatementParameters(request_.settings.requester);
  for (std::size_t i = 0; i < lookup.parameters.size(); ++i) {
    if (leaf->plan().parameter_map[i] >= 0) lookup.keys.push_back(lookup.parameters[i]);
  }
  lookup.session = planner::SessionParameters(leaf->plan().batch_session, request_.settings.requester);
  lookup.deadline = request_.context.deadline;
  lookup.done = [this, start = Now(), done = std::move(done)](Result<std::string> row) {
    stats_.execute_ns = Now() - start;
    FinishCoalesced(std::move(row), done);
  };
  parts_.coalescers->Of(leaf->plan().source).Submit(leaf->prepared(), std::move(lookup));
  return true;
}

void RequestExecution::FinishCoalesced(Result<std::string> row, const std::function<void(std::string)>& done) {
  if (!row) {
    stats_.has_errors = true;
    stats_.error_code = ErrorCodeName(row.error().code);
    return done(Body(row.error()));
  }
  stats_.rows = *row == "null" ? 0 : 1;
  const ResponseField& field = request_.response.fields[0];
  std::string body;
  body.reserve(16 + field.before.size() + row->size() + request_.response.after.size());
  body.append("{\"data\":").append(field.before).append(*row).append(request_.response.after).append("}");
  done(std::move(body));
}

}  // namespace eider::query
