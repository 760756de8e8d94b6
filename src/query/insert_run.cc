#include "query/insert_run.h"

#include <algorithm>

#include "engine/change_rows.h"
#include "engine/text_rows.h"
#include "planner/assigned.h"
#include "planner/copy_rows.h"
#include "planner/find_row.h"
#include "planner/insert_check.h"

namespace eider::query {

using catalog::Column;
using catalog::DataObject;
using catalog::Relation;
using catalog::RelationKind;
using planner::NewRow;

namespace {

// From so many rows on a COPY pays.
constexpr std::size_t kCopyFrom = 256;

const planner::BoundValue kNothing = [] {
  planner::BoundValue value;
  value.kind = planner::BoundKind::kObject;
  return value;
}();

void AddColumns(const InsertRun::Columns& from, InsertRun::Columns& to) {
  for (const Column* column : from) {
    if (std::find(to.begin(), to.end(), column) == to.end()) to.push_back(column);
  }
}

// Gives `to` the values that `from` has of `sources` as values of `targets`.
void CopyKeys(const NewRow& from, const InsertRun::Columns& sources, const InsertRun::Columns& targets, NewRow& to) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    // What a row gives itself goes before what it is related to.
    if (to.data->Find(targets[i]->name) != nullptr) continue;
    const auto key = from.keys.find(sources[i]);
    if (key != from.keys.end()) to.keys[targets[i]] = key->second;
  }
}

// Rows of one statement may refer to each other when the object refers to itself.
bool RefersToItself(const DataObject& object) {
  return std::any_of(object.relations.begin(), object.relations.end(), [&](const Relation& relation) {
    return relation.kind == RelationKind::kForward && relation.to == &object;
  });
}

}  // namespace

std::vector<InsertRun::Related> InsertRun::CollectRelated(const DataObject& object, const std::vector<NewRow>& rows) {
  std::vector<Related> out;
  auto of = [&](const Relation* relation) -> Related& {
    const auto known = std::find_if(out.begin(), out.end(), [&](const Related& r) { return r.relation == relation; });
    if (known != out.end()) return *known;
    return out.emplace_back(Related{relation, {}, {}});
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const planner::BoundMember& member : rows[i].data->fields) {
      const Relation* relation = planner::InsertedRelation(object, member);
      if (relation == nullptr) continue;
      Related& related = of(relation);
      if (relation->single) {
        related.rows.push_back({&member.value, {}});
        related.owners.push_back(i);
      }
      for (const planner::BoundValue& item : member.value.items) {
        if (item.IsNull()) continue;
        related.rows.push_back({&item, {}});
        related.owners.push_back(i);
      }
    }
  }
  return out;
}

Status InsertRun::Insert(const DataObject& object, std::vector<NewRow>& rows, Columns wanted) {
  if (rows.empty()) return {};
  std::vector<Related> related = CollectRelated(object, rows);
  EIDER_RETURN_IF_ERROR(InsertBefore(related, rows));
  for (const Related& below : related) {
    if (!below.relation->single) AddColumns(below.relation->from_columns, wanted);
  }
  EIDER_RETURN_IF_ERROR(InsertOwn(object, rows, wanted));
  return InsertAfter(related, rows);
}

Status InsertRun::InsertBefore(std::vector<Related>& related, std::vector<NewRow>& rows) {
  for (Related& above : related) {
    const Relation& relation = *above.relation;
    if (!relation.single) continue;
    EIDER_RETURN_IF_ERROR(Insert(*relation.to, above.rows, relation.to_columns));
    for (std::size_t i = 0; i < above.rows.size(); ++i) {
      CopyKeys(above.rows[i], relation.to_columns, relation.from_columns, rows[above.owners[i]]);
    }
  }
  return {};
}

