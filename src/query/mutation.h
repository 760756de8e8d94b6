#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "cluster/core_mirror.h"
#include "graphql/collect.h"
#include "query/insert_run.h"
#include "query/leaf.h"
#include "query/recording_session.h"
#include "query/response_plan.h"

namespace eider::query {

// The data changes of one mutation document: one transaction for each source, opened at its first write. Owned by the
// request. Whatever was not committed is rolled back by the destructor.
class MutationScope {
 public:
  // With a `mirror`, changes of the core database are stored in the shared one as well; null = it is here alone.
  MutationScope(const SessionRouter& sessions, Leaf::Settings settings, cluster::CoreMirror* mirror = nullptr)
      : sessions_(sessions),
        settings_(std::move(settings)),
        mirror_(mirror) {}
  ~MutationScope();

  // Runs one insert, upsert, update or delete and appends its JSON result. Statements are written down in `log` unless
  // it is null.
  Status Run(const graphql::CollectContext& context, const MutationField& field, std::deque<RanStatement>* log,
             std::string& out);

  // Rows that the last Run() has changed.
  std::int64_t changed() const { return changed_; }

  // Runs a function of a source in the source's transaction and appends its JSON result.
  Status Call(Leaf& function, std::string& out);

  // Does `work` when the transaction of `source`, if there is one, has ended; told whether it was committed.
  void AtEnd(const std::string& source, std::function<void(bool committed)> work);

  // Commits all sources in the order of their first write. A failure names what was committed before it; a request that
  // has ended meanwhile commits nothing.
  Status Commit();

  // Puts in the rows that only the engine can read, which sees them once they are committed. `out` is what Run() has
  // appended to. REQUIRES: Commit() succeeded.
  Status Complete(std::string& out);

  // The session that sees uncommitted changes of `source`, or nullptr when nothing was written there.
  engine::Session* SessionOf(const std::string& source);

 private:
  struct Transaction {
    std::string source;
    engine::SessionPool::Lease lease;
    std::vector<std::function<void(bool committed)>> at_end = {};
  };
  using Rows = std::vector<planner::NewRow>;
  // Written rows as an answer.
  struct Written {
    MutationPlan plan;
    Rows rows;
    bool was_there = false;  // An upsert left the row alone.
    std::size_t at = 0;      // Where in the answer.
  };

  Result<engine::Session*> Begin(const std::string& source);
  Status CommitOne(Transaction& transaction);
  Status RunOn(engine::Session& session, const graphql::CollectContext& context, const MutationField& field,
               std::string& out);
  // Refuses an update that rules do not let leave the rows as it would.
  Status CheckBefore(const MutationPlan& plan, engine::Session& session) const;
  Result<std::int64_t> Change(const MutationPlan& plan, engine::Session& session) const;
  Status Insert(const MutationPlan& plan, engine::Session& session, Rows rows, std::string& out);
  Status Upsert(const MutationPlan& plan, engine::Session& session, Rows rows, std::string& out);
  // Reads what was written now or, when the source cannot read it, later.
  Status Answer(Written written, engine::Session& session, std::string& out);
  Status Read(const Written& written, engine::Session& session, std::string& out) const;
  // Appends the row with the values that `row` has for `key`, or null.
  Status ReadOne(const MutationPlan& plan, const std::shared_ptr<PreparedPlan>& read,
                 const std::vector<const catalog::Column*>& key, const planner::NewRow& row, engine::Session& session,
                 std::string& out) const;
  Status ReadMany(const MutationPlan& plan, const Rows& rows, engine::Session& session, std::string& out) const;

  const SessionRouter& sessions_;
  const Leaf::Settings settings_;
  cluster::CoreMirror* const mirror_;
  std::shared_ptr<void> core_turn_;  // Nobody else changes the core database meanwhile.
  std::list<Transaction> transactions_;
  std::vector<Written> later_;
  std::int64_t changed_ = 0;
};

}  // namespace eider::query
