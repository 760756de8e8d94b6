#include "query/coalescer.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace eider::query {

Coalescer::Coalescer(const SessionRouter& sessions, Options options)
    : sessions_(sessions),
      options_(std::move(options)) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Work(Part::kThread); });
  for (int i = 0; i < options_.reserves; ++i) threads_.emplace_back([this] { Work(Part::kReserve); });
}

Coalescer::~Coalescer() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  wake_reserves_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

namespace {

// Values as text that differs when they differ.
struct ValueText {
  std::string operator()(std::monostate) const { return "~"; }
  std::string operator()(bool value) const { return value ? "+" : "-"; }
  std::string operator()(std::int64_t value) const { return "i" + std::to_string(value); }
  std::string operator()(double value) const {
    std::array<char, 32> text{};
    return "d" + std::string(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
  }
  std::string operator()(const std::string& value) const { return std::to_string(value.size()) + "'" + value; }
  std::string operator()(const engine::ValueList& values) const {
    std::string out = "[";
    for (const engine::Value& value : values) out.append(std::visit(*this, value.data)).push_back(',');
    return out + "]";
  }
};

std::string TextOf(const engine::Parameters& values) {
  std::string out;
  for (const engine::Value& value : values) out.append(std::visit(ValueText(), value.data)).push_back(',');
  return out;
}

}  // namespace

void Coalescer::Submit(const std::shared_ptr<PreparedPlan>& plan, PointLookup lookup) {
  requests_.fetch_add(1, std::memory_order_relaxed);
  Key key{plan.get(), TextOf(lookup.session)};
  bool is_much = false;
  {
    MutexLock lock(mutex_);
    Queue& queue = queues_[key];
    if (queue.waiting.empty()) {
      queue.plan = plan;
      ready_.push_back(std::move(key));
    }
    queue.waiting.push_back(std::move(lookup));
    ++waiting_;
    is_much = IsMuch();
  }
  wake_.notify_one();
  if (is_much && options_.reserves > 0) wake_reserves_.notify_one();
}

std::vector<PointLookup> Coalescer::Take(std::shared_ptr<PreparedPlan>& plan) {
  std::vector<PointLookup> lookups;
  Key key = std::move(ready_.front());
  ready_.pop_front();
  Queue& queue = queues_[key];
  plan = queue.plan;
  const std::size_t count = std::min(queue.waiting.size(), options_.max_batch);
  for (std::size_t i = 0; i < count; ++i) {
    lookups.push_back(std::move(queue.waiting.front()));
    queue.waiting.pop_front();
  }
  waiting_ -= count;
  if (queue.waiting.empty()) {
    queues_.erase(key);
  } else {
    ready_.push_back(std::move(key));
  }
  return lookups;
}

void Coalescer::Work(Part part) {
  CondVar& wake = part == Part::kReserve ? wake_reserves_ : wake_;
  while (true) {
    std::shared_ptr<PreparedPlan> plan;
    std::vector<PointLookup> lookups;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && !HasWork(part)) wake.wait(mutex_);
      // What still waits is the threads' to answer.
      if (stopping_ && (part == Part::kReserve || ready_.empty())) return;
      lookups = Take(plan);
    }
    Answer(*plan, std::move(lookups));
  }
}

namespace {

Deadline Later(const Deadline& a, const Deadline& b) { return a.at() < b.at() ? b : a; }

}  // namespace

void Coalescer::Answer(PreparedPlan& plan, std::vector<PointLookup> lookups) {
  Deadline latest = lookups.front().deadline;
  for (const PointLookup& lookup : lookups) latest = Later(latest, lookup.deadline);
  auto session = sessions_.ForPlan(plan.plan().source, {.deadline = latest, .stop = {}});
  if (!session) {
    for (PointLookup& lookup : lookups) lookup.done(session.error());
    return;
  }
  engine::Session& connection = **session;
  if (Status status = connection.SetTimeZone(options_.zone_name); !status) {
    for (PointLookup& lookup : lookups) lookup.done(status.error());
    return;
  }
  // A failing batch is split, so that one request's bad value is not another one's error.
  if (lookups.size() > 1 && AnswerTogether(connection, plan, latest, lookups)) return;
  for (PointLookup& lookup : lookups) AnswerOne(connection, plan, lookup);
}