Status InsertRun::InsertAfter(std::vector<Related>& related, std::vector<NewRow>& rows) {
  for (Related& below : related) {
    const Relation& relation = *below.relation;
    if (relation.single) continue;
    if (relation.kind != RelationKind::kManyToMany) {
      for (std::size_t i = 0; i < below.rows.size(); ++i) {
        CopyKeys(rows[below.owners[i]], relation.from_columns, relation.to_columns, below.rows[i]);
      }
      EIDER_RETURN_IF_ERROR(Insert(*relation.to, below.rows, {}));
      continue;
    }
    EIDER_RETURN_IF_ERROR(Insert(*relation.to, below.rows, relation.to_columns));
    const auto filled = root_.link_data.find(relation.junction);
    std::vector<NewRow> links(below.rows.size(),
                              NewRow{filled == root_.link_data.end() ? &kNothing : &filled->second, {}});
    for (std::size_t i = 0; i < links.size(); ++i) {
      CopyKeys(rows[below.owners[i]], relation.from_columns, relation.junction_from, links[i]);
      CopyKeys(below.rows[i], relation.to_columns, relation.junction_to, links[i]);
    }
    EIDER_RETURN_IF_ERROR(InsertOwn(*relation.junction, links, {}));
  }
  return {};
}

Status InsertRun::InsertOwn(const DataObject& object, std::vector<NewRow>& rows, const Columns& wanted) {
  if (rows.empty()) return {};
  if (writer_.access == nullptr || !planner::ChecksInserts(*writer_.access, object)) {
    return StoreOwn(object, rows, wanted);
  }
  // Without a key the rows could not be found again.
  if (object.primary_key.empty()) return ForbiddenError();
  Columns known = wanted;
  AddColumns(object.primary_key, known);
  EIDER_RETURN_IF_ERROR(StoreOwn(object, rows, known));
  std::vector<std::vector<std::string>> keys;
  for (const NewRow& row : rows) {
    std::vector<std::string>& key = keys.emplace_back();
    for (const Column* column : object.primary_key) {
      const auto value = row.keys.find(column);
      if (value == row.keys.end()) return ForbiddenError();
      key.push_back(value->second);
    }
  }
  EIDER_ASSIGN_OR_RETURN(const auto stored, CheckRows(session_, limits_, writer_, object, object.primary_key, keys,
                                                      planner::RowRule::kInserted));
  const bool pass = std::ranges::all_of(stored, &CheckedRow::passes);
  if (!pass || stored.size() != rows.size()) return ForbiddenError();
  return {};
}

Status InsertRun::StoreOwn(const DataObject& object, std::vector<NewRow>& rows, const Columns& wanted) {
  const planner::InsertRequest request{
      object, parameters_, wanted, nullptr, RefersToItself(object), &writer_.requester};
  if (rows.size() >= kCopyFrom && planner::WriterOf(object).is_postgres()) {
    EIDER_RETURN_IF_ERROR(TakeSequences(object, rows));
    EIDER_ASSIGN_OR_RETURN(const bool copied, Copy(request, rows));
    if (copied) return {};
  }
  if (!object.source->traits.returning && !KnowsAll(wanted, rows)) return InsertAndFind(request, rows);
  std::vector<planner::InsertPart> parts = planner::CompileInsert(request, rows);
  if (parts.size() > 1 && !request.in_order && !planner::SequenceColumns(object).empty()) {
    EIDER_RETURN_IF_ERROR(TakeSequences(object, rows));
    parts = planner::CompileInsert(request, rows);
  }
  for (planner::InsertPart& part : parts) {
    EIDER_RETURN_IF_ERROR(RunPart(part, wanted, rows));
    part = {};
  }
  return {};
}

bool InsertRun::KnowsAll(const Columns& columns, std::vector<NewRow>& rows) const {
  for (NewRow& row : rows) {
    for (const Column* column : columns) {
      if (row.keys.contains(column)) continue;
      const planner::BoundValue* given = row.data->Find(column->name);
      if (given == nullptr || given->kind != planner::BoundKind::kParameter) return false;
      const engine::Value& value = parameters_[static_cast<std::size_t>(given->parameter)];
      if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
        row.keys[column] = std::to_string(*number);
      } else if (const auto* text = std::get_if<std::string>(&value.data)) {
        row.keys[column] = *text;
      } else {
        return false;
      }
    }
  }
  return true;
}

