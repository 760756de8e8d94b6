#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "planner/dialect.h"
#include "planner/source_part.h"

namespace eider::planner {

// Expressions with the names under which an enclosing query sees them; equal expressions share a name.
class NamedExpressions {
 public:
  NamedExpressions(Statement& statement) : statement_(statement) {}  // NOLINT(google-explicit-constructor)
  // The name of `sql`, adding it when new.
  std::string Add(const std::string& sql);
  // "a AS x1, b AS x2".
  std::string SelectList() const;
  bool empty() const { return entries_.empty(); }
  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

 private:
  Statement& statement_;
  std::vector<std::pair<std::string, std::string>> entries_;  // Expression, name.
};

// The rows of one data object below one selected field, compiled in stages:
//   1. base rows: filter, distinct, order, limit, offset, and limits per parent, over the object alone;
//   2. forward relations joined to them, one row each;
//   3. (by the caller) to-many relations joined as grouped lists.
// Stages see each other's expressions by names that are unique in the statement.
class Level {
 public:
  // `arguments`: the field that carries filter, order_by, limit …; `selection`: whose children aliases in order_by
  // refer to.
  enum class From {
    kObject,  // The rows of the object's table or view.
    kLater,   // What SetFrom() gives.
  };
  Level(Statement& statement, const catalog::DataObject& object, const BoundField& arguments,
        From from = From::kObject);

  // One table that expressions can be taken from: the object itself or a forward-joined relation.
  struct Scope {
    const catalog::DataObject* object = nullptr;
    std::string alias;
    bool is_base = false;
    std::string presence = {};  // An expression that is NULL when a forward relation leads nowhere.
  };
  const Scope& base() const { return base_; }
  const catalog::DataObject& object() const { return *base_.object; }
  Statement& statement() { return statement_; }

  // The name under which later stages see `sql`, an expression over the scope's alias.
  std::string Ref(const Scope& scope, const std::string& sql);
  std::string RefColumn(const Scope& scope, const catalog::Column& column);

  // Joins the target of a forward relation of `scope` (stage 2).
  Scope JoinForward(const Scope& scope, const BoundField& field);

  // Replaces FROM of stage 1 ("junction j JOIN target t"); the alias of the object must stay the base alias.
  void SetFrom(std::string from) { from_ = std::move(from); }
  const std::string& from() const { return from_; }
  // The order of the rows when none is asked for: by `sql`, an expression over the base alias.
  void OrderBy(const std::string& sql) { order_.push_back({own_.Add(sql)}); }
  void AddCondition(std::string condition);
  // Takes filter, similarity, distinct_on, order_by, limit, offset from the arguments.
  void ApplyArguments(const std::vector<BoundField>& selection);
  // Applies only the filter and the similarity (groups take the rest).
  void ApplyFilter();
  // Keeps the rows nearest to a vector where the arguments ask for it: of those that all conditions keep.
  void ApplySimilarity();
  // Keeps rows whose relations marked `inner` exist.
  void ApplyInner(const std::vector<BoundField>& selection);
  // Applies nested_order_by, nested_limit, nested_offset per value of `keys` (stage 1 names).
  void ApplyNested(const std::vector<std::string>& keys, const std::vector<BoundField>& selection);
  // Lets the server of a PostgreSQL source leave out rows before the engine sees them: those that the arguments leave
  // out, and with `limits` those behind the limit. After the arguments were applied.
  void ReadPart(const std::vector<BoundField>& selection, bool limits);
  // The same for the row that a filter by its key, the arguments of `keyed`, finds.
  void ReadRow(const BoundField& keyed);
  // The same for rows whose columns are not among the keys that the fetch gathers.
  void ReadKeys(int fetch);
  // Whether ReadKeys() would have an effect.
  bool CanReadKeys() const { return PartOfRows().has_value(); }
  // Makes a fetch with the query that `gather` makes of the query of this level's rows; these have the Ref() names
  // `names` of `scope`. Nothing where statements cannot fetch.
  using Gather = std::function<std::string(const std::string& rows)>;
  std::optional<int> MakeFetch(const Scope& scope, std::vector<std::string> names, Gather gather);
  // Whether the keys of the rows are handed to the server of `far`, whose rows are tied to them: where that leaves out
  // rows of it, by what is known of both sides.
  bool HandsOverTo(const catalog::DataObject& far) const;
  // Lets conditions on the rows hand their keys to other servers. For levels whose SQL becomes part of the statement.
  void OfferKeys();
  // Joins another table to the rows of the object (" JOIN junction j ON …").
  void JoinBeside(const std::string& join) { beside_.append(join); }
  // Says that there are at most so many rows, whatever the arguments.
  void BoundRows(std::int64_t most) { bound_ = most; }
  // Leaves limit and offset to the caller, who must apply limit_clause() in the order of the rows.
  void DeferLimit() { deferred_ = true; }
  std::string limit_clause() const;
  // Makes nested_limit and nested_offset those of all rows, which are the rows of one parent.
  void ApplyNestedToAll(const std::vector<BoundField>& selection);
  // A limit that the caller wants when none was given.
  void SetDefaultLimit(std::int64_t limit) { default_limit_ = limit; }

