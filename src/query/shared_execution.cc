// How a request shares computations with others, and what the result cache is told.
#include <algorithm>
#include <chrono>
#include <set>

#include "engine/memory_account.h"
#include "query/request_execution.h"

namespace eider::query {
namespace {

// Takes a whole result, up to the size beyond which nobody shares it.
class SharedText final : public ResponseSink {
 public:
  Status Write(std::string_view bytes) override {
    text_.append(bytes);
    if (text_.size() > cache::ResultCache::kLargest) return Error(ErrorCode::kResultTooLarge, "too large to be shared");
    return {};
  }
  std::string& text() { return text_; }

 private:
  std::string text_;
};

// Computes a field for everybody who waits for it. Owns all it needs, since it outlives the request that began it.
class FlightTask final : public async::Task {
 public:
  FlightTask(cache::ResultCache& cache, std::shared_ptr<cache::Flight> flight,
             std::shared_ptr<const cache::Wanted> wanted, const SessionRouter& sessions,
             std::shared_ptr<const Operation> operation)
      : cache_(cache),
        flight_(std::move(flight)),
        wanted_(std::move(wanted)),
        sessions_(sessions),
        operation_(std::move(operation)) {}

  void SetLeaf(const Leaf& leaf, Leaf::Settings settings) {
    plan_ = leaf.prepared();
    parameters_ = leaf.parameters();
    settings_ = std::move(settings);
  }

  void Run() override {
    cache_.Run(flight_, *wanted_, [this](const StopToken& stop) { return Compute(stop); });
  }

 private:
  Result<cache::Computed> Compute(const StopToken& stop) {
    Leaf leaf(plan_, parameters_);
    // Nobody's deadline is everybody's: who has no time left leaves, and the last one stops it.
    const auto& limit = settings_.limits.memory;
    auto memory = limit == nullptr ? nullptr : std::make_shared<engine::MemoryAccount>(limit->limit());
    settings_.limits = {Deadline::Never(), stop, false, std::move(memory), settings_.limits.trace};
    EIDER_RETURN_IF_ERROR(leaf.Start(sessions_, settings_));
    SharedText text;
    BodyWriter writer(text);
    Status done = leaf.Write(writer);
    if (done) done = writer.Flush();
    if (!done && text.text().size() <= cache::ResultCache::kLargest) return done.error();
    return cache::Computed{std::move(text.text()), leaf.truncated()};
  }

  cache::ResultCache& cache_;
  const std::shared_ptr<cache::Flight> flight_;
  const std::shared_ptr<const cache::Wanted> wanted_;
  const SessionRouter& sessions_;
  const std::shared_ptr<const Operation> operation_;  // Keeps what the plan points at.
  std::shared_ptr<PreparedPlan> plan_;
  engine::Parameters parameters_;
  Leaf::Settings settings_;
};

void NotePlan(const ResponsePlan& plan, cache::Clock::time_point now, std::optional<CacheNote>& note) {
  for (const ResponseField& field : plan.fields) {
    if (std::holds_alternative<ConstantField>(field.what)) continue;
    if (const auto* jq = std::get_if<JqField>(&field.what)) {
      NotePlan(*jq->selection, now, note);
      continue;
    }
    if (!note) note = CacheNote{CacheState::kHit, std::chrono::seconds(0)};
    note->state = std::max(note->state, field.cache);
    const auto* cached = std::get_if<CachedField>(&field.what);
    if (cached == nullptr) continue;
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - cached->entry->stored);
    note->age = std::max(note->age, age);
  }
}

// Adds what the fields of a plan read; false when one of them must not be kept.
bool AddReads(const ResponsePlan& plan, std::set<std::string>& tags) {
  return std::ranges::all_of(plan.fields, [&tags](const ResponseField& field) {
    if (std::holds_alternative<ConstantField>(field.what)) return true;
    if (const auto* jq = std::get_if<JqField>(&field.what)) {
      // Its program may make requests of its own.
      tags.emplace(kAnyChange);
      return AddReads(*jq->selection, tags);
    }
    if (field.reads == nullptr || field.reads->never) return false;
    tags.insert(field.reads->tags.begin(), field.reads->tags.end());
    return true;
  });
}

void AddSources(const ResponsePlan& plan, std::set<std::string>& sources) {
  for (const ResponseField& field : plan.fields) {
    if (field.reads != nullptr) sources.insert(field.reads->sources.begin(), field.reads->sources.end());
    if (const auto* mutation = std::get_if<MutationField>(&field.what)) {
      sources.insert(mutation->plan.bound->field.binding->object->source->name);
    } else if (const auto* jq = std::get_if<JqField>(&field.what)) {
      AddSources(*jq->selection, sources);
    } else if (const auto* leaf = std::get_if<Leaf>(&field.what); leaf != nullptr && !leaf->plan().changes.empty()) {
      sources.insert(leaf->plan().changes);
    }
  }
}

}  // namespace

CacheNote CacheNoteOf(const ResponsePlan& plan) {
  std::optional<CacheNote> note;
  NotePlan(plan, cache::Clock::now(), note);
  return note.value_or(CacheNote());
}

std::optional<AnswerReads> RequestExecution::Reads() const {
  std::set<std::string> tags;
  if (stats_.is_mutation || !AddReads(request_.response, tags)) return std::nullopt;
  AnswerReads reads;
  reads.tags.assign(tags.begin(), tags.end());
  // All of them: introspection tells about every source.
  for (const catalog::Source* source : request_.operation->snapshot->sources) {
    reads.generations.append(source->name).append("=").append(source->generation).append(";");
  }
  return reads;
}

