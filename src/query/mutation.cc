#include "query/mutation.h"

#include "engine/text_rows.h"
#include "planner/change.h"
#include "query/projection.h"

namespace eider::query {

using catalog::Column;
using catalog::DataObject;
using catalog::FieldKind;
using catalog::Relation;
using catalog::RelationKind;
using planner::BoundRoot;
using planner::BoundValue;
using planner::KeyValues;
using planner::PlanError;
using planner::PlanResult;

namespace {

tl::unexpected<PlanError> Unlocated(Error error) { return tl::unexpected(PlanError{std::move(error), 0, false}); }

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

// Hands an earlier failure on.
#define EIDER_PLAN_ASSIGN(target, expression)                                                                     \
  auto EIDER_CONCAT(plan_result_, __LINE__) = (expression);                                                       \
  if (!EIDER_CONCAT(plan_result_, __LINE__)) return tl::unexpected(EIDER_CONCAT(plan_result_, __LINE__).error()); \
  target = std::move(*EIDER_CONCAT(plan_result_, __LINE__))

}  // namespace

MutationScope::~MutationScope() {
  for (Transaction& transaction : transactions_) {
    if (!transaction.lease->Run("ROLLBACK")) transaction.lease.Discard();
  }
}

Result<engine::Session*> MutationScope::Begin(const std::string& source) {
  if (engine::Session* open = SessionOf(source)) return open;
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

Status MutationScope::Commit() {
  while (!transactions_.empty()) {
    Transaction& first = transactions_.front();
    if (auto done = first.lease->Run("COMMIT"); !done) {
      first.lease.Discard();
      transactions_.erase(transactions_.begin());
      return done.error();
    }
    transactions_.erase(transactions_.begin());
  }
  return {};
}

PlanResult<void> MutationScope::Run(const graphql::CollectContext& context, const MutationField& field,
                                    std::string& out) {
  const BoundRoot& root = *field.bound;
  auto session = Begin(root.field.binding->object->source->name);
  if (!session) return Unlocated(session.error());
  std::int64_t rows = 0;
  const FieldKind kind = root.field.binding->kind;
  if (kind == FieldKind::kInsert || kind == FieldKind::kInsertMany) {
    bool is_object = false;
    if (auto done = Insert(field, **session, out, is_object); !done) return done;
    if (is_object) return {};
    rows = inserted_;
  } else {
    EIDER_PLAN_ASSIGN(rows, Change(root, **session));
  }
  const std::string json =
      R"({"success":true,"message":"success","affected_rows":)" + std::to_string(rows) + R"(,"last_id":null})";
  if (auto done = AppendProjected(context, field.field, json, out); !done) return Unlocated(done.error());
  return {};
}

PlanResult<std::int64_t> MutationScope::Change(const BoundRoot& root, engine::Session& session) {
  EIDER_PLAN_ASSIGN(const planner::Change change, root.field.binding->kind == FieldKind::kUpdate
                                                      ? planner::CompileUpdate(root.field)
                                                      : planner::CompileDelete(root.field));
  engine::Parameters parameters;
  for (const int index : change.parameter_map) parameters.push_back(root.parameters[static_cast<std::size_t>(index)]);
  auto cursor = session.Query(change.sql, parameters, settings_.limits);
  if (!cursor) return Unlocated(cursor.error());
  while (true) {
    auto batch = (*cursor)->Next();
    if (!batch) return Unlocated(batch.error());
    if (!*batch) return (*cursor)->rows_changed();
  }
}

PlanResult<void> MutationScope::Insert(const MutationField& field, engine::Session& session, std::string& out,
                                       bool& is_object) {
  const BoundRoot& root = *field.bound;
  const DataObject& object = *root.field.binding->object;
  const BoundValue* data = root.field.Argument("data");
  const bool many = root.field.binding->kind == FieldKind::kInsertMany;
  std::vector<const BoundValue*> items;
  if (many && data != nullptr) {
    for (const BoundValue& item : data->items) items.push_back(&item);
  } else {
    items.push_back(data);
  }
  inserted_ = 0;
  std::vector<KeyValues> rows;
  for (const BoundValue* item : items) {
    if (item == nullptr) continue;
    EIDER_PLAN_ASSIGN(KeyValues row, InsertObject(session, root, object, *item, {}, "data"));
    rows.push_back(std::move(row));
    ++inserted_;
  }
  is_object = !object.primary_key.empty() && !object.is_m2m;
  if (!is_object) return {};
  const BoundValue* wanted = root.field.Argument("return_rows");
  if (many) out.push_back('[');
  for (std::size_t i = 0; i < rows.size() && (wanted == nullptr || wanted->IsNull() || wanted->IsTrue()); ++i) {
    if (i > 0) out.push_back(',');
    if (auto done = ReadBack(session, root, rows[i], out); !done) return done;
  }
  if (many) out.push_back(']');
  return {};
}

PlanResult<KeyValues> MutationScope::InsertObject(engine::Session& session, const BoundRoot& root,
                                                  const DataObject& object, const BoundValue& data, KeyValues keys,
                                                  const std::string& path) {
  for (const auto& [name, value] : data.fields) {
    const Relation* relation = object.FindRelation(name);
    if (relation == nullptr || !relation->single || value.IsNull()) continue;
    EIDER_PLAN_ASSIGN(const KeyValues parent, InsertObject(session, root, *relation->to, value, {}, path + "." + name));
    for (std::size_t i = 0; i < relation->from_columns.size(); ++i) {
      const auto key = parent.find(relation->to_columns[i]);
      if (key != parent.end()) keys[relation->from_columns[i]] = key->second;
    }
  }
  EIDER_PLAN_ASSIGN(KeyValues row, InsertOne(session, root, object, data, keys, path));
  for (const auto& [name, value] : data.fields) {
    const Relation* relation = object.FindRelation(name);
    if (relation == nullptr || relation->single || value.IsNull()) continue;
    std::size_t index = 0;
    for (const BoundValue& item : value.items) {
      const std::string place = path + "." + name + "[" + std::to_string(index++) + "]";
      if (auto done = InsertRelated(session, root, *relation, item, row, place); !done)
        return tl::unexpected(done.error());
    }
  }
  return row;
}

PlanResult<KeyValues> MutationScope::InsertOne(engine::Session& session, const BoundRoot& root,
                                               const DataObject& object, const BoundValue& data, const KeyValues& keys,
                                               const std::string& path) {
  EIDER_PLAN_ASSIGN(const planner::InsertRow insert,
                    planner::CompileInsertRow(object, data, keys, root.parameters, path, root.field.position));
  auto cursor = session.Query(insert.sql, insert.parameters, settings_.limits);
  if (!cursor) return Unlocated(cursor.error());
  KeyValues row;
  while (true) {
    auto batch = (*cursor)->Next();
    if (!batch) return Unlocated(batch.error());
    if (!*batch) return row;
    std::vector<engine::TextRow> rows;
    if (auto done = engine::AppendTextRows(**batch, rows); !done) return Unlocated(done.error());
    for (std::size_t i = 0; i < insert.returned.size(); ++i) {
      if (rows[0][i]) row[insert.returned[i]] = *rows[0][i];
    }
  }
}

PlanResult<void> MutationScope::InsertRelated(engine::Session& session, const BoundRoot& root, const Relation& relation,
                                              const BoundValue& data, const KeyValues& row, const std::string& path) {
  KeyValues keys;
  auto copy = [&](const std::vector<const Column*>& from, const std::vector<const Column*>& to,
                  const KeyValues& source) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto key = source.find(from[i]);
      if (key != source.end()) keys[to[i]] = key->second;
    }
  };
  if (relation.kind != RelationKind::kManyToMany) {
    copy(relation.from_columns, relation.to_columns, row);
    auto done = InsertObject(session, root, *relation.to, data, std::move(keys), path);
    if (!done) return tl::unexpected(done.error());
    return {};
  }
  EIDER_PLAN_ASSIGN(const KeyValues other, InsertObject(session, root, *relation.to, data, {}, path));
  copy(relation.from_columns, relation.junction_from, row);
  copy(relation.to_columns, relation.junction_to, other);
  BoundValue nothing;
  nothing.kind = planner::BoundKind::kObject;
  auto done = InsertOne(session, root, *relation.junction, nothing, keys, path);
  if (!done) return tl::unexpected(done.error());
  return {};
}

PlanResult<void> MutationScope::ReadBack(engine::Session& session, const BoundRoot& root, const KeyValues& row,
                                         std::string& out) {
  catalog::FieldBinding binding = *root.field.binding;
  binding.kind = FieldKind::kSelectByPk;
  planner::BoundField select = root.field;
  select.binding = &binding;
  select.arguments.clear();
  engine::Parameters parameters = root.parameters;
  for (const Column* column : binding.object->primary_key) {
    const auto key = row.find(column);
    if (key == row.end()) {
      out.append("null");
      return {};
    }
    select.arguments.emplace_back(column->name, BoundValue::ParameterOf(static_cast<int>(parameters.size()), false));
    parameters.emplace_back(key->second);
  }
  EIDER_PLAN_ASSIGN(auto plan, planner::CompileQuery(select, options_));
  Leaf leaf(std::make_shared<PreparedPlan>(std::move(plan)), std::move(parameters));
  if (Status status = leaf.StartOn(session, settings_); !status) return Unlocated(status.error());
  StringSink sink(out);
  BodyWriter writer(sink);
  Status status = leaf.Write(writer);
  if (status) status = writer.Flush();
  if (!status) return Unlocated(status.error());
  return {};
}

}  // namespace eider::query
