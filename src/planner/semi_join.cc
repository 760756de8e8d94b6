#include "planner/semi_join.h"

#include "planner/dialect.h"
#include "planner/expression.h"
#include "planner/filter.h"
#include "planner/handed_keys.h"
#include "planner/inner.h"
#include "planner/level.h"
#include "planner/related.h"
#include "planner/source_part.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::Relation;

namespace {

// Whether equal columns alone tie the ends, and these stand in two sources.
bool TiesSources(const Relation& relation) {
  return relation.kind != catalog::RelationKind::kManyToMany && !IsLateral(relation) &&
         relation.from->source != relation.to->source;
}

// Whether `giver` has fewer rows than `taker`, by estimates of both.
bool IsSmaller(const DataObject& giver, const DataObject& taker) {
  return giver.estimated_rows >= 0 && giver.estimated_rows < taker.estimated_rows;
}

// One far end that a row must tie to; one of `filter` and `field` says which of its rows count.
struct Tie {
  const Relation* relation = nullptr;
  const BoundValue* filter = nullptr;
  const BoundField* field = nullptr;
};

// Adds the relations that `filter` asks for whatever else it says.
void AddFilterTies(const DataObject& object, const BoundValue& filter, std::vector<Tie>& ties) {
  for (const auto& [name, value] : filter.fields) {
    if (value.IsNull()) continue;
    if (name == "_and") {
      if (value.kind == BoundKind::kObject) AddFilterTies(object, value, ties);
      for (const BoundValue& item : value.items) AddFilterTies(object, item, ties);
      continue;
    }
    const Relation* relation = object.FindRelation(name);
    if (relation == nullptr || !TiesSources(*relation)) continue;
    if (relation->single) {
      ties.push_back({relation, &value, nullptr});
      continue;
    }
    for (const auto& [quantifier, inner] : value.fields) {
      if (quantifier == "any_of" && !inner.IsNull()) ties.push_back({relation, &inner, nullptr});
    }
  }
}

void AddInnerTies(const std::vector<BoundField>& selection, std::vector<Tie>& ties) {
  for (const BoundField& child : selection) {
    if (IsInner(child) && TiesSources(*child.binding->relation))
      ties.push_back({child.binding->relation, nullptr, &child});
  }
}

// The query that gathers the keys of the far end of a tie.
std::string FarKeysSql(Statement& statement, const Tie& tie) {
  const Relation& relation = *tie.relation;
  const std::string alias = statement.Name("t");
  const std::string rows = FarText(statement, relation, tie.field, {});
  std::vector<std::string> conditions{VisibleSql(*relation.to, alias, tie.field != nullptr && tie.field->with_deleted)};
  const BoundValue* filter = tie.field == nullptr ? tie.filter : tie.field->Argument("filter");
  if (filter != nullptr) conditions.push_back(FilterSql(statement, *relation.to, alias, *filter));
  if (tie.field == nullptr && conditions.back().empty()) return {};  // Such a filter asks for nothing.
  if (tie.field != nullptr) conditions.push_back(InnerSql(statement, tie.field->children, alias));
  std::string list;
  std::vector<std::string> names;
  for (const Column* column : relation.to_columns) {
    names.push_back(statement.Name("x"));
    list.append(list.empty() ? "" : ", ").append(ColumnValue(*relation.to, *column, alias).sql);
    list.append(" AS ").append(names.back());
  }
  const std::vector<HandedKey> keys = HandedKeys(relation.from_columns, relation.to_columns, names);
  const std::string where = JoinConditions(conditions, "AND");
  if (keys.empty() || (where.empty() && relation.to->estimated_rows > kMostKeys)) return {};
  return GatherConditionSql(
      keys, "SELECT " + list + " FROM " + rows + " " + alias + (where.empty() ? "" : " WHERE " + where));
}

}  // namespace

std::string TiedRows(Statement& statement, const Relation& relation, std::string_view near_alias,
                     std::string_view far_alias, const std::string& rows, std::string_view used) {
  const DataObject* near = statement.OfferOf(near_alias);
  if (near != relation.from || near == nullptr || !TiesSources(relation) || !IsSmaller(*near, *relation.to)) {
    return rows;
  }
  const std::string_view table = std::string_view(rows).substr(0, rows.size() - far_alias.size() - 1);
  std::optional<SourcePart> part = SourcePart::Of(statement, *relation.to, table);
  Statement::Keys keys{0, std::string(near_alias), {}, {}, {}};
  for (const Column* column : relation.from_columns) {
    keys.columns.push_back(ColumnValue(*near, *column, near_alias).sql);
    keys.names.push_back(std::string(near_alias) + "_k" + std::to_string(keys.names.size()));
  }
  const std::vector<HandedKey> handed = HandedKeys(relation.to_columns, relation.from_columns, keys.names);
  if (!part || handed.empty()) return rows;
  keys.gather = [handed](const std::string& all) { return GatherConditionSql(handed, all); };
  part->AddKeys(statement.ReserveKeys(std::move(keys)));
  return part->FromSql(statement, far_alias, used) + " " + std::string(far_alias);
}

std::vector<int> FetchFarKeys(Statement& statement, const DataObject& near, const BoundField& arguments,
                              const std::vector<BoundField>& selection) {
  std::vector<int> fetches;
  if (!statement.allows_fetches() || arguments.no_pushdown) return fetches;
  std::vector<Tie> ties;
  if (const BoundValue* filter = arguments.Argument("filter")) AddFilterTies(near, *filter, ties);
  AddInnerTies(selection, ties);
  for (const Tie& tie : ties) {
    if (!IsSmaller(*tie.relation->to, near)) continue;
    std::string sql = FarKeysSql(statement, tie);
    if (sql.empty()) continue;
    fetches.push_back(statement.ReserveFetch());
    statement.SetFetch(fetches.back(), std::move(sql));
  }
  return fetches;
}

}  // namespace eider::planner