Result<bool> InsertRun::Copy(const planner::InsertRequest& request, std::vector<NewRow>& rows) {
  if (!KnowsAll(request.returned, rows)) return false;
  const auto copy = planner::CompileCopy(request, rows);
  if (!copy) return false;
  EIDER_RETURN_IF_ERROR(session_.Run("SAVEPOINT eider_copy", limits_));
  const auto copied = session_.CopyIn(copy->sql, copy->text, limits_);
  if (copied) return true;
  // Views and tables with row security take INSERT only.
  const std::string& why = copied.error().message;
  if (why.find("cannot copy to") == std::string::npos && why.find("COPY FROM not supported") == std::string::npos) {
    return copied.error();
  }
  EIDER_RETURN_IF_ERROR(session_.Run("ROLLBACK TO SAVEPOINT eider_copy", limits_));
  return false;
}

Status InsertRun::InsertAndFind(const planner::InsertRequest& request, std::vector<NewRow>& rows) {
  for (NewRow& row : rows) {
    for (const planner::InsertPart& part : planner::CompileInsert(request, std::span(&row, 1))) {
      EIDER_ASSIGN_OR_RETURN(auto cursor, session_.Query(part.sql, part.parameters, limits_));
      EIDER_RETURN_IF_ERROR(cursor->Next());
    }
    if (planner::KnowsReturned(request, row)) continue;
    const planner::FindRow find = planner::CompileFindRow(request, row);
    EIDER_ASSIGN_OR_RETURN(const auto found, engine::ReadTextRows(session_, find.sql, find.parameters, limits_));
    for (std::size_t i = 0; !found.empty() && i < request.returned.size(); ++i) {
      if (found.front()[i]) row.keys[request.returned[i]] = *found.front()[i];
    }
  }
  return {};
}

Status InsertRun::TakeSequences(const DataObject& object, std::vector<NewRow>& rows) {
  for (const Column* column : planner::SequenceColumns(object)) {
    std::vector<NewRow*> without;
    for (NewRow& row : rows) {
      if (row.data->Find(column->name) == nullptr && !row.keys.contains(column)) without.push_back(&row);
    }
    if (without.empty()) continue;
    EIDER_ASSIGN_OR_RETURN(
        const auto values,
        engine::QueryTexts(session_, planner::NextValuesSql(object, *column, without.size()), {}, limits_));
    for (std::size_t i = 0; i < without.size() && i < values.size(); ++i) {
      if (values[i][0]) without[i]->keys[column] = *values[i][0];
    }
  }
  return {};
}

Result<std::int64_t> InsertRun::RunPart(const planner::InsertPart& part, const Columns& wanted,
                                        std::vector<NewRow>& rows) {
  EIDER_ASSIGN_OR_RETURN(auto cursor, session_.Query(part.sql, part.parameters, limits_));
  std::size_t next = 0;
  while (true) {
    EIDER_ASSIGN_OR_RETURN(const auto batch, cursor->Next());
    if (!batch) return next > 0 ? static_cast<std::int64_t>(next) : cursor->rows_changed();
    std::vector<engine::TextRow> returned;
    EIDER_RETURN_IF_ERROR(engine::AppendTextRows(*batch, returned));
    for (const engine::TextRow& values : returned) {
      if (next >= part.rows.size()) break;
      NewRow& row = rows[part.rows[next++]];
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (values[i]) row.keys[wanted[i]] = *values[i];
      }
    }
  }
}

