#include "query/query_service.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>

#include "engine/memory_account.h"
#include "graphql/coerce.h"
#include "graphql/print.h"
#include "query/audit_trail.h"
#include "query/coalescer.h"
#include "query/document_check.h"
#include "query/error_body.h"
#include "query/field_check.h"
#include "query/jq_execution.h"
#include "query/jq_runner.h"
#include "query/limited_execution.h"
#include "query/lru_cache.h"
#include "query/operation.h"
#include "query/request_execution.h"
#include "query/response_builder.h"
#include "query/subscribe.h"

namespace eider::query {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t MicrosecondsNow() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::int64_t Since(Clock::time_point start) { return (Clock::now() - start).count(); }

// Zones by name, loaded once. Unknown names are remembered too.
class ZoneTable {
 public:
  std::shared_ptr<const columnar::TimeZone> Find(const std::string& name) {
    MutexLock lock(mutex_);
    const auto it = zones_.find(name);
    if (it != zones_.end()) return it->second;
    auto zone = columnar::LoadTimeZone(name);
    if (zones_.size() > 1024) zones_.clear();
    return zones_[name] = zone ? *zone : nullptr;
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<const columnar::TimeZone>> zones_ GUARDED_BY(mutex_);
};

class QueryServiceImpl final : public EngineQueryService {
 public:
  QueryServiceImpl(const QueryServiceParts& parts, const QueryServiceOptions& options,
                   std::shared_ptr<const columnar::TimeZone> zone)
      : parts_(parts),
        options_(options),
        default_zone_(std::move(zone)),
        operations_(options.operation_cache, kCachedText),
        plans_(options.plan_cache, kCachedText),
        jq_(*this, [this](const std::string& name) { return FindZone(name); }),
        jq_cache_{parts.cache, parts.flights, options.time_zone, options.default_limit, parts.permissions} {
    if (options.coalescing_threads > 0) {
      coalescers_ = std::make_unique<CoalescerSet>(
          parts.sessions, Coalescer::Options{.threads = options.coalescing_threads,
                                             .native_threads = options.native_coalescing_threads,
                                             .max_batch = kBatch,
                                             .zone_name = options.time_zone,
                                             .zone = default_zone_});
    }
    execution_parts_ = std::make_unique<ExecutionParts>(ExecutionParts{.sessions = parts.sessions,
                                                                       .jq = jq_,
                                                                       .helpers = parts.helpers,
                                                                       .coalescers = coalescers_.get(),
                                                                       .max_parallel = options.max_parallel,
                                                                       .plan_options = {options.default_limit},
                                                                       .permissions = parts.permissions,
                                                                       .cache = parts.cache,
                                                                       .flights = parts.flights,
                                                                       .core_changed = parts.core_changed,
                                                                       .core_mirror = parts.core_mirror,
                                                                       .audit = parts.audit});
  }

  std::unique_ptr<Execution> Prepare(RequestContext context, GraphqlRequest request) override {
    auto rules = FindRole(context);
    if (rules == nullptr || (!rules->limits().max_rows && !rules->limits().max_result_bytes)) {
      return PrepareFree(std::move(context), std::move(request), std::move(rules));
    }
    AnswerBounds bounds{rules->limits().max_result_bytes, context.request_id, context.full_errors,
                        request.jq.has_value()};
    const bool describes = request.describes;
    auto execution = PrepareFree(std::move(context), std::move(request), std::move(rules));
    if (describes) return execution;
    return std::make_unique<LimitedExecution>(std::move(bounds), std::move(execution));
  }

