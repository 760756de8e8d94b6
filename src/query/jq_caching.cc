// Keeping what a jq program makes of an answer (access 16.7).
#include "query/cache_request.h"
#include "query/jq_execution.h"
#include "query/repeated_request.h"

namespace eider::query {
namespace {

// What is computed for everybody, whatever one of them says about keeping it.
GraphqlRequest ForEverybody(const GraphqlRequest& request) {
  GraphqlRequest out = CopyOf(request);
  out.jq_caching = {};
  out.describes = false;
  return out;
}

ErrorCode CodeNamed(std::string_view name) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    if (ErrorCodeName(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
  }
  return ErrorCode::kBadInput;
}

// Computes an answer for everybody who waits for it. Owns all it needs, since it outlives the request that began it.
class JqFlight final : public async::Task {
 public:
  JqFlight(cache::ResultCache& cache, std::shared_ptr<cache::Flight> flight, cache::Wanted wanted)
      : cache_(cache),
        flight_(std::move(flight)),
        wanted_(std::move(wanted)) {}

  void SetWork(std::function<Result<cache::Computed>(const StopToken&)> work) { work_ = std::move(work); }
  void Run() override { cache_.Run(flight_, wanted_, work_); }

 private:
  cache::ResultCache& cache_;
  const std::shared_ptr<cache::Flight> flight_;
  const cache::Wanted wanted_;
  std::function<Result<cache::Computed>(const StopToken&)> work_;
};

}  // namespace

std::shared_ptr<const cache::Wanted> JqExecution::Wanted() {
  const bool fresh = context_.jq_caching.fresh || request_.jq_caching.fresh;
  const bool asked = context_.jq_caching.rule || request_.jq_caching.rule || fresh;
  if (cache_.cache == nullptr || !asked || request_.validate_only) return nullptr;
  const cache::Rule rule =
      cache::Merge(context_.jq_caching.rule.value_or(cache::Rule()), request_.jq_caching.rule.value_or(cache::Rule()));
  GraphqlRequest probe = ForEverybody(request_);
  probe.jq.reset();
  probe.describes = true;
  const auto execution = service_.Prepare(context_, std::move(probe));
  const std::optional<AnswerReads> reads = execution->Reads();
  if (!reads) return nullptr;
  const std::string& zone = context_.time_zone.empty() ? cache_.default_zone : context_.time_zone;
  const auto roles = cache_.permissions == nullptr ? auth::OnlyAdmin() : cache_.permissions->Get();
  const auto rules = roles->Find(context_.identity->role);
  if (rules == nullptr) return nullptr;
  CacheReads unknown;
  unknown.identity_unknown = true;  // Programs may ask who runs them.
  cache::KeyBuilder key;
  AddIdentity(unknown, {*context_.identity, *rules, zone, cache_.default_limit, false}, key);
  key.Add("jq").Add(zone).Add(static_cast<std::uint64_t>(cache_.default_limit)).Add(reads->generations);
  key.Add(*request_.jq).Add(request_.query).Add(request_.operation_name);
  key.Add(static_cast<std::uint64_t>(rule.key.has_value())).Add(rule.key ? *rule.key : ToJsonText(request_.variables));
  auto wanted = std::make_shared<cache::Wanted>();
  wanted->key = key.Finish();
  wanted->tags = reads->tags;
  wanted->tags.insert(wanted->tags.end(), rule.tags.begin(), rule.tags.end());
  if (request_.jq->find("queryHugr") != std::string::npos) wanted->tags.emplace_back(kAnyChange);
  wanted->ttl = rule.ttl.value_or(cache_.cache->options().default_ttl);
  wanted->fresh = fresh;
  return wanted;
}

Status JqExecution::RunKept(ResponseSink& sink, const cache::Wanted& wanted) {
  if (!wanted.fresh) {
    if (cache::EntryPtr known = cache_.cache->Find(wanted.key)) return WriteKept(sink, {std::move(known), true, false});
  }
  const cache::Seat seat = cache_.cache->Join(wanted, {});
  if (seat.flight()->Begin()) {
    auto task = std::make_shared<JqFlight>(*cache_.cache, seat.flight(), wanted);
    auto request = std::make_shared<GraphqlRequest>(ForEverybody(request_));
    RequestContext context = context_;
    context.deadline = Deadline::Never();
    task->SetWork([&service = service_, &runner = runner_, &parts = cache_, context,
                   request](const StopToken& stop) -> Result<cache::Computed> {
      RequestContext shared = context;
      shared.stop = stop;
      JqExecution alone(service, runner, parts, std::move(shared), ForEverybody(*request));
      TextSink text;
      EIDER_RETURN_IF_ERROR(alone.RunThrough(text));
      if (alone.stats().has_errors) return Error(CodeNamed(alone.stats().error_code), std::move(text.text()));
      return cache::Computed{std::move(text.text()), false};
    });
    (void)cache_.flights->Submit(std::move(task));
  }
  auto outcome = seat.flight()->Wait(context_.deadline, context_.stop);
  if (!outcome) return Refuse(sink, outcome.error());
  return outcome->too_large ? RunThrough(sink) : WriteKept(sink, *outcome);
}

Status JqExecution::WriteKept(ResponseSink& sink, const cache::Outcome& outcome) {
  stats_.cache.state = outcome.hit ? CacheState::kHit : CacheState::kMiss;
  if (outcome.hit) {
    stats_.cache.age = std::chrono::duration_cast<std::chrono::seconds>(cache::Clock::now() - outcome.entry->stored);
  }
  sink.NoteCache(stats_.cache);
  return sink.Write(outcome.entry->result.json);
}

}  // namespace eider::query
