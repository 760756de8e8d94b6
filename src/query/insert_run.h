#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/session.h"
#include "planner/insert_rows.h"
#include "planner/upsert_row.h"
#include "query/row_check.h"

namespace eider::query {

// Inserts rows with their related rows, level by level: for each level the rows that it refers to, then its own rows,
// then the rows that refer to it, each with as few statements as possible. Used for one root field, inside a
// transaction of the caller.
class InsertRun {
 public:
  using Columns = std::vector<const catalog::Column*>;

  // `root`: whose values the rows hold, and under whose rules they are written.
  InsertRun(engine::Session& session, const engine::Limits& limits, const planner::BoundRoot& root,
            const planner::Requester& requester)
      : session_(session),
        limits_(limits),
        root_(root),
        parameters_(root.parameters),
        writer_{root.field.access.get(), requester} {}

  // Inserts `rows`; afterwards the keys of each row hold its values of `wanted`.
  Status Insert(const catalog::DataObject& object, std::vector<planner::NewRow>& rows, Columns wanted);

  // Inserts `rows` or does what `conflict` says, without related rows. Gives the number of rows inserted or changed;
  // the keys of those rows hold their values of `wanted` when there is one row.
  Result<std::int64_t> Upsert(const catalog::DataObject& object, std::vector<planner::NewRow>& rows,
                              const Columns& wanted, const planner::Conflict& conflict);

 private:
  // The rows below one relation, and which row each belongs to.
  struct Related {
    const catalog::Relation* relation = nullptr;
    std::vector<planner::NewRow> rows;
    std::vector<std::size_t> owners;
  };

  static std::vector<Related> CollectRelated(const catalog::DataObject& object,
                                             const std::vector<planner::NewRow>& rows);
  Status InsertBefore(std::vector<Related>& related, std::vector<planner::NewRow>& rows);
  Status InsertAfter(std::vector<Related>& related, std::vector<planner::NewRow>& rows);
  // Stores the rows by COPY; false when they need INSERT.
  Result<bool> Copy(const planner::InsertRequest& request, std::vector<planner::NewRow>& rows);
  // Takes over as keys what the rows give for `columns`; whether all of them are known then.
  bool KnowsAll(const Columns& columns, std::vector<planner::NewRow>& rows) const;
  // Stores rows of one object and sees to it that rules let them stay.
  Status InsertOwn(const catalog::DataObject& object, std::vector<planner::NewRow>& rows, const Columns& wanted);
  Status StoreOwn(const catalog::DataObject& object, std::vector<planner::NewRow>& rows, const Columns& wanted);
  Result<std::int64_t> StoreUpserts(const catalog::DataObject& object, std::vector<planner::NewRow>& rows,
                                    Columns wanted, const planner::Conflict& conflict);
  // The keys that rows give for the columns that an upsert compares.
  std::vector<std::vector<std::string>> TargetsOf(const std::vector<planner::NewRow>& rows,
                                                  const planner::Conflict& conflict) const;
  // Where an insert returns nothing: row after row, each looked up again.
  Status InsertAndFind(const planner::InsertRequest& request, std::vector<planner::NewRow>& rows);
  // The same for one row where neither ON CONFLICT nor MERGE is known.
  Result<std::int64_t> UpsertByKey(const planner::InsertRequest& request, planner::NewRow& row);
  // The same for many rows whose keys are numbers: those that are there are looked up together, the others are inserted
  // together, and where the source can, those that are there are changed together.
  Result<std::int64_t> UpsertTogether(const planner::InsertRequest& request, std::vector<planner::NewRow>& rows);
  // Inserts the rows, or changes them if that is what `request` says; nothing is returned.
  Status StoreTogether(const planner::InsertRequest& request, std::vector<planner::NewRow>& rows);
  // Which rows are there, by the values of their keys, and whether they may be changed.
  Result<std::map<std::vector<std::string>, bool>> FindConflicting(const planner::InsertRequest& request,
                                                                   std::span<const planner::NewRow> rows);
  // Looks up what is returned of rows that were inserted or changed, unless it is known.
  Status FindUpserted(const planner::InsertRequest& request, std::vector<planner::NewRow>& rows);
  Status Run(const planner::RowStatement& statement);
  // Fills sequence columns ahead of the inserts, so that values grow in the order of the rows.
  Status TakeSequences(const catalog::DataObject& object, std::vector<planner::NewRow>& rows);
  Result<std::int64_t> RunPart(const planner::InsertPart& part, const Columns& wanted,
                               std::vector<planner::NewRow>& rows);

  engine::Session& session_;
  const engine::Limits& limits_;
  const planner::BoundRoot& root_;
  const engine::Parameters& parameters_;
  const WriteAccess writer_;
};

}  // namespace eider::query
