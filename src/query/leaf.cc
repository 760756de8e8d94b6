#include "query/leaf.h"

#include <algorithm>
#include <chrono>

#include "query/row_check.h"

namespace eider::query {

namespace {

// What is encoded before the answer's turn comes.
constexpr std::size_t kBeginning = 64 << 10;

const std::string kExplain = "EXPLAIN (FORMAT JSON) ";

std::int64_t Now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

engine::Parameters Leaf::Pick(const std::vector<int>& map, const engine::Parameters& session) const {
  engine::Parameters out;
  out.reserve(map.size());
  for (const int index : map) {
    if (index <= planner::kFirstFetch) {
      out.push_back(*fetched_[planner::FetchOf(index)]);
    } else if (index < 0) {
      out.push_back(session[static_cast<std::size_t>(-1 - index)]);
    } else {
      out.push_back(parameters_[static_cast<std::size_t>(index)]);
    }
  }
  return out;
}

engine::Parameters Leaf::StatementParameters(const planner::Requester& requester) const {
  return Pick(plan().parameter_map, planner::SessionParameters(plan().session, requester));
}

Status Leaf::RunFetches(engine::Session& session, const std::vector<int>& map, const engine::Parameters& given,
                        const engine::Limits& limits) {
  fetched_.resize(plan().fetches.size());
  for (const int index : map) {
    if (index > planner::kFirstFetch || fetched_[planner::FetchOf(index)]) continue;
    const planner::Fetch& fetch = plan().fetches[planner::FetchOf(index)];
    EIDER_RETURN_IF_ERROR(RunFetches(session, fetch.parameter_map, given, limits));
    const engine::Parameters parameters = Pick(fetch.parameter_map, given);
    if (on_explained_ != nullptr) {
      planner::Fetch explain = fetch;
      explain.sql.insert(0, kExplain);
      EIDER_ASSIGN_OR_RETURN(const auto explained, fetch.source.empty()
                                                       ? engine::QueryTexts(session, explain.sql, parameters, limits)
                                                       : AskSource(session, explain, parameters, limits));
      EIDER_RETURN_IF_ERROR((*on_explained_)(explained.empty() ? "" : explained[0].back().value_or("")));
    }
    EIDER_ASSIGN_OR_RETURN(const auto rows, Answer(session, fetch, parameters, limits));
    fetched_[planner::FetchOf(index)] = engine::Value(rows.empty() ? std::string() : rows[0][0].value_or(""));
  }
  return {};
}

Result<std::vector<engine::TextRow>> Leaf::Answer(engine::Session& session, const planner::Fetch& fetch,
                                                  engine::Parameters parameters, const engine::Limits& limits) const {
  if (fetch.source.empty()) return engine::ReadTextRows(session, fetch.sql, parameters, limits);
  return AskSource(session, fetch, std::move(parameters), limits);
}

Result<std::vector<engine::TextRow>> Leaf::AskSource(engine::Session& session, const planner::Fetch& fetch,
                                                     engine::Parameters texts, const engine::Limits& limits) const {
  if (sessions_ == nullptr) {
    // Inside a transaction of the engine, which sees what it changed.
    return engine::ReadTextRows(session, fetch.engine_sql, texts, limits);
  }
  EIDER_ASSIGN_OR_RETURN(auto lease, sessions_->ForPlan(fetch.source, limits));
  return engine::QueryTexts(*lease, fetch.sql, texts, limits);
}

Status Leaf::Start(const SessionRouter& sessions, const Settings& settings) {
  started_ = Now();
  EIDER_ASSIGN_OR_RETURN(auto lease, sessions.ForPlan(plan().source, settings.limits));
  lease_.emplace(std::move(lease));
  sessions_ = &sessions;
  return StartOn(**lease_, settings);
}

Status Leaf::StartOn(engine::Session& session, const Settings& settings) {
  if (started_ == 0) started_ = Now();
  EIDER_RETURN_IF_ERROR(session.SetTimeZone(settings.zone_name));
  const engine::Parameters given = planner::SessionParameters(plan().session, settings.requester);
  EIDER_RETURN_IF_ERROR(RunFetches(session, plan().parameter_map, given, settings.limits));
  EIDER_ASSIGN_OR_RETURN(cursor_, session.Query(plan().sql, Pick(plan().parameter_map, given), settings.limits));
  zone_ = settings.zone;
  row_budget_ = settings.rows;
  while (beginning_.size() < kBeginning && !at_end_) {
    EIDER_RETURN_IF_ERROR(Fetch());
    if (batch_ && beginning_.size() < kBeginning) EIDER_RETURN_IF_ERROR(Encode(beginning_));
  }
  return {};
}

Status Leaf::Explain(const SessionRouter& sessions, const Settings& settings, const OnExplained& on_explained) {
  EIDER_ASSIGN_OR_RETURN(auto lease, sessions.ForPlan(plan().source, settings.limits));
  EIDER_RETURN_IF_ERROR(lease->SetTimeZone(settings.zone_name));
  const engine::Parameters given = planner::SessionParameters(plan().session, settings.requester);
  sessions_ = &sessions;
  on_explained_ = &on_explained;
  Status fetched = RunFetches(*lease, plan().parameter_map, given, settings.limits);
  on_explained_ = nullptr;
  EIDER_RETURN_IF_ERROR(fetched);
  EIDER_ASSIGN_OR_RETURN(const auto rows, engine::QueryTexts(*lease, kExplain + plan().sql,
                                                             Pick(plan().parameter_map, given), settings.limits));
  if (rows.empty() || rows[0].empty()) return Error(ErrorCode::kInternal, "a plan has no explanation");
  return on_explained(rows[0].back().value_or(""));
}

Status Leaf::Fetch() {
  if (at_end_ || batch_) return {};
  EIDER_ASSIGN_OR_RETURN(batch_, cursor_->Next());
  if (!batch_) {
    at_end_ = true;
    execute_ns_ = Now() - started_;
    cursor_.reset();
    lease_.reset();
  }
  return {};
}

Status Leaf::Encode(std::string& out) {
  // A later batch may have a wider schema: a source may learn a nested type only from its values.
  if (batch_->schema() != encoded_schema_) {
    EIDER_ASSIGN_OR_RETURN(encoder_, plan_->Encoder(batch_->schema(), zone_, false));
    encoded_schema_ = batch_->schema();
  }
  std::int64_t count = batch_->rows();
  if (plan().form != planner::ResultForm::kRows) count = std::min<std::int64_t>(count, rows_ == 0 ? 1 : 0);
  if (plan().show_limit > 0 && rows_ + count > plan().show_limit) {
    count = plan().show_limit - rows_;
    truncated_ = true;
  }
  if (row_budget_ != nullptr && row_budget_->left.fetch_sub(count) < count) {
    return Error(ErrorCode::kRowLimit, "the answer has more than the " + std::to_string(row_budget_->limit) +
                                           " rows that the role may have; filter, or give a limit");
  }
  if (count > 0) {
    if (rows_ > 0) out.push_back(',');
    encoder_->AppendRows(*batch_, 0, count, out);
    rows_ += count;
  }
  batch_.reset();
  return {};
}

Status Leaf::Write(BodyWriter& out) {
  const bool is_list = plan().form == planner::ResultForm::kRows;
  if (is_list) out.text().push_back('[');
  out.text().append(beginning_);
  beginning_ = {};
  while (!at_end_) {
    EIDER_RETURN_IF_ERROR(Fetch());
    if (!batch_) break;
    EIDER_RETURN_IF_ERROR(Encode(out.text()));
    EIDER_RETURN_IF_ERROR(out.FlushIfFull());
  }
  if (is_list) out.text().push_back(']');
  if (!is_list && rows_ == 0) out.text().append("null");
  return {};
}

}  // namespace eider::query