std::vector<std::string> RequestExecution::Sources() const {
  std::set<std::string> sources;
  AddSources(request_.response, sources);
  return {sources.begin(), sources.end()};
}

std::optional<std::string> RequestExecution::KnownBody() {
  if (stats_.is_mutation) return std::nullopt;
  for (const ResponseField& field : request_.response.fields) {
    if (!IsKnown(field)) return std::nullopt;
  }
  return TextOfKnown();
}

bool RequestExecution::IsKnown(const ResponseField& field) {
  return std::holds_alternative<CachedField>(field.what) || std::holds_alternative<ConstantField>(field.what);
}

ResponseField* RequestExecution::OnlyWanted() {
  if (stats_.is_mutation || request_.context.explain || request_.max_cost) return nullptr;
  ResponseField* found = nullptr;
  for (ResponseField& field : request_.response.fields) {
    if (IsKnown(field)) continue;
    if (field.wanted == nullptr || found != nullptr) return nullptr;
    found = &field;
  }
  return found;
}

bool RequestExecution::StartShared(Sharing sharing) {
  shared_field_ = OnlyWanted();
  if (shared_field_ == nullptr) return false;
  sharing_ = std::move(sharing);
  cache::Flight::Waiter waiter;
  waiter.deadline = request_.context.deadline;
  waiter.done = [this](const Result<cache::Outcome>& outcome) { EndShared(outcome); };
  waiter.lead = [this] {
    if (!settled_.exchange(true)) sharing_.run();
  };
  MutexLock lock(seat_mutex_);
  seat_ = parts_.cache->Join(*shared_field_->wanted, std::move(waiter));
  // The computation is begun by Run(), which has a place among the running requests.
  if (seat_.is_leader()) return false;
  leave_.emplace(request_.context.stop, [this, seat = &seat_] {
    // Who leads already is ended by its own way.
    if (settled_.exchange(true)) return;
    if (seat->Leave()) EndShared(Error(ErrorCode::kCancelled, "query cancelled"));
  });
  return true;
}

void RequestExecution::EndShared(const Result<cache::Outcome>& outcome) {
  if (!outcome) {
    stats_.has_errors = true;
    stats_.error_code = ErrorCodeName(outcome.error().code);
    return sharing_.done(Body(outcome.error()));
  }
  TakeOutcome(*shared_field_, *outcome);
  if (outcome->too_large) return sharing_.run();
  sharing_.done(TextOfKnown());
}

std::string RequestExecution::TextOfKnown() {
  started_ = std::chrono::steady_clock::now().time_since_epoch().count();
  TextSink sink;
  BodyWriter out(sink);
  Status written = RunQuery(out);
  if (written) written = out.Flush();
  // Only a body beyond the sink's limit fails.
  if (!written) {
    stats_.has_errors = true;
    stats_.error_code = ErrorCodeName(written.error().code);
    return Body(written.error());
  }
  return std::move(sink.text());
}

cache::Seat RequestExecution::JoinFlight(ResponseField& field) {
  cache::Seat seat;
  if (&field == shared_field_) {
    MutexLock lock(seat_mutex_);
    leave_.reset();
    seat = std::move(seat_);
  }
  if (!seat) seat = parts_.cache->Join(*field.wanted, {});
  // Also when another request is expected to: it may wait for a place that this one has.
  if (!seat.flight()->Begin()) return seat;
  auto task =
      std::make_shared<FlightTask>(*parts_.cache, seat.flight(), field.wanted, parts_.sessions, request_.operation);
  task->SetLeaf(std::get<Leaf>(field.what), request_.settings);
  (void)parts_.flights->Submit(std::move(task));
  return seat;
}

Status RequestExecution::AwaitShared(const std::vector<Shared>& shared) {
  const engine::Limits& limits = request_.settings.limits;
  for (const Shared& each : shared) {
    const auto start = std::chrono::steady_clock::now();
    auto outcome = each.seat.flight()->Wait(limits.deadline, limits.stop);
    if (!outcome) return std::move(outcome).error();
    TakeOutcome(*each.field, *outcome);
    each.field->times.execute_ns = (std::chrono::steady_clock::now() - start).count();
  }
  return {};
}

void RequestExecution::TakeOutcome(ResponseField& field, const cache::Outcome& outcome) {
  field.wanted = nullptr;
  if (outcome.too_large) return;
  field.what = CachedField{outcome.entry};
  field.cache = outcome.hit ? CacheState::kHit : CacheState::kMiss;
}

Status RequestExecution::StartLarge(const std::vector<ResponseField*>& fields) {
  for (ResponseField* field : fields) {
    Leaf* leaf = std::get_if<Leaf>(&field->what);
    if (leaf != nullptr) EIDER_RETURN_IF_ERROR(leaf->Start(parts_.sessions, request_.settings));
  }
  return {};
}

void RequestExecution::DropChanged() {
  if (parts_.cache == nullptr) return;
  const catalog::Snapshot& snapshot = *request_.operation->snapshot;
  std::vector<std::string> tags;
  for (const ResponseField& field : request_.response.fields) {
    if (const auto* mutation = std::get_if<MutationField>(&field.what)) {
      AddWrites(*mutation->plan.bound, snapshot, tags);
    } else if (const Leaf* leaf = std::get_if<Leaf>(&field.what)) {
      AddSourceWrites(leaf->plan().changes, snapshot, tags);
    }
  }
  if (!tags.empty()) tags.emplace_back(kAnyChange);
  std::ranges::sort(tags);
  const auto same = std::ranges::unique(tags);
  tags.erase(same.begin(), same.end());
  if (!tags.empty()) parts_.cache->Bump(tags);
}

}  // namespace eider::query