  // The same without what bounds the answer of the role whose `rules` are given, null for a role that there is not.
  std::unique_ptr<Execution> PrepareFree(RequestContext context, GraphqlRequest request,
                                         std::shared_ptr<const auth::RoleRules> rules) {
    if (request.jq || ComputesVariables(request)) {
      return std::make_unique<JqExecution>(*this, jq_, jq_cache_, std::move(context), std::move(request));
    }
    const auto start = Clock::now();
    auto snapshot = parts_.snapshot.Get();
    if (snapshot == nullptr)
      return Refused(ErrorBody(Error(ErrorCode::kSchemaNotReady, "no schema is served yet")), "SCHEMA_NOT_READY",
                     context);
    ExecutionStats stats;
    const std::shared_ptr<const Operation> operation = FindOperation(request.query, std::move(snapshot));
    stats.parse_ns = Since(start);
    const graphql::OperationDefinition* definition =
        operation->document == nullptr ? nullptr : operation->document->FindOperation(request.operation_name);
    if (definition != nullptr && definition->kind == graphql::OperationKind::kSubscription) {
      return Refused(MessageBody("operation subscription not supported"), "BAD_INPUT", context);
    }
    if (!operation->errors.empty()) return Refused(GraphqlErrorsBody(operation->errors), "VALIDATION", context);
    if (definition == nullptr) return Refused(MessageBody(NoOperation(request)), "VALIDATION", context);
    const bool changes = definition->kind == graphql::OperationKind::kMutation;
    if (rules == nullptr || !rules->is_usable()) return Forbidden(context, changes, "role " + context.identity->role);
    // Statements show what rules say and what others may not know of.
    if (!rules->is_admin()) context.explain = false;
    const auto access = AccessOf(rules, *operation);
    if (access != nullptr) {
      if (!AllowsDocument(*access, *operation)) {
        return Forbidden(context, changes, DeniedMember(*access, *operation));
      }
      if (auto denied = DeniedOfSubscription(*access, request, operation->snapshot)) {
        return Forbidden(context, changes, *std::move(denied));
      }
    }
    if (const std::string refused = Refusal(*definition, request); !refused.empty())
      return Refused(MessageBody(refused), "BAD_INPUT", context);
    if (const std::string deep = DepthProblem(*rules, *operation); !deep.empty()) {
      const Error error(ErrorCode::kQueryTooComplex, deep);
      return Refused(ErrorBody(error), ErrorCodeName(error.code), context);
    }
    const rapidjson::Value* json = &request.variables;
    auto variables = graphql::CoerceVariables(*operation->snapshot->schema, *operation->document, *definition, json);
    if (!variables) return Refused(GraphqlErrorsBody(variables.error()), "BAD_INPUT", context);
    if (access != nullptr && rules->has_field_rules()) {
      FieldCheck check(*access, *operation->document);
      if (!check.AllowsVariables(*definition, *variables)) return Forbidden(context, changes, check.denied());
    }
    return Plan(std::move(context), request, {rules, access}, operation, *definition,
                std::make_unique<graphql::Variables>(std::move(*variables)), stats);
  }

  Subscribed Subscribe(const RequestContext& context, GraphqlRequest request,
                       const SubscribeOptions& options) override {
    const auto refused = [&](std::string body, std::string_view code) {
      return Unsubscribed(FullErrors(std::move(body), code, context));
    };
    const auto snapshot = parts_.snapshot.Get();
    if (snapshot == nullptr) {
      const Error error(ErrorCode::kSchemaNotReady, "no schema is served yet");
      return refused(ErrorBody(error), ErrorCodeName(error.code));
    }
    const std::shared_ptr<const Operation> operation = FindOperation(request.query, snapshot);
    if (!operation->errors.empty()) return refused(GraphqlErrorsBody(operation->errors), "VALIDATION");
    const graphql::OperationDefinition* definition = operation->document->FindOperation(request.operation_name);
    if (definition == nullptr) return refused(MessageBody(NoOperation(request)), "VALIDATION");
    if (definition->kind != graphql::OperationKind::kSubscription) return SubscribeOnce(std::move(request));
    const auto rules = FindRole(context);
    if (const auto denied = DeniedTo(rules, context, *operation)) {
      if (parts_.audit != nullptr) RecordDenial(*parts_.audit, context, false, *denied);
      return refused(MessageBody(planner::kForbidden), "FORBIDDEN");
    }
    if (const std::string deep = DepthProblem(*rules, *operation); !deep.empty()) {
      const Error error(ErrorCode::kQueryTooComplex, deep);
      return refused(ErrorBody(error), ErrorCodeName(error.code));
    }
    return BeginSubscription(*operation, *definition, std::move(request), options, parts_.streams);
  }

