#pragma once

#include <functional>
#include <string>
#include <vector>

#include "planner/level.h"

namespace eider::planner {

// The value that a path names on a row: "price", or a member of a structure, "format.height_mm".
Value PathValue(const Statement& statement, const catalog::DataObject& object, std::string_view alias,
                std::string_view path);

// Gives the SQL of a field (or path) of the near end of a relation.
using NearSql = std::function<std::string(std::string_view path)>;

// Whether the ends are tied by more than equal columns, so that the far end is read beside a row of the near one.
bool IsLateral(const catalog::Relation& relation);

// The condition that ties a row of the far end to one of the near end. REQUIRES: not many-to-many.
std::string TieSql(Statement& statement, const catalog::Relation& relation, std::string_view far_alias,
                   const NearSql& near);

// What stands in FROM for the far end, without an alias: a table, a view, or a call with values of the near end.
// `field` gives the arguments; null = none.
std::string FarText(Statement& statement, const catalog::Relation& relation, const BoundField* field,
                    const NearSql& near);

// The rows at the far end of a to-many relation, for all rows of a parent query at once: the field's filter, order and
// limits applied, restricted to what some parent needs.
class RelatedLevel {
 public:
  enum class Use {
    kRows,        // Members of the rows are selected.
    kAggregates,  // They are aggregated.
    kGroups,      // They are grouped first; order and limits act on the groups.
    kOneParent,   // Members are selected, for one row of the parents at a time (LATERAL); there are no keys().
  };
  // `parent_rows`: the name of the common table expression of the parent's rows.
  RelatedLevel(Level& parent, const Level::Scope& scope, const BoundField& field, const std::string& parent_rows,
               Use use);

  Level& level() { return level_; }
  // Names of the level's columns that tell which parents a row belongs to.
  const std::vector<std::string>& keys() const { return keys_; }
  // The condition that ties rows of `alias` (with keys()) to rows of the parents.
  std::string Tie(const std::string& alias) const;

 private:
  void TieByKeys(Level& parent, const Level::Scope& scope, const catalog::Relation& relation);
  void TieToOne(Level& parent, const Level::Scope& scope, const catalog::Relation& relation);
  // The expressions that equal the parents' keys; joins the rows `junction` with its alias for them, when there are
  // any.
  std::vector<std::string> FarKeys(const catalog::Relation& relation, const std::string& junction_rows,
                                   const std::string& junction);
  // The rows of the junction, for `parents` only where a server can tell; then the far end is read by their keys.
  std::string ReadJunction(Level& parent, const Level::Scope& scope, const catalog::Relation& relation,
                           const std::string& junction);
  std::string ForeignFar(Level& parent, const Level::Scope& scope, const BoundField& field,
                         const std::function<std::string(const std::string&)>& key, std::vector<std::string>& asked);
  void TieByRows(Level& parent, const Level::Scope& scope, const BoundField& field);

  Level level_;
  const std::string parent_rows_;
  std::vector<std::string> keys_;
  std::vector<std::string> parent_keys_;
  bool null_safe_ = false;
};

}  // namespace eider::planner
