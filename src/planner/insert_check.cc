#include "planner/insert_check.h"

#include <algorithm>

#include "planner/vector.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::Relation;
using catalog::RelationKind;

namespace {

using Columns = std::vector<const Column*>;

bool Holds(const Columns& columns, const Column* column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

bool HasDefault(const Column& column) {
  return !column.insert_exp.empty() || !column.default_sequence.empty() || column.has_default_value ||
         column.filled_by_database;
}

class InsertChecker {
 public:
  explicit InsertChecker(graphql::Position position) : position_(position) {}

  // `provided`: columns that take the keys of related rows.
  PlanResult<void> Check(const DataObject& object, const BoundValue& data, Columns provided, const std::string& path) {
    for (const BoundMember& member : data.fields) {
      const Relation* relation = InsertedRelation(object, member);
      if (relation == nullptr) continue;
      if (relation->single) {
        provided.insert(provided.end(), relation->from_columns.begin(), relation->from_columns.end());
      }
      if (auto done = CheckRelated(*relation, member.value, path + "." + member.name); !done) return done;
    }
    for (const Column& column : object.columns) {
      const BoundValue* given = data.Find(column.name);
      const std::string problem = given == nullptr ? "" : VectorProblem(column, *given);
      if (!problem.empty()) return tl::unexpected(PlanError{Error(ErrorCode::kBadInput, problem), position_, true});
      if (!column.sql.empty() || column.is_generated || (!column.non_null && !column.is_pk)) continue;
      const bool has_value = given == nullptr ? Holds(provided, &column) || HasDefault(column) : !given->IsNull();
      if (!has_value) return Required(path, column);
    }
    return {};
  }

 private:
  PlanResult<void> CheckRelated(const Relation& relation, const BoundValue& value, const std::string& path) {
    if (relation.single) return Check(*relation.to, value, {}, path);
    const bool linked = relation.kind != RelationKind::kManyToMany;
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (value.items[i].IsNull()) continue;
      const std::string place = path + "[" + std::to_string(i) + "]";
      auto done = Check(*relation.to, value.items[i], linked ? relation.to_columns : Columns(), place);
      if (!done) return done;
    }
    if (linked) return {};
    Columns provided = relation.junction_from;
    provided.insert(provided.end(), relation.junction_to.begin(), relation.junction_to.end());
    return Check(*relation.junction, BoundValue(), std::move(provided), path);
  }

  PlanResult<void> Required(const std::string& path, const Column& column) const {
    return tl::unexpected(
        PlanError{Error(ErrorCode::kBadInput, "field " + path + "." + column.name + " is required"), position_, true});
  }

  const graphql::Position position_;
};

}  // namespace

const Relation* InsertedRelation(const DataObject& object, const BoundMember& member) {
  if (member.value.kind != BoundKind::kObject && member.value.kind != BoundKind::kList) return nullptr;
  return object.FindRelation(member.name);
}

PlanResult<void> CheckInsert(const BoundField& root) {
  const BoundValue* data = root.Argument("data");
  if (data == nullptr) return {};
  InsertChecker checker(root.position);
  const DataObject& object = *root.binding->object;
  if (data->kind != BoundKind::kList) return checker.Check(object, *data, {}, "data");
  for (std::size_t i = 0; i < data->items.size(); ++i) {
    auto done = checker.Check(object, data->items[i], {}, "data[" + std::to_string(i) + "]");
    if (!done) return done;
  }
  return {};
}

}  // namespace eider::planner