std::vector<std::vector<std::string>> InsertRun::TargetsOf(const std::vector<NewRow>& rows,
                                                           const planner::Conflict& conflict) const {
  std::vector<std::vector<std::string>> out;
  for (const NewRow& row : rows) {
    std::vector<std::string> key;
    for (const Column* column : conflict.target) {
      const planner::BoundValue* given = row.data->Find(column->name);
      if (given == nullptr || given->IsNull()) break;  // A row without the key meets no other.
      if (given->kind != planner::BoundKind::kParameter) {
        key.push_back(given->text);
        continue;
      }
      const engine::Value& value = parameters_[static_cast<std::size_t>(given->parameter)];
      if (const auto* number = std::get_if<std::int64_t>(&value.data)) key.push_back(std::to_string(*number));
      if (const auto* text = std::get_if<std::string>(&value.data)) key.push_back(*text);
    }
    if (key.size() == conflict.target.size()) out.push_back(std::move(key));
  }
  return out;
}

// Rows that are there already are changed, so the rules for that apply to them.
Result<std::int64_t> InsertRun::Upsert(const DataObject& object, std::vector<NewRow>& rows, const Columns& wanted,
                                       const planner::Conflict& conflict) {
  std::vector<std::vector<std::string>> there;
  const bool changes = !conflict.update || !conflict.update->empty();
  if (writer_.access != nullptr && changes) {
    EIDER_ASSIGN_OR_RETURN(const auto found, CheckRows(session_, limits_, writer_, object, conflict.target,
                                                       TargetsOf(rows, conflict), planner::RowRule::kUpdatable));
    for (const CheckedRow& row : found) {
      if (!row.passes) return ForbiddenError();
      there.push_back(row.key);
    }
  }
  EIDER_ASSIGN_OR_RETURN(const std::int64_t changed, StoreUpserts(object, rows, wanted, conflict));
  if (writer_.access != nullptr && planner::ChecksUpdates(*writer_.access, object)) {
    EIDER_ASSIGN_OR_RETURN(const auto left, CheckRows(session_, limits_, writer_, object, conflict.target, there,
                                                      planner::RowRule::kReadable));
    if (!std::ranges::all_of(left, &CheckedRow::passes)) return ForbiddenError();
  }
  return changed;
}

Result<std::int64_t> InsertRun::StoreUpserts(const DataObject& object, std::vector<NewRow>& rows, Columns wanted,
                                             const planner::Conflict& conflict) {
  if (rows.size() != 1) wanted.clear();
  const planner::InsertRequest request{object, parameters_, wanted, &conflict, false, &writer_.requester};
  std::int64_t changed = 0;
  if (object.source->traits.upserts == catalog::Upserts::kByKey) {
    const bool together = rows.size() > 1 && std::ranges::all_of(rows, [&](const NewRow& row) {
                            return planner::HasNumbers(request, row);
                          });
    if (together) return UpsertTogether(request, rows);
    for (NewRow& row : rows) {
      EIDER_ASSIGN_OR_RETURN(const std::int64_t count, UpsertByKey(request, row));
      changed += count;
    }
    return changed;
  }
  for (const planner::InsertPart& part : planner::CompileInsert(request, rows)) {
    EIDER_ASSIGN_OR_RETURN(const std::int64_t count, RunPart(part, wanted, rows));
    changed += count;
  }
  if (!object.source->traits.returning) EIDER_RETURN_IF_ERROR(FindUpserted(request, rows));
  return changed;
}

Status InsertRun::Run(const planner::RowStatement& statement) {
  EIDER_RETURN_IF_ERROR(engine::ChangeRows(session_, statement.sql, statement.parameters, limits_));
  return {};
}

Result<std::int64_t> InsertRun::UpsertByKey(const planner::InsertRequest& request, NewRow& row) {
  if (planner::GivesTarget(*request.conflict, *row.data)) {
    const planner::RowStatement find = planner::CompileFindConflicting(request, row);
    EIDER_ASSIGN_OR_RETURN(const auto found, engine::ReadTextRows(session_, find.sql, find.parameters, limits_));
    if (!found.empty()) {
      for (std::size_t i = 0; i < request.returned.size(); ++i) {
        row.keys[request.returned[i]] = found.front()[i + 1].value_or("");
      }
      if (found.front()[0] != "true") return 0;
      const planner::RowStatement update = planner::CompileConflictingUpdate(request, row);
      if (update.sql.empty()) return 0;
      EIDER_RETURN_IF_ERROR(Run(update));
      return 1;
    }
  }
  planner::InsertRequest insert = request;
  insert.conflict = nullptr;
  std::vector<NewRow> one{row};
  if (!KnowsAll(request.returned, one)) {
    EIDER_RETURN_IF_ERROR(InsertAndFind(insert, one));
  } else {
    for (const planner::InsertPart& part : planner::CompileInsert(insert, one)) {
      EIDER_RETURN_IF_ERROR(Run({part.sql, part.parameters}));
    }
  }
  row = std::move(one.front());
  return 1;
}