  // Rows count by the value of this column (a Ref() name) in counts, sums and averages; empty = each once.
  void SetWeight(std::string name) { weight_ = std::move(name); }
  const std::string& weight() const { return weight_; }

  // Whether stage 1 leaves out rows of the object, so that restricting relations to it pays.
  bool is_restricted() const { return restricted_; }
  // Whether `limit`, `offset` or `distinct_on` choose among the rows, so that no other row may be counted.
  bool CountsRows() const;
  bool has_limit() const { return !limit_.empty(); }
  std::int64_t limit() const { return limit_value_; }
  // Sort keys as names visible after stage 1; empty when no order was asked for.
  const std::vector<SortKey>& order() const { return order_; }

  // The statement of stages 1 and 2: every Ref() name is a column of it.
  std::string Sql() const;
  // Stage 1 alone with its rows in order. Enough when is_flat().
  std::string FlatSql() const;
  bool is_flat() const { return joins_.empty() && nested_.empty(); }
  // The column of FlatSql() that carries a Ref() name.
  std::optional<int> ColumnOf(std::string_view name) const;

 private:
  // Joins one row of a relation that is not tied by equal columns alone.
  Scope JoinLateral(const Scope& scope, const BoundField& field);
  void ApplyOrder(const BoundValue* order, const std::vector<BoundField>& selection, std::vector<SortKey>& keys);
  void ApplyDistinct(const std::vector<BoundField>& selection);
  std::string BaseSql(bool ordered) const;
  std::string NearestSql(const std::string& list, const std::string& rows, const Arrangement& arrangement) const;

  Statement& statement_;
  const BoundField& arguments_;
  Scope base_;
  std::string from_;
  NamedExpressions own_;
  NamedExpressions joined_;
  std::vector<std::string> joins_;
  std::vector<std::string> conditions_;
  std::vector<std::string> distinct_;
  std::vector<SortKey> order_;
  // The rows nearest to a vector.
  struct Nearest {
    SortKey rank;
    SortKey distance;
    std::string limit;  // " LIMIT 5" or empty.
  };
  std::optional<Nearest> nearest_;
  std::string nested_;  // Number of a row below its parent; empty = no limit per parent.
  std::int64_t nested_low_ = 0;
  std::int64_t nested_high_ = -1;
  std::string limit_;
  std::string offset_;
  std::int64_t limit_value_ = 0;
  std::int64_t default_limit_ = 0;
  bool restricted_ = false;
  std::string weight_;
  bool deferred_ = false;
  std::optional<SourcePart> part_;  // Instead of `from_`.
  std::optional<SourcePart> PartOfRows() const;

  // A query over the rows, which a fetch of the statement is.
  struct Handover {
    int fetch = 0;
    std::vector<std::string> names;
    std::optional<std::size_t> joins;  // With so many joins of stage 2; nothing = of stage 1 alone.
    Gather gather;
  };
  // Rows of stage 1 at most; -1 = not known.
  std::int64_t MostRows() const;
  // Sets the fetches of keys that conditions on the rows of stage 1 hand over.
  void SetKeys() const;
  // What stands in FROM of stage 1; `used` is the text that reads it.
  std::string BaseFrom(std::string_view used) const;
  // Whether few rows are sure, by limit or key.
  bool HasFewRows() const;
  // Sets the fetches over rows of stage 2, whose stage 1 is `base`, and gives all joins as text.
  std::string JoinedText(const std::string& base, const std::string& list) const;
  std::string ForwardFrom(const Scope& scope, const BoundField& field, const Scope& target);
  // Sets the fetches of functions that a server answers for the rows of stage 1.
  void SetCalls(const std::string& where, Arrangement arrangement) const;
  std::vector<Handover> handovers_;
  std::string beside_;  // Behind `from_`.
  std::int64_t bound_ = -1;

  // Forward relations whose far end is read by keys; their place in `joins_` is marked by the alias.
  struct ForwardPart {
    std::string mark;
    std::string alias;
    SourcePart part;
    bool is_few = false;  // The text of the rows is fetched.
  };
  std::vector<ForwardPart> forward_parts_;
};

// A structural non-negative integer argument; nothing when it is absent. Negative values are an error.
std::optional<std::int64_t> CountArgument(Statement& statement, const BoundField& field, std::string_view name);

// Whether at most one row can have these column values.
bool IsUniqueKey(const catalog::DataObject& object, const std::vector<const catalog::Column*>& columns);

}  // namespace eider::planner
