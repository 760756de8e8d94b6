#pragma once

#include <deque>
#include <string>
#include <vector>

#include "planner/cube.h"
#include "planner/level.h"
#include "planner/outputs.h"
#include "planner/related.h"

namespace eider::planner {

// The selected members of one level's rows: output columns, their shapes, and the grouped lists joined to the rows.
class Selection {
 public:
  // `level` supplies the rows and outlives this object.
  explicit Selection(Level& level);

  // Adds the members of an object type selected over `scope`; their columns count in outputs().
  void AddMembers(const Level::Scope& scope, const std::vector<BoundField>& selection,
                  std::vector<columnar::Shape>& members);

  OutputList& outputs() { return outputs_; }
  // The order of the rows, over what FromSql() has: that of the level, then of unnested rows in it.
  std::vector<SortKey> order() const;
  // Whether related lists or aggregations are joined to the rows, or other servers called for them.
  bool has_joins() const { return !joins_.empty() || has_calls_; }
  // "rows LEFT JOIN lists …": what outputs() are selected from. Call once, after all members were added.
  std::string FromSql();

 private:
  void AddColumn(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  void AddValue(const Level::Scope& scope, const Value& value, const BoundField& field,
                std::vector<columnar::Shape>& members);
  // A function that asks another server, once the rows have been chosen.
  void AddRemoteCall(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  void AddStructureList(const Level::Scope& scope, const Value& value, const BoundField& field,
                        std::vector<columnar::Shape>& members);
  void AddForward(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  void AddList(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  // Related rows beside those of the level, one row each (16.1).
  void AddUnnested(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  // Related rows of a cube: one for every different key among those of a parent.
  void AddCube(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  void AddListApart(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  void AddAggregate(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  void AddBuckets(const Level::Scope& scope, const BoundField& field, std::vector<columnar::Shape>& members);
  // The aggregate that gathers rows of outputs into a list.
  std::string Gathered(const OutputList& outputs, const std::vector<SortKey>& order) const;
  // Joins a query that has the keys of `related`; returns its alias.
  std::string Join(const std::string& sql, const RelatedLevel& related);
  // Joins one list per key: what `gathered` makes of the rows of `from`.
  void AddGathered(const BoundField& field, const RelatedLevel& related, const std::string& gathered,
                   const std::string& from, columnar::Shape element, std::vector<columnar::Shape>& members);

  Level& level_;
  Statement& statement_;
  OutputList outputs_;
  std::vector<std::string> joins_;
  std::deque<CubeSelect> cubes_;
  bool has_calls_ = false;
  std::vector<SortKey> unnested_order_;
  std::string cte_;
  std::size_t cte_slot_;
};

// Whether a related list of the selection is unnested, so that limits count after it.
bool HasUnnest(const std::vector<BoundField>& selection);

}  // namespace eider::planner