  bool IsCheap(std::string_view query) const override {
    auto operation = operations_.Find(query);
    if (operation == nullptr || !operation->errors.empty()) return false;
    return operation->snapshot == parts_.snapshot.Get();
  }

  std::uint64_t schema_version() const override {
    auto snapshot = parts_.snapshot.Get();
    return snapshot == nullptr ? 0 : snapshot->version;
  }

  std::string PrintSchema() const override {
    auto snapshot = parts_.snapshot.Get();
    return snapshot == nullptr ? "" : graphql::PrintSdl(*snapshot->schema);
  }

  void ForgetPlans() override {
    operations_.Clear();
    plans_.Clear();
  }

  QueryCounters counters() const override {
    QueryCounters out;
    out.plan_cache_hits = plan_hits_;
    out.plan_cache_misses = plan_misses_;
    out.operation_cache_hits = operation_hits_;
    out.operation_cache_misses = operation_misses_;
    if (coalescers_ != nullptr) {
      out.coalesced_requests = coalescers_->requests();
      out.coalesced_statements = coalescers_->statements();
    }
    return out;
  }

 private:
  static constexpr std::size_t kCachedText = 64 << 20;
  static constexpr std::size_t kBatch = 32;

  std::shared_ptr<const columnar::TimeZone> FindZone(const std::string& name) {
    auto zone = name.empty() ? nullptr : zones_.Find(name);
    return zone == nullptr ? default_zone_ : zone;
  }

  static std::unique_ptr<Execution> Ready(std::string body, std::string_view code, bool is_not_served = false) {
    ExecutionStats stats;
    stats.has_errors = !code.empty();
    stats.is_not_served = is_not_served;
    stats.error_code = code;
    return std::make_unique<ReadyExecution>(std::move(body), stats);
  }

  static std::unique_ptr<Execution> Refused(std::string body, std::string_view code, const RequestContext& context,
                                            bool is_not_served = false) {
    return Ready(FullErrors(std::move(body), code, context), code, is_not_served);
  }

  // `what` was denied, which only the audit log is told.
  std::unique_ptr<Execution> Forbidden(const RequestContext& context, bool is_mutation, std::string what) const {
    if (parts_.audit != nullptr) RecordDenial(*parts_.audit, context, is_mutation, std::move(what));
    return Refused(MessageBody(planner::kForbidden), "FORBIDDEN", context);
  }

  std::shared_ptr<const auth::RoleRules> FindRole(const RequestContext& context) const {
    const auto roles = parts_.permissions == nullptr ? only_admin_ : parts_.permissions->Get();
    return roles->Find(context.identity->role);
  }

  // What the role whose `rules` are given, null for a role that there is not, may not do of a document.
  static std::optional<std::string> DeniedTo(const std::shared_ptr<const auth::RoleRules>& rules,
                                             const RequestContext& context, const Operation& operation) {
    if (rules == nullptr || !rules->is_usable()) return "role " + context.identity->role;
    const auto access = AccessOf(rules, operation);
    if (access == nullptr || AllowsDocument(*access, operation)) return std::nullopt;
    return DeniedMember(*access, operation);
  }

  // The same of the subscription that a request is a run of. One that a new schema has made invalid denies nothing that
  // the request does not.
  std::optional<std::string> DeniedOfSubscription(const planner::Access& access, const GraphqlRequest& request,
                                                  const std::shared_ptr<const catalog::Snapshot>& snapshot) {
    if (request.subscription.empty()) return std::nullopt;
    const auto operation = FindOperation(request.subscription, snapshot);
    if (!operation->errors.empty() || AllowsDocument(access, *operation)) return std::nullopt;
    return DeniedMember(access, *operation);
  }

