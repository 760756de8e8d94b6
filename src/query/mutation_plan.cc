#include "query/mutation_plan.h"

#include <algorithm>

#include "planner/assigned.h"
#include "planner/insert_check.h"
#include "planner/read_back.h"
#include "planner/rule_data.h"

namespace eider::query {

using catalog::DataObject;
using catalog::FieldKind;
using planner::BoundRoot;
using planner::PlanResult;

namespace {

// The read-back plans of an insert or upsert that answers with rows.
PlanResult<void> PlanReadBack(MutationPlan& plan, const PlanSource& plans) {
  const BoundRoot& root = *plan.bound;
  const DataObject& object = *root.field.binding->object;
  if (!root.field.def->type.named()->IsComposite() || root.field.def->type.named()->name != object.name) return {};
  const int first_key = static_cast<int>(root.selection_parameters);
  const std::string key = std::string(root.field.parent->name) + "|" + root.key.substr(0, root.selection_key);
  auto one = plans("one|" + key, [&] { return planner::CompileReadOne(root.field, object.primary_key, first_key); });
  if (!one) return tl::unexpected(one.error());
  plan.read_one = std::move(*one);
  plan.reads_later = planner::WriterOf(object).is_postgres() && plan.read_one->plan().source.empty();
  if (root.field.binding->kind == FieldKind::kInsertMany) {
    auto many =
        plans("many|" + key, [&] { return planner::CompileReadMany(root.field, first_key, !plan.reads_later); });
    if (!many) return tl::unexpected(many.error());
    plan.read_many = std::move(*many);
  }
  if (!plan.conflict || plan.conflict->target == object.primary_key) return {};
  std::string target = "conflict";
  for (const catalog::Column* column : plan.conflict->target) target.append(",").append(column->name);
  auto other =
      plans(target + "|" + key, [&] { return planner::CompileReadOne(root.field, plan.conflict->target, first_key); });
  if (!other) return tl::unexpected(other.error());
  plan.read_conflicting = std::move(*other);
  return {};
}

// What a rule fills in is set whether the client names it or not.
void SetFilledColumns(const planner::BoundField& field, planner::Conflict& conflict) {
  if (field.access == nullptr || !conflict.update || conflict.update->empty()) return;
  for (const catalog::Column* column :
       planner::FilledColumns(*field.access, *field.binding->object, auth::Operation::kUpdate)) {
    if (std::ranges::find(*conflict.update, column) == conflict.update->end()) conflict.update->push_back(column);
  }
}

}  // namespace

PlanResult<MutationPlan> PlanMutation(std::shared_ptr<const BoundRoot> bound, const PlanSource& plans) {
  MutationPlan plan;
  plan.bound = std::move(bound);
  const planner::BoundField& field = plan.bound->field;
  const FieldKind kind = field.binding->kind;
  if (kind == FieldKind::kUpdate || kind == FieldKind::kDelete) {
    auto change = kind == FieldKind::kUpdate ? planner::CompileUpdate(field) : planner::CompileDelete(field);
    if (!change) return tl::unexpected(change.error());
    plan.change = std::move(*change);
    return plan;
  }
  if (kind == FieldKind::kUpsert || kind == FieldKind::kUpsertMany) {
    auto conflict = planner::ReadConflict(*plan.bound);
    if (!conflict) return tl::unexpected(conflict.error());
    plan.conflict = std::move(*conflict);
    SetFilledColumns(field, *plan.conflict);
  }
  if (auto checked = planner::CheckInsert(field); !checked) return tl::unexpected(checked.error());
  if (auto read = PlanReadBack(plan, plans); !read) return tl::unexpected(read.error());
  return plan;
}

}  // namespace eider::query
