#include "query/mutation.h"

#include <algorithm>

#include "cluster/core_database.h"
#include "engine/change_rows.h"
#include "engine/text_rows.h"
#include "query/keyed_change.h"
#include "query/projection.h"
#include "query/write_error.h"

namespace eider::query {

using catalog::Column;
using catalog::DataObject;
using catalog::FieldKind;
using planner::BoundRoot;
using planner::BoundValue;
using planner::NewRow;

namespace {

constexpr std::chrono::seconds kCoreTurn{10};

// Takes what is written and gives it to a string; an insert's answer is one row.
class StringSink : public ResponseSink {
 public:
  explicit StringSink(std::string& out) : out_(out) {}
  Status Write(std::string_view bytes) override {
    out_.append(bytes);
    return {};
  }

 private:
  std::string& out_;
};

std::vector<NewRow> RowsOf(const BoundRoot& root) {
  std::vector<NewRow> rows;
  const BoundValue* data = root.field.Argument("data");
  if (data == nullptr) return rows;
  if (data->kind != planner::BoundKind::kList) return {NewRow{data, {}}};
  rows.reserve(data->items.size());
  for (const BoundValue& item : data->items) rows.push_back({&item, {}});
  return rows;
}

bool WantsRows(const BoundRoot& root) {
  const BoundValue* wanted = root.field.Argument("return_rows");
  return wanted == nullptr || wanted->IsNull() || wanted->IsTrue();
}

std::string OutcomeJson(std::int64_t rows) {
  return R"({"success":true,"message":"success","affected_rows":)" + std::to_string(rows) + R"(,"last_id":null})";
}

engine::Parameters SelectionParameters(const BoundRoot& root) {
  const auto first = root.parameters.begin();
  return {first, first + static_cast<std::ptrdiff_t>(root.selection_parameters)};
}

// The value of `column` in a row: its key, else what the request gave.
const engine::Value* ValueOf(const BoundRoot& root, const NewRow& row, const Column& column, engine::Value& room) {
  if (const auto key = row.keys.find(&column); key != row.keys.end()) {
    room = key->second;
    return &room;
  }
  const BoundValue* given = row.data->Find(column.name);
  if (given == nullptr || given->IsNull()) return nullptr;
  if (given->kind == planner::BoundKind::kParameter)
    return &root.parameters[static_cast<std::size_t>(given->parameter)];
  room = given->text;
  return &room;
}

// The position of a written row, in column 0.
std::int64_t PositionOf(const columnar::Batch& batch, std::int64_t row) {
  const ArrowArray& column = *batch.c_array().children[0];
  return static_cast<const std::int64_t*>(column.buffers[1])[column.offset + row];
}

}  // namespace

MutationScope::~MutationScope() {
  for (Transaction& transaction : transactions_) {
    if (!transaction.lease->Run("ROLLBACK")) transaction.lease.Discard();
    for (const auto& work : transaction.at_end) work(false);
  }
}

void MutationScope::AtEnd(const std::string& source, std::function<void(bool committed)> work) {
  const auto open = std::ranges::find(transactions_, source, &Transaction::source);
  if (open != transactions_.end()) open->at_end.push_back(std::move(work));
}

Result<engine::Session*> MutationScope::Begin(const std::string& source) {
  if (engine::Session* open = SessionOf(source)) return open;
  if (mirror_ != nullptr && source == cluster::kCoreCatalog) {
    const Deadline turn = Deadline::After(kCoreTurn);
    EIDER_ASSIGN_OR_RETURN(
        core_turn_,
        mirror_->TakeUsersTurn(turn.at() < settings_.limits.deadline.at() ? turn : settings_.limits.deadline));
  }
  EIDER_ASSIGN_OR_RETURN(auto lease, sessions_.ForChanges(source, settings_.limits));
  EIDER_RETURN_IF_ERROR(lease->SetTimeZone(settings_.zone_name));
  EIDER_RETURN_IF_ERROR(lease->Run("BEGIN TRANSACTION", settings_.limits));
  transactions_.push_back({source, std::move(lease)});
  return &*transactions_.back().lease;
}

engine::Session* MutationScope::SessionOf(const std::string& source) {
  for (Transaction& transaction : transactions_) {
    if (transaction.source == source) return &*transaction.lease;
  }
  return nullptr;
}

Status MutationScope::CommitOne(Transaction& transaction) {
  const bool is_shared = mirror_ != nullptr && transaction.source == cluster::kCoreCatalog;
  if (is_shared) {
    if (Status stored = mirror_->Push(*transaction.lease); !stored) {
      if (!transaction.lease->Run("ROLLBACK")) transaction.lease.Discard();
      return stored;
    }
  }
  Status done;
  if (auto committed = transaction.lease->Run("COMMIT"); !committed) {
    transaction.lease.Discard();
    done = std::move(committed).error();
  }
  if (is_shared) {
    core_turn_.reset();
    // What the other database has is true.
    if (!done) done = mirror_->Pull(Deadline::After(cluster::CoreStore::kPatience));
  }
  return done;
}

Status MutationScope::Commit() {
  if (settings_.limits.stop.stop_requested()) return Error(ErrorCode::kCancelled, "query cancelled");
  if (settings_.limits.deadline.Passed()) return Error(ErrorCode::kTimeout, "query timeout");
  std::vector<std::string> committed;
  while (!transactions_.empty()) {
    Transaction& first = transactions_.front();
    const Status done = CommitOne(first);
    for (const auto& work : first.at_end) work(done.has_value());
    if (!done) {
      Error error = CommitError(done.error(), first.source, committed);
      transactions_.pop_front();
      return error;
    }
    committed.push_back(first.source);
    transactions_.pop_front();
  }
  return {};
}

Status MutationScope::Run(const graphql::CollectContext& context, const MutationField& field,
                          std::deque<RanStatement>* log, std::string& out) {
  const BoundRoot& root = *field.plan.bound;
  const std::string& source = root.field.binding->object->source->name;
  EIDER_ASSIGN_OR_RETURN(engine::Session* const session, Begin(source));
  Status done;
  if (log == nullptr) {
    done = RunOn(*session, context, field, out);
  } else {
    RecordingSession recorded(*session, *log);
    done = RunOn(recorded, context, field, out);
  }
  if (!done) return WriteError(done.error(), source, root.field.def->name);
  return {};
}

Status MutationScope::Call(Leaf& function, std::string& out) {
  const std::string& source = function.plan().changes;
  EIDER_ASSIGN_OR_RETURN(engine::Session* const session, Begin(source));
  EIDER_RETURN_IF_ERROR(function.StartOn(*session, settings_));
  StringSink sink(out);
  BodyWriter writer(sink);
  EIDER_RETURN_IF_ERROR(function.Write(writer));
  return writer.Flush();
}

Status MutationScope::RunOn(engine::Session& session, const graphql::CollectContext& context,
                            const MutationField& field, std::string& out) {
  const MutationPlan& plan = field.plan;
  const BoundRoot& root = *plan.bound;
  std::int64_t affected = 0;
  switch (root.field.binding->kind) {
    case FieldKind::kUpdate:
    case FieldKind::kDelete: {
      EIDER_ASSIGN_OR_RETURN(affected, Change(plan, session));
      break;
    }
    case FieldKind::kUpsert:
    case FieldKind::kUpsertMany: {
      Rows rows = RowsOf(root);
      if (plan.read_one != nullptr) return Upsert(plan, session, std::move(rows), out);
      InsertRun run(session, settings_.limits, root, settings_.requester);
      EIDER_ASSIGN_OR_RETURN(affected, run.Upsert(*root.field.binding->object, rows, {}, *plan.conflict));
      break;
    }
    default: {
      Rows rows = RowsOf(root);
      affected = static_cast<std::int64_t>(rows.size());
      changed_ = affected;
      EIDER_RETURN_IF_ERROR(Insert(plan, session, std::move(rows), out));
      if (plan.read_one != nullptr) return {};
    }
  }
  changed_ = affected;
  return AppendProjected(context, field.field, OutcomeJson(affected), out);
}

Status MutationScope::CheckBefore(const MutationPlan& plan, engine::Session& session) const {
  if (plan.change.before == nullptr) return {};
  const planner::Change& check = *plan.change.before;
  const engine::Parameters parameters = planner::PickParameters(
      check.parameter_map, plan.bound->parameters, planner::SessionParameters(check.session, settings_.requester));
  EIDER_ASSIGN_OR_RETURN(const auto leaving, engine::QueryTexts(session, check.sql, parameters, settings_.limits));
  if (!leaving.empty()) return ForbiddenError();
  return {};
}

Result<std::int64_t> MutationScope::Change(const MutationPlan& plan, engine::Session& session) const {
  EIDER_RETURN_IF_ERROR(CheckBefore(plan, session));
  if (plan.bound->field.binding->object->source->traits.changes_by_key) {
    return ChangeByKey(session, settings_.limits, *plan.bound, settings_.requester);
  }
  const engine::Parameters parameters =
      planner::PickParameters(plan.change.parameter_map, plan.bound->parameters,
                              planner::SessionParameters(plan.change.session, settings_.requester));
  if (plan.change.counts_leaving) {
    EIDER_ASSIGN_OR_RETURN(const auto counts,
                           engine::QueryTexts(session, plan.change.sql, parameters, settings_.limits));
    if (counts.empty() || counts[0][1] != "0") return ForbiddenError();
    return std::stoll(counts[0][0].value_or("0"));
  }
  return engine::ChangeRows(session, plan.change.sql, parameters, settings_.limits);
}

Status MutationScope::Insert(const MutationPlan& plan, engine::Session& session, Rows rows, std::string& out) {
  const BoundRoot& root = *plan.bound;
  const DataObject& object = *root.field.binding->object;
  const bool answers = plan.read_one != nullptr && WantsRows(root);
  InsertRun run(session, settings_.limits, root, settings_.requester);
  EIDER_RETURN_IF_ERROR(run.Insert(object, rows, answers ? object.primary_key : std::vector<const Column*>()));
  if (plan.read_one == nullptr) return {};
  if (!answers || rows.empty()) {
    out.append("[]");
    return {};
  }
  return Answer({plan, std::move(rows)}, session, out);
}

Status MutationScope::Upsert(const MutationPlan& plan, engine::Session& session, Rows rows, std::string& out) {
  const BoundRoot& root = *plan.bound;
  const DataObject& object = *root.field.binding->object;
  InsertRun run(session, settings_.limits, root, settings_.requester);
  EIDER_ASSIGN_OR_RETURN(const std::int64_t changed, run.Upsert(object, rows, object.primary_key, *plan.conflict));
  changed_ = changed;
  return Answer({plan, std::move(rows), changed == 0 && plan.read_conflicting != nullptr}, session, out);
}

Status MutationScope::Answer(Written written, engine::Session& session, std::string& out) {
  if (!written.plan.reads_later) return Read(written, session, out);
  written.at = out.size();
  later_.push_back(std::move(written));
  return {};
}

Status MutationScope::Read(const Written& written, engine::Session& session, std::string& out) const {
  const MutationPlan& plan = written.plan;
  const DataObject& object = *plan.bound->field.binding->object;
  if (written.was_there) {
    return ReadOne(plan, plan.read_conflicting, plan.conflict->target, written.rows.front(), session, out);
  }
  const bool is_list = plan.bound->field.binding->kind == FieldKind::kInsertMany;
  if (is_list && written.rows.size() > 1) return ReadMany(plan, written.rows, session, out);
  if (is_list) out.push_back('[');
  EIDER_RETURN_IF_ERROR(ReadOne(plan, plan.read_one, object.primary_key, written.rows.front(), session, out));
  if (is_list) out.push_back(']');
  return {};
}

Status MutationScope::Complete(std::string& out) {
  if (later_.empty()) return {};
  std::string whole;
  std::size_t done = 0;
  for (const Written& written : later_) {
    whole.append(out, done, written.at - done);
    done = written.at;
    EIDER_ASSIGN_OR_RETURN(auto lease, sessions_.ForPlan({}, settings_.limits));
    if (Status read = Read(written, *lease, whole); !read) {
      Error error = read.error();
      error.message = "everything was written, but the answer cannot be read: " + error.message;
      return error;
    }
  }
  out = whole.append(out, done);
  return {};
}

Status MutationScope::ReadOne(const MutationPlan& plan, const std::shared_ptr<PreparedPlan>& read,
                              const std::vector<const Column*>& key, const NewRow& row, engine::Session& session,
                              std::string& out) const {
  engine::Parameters parameters = SelectionParameters(*plan.bound);
  for (const Column* column : key) {
    engine::Value room;
    const engine::Value* value = ValueOf(*plan.bound, row, *column, room);
    if (value == nullptr) {
      out.append("null");
      return {};
    }
    parameters.push_back(*value);
  }
  Leaf leaf(read, std::move(parameters));
  EIDER_RETURN_IF_ERROR(leaf.StartOn(session, settings_));
  StringSink sink(out);
  BodyWriter writer(sink);
  EIDER_RETURN_IF_ERROR(leaf.Write(writer));
  return writer.Flush();
}

Status MutationScope::ReadMany(const MutationPlan& plan, const Rows& rows, engine::Session& session,
                               std::string& out) const {
  const DataObject& object = *plan.bound->field.binding->object;
  engine::Parameters all = SelectionParameters(*plan.bound);
  for (const Column* column : object.primary_key) {
    engine::ValueList list;
    list.reserve(rows.size());
    for (const NewRow& row : rows) {
      engine::Value room;
      const engine::Value* value = ValueOf(*plan.bound, row, *column, room);
      list.push_back(value == nullptr ? engine::Value() : *value);
    }
    all.emplace_back(std::move(list));
  }
  const planner::Plan& read = plan.read_many->plan();
  const engine::Parameters parameters =
      planner::PickParameters(read.parameter_map, all, planner::SessionParameters(read.session, settings_.requester));
  EIDER_ASSIGN_OR_RETURN(auto cursor, session.Query(plan.read_many->plan().batch_sql, parameters, settings_.limits));
  std::vector<std::string> texts(rows.size());
  while (true) {
    EIDER_ASSIGN_OR_RETURN(auto batch, cursor->Next());
    if (!batch) break;
    EIDER_ASSIGN_OR_RETURN(auto encoder, plan.read_many->Encoder(batch->schema(), settings_.zone, true));
    for (std::int64_t row = 0; row < batch->rows(); ++row) {
      encoder->AppendRow(*batch, row, texts[static_cast<std::size_t>(PositionOf(*batch, row))]);
    }
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out.append(i == 0 ? "[" : ",").append(texts[i].empty() ? "null" : texts[i]);
  }
  out.push_back(']');
  return {};
}

}  // namespace eider::query