  // The variables as jq programs see them: those that were sent, and the defaults of others.
  static JqVariables ProgramVariables(const Operation& operation, const GraphqlRequest& request,
                                      const graphql::OperationDefinition& definition,
                                      const graphql::Variables& variables) {
    JqVariables out;
    if (!operation.has_jq) return out;
    out.AddMembers(request.variables);
    for (const graphql::VariableDefinition& variable : definition.variables) {
      const graphql::Value* value = variables.Find(variable.name);
      std::string json = value == nullptr ? "null" : "";
      if (value != nullptr) graphql::PrintJson(*value, &json);
      out.Add(variable.name, std::move(json));
    }
    return out;
  }

  static std::string NoOperation(const GraphqlRequest& request) {
    if (request.operation_name.empty()) return "the document has no operation";
    return "Unknown operation named \"" + request.operation_name + "\".";
  }

  static std::string Refusal(const graphql::OperationDefinition& definition, const GraphqlRequest& request) {
    if (definition.kind != graphql::OperationKind::kMutation) return {};
    if (request.no_mutation) return "mutations are not allowed in this context";
    if (request.over_get) return "mutations are not allowed over GET";
    return {};
  }

  std::shared_ptr<const Operation> FindOperation(const std::string& text,
                                                 std::shared_ptr<const catalog::Snapshot> snapshot) {
    std::shared_ptr<const Operation> operation = operations_.Find(text);
    if (operation != nullptr && operation->snapshot == snapshot) {
      ++operation_hits_;
      return operation;
    }
    ++operation_misses_;
    operation = CompileOperation(text, std::move(snapshot), options_.max_depth);
    operations_.Put(text, operation);
    return operation;
  }

  // What the statements of one request may take together.
  static std::shared_ptr<engine::MemoryAccount> MemoryOf(const cluster::RoleLimits& limits) {
    if (!limits.max_memory_bytes) return nullptr;
    return std::make_shared<engine::MemoryAccount>(std::max<std::int64_t>(0, *limits.max_memory_bytes));
  }

  struct Role {
    std::shared_ptr<const auth::RoleRules> rules;
    std::shared_ptr<const planner::Access> access;
  };

