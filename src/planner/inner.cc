#include "planner/inner.h"

#include <algorithm>

#include "planner/filter.h"
#include "planner/outputs.h"
#include "planner/related.h"
#include "planner/semi_join.h"

namespace eider::planner {

bool IsInner(const BoundField& field) {
  const BoundValue* inner = field.Argument("inner");
  return field.binding != nullptr && field.binding->relation != nullptr && inner != nullptr && inner->IsTrue();
}

bool HasInner(const std::vector<BoundField>& selection) {
  return std::ranges::any_of(selection, [](const BoundField& child) {
    const bool is_dynamic = child.binding != nullptr && catalog::IsDynamic(child.binding->kind);
    return is_dynamic ? HasInner(child.children) : IsInner(child);
  });
}

std::string InnerSql(Statement& statement, const std::vector<BoundField>& selection, std::string_view alias) {
  std::vector<std::string> conditions;
  for (const BoundField& child : selection) {
    if (child.binding != nullptr && catalog::IsDynamic(child.binding->kind)) {
      conditions.push_back(InnerSql(statement, child.children, alias));
    } else if (IsInner(child)) {
      conditions.push_back(ExistsSql(statement, child, alias));
    }
  }
  return JoinConditions(conditions, "AND");
}

std::string ExistsSql(Statement& statement, const BoundField& field, std::string_view alias) {
  const catalog::Relation& relation = *field.binding->relation;
  const std::string target = statement.Name("t");
  const RelatedRows rows = RelatedTo(statement, relation, alias, target, &field);
  std::vector<std::string> conditions{rows.condition, VisibleSql(*relation.to, target, field.with_deleted)};
  if (const BoundValue* filter = field.Argument("filter")) {
    conditions.push_back(FilterSql(statement, *relation.to, target, *filter));
  }
  conditions.push_back(InnerSql(statement, field.children, target));
  const std::string where = JoinConditions(conditions, "AND");
  return "EXISTS (SELECT 1 FROM " + TiedRows(statement, relation, alias, target, rows.from, where) + " WHERE " + where +
         ")";
}

}  // namespace eider::planner