namespace {

// Key k of all look-ups as one list, and what the session gives to all of them.
engine::Parameters BatchParameters(const planner::Plan& plan, const std::vector<PointLookup>& lookups) {
  engine::Parameters lists;
  for (std::size_t k = 0; k < lookups.front().keys.size(); ++k) {
    engine::ValueList list;
    list.reserve(lookups.size());
    for (const PointLookup& lookup : lookups) list.push_back(lookup.keys[k]);
    lists.emplace_back(std::move(list));
  }
  return planner::PickParameters(plan.batch_map, lists, lookups.front().session);
}

// The request that a batch's row belongs to: an integer in its first column.
std::int64_t PositionOf(const columnar::Batch& batch, std::int64_t row) {
  const ArrowArray& column = *batch.c_array().children[0];
  return static_cast<const std::int64_t*>(column.buffers[1])[column.offset + row];
}

}  // namespace

Status Coalescer::AnswerTogether(engine::Session& session, PreparedPlan& plan, const Deadline& latest,
                                 std::vector<PointLookup>& lookups) {
  statements_.fetch_add(1, std::memory_order_relaxed);
  EIDER_ASSIGN_OR_RETURN(auto cursor, session.Query(plan.plan().batch_sql, BatchParameters(plan.plan(), lookups),
                                                    {.deadline = latest, .stop = {}, .alone = true}));
  std::vector<std::string> rows(lookups.size());
  while (true) {
    EIDER_ASSIGN_OR_RETURN(auto batch, cursor->Next());
    if (!batch) break;
    EIDER_ASSIGN_OR_RETURN(auto encoder, plan.Encoder(batch->schema(), options_.zone, true));
    for (std::int64_t row = 0; row < batch->rows(); ++row) {
      std::string& text = rows[static_cast<std::size_t>(PositionOf(*batch, row))];
      if (text.empty()) encoder->AppendRow(*batch, row, text);
    }
  }
  cursor.reset();
  for (std::size_t i = 0; i < lookups.size(); ++i) lookups[i].done(rows[i].empty() ? "null" : std::move(rows[i]));
  return {};
}

void Coalescer::AnswerOne(engine::Session& session, PreparedPlan& plan, PointLookup& lookup) {
  statements_.fetch_add(1, std::memory_order_relaxed);
  auto answer = [&]() -> Result<std::string> {
    EIDER_ASSIGN_OR_RETURN(auto cursor, session.Query(plan.plan().sql, lookup.parameters,
                                                      {.deadline = lookup.deadline, .stop = {}, .alone = true}));
    EIDER_ASSIGN_OR_RETURN(auto batch, cursor->Next());
    if (!batch) return std::string("null");
    EIDER_ASSIGN_OR_RETURN(auto encoder, plan.Encoder(batch->schema(), options_.zone, false));
    std::string text;
    encoder->AppendRow(*batch, 0, text);
    return text;
  };
  lookup.done(answer());
}

Coalescer& CoalescerSet::Of(const std::string& source) {
  if (source.empty()) return engine_;
  MutexLock lock(mutex_);
  std::unique_ptr<Coalescer>& coalescer = native_[source];
  if (coalescer == nullptr) {
    Coalescer::Options options = options_;
    options.threads = options_.native_threads;
    options.reserves = options_.native_reserves;
    coalescer = std::make_unique<Coalescer>(sessions_, std::move(options));
  }
  return *coalescer;
}

std::uint64_t CoalescerSet::requests() const {
  MutexLock lock(mutex_);
  std::uint64_t sum = engine_.requests();
  for (const auto& [source, coalescer] : native_) sum += coalescer->requests();
  return sum;
}

std::uint64_t CoalescerSet::statements() const {
  MutexLock lock(mutex_);
  std::uint64_t sum = engine_.statements();
  for (const auto& [source, coalescer] : native_) sum += coalescer->statements();
  return sum;
}

}  // namespace eider::query