  std::unique_ptr<Execution> Plan(RequestContext context, const GraphqlRequest& request, const Role& role,
                                  const std::shared_ptr<const Operation>& operation,
                                  const graphql::OperationDefinition& definition,
                                  std::unique_ptr<graphql::Variables> variables, ExecutionStats stats) {
    const auto start = Clock::now();
    Leaf::Settings settings{options_.time_zone, default_zone_, {context.deadline, context.stop}};
    bool default_zone = true;
    if (!context.time_zone.empty() && context.time_zone != options_.time_zone) {
      if (auto zone = zones_.Find(context.time_zone)) {
        settings.zone = std::move(zone);
        settings.zone_name = context.time_zone;
        default_zone = false;
      }
    }
    planner::ZoneOffset offset;
    if (settings.zone != nullptr) {
      offset = [zone = settings.zone](std::int64_t seconds) { return zone->OffsetSeconds(seconds); };
    }
    const JqVariables jq_variables = ProgramVariables(*operation, request, definition, *variables);
    settings.requester = {context.identity, MicrosecondsNow()};
    settings.limits.trace = context.trace;
    const cluster::RoleLimits& limits = role.rules->limits();
    settings.limits.memory = MemoryOf(limits);
    if (limits.max_rows) settings.rows = std::make_shared<RowBudget>(std::max<std::int64_t>(0, *limits.max_rows));
    const BuildParts parts{.plans = plans_,
                           .functions = parts_.functions,
                           .jq = jq_,
                           .jq_variables = jq_variables,
                           .plan_options = {options_.default_limit},
                           .introspection_depth = options_.introspection_depth,
                           .rules = *role.rules,
                           .access = role.access,
                           .requester = settings.requester,
                           .cache = context.explain ? nullptr : parts_.cache,
                           .identity = *context.identity,
                           .zone = settings.zone_name,
                           .is_away = parts_.any_away && parts_.any_away() ? &parts_.is_away : nullptr,
                           .core_only = options_.core_only,
                           .is_drained = parts_.is_drained && parts_.is_drained(),
                           .plan_keys = context.plan_keys};
    auto built = BuildResponse(parts, *operation, definition, *variables, offset);
    const bool changes = definition.kind == graphql::OperationKind::kMutation;
    if (!built) {
      // What is only planned is no try to use it.
      if (parts_.audit != nullptr && context.plan_keys == nullptr &&
          built.error().code == ErrorCodeName(ErrorCode::kForbidden)) {
        RecordDenial(*parts_.audit, context, changes, std::move(built.error().denied));
      }
      return Refused(std::move(built.error().body), built.error().code, context, built.error().is_not_served);
    }
    plan_hits_ += built->plan_hits;
    plan_misses_ += built->plan_misses;
    stats.plan_ns = Since(start);
    stats.plan_cached = built->plan_misses == 0;
    if (request.validate_only) return Ready("{\"data\":{}}", "");
    if (built->plan.fields.empty() && !request.describes) return Ready("{\"data\":" + built->plan.after + "}", "");
    const observe::AuditOptions* audit = parts_.audit == nullptr ? nullptr : &parts_.audit->options();
    std::string note;
    if (audit != nullptr && changes) note = AuditNote(*audit, definition.name, request.variables, built->plan);
    std::optional<observe::AuditRecord> read;
    if (audit != nullptr && audit->reads && !changes && !request.describes) {
      read = RecordOf(context);
      read->action = "query";
      read->object = ObjectsOf(built->plan);
      read->detail = definition.name.empty() ? "" : "operation=" + std::string(definition.name);
    }
    auto execution =
        Finish(RequestExecution::Request{operation, &definition, std::move(variables), std::move(context),
                                         std::move(settings), std::move(built->plan), default_zone,
                                         request.no_mutation || request.over_get, limits.max_cost, std::move(note)},
               request.describes, stats);
    return read ? Audited(*parts_.audit, std::move(*read), std::move(execution)) : std::move(execution);
  }

  std::unique_ptr<Execution> Finish(RequestExecution::Request request, bool describes, const ExecutionStats& stats) {
    auto execution = std::make_unique<RequestExecution>(*execution_parts_, std::move(request), stats);
    if (describes) return execution;
    if (auto body = execution->KnownBody())
      return std::make_unique<ReadyExecution>(std::move(*body), execution->stats());
    if (const Status answer = execution->CheckSources(); !answer) {
      return Ready(execution->Body(answer.error()), ErrorCodeName(answer.error().code));
    }
    return execution;
  }

  const QueryServiceParts parts_;
  const QueryServiceOptions options_;
  const std::shared_ptr<const columnar::TimeZone> default_zone_;
  mutable LruCache<const Operation> operations_;
  LruCache<PreparedPlan> plans_;
  ZoneTable zones_;
  const std::shared_ptr<const auth::PermissionSnapshot> only_admin_ = auth::OnlyAdmin();
  JqRunner jq_;
  const JqExecution::CacheParts jq_cache_;
  std::atomic<std::uint64_t> plan_hits_ = 0, plan_misses_ = 0, operation_hits_ = 0, operation_misses_ = 0;
  std::unique_ptr<ExecutionParts> execution_parts_;
  std::unique_ptr<CoalescerSet> coalescers_;
};

}  // namespace

Result<std::unique_ptr<EngineQueryService>> CreateQueryService(const QueryServiceParts& parts,
                                                               const QueryServiceOptions& options) {
  EIDER_ASSIGN_OR_RETURN(auto zone, columnar::LoadTimeZone(options.time_zone));
  if (options.time_zone == "UTC") zone = nullptr;
  return std::unique_ptr<EngineQueryService>(std::make_unique<QueryServiceImpl>(parts, options, std::move(zone)));
}

}  // namespace eider::query
