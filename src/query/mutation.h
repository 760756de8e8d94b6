#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include "planner/insert_row.h"
#include "query/leaf.h"
#include "query/response_plan.h"

namespace eider::query {

// The data changes of one mutation document: one transaction for each source, opened at its first write. Owned by the
// request. Whatever was not committed is rolled back by the destructor.
class MutationScope {
 public:
  MutationScope(const SessionRouter& sessions, Leaf::Settings settings, planner::PlanOptions options)
      : sessions_(sessions),
        settings_(std::move(settings)),
        options_(options) {}
  ~MutationScope();

  // Runs one insert, update or delete and appends its JSON result.
  planner::PlanResult<void> Run(const graphql::CollectContext& context, const MutationField& field, std::string& out);

  // Commits all sources in the order of their first write.
  Status Commit();

  // The session that sees uncommitted changes of `source`, or nullptr when nothing was written there.
  engine::Session* SessionOf(const std::string& source);

 private:
  struct Transaction {
    std::string source;
    engine::SessionPool::Lease lease;
  };

  Result<engine::Session*> Begin(const std::string& source);
  planner::PlanResult<std::int64_t> Change(const planner::BoundRoot& root, engine::Session& session);
  planner::PlanResult<void> Insert(const MutationField& field, engine::Session& session, std::string& out,
                                   bool& is_object);
  planner::PlanResult<planner::KeyValues> InsertObject(engine::Session& session, const planner::BoundRoot& root,
                                                       const catalog::DataObject& object,
                                                       const planner::BoundValue& data, planner::KeyValues keys,
                                                       const std::string& path);
  planner::PlanResult<planner::KeyValues> InsertOne(engine::Session& session, const planner::BoundRoot& root,
                                                    const catalog::DataObject& object, const planner::BoundValue& data,
                                                    const planner::KeyValues& keys, const std::string& path);
  planner::PlanResult<void> InsertRelated(engine::Session& session, const planner::BoundRoot& root,
                                          const catalog::Relation& relation, const planner::BoundValue& data,
                                          const planner::KeyValues& row, const std::string& path);
  planner::PlanResult<void> ReadBack(engine::Session& session, const planner::BoundRoot& root,
                                     const planner::KeyValues& row, std::string& out);

  const SessionRouter& sessions_;
  const Leaf::Settings settings_;
  const planner::PlanOptions options_;
  std::list<Transaction> transactions_;
  std::int64_t inserted_ = 0;
};

}  // namespace eider::query