Result<std::map<std::vector<std::string>, bool>> InsertRun::FindConflicting(const planner::InsertRequest& request,
                                                                            std::span<const NewRow> rows) {
  // Keys of one statement.
  constexpr std::size_t kAtOnce = 500;
  std::map<std::vector<std::string>, bool> there;
  while (!rows.empty()) {
    const std::span<const NewRow> part = rows.first(std::min(kAtOnce, rows.size()));
    const planner::RowStatement find = planner::CompileFindConflicting(request, part);
    EIDER_ASSIGN_OR_RETURN(const auto found, engine::ReadTextRows(session_, find.sql, find.parameters, limits_));
    for (const engine::TextRow& row : found) {
      std::vector<std::string> key;
      for (std::size_t i = 1; i < row.size(); ++i) key.push_back(row[i].value_or(""));
      there.emplace(std::move(key), row[0] == "true");
    }
    rows = rows.subspan(part.size());
  }
  return there;
}

Status InsertRun::StoreTogether(const planner::InsertRequest& request, std::vector<NewRow>& rows) {
  for (const planner::InsertPart& part : planner::CompileInsert(request, rows)) {
    if (!part.sql.empty()) EIDER_RETURN_IF_ERROR(Run({part.sql, part.parameters}));
  }
  return {};
}

Result<std::int64_t> InsertRun::UpsertTogether(const planner::InsertRequest& request, std::vector<NewRow>& rows) {
  EIDER_ASSIGN_OR_RETURN(auto there, FindConflicting(request, rows));
  std::vector<NewRow> absent;
  std::vector<NewRow> present;
  for (const NewRow& row : rows) {
    const auto [known, added] = there.emplace(planner::NumbersOf(request, row), false);
    if (added) {
      absent.push_back(row);
    } else if (known->second && !planner::CompileConflictingUpdate(request, row).sql.empty()) {
      present.push_back(row);
    }
  }
  const planner::InsertRequest insert{
      .object = request.object, .parameters = request.parameters, .requester = request.requester};
  EIDER_RETURN_IF_ERROR(StoreTogether(insert, absent));
  if (request.object.source->traits.changes_by_key) {
    for (const NewRow& row : present) EIDER_RETURN_IF_ERROR(Run(planner::CompileConflictingUpdate(request, row)));
  } else {
    planner::InsertRequest update = request;
    update.exist = true;
    EIDER_RETURN_IF_ERROR(StoreTogether(update, present));
  }
  return static_cast<std::int64_t>(absent.size() + present.size());
}

Status InsertRun::FindUpserted(const planner::InsertRequest& request, std::vector<NewRow>& rows) {
  // A row that was there keeps its own key when another one is the target.
  const bool by_key = request.conflict->target == request.object.primary_key;
  if (request.returned.empty() || (by_key && KnowsAll(request.returned, rows))) return {};
  for (NewRow& row : rows) {
    if (!planner::GivesTarget(*request.conflict, *row.data)) continue;
    const planner::RowStatement find = planner::CompileFindConflicting(request, row);
    EIDER_ASSIGN_OR_RETURN(const auto found, engine::ReadTextRows(session_, find.sql, find.parameters, limits_));
    for (std::size_t i = 0; !found.empty() && i < request.returned.size(); ++i) {
      if (found.front()[i + 1]) row.keys[request.returned[i]] = *found.front()[i + 1];
    }
  }
  return {};
}

}  // namespace eider::query
