#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "planner/plan.h"
#include "planner/session_value.h"

namespace eider::planner {

class Access;
class Dialect;

// The statement under construction: parameters, unique names, common table expressions and the first error. One per
// compiled statement, passed by reference through the compiler; after Fail() the text is meaningless but harmless.
class Statement {
 public:
  // `dialect`: of the engine that will run the statement.
  explicit Statement(const Dialect& dialect) : dialect_(dialect) {}
  const Dialect& dialect() const { return dialect_; }

  // The placeholder ("$2") of a bound parameter; the same request parameter gives the same placeholder. `type` keeps
  // uses apart where an engine gives each placeholder one type.
  std::string Parameter(const BoundValue& value, std::string_view type = {});

  // The type that the use of parameter `index` (0-based) was kept apart by.
  std::string_view parameter_type(std::size_t index) const { return parameter_types_[index]; }

  // A text that is gathered by a query of its own before the statement runs: reserve it, say how, use it.
  // Only where whoever runs the statement runs those queries too.
  void AllowFetches() { allows_fetches_ = true; }
  bool allows_fetches() const { return allows_fetches_; }
  int ReserveFetch();
  // A fetch of the different sets of `columns`, expressions over the rows of a level's `alias`, which the level sets.
  struct Call {
    int fetch = 0;
    std::string alias;
    std::vector<std::string> columns;
  };
  int ReserveCall(std::string_view alias, const std::vector<std::string>& columns);
  const std::vector<Call>& calls() const { return calls_; }
  // Says that the level of `object` whose rows are called `alias` sets fetches of its keys.
  void OfferKeys(std::string alias, const catalog::DataObject& object) {
    offers_.emplace_back(std::move(alias), &object);
  }
  // The object of the level that does so; null = none.
  const catalog::DataObject* OfferOf(std::string_view alias) const;
  // A fetch of the keys of such a level: of what `gather` makes of a query with its `columns`, expressions, as `names`.
  struct Keys {
    int fetch = 0;
    std::string alias;
    std::vector<std::string> columns;
    std::vector<std::string> names;
    std::function<std::string(const std::string& rows)> gather;
  };
  int ReserveKeys(Keys keys);
  const std::vector<Keys>& keys() const { return keys_; }
  void SetFetch(int index, std::string sql) { fetches_[static_cast<std::size_t>(index)] = {std::move(sql), {}}; }
  // A fetch of the text that a server answers, whose parameters are those of the fetches `texts`.
  void SetFetch(int index, Fetch fetch, const std::vector<int>& texts);
  std::string FetchedParameter(int index);
  // Those queries, complete, with parameters of their own.
  std::vector<Fetch> Fetches() const;

  // A name that occurs nowhere else in the statement, such as "x7".
  std::string Name(std::string_view prefix) { return std::string(prefix) + std::to_string(next_name_++); }

  // Reserves a place among the common table expressions, so that later ones may refer to it; fill it with SetCte().
  std::size_t ReserveCte(std::string name);
  void SetCte(std::size_t slot, std::string sql, bool materialized);

  // Tables of `source` are read as they were at a moment.
  void SetTimePoint(const catalog::Source& source, TimePoint at) {
    past_source_ = &source;
    past_ = std::move(at);
  }
  // That moment; null for the present.
  const TimePoint* TimePointOf(const catalog::Source* source) const {
    return source != nullptr && source == past_source_ ? &past_ : nullptr;
  }

  // Says that a table of another server stands in FROM of a statement of the engine, under the dialect's name.
  void NoteForeignTable(const catalog::DataObject& object);
  // Those tables, each once.
  const std::vector<const catalog::DataObject*>& foreign_tables() const { return foreign_tables_; }

  // The WITH clause with a trailing space, or nothing.
  std::string WithClause() const;

  // Remembers the first failure.
  void Fail(graphql::Position position, std::string message, ErrorCode code = ErrorCode::kBadInput);
  void Fail(Error error);
  const std::optional<PlanError>& error() const { return error_; }

  void ClearError() { error_.reset(); }

  const std::vector<int>& parameter_map() const { return parameter_map_; }

  // The rules that the statement reads rows under; null = none. They outlive it.
  void SetAccess(const Access* access) { access_ = access; }
  const Access* access() const { return access_; }

  // Rules do not apply while this lives.
  class WithoutAccess {
   public:
    explicit WithoutAccess(Statement& statement) : statement_(statement), access_(statement.access_) {
      statement.access_ = nullptr;
    }
    ~WithoutAccess() { statement_.access_ = access_; }
    WithoutAccess(const WithoutAccess&) = delete;
    WithoutAccess& operator=(const WithoutAccess&) = delete;

   private:
    Statement& statement_;
    const Access* access_;
  };

  // A parameter that the session gives, for BoundValue::parameter: -1 for the first, -2 and so on.
  int AddSessionValue(SessionValue value);
  const std::vector<SessionValue>& session() const { return session_; }

 private:
  struct Cte {
    std::string name;
    std::string sql;
    bool materialized = false;
  };
  const Dialect& dialect_;
  std::vector<int> parameter_map_;
  std::vector<std::string> parameter_types_;
  std::vector<Cte> ctes_;
  std::vector<Fetch> fetches_;
  std::vector<Call> calls_;
  std::vector<std::pair<std::string, const catalog::DataObject*>> offers_;
  std::vector<Keys> keys_;
  std::vector<const catalog::DataObject*> foreign_tables_;
  bool allows_fetches_ = false;
  int next_name_ = 0;
  const catalog::Source* past_source_ = nullptr;
  TimePoint past_;
  const Access* access_ = nullptr;
  std::vector<SessionValue> session_;
  std::optional<PlanError> error_;
};

}  // namespace eider::planner
