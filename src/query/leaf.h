#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/text_rows.h"
#include "query/body_writer.h"
#include "query/prepared_plan.h"
#include "query/session_router.h"

namespace eider::query {

// How many rows a request may still have.
struct RowBudget {
  explicit RowBudget(std::int64_t rows) : limit(rows), left(rows) {}
  const std::int64_t limit;
  std::atomic<std::int64_t> left;
};

// One root field that reads data: its plan with the values of this request. Used by one thread at a time.
class Leaf {
 public:
  Leaf(std::shared_ptr<PreparedPlan> plan, engine::Parameters parameters)
      : plan_(std::move(plan)),
        parameters_(std::move(parameters)) {}

  const planner::Plan& plan() const { return plan_->plan(); }
  const std::shared_ptr<PreparedPlan>& prepared() const { return plan_; }
  const engine::Parameters& parameters() const { return parameters_; }
  // The statement's parameters, in its own order. REQUIRES: what the plan fetches was fetched.
  engine::Parameters StatementParameters(const planner::Requester& requester) const;

  struct Settings {
    std::string zone_name;
    std::shared_ptr<const columnar::TimeZone> zone;
    engine::Limits limits;
    planner::Requester requester = {};
    std::shared_ptr<RowBudget> rows = nullptr;  // What the root fields of a request may have together; null = any.
  };

  // Told what the planner of the engine or source says about a statement, as JSON, before it runs; a failure ends all.
  using OnExplained = std::function<Status(const std::string& explained)>;

  // Has the statement explained, and before it the queries of the plan that it needs, which then run.
  Status Explain(const SessionRouter& sessions, const Settings& settings, const OnExplained& on_explained);

  // Starts the statement on a session of its own and encodes the beginning of the result.
  Status Start(const SessionRouter& sessions, const Settings& settings);
  // The same on a session that the caller owns (inside a transaction).
  Status StartOn(engine::Session& session, const Settings& settings);

  // Writes the JSON value; the rest of the result is fetched on the way. REQUIRES: Start() succeeded.
  Status Write(BodyWriter& out);

  std::int64_t rows() const { return rows_; }
  // Rows were cut by the default limit.
  bool truncated() const { return truncated_; }
  // From the start of the statement to its last row, in nanoseconds; zero while it runs.
  std::int64_t execute_ns() const { return execute_ns_; }

 private:
  engine::Parameters Pick(const std::vector<int>& map, const engine::Parameters& session) const;
  // Runs those fetches of the plan that `map` names, and before them what they need themselves.
  Status RunFetches(engine::Session& session, const std::vector<int>& map, const engine::Parameters& given,
                    const engine::Limits& limits);
  // What answers a fetch: through `session`, or the server of another source.
  Result<std::vector<engine::TextRow>> Answer(engine::Session& session, const planner::Fetch& fetch,
                                              engine::Parameters parameters, const engine::Limits& limits) const;
  // Asks the server of another source, through `session` where the caller gave one.
  Result<std::vector<engine::TextRow>> AskSource(engine::Session& session, const planner::Fetch& fetch,
                                                 engine::Parameters texts, const engine::Limits& limits) const;
  Status Fetch();
  // Encodes the current batch to `out`.
  Status Encode(std::string& out);

  std::shared_ptr<PreparedPlan> plan_;
  engine::Parameters parameters_;
  std::vector<std::optional<engine::Value>> fetched_;  // By fetch of the plan.
  const SessionRouter* sessions_ = nullptr;            // During Start() and Explain().
  const OnExplained* on_explained_ = nullptr;          // During Explain().
  std::optional<engine::SessionPool::Lease> lease_;
  std::unique_ptr<engine::Cursor> cursor_;
  std::shared_ptr<const columnar::TimeZone> zone_;
  std::shared_ptr<RowBudget> row_budget_;
  std::shared_ptr<const columnar::BatchSchema> encoded_schema_;
  std::shared_ptr<const columnar::JsonEncoder> encoder_;
  std::optional<columnar::Batch> batch_;
  std::string beginning_;
  std::int64_t rows_ = 0;
  std::int64_t execute_ns_ = 0;
  std::int64_t started_ = 0;
  bool truncated_ = false;
  bool at_end_ = false;
};

}  // namespace eider::query
