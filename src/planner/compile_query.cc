#include <algorithm>

#include "base/text.h"
#include "planner/aggregate.h"
#include "planner/bucket.h"
#include "planner/call.h"
#include "planner/cube.h"
#include "planner/dialect.h"
#include "planner/filter.h"
#include "planner/foreign_numbers.h"
#include "planner/hexagons.h"
#include "planner/plan.h"
#include "planner/pushdown.h"
#include "planner/rows.h"
#include "planner/secret_column.h"
#include "planner/time_point.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::FieldKind;
using columnar::Shape;

namespace {

// Lists of at most this many rows count as interactive work.
constexpr std::int64_t kInteractiveRows = 10'000;

// Whether any part of the request wants the engine.
bool HasNoPushdown(const BoundField& field) {
  return field.no_pushdown || std::ranges::any_of(field.children, HasNoPushdown);
}

class QueryCompiler {
 public:
  QueryCompiler(const BoundField& root, const PlanOptions& options)
      : root_(root),
        options_(options),
        source_(PushdownSource(root)),
        statement_(source_.empty() ? DuckDb() : Postgres()) {}

  PlanResult<std::shared_ptr<const Plan>> Compile() {
    auto plan = std::make_shared<Plan>();
    statement_.SetAccess(root_.access.get());
    statement_.AllowFetches();
    ApplyTimePoint(statement_, root_);
    switch (root_.binding->kind) {
      case FieldKind::kSelect: object().is_cube ? CompileCube(*plan) : CompileSelect(*plan); break;
      case FieldKind::kSelectByPk: CompileLookup(*plan, root_.binding->object->primary_key); break;
      case FieldKind::kSelectUnique: CompileLookup(*plan, root_.binding->unique->columns); break;
      case FieldKind::kAggregate: CompileAggregate(*plan); break;
      case FieldKind::kBucketAggregate: CompileBuckets(root_, *plan); break;
      case FieldKind::kHexagons: CompileHexagons(statement_, root_, *plan); break;
      case FieldKind::kSourceFunction:
      case FieldKind::kSourceMutationFunction: CompileFunction(*plan); break;
      case FieldKind::kSourceFunctionAggregate: CompileAggregate(*plan); break;
      case FieldKind::kSourceFunctionBucketAggregate: CompileBuckets(root_, *plan); break;
      default: statement_.Fail(root_.position, "field \"" + root_.response_name + "\" is not a query");
    }
    plan->fetches = statement_.Fetches();
    if (std::ranges::any_of(plan->fetches, [](const Fetch& fetch) { return fetch.sql.empty(); })) {
      statement_.Fail(root_.position, "a function that runs in PostgreSQL cannot be called for rows of this place");
    }
    if (statement_.error()) return tl::unexpected(*statement_.error());
    ReadForeignNumbers(*plan);
    plan->source = source_;
    plan->parameter_map = statement_.parameter_map();
    plan->session = statement_.session();
    if (AsksServers(plan->sql)) {
      // Long waits, and failures that are one request's own.
      plan->is_scan = true;
      plan->batch_sql.clear();
    }
    return plan;
  }

 private:
  void ReadForeignNumbers(Plan& plan) const {
    const auto& tables = statement_.foreign_tables();
    if (tables.empty()) return;
    const bool always = HasNoPushdown(root_);
    plan.sql = WithHeldNumbers(std::move(plan.sql), tables, always);
    for (Fetch& fetch : plan.fetches) {
      if (fetch.source.empty()) fetch.sql = WithHeldNumbers(std::move(fetch.sql), tables, always);
    }
  }

  const DataObject& object() const { return *root_.binding->object; }
  Level::From RowsFrom() const {
    return root_.binding->function == nullptr ? Level::From::kObject : Level::From::kLater;
  }

  // SELECT of the outputs over the level's rows; the columns of `shape` then count in it.
  std::string RowsSql(Level& level, Selection& rows, Shape& shape) {
    if (!rows.has_joins() && level.is_flat()) {
      std::vector<int> map;
      for (const std::string& output : rows.outputs().columns()) map.push_back(level.ColumnOf(output).value_or(-1));
      RemapColumns(shape, map);
      return level.FlatSql();
    }
    const std::string list = NameList(rows.outputs().columns());
    const std::string from = rows.FromSql();
    return statement_.WithClause() + "SELECT " + (list.empty() ? "true" : list) + " FROM " + from +
           OrderClause(statement_, rows.order()) + (HasUnnest(root_.children) ? level.limit_clause() : std::string());
  }

  // The selected members of the level's rows, which have their arguments already.
  void SelectRows(Plan& plan, Level& level) {
    level.ApplyInner(root_.children);
    Selection rows(level);
    plan.shape = FlatObject("");
    rows.AddMembers(level.base(), root_.children, plan.shape.members);
    plan.sql = RowsSql(level, rows, plan.shape);
  }

  // A function that a source declares: one value, or rows like those of a table.
  void CompileFunction(Plan& plan) {
    const catalog::Function& function = *root_.binding->function;
    if (function.is_mutation) plan.changes = function.source->name;
    if (function.rows == nullptr) {
      const Value value = CallValue(statement_, function, {&root_, nullptr, {}});
      plan.shape = ScalarShape(value, 0);
      if (function.is_table) plan.shape.null_text = function.result.is_list ? "[]" : "null";
      plan.sql = "SELECT " + statement_.dialect().Shown(value) + " AS a0";
      plan.form = ResultForm::kOne;
      return;
    }
    Level level(statement_, *function.rows, root_, Level::From::kLater);
    ReadRows(level);
    if (function.result.is_list && !function.is_table) {
      level.OrderBy(level.base().alias + "." + std::string(kPositionColumn));
    }
    SelectRows(plan, level);
    plan.form = function.result.is_list ? ResultForm::kRows : ResultForm::kOneOrNull;
  }

  // Gives the rows of a function to a level that has none.
  void ReadRows(Level& level) {
    const catalog::Function* function = root_.binding->function;
    if (function == nullptr) return;
    const std::string rows = CallRows(statement_, *function, {&root_, nullptr, {}});
    level.SetFrom(PermittedRows(statement_, *function->rows, rows, &root_) + " " + level.base().alias);
  }

  void CompileSelect(Plan& plan) {
    Level level(statement_, object(), root_);
    const bool limited = root_.Argument("limit") != nullptr && !root_.Argument("limit")->IsNull();
    if (!limited && options_.default_limit > 0) {
      plan.show_limit = options_.default_limit;
      level.SetDefaultLimit(options_.default_limit + 1);
    }
    if (HasUnnest(root_.children)) level.DeferLimit();
    level.OfferKeys();
    level.ApplyArguments(root_.children);
    level.ReadPart(root_.children, true);
    SelectRows(plan, level);
    plan.form = ResultForm::kRows;
    // What a view's own query costs is not known from here.
    plan.is_scan = level.limit() == 0 || level.limit() > kInteractiveRows || !object().view_sql.empty();
  }

  // Where the engine finds rows by key, rules are conditions of the statement itself: below it, the engine would check
  // them for every row that it passes.
  Level::From LookupFrom() const {
    const bool is_foreign = object().source == nullptr || object().source->type == "postgres";
    const bool finds = statement_.access() != nullptr && !statement_.dialect().is_postgres() && !is_foreign;
    return finds ? Level::From::kLater : Level::From::kObject;
  }

  // What rules ask of a row that one of the keys of `source` has found. It names the key, so that the engine cannot
  // check it before.
  std::string BehindKeys(Statement& batch, const Level& level, const std::string& source) const {
    if (LookupFrom() != Level::From::kLater) return {};
    const std::string rules = PermittedSql(batch, object(), level.base().alias, &root_);
    return rules.empty() ? "" : "(" + rules + ") > (" + source + ".i < 0)";
  }

  void CompileLookup(Plan& plan, const std::vector<const Column*>& keys) {
    plan.form = ResultForm::kOneOrNull;
    plan.is_scan = false;
    Level level(statement_, object(), root_, LookupFrom());
    if (LookupFrom() == Level::From::kLater) {
      level.SetFrom(AllRowsText(statement_, object(), &root_) + " " + level.base().alias);
      level.AddCondition(PermittedSql(statement_, object(), level.base().alias, &root_));
    }
    for (const Column* column : keys) {
      const BoundValue* value = root_.Argument(column->name);
      const Value key = ColumnValue(object(), *column, level.base().alias);
      if (value == nullptr || value->IsNull()) {
        statement_.Fail(root_.position, "argument \"" + column->name + "\" is required");
        return;
      }
      if (column->secret == catalog::SecretKind::kKey) {
        const std::string stored = std::string(level.base().alias) + "." + QuoteIdentifier(column->column);
        level.AddCondition(stored + " = " + HashedKey(OperandSql(statement_, *value, key)));
      } else if (key.kind == catalog::ScalarKind::kGeometry) {
        level.AddCondition(GeometryKeyCondition(statement_, *column, key, *value));
      } else {
        level.AddCondition(statement_.dialect().Compared(key) + " = " + OperandSql(statement_, *value, key));
      }
    }
    level.ApplySimilarity();
    const bool is_place = std::ranges::any_of(keys, &Column::matches_intersecting);
    if (!is_place) level.BoundRows(1);
    // The engine's own reader would find the row by its key as well, but not read its numbers.
    if (!is_place && HasWideNumbers(object())) level.ReadRow(KeyedFilter(keys));
    SelectRows(plan, level);
    const bool fetches =
        std::ranges::any_of(statement_.parameter_map(), [](int index) { return index <= kFirstFetch; });
    const bool hashed =
        std::ranges::any_of(keys, [](const Column* column) { return column->secret == catalog::SecretKind::kKey; });
    if (CountOfKeys(statement_) == keys.size() && !root_.at && !fetches && !hashed) CompileBatch(plan, keys);
  }

  // The arguments of a list that finds the same row as the look-up.
  BoundField KeyedFilter(const std::vector<const Column*>& keys) const {
    BoundValue filter;
    filter.kind = BoundKind::kObject;
    for (const Column* column : keys) {
      BoundValue condition;
      condition.kind = BoundKind::kObject;
      condition.fields = {{"eq", *root_.Argument(column->name)}};
      filter.fields.push_back({column->name, std::move(condition)});
    }
    BoundField keyed;
    keyed.with_deleted = root_.with_deleted;
    keyed.arguments.emplace_back("filter", std::move(filter));
    return keyed;
  }

  // The parameters that requests give.
  static std::size_t CountOfKeys(const Statement& statement) {
    return static_cast<std::size_t>(
        std::ranges::count_if(statement.parameter_map(), [](int index) { return index >= 0; }));
  }

  // The same look-up for many keys at once: parameter k is the list of all requests' values of key column k.
  void CompileBatch(Plan& plan, const std::vector<const Column*>& keys) {
    Statement batch(statement_.dialect());
    batch.SetAccess(root_.access.get());
    Level level(batch, object(), root_, LookupFrom());
    std::vector<std::string> lists;
    std::vector<std::string> tie;
    const std::string source = batch.Name("q");
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const Value key = ColumnValue(object(), *keys[k], level.base().alias);
      const std::string type = BatchType(key);
      if (type.empty()) return;
      const BoundValue parameter = BoundValue::ParameterOf(static_cast<int>(k), true);
      lists.push_back("CAST(" + batch.Parameter(parameter) + " AS " + type + "[])");
      tie.push_back(batch.dialect().Compared(key) + " = " + source + ".k" + std::to_string(k));
    }
    const std::string table =
        LookupFrom() == Level::From::kLater ? AllRowsText(batch, object(), &root_) : FromText(batch, object(), &root_);
    level.AddCondition(BehindKeys(batch, level, source));
    level.SetFrom("(" + batch.dialect().UnnestKeys(lists) + ") " + source + " JOIN " + table + " " +
                  level.base().alias + " ON " + JoinConditions(tie, "AND"));
    const std::string position = level.Ref(level.base(), source + ".i");
    level.ApplyInner(root_.children);
    Selection rows(level);
    if (rows.outputs().Add(position) != 0) return;
    plan.batch_shape = FlatObject("");
    rows.AddMembers(level.base(), root_.children, plan.batch_shape.members);
    if (rows.has_joins() || batch.error() || CountOfKeys(batch) != keys.size()) return;
    const std::string list = NameList(rows.outputs().columns());
    const std::string from = rows.FromSql();
    plan.batch_map = batch.parameter_map();
    plan.batch_session = batch.session();
    plan.batch_sql = batch.WithClause() + "SELECT " + list + " FROM " + from;
  }

  // The element type of a list of keys; empty = not known well enough.
  std::string BatchType(const Value& key) const {
    if (key.kind == catalog::ScalarKind::kGeometry) return {};
    const bool own = key.of_postgres == statement_.dialect().is_postgres() && !key.sql_type.empty();
    if (own) return key.of_postgres ? statement_.dialect().OperandType(key) : key.sql_type;
    switch (key.kind) {
      case catalog::ScalarKind::kInt:
      case catalog::ScalarKind::kBigInt: return "BIGINT";
      case catalog::ScalarKind::kString: return "VARCHAR";
      default: return {};
    }
  }

  void CompileAggregate(Plan& plan) {
    Level level(statement_, object(), root_, RowsFrom());
    ReadRows(level);
    if (root_.binding->function == nullptr) level.OfferKeys();
    level.ApplyArguments({});
    if (root_.binding->function == nullptr) level.ReadPart({}, false);
    level.ApplyInner(root_.children);
    Aggregation aggregation(level, {});
    plan.shape = FlatObject("");
    aggregation.AddMembers(level.base(), root_.children, {}, plan.shape.members);
    const std::string sql = aggregation.Sql();
    plan.sql = statement_.WithClause() + sql;
    plan.form = ResultForm::kOne;
  }

  void CompileCube(Plan& plan) {
    const CubeSelect cube(statement_, root_);
    CompileBuckets(cube.buckets(), plan);
    plan.shape = cube.Flatten(plan.shape);
  }

  void CompileBuckets(const BoundField& root, Plan& plan) {
    Level level(statement_, object(), root, RowsFrom());
    ReadRows(level);
    if (root_.binding->function == nullptr) level.OfferKeys();
    level.ApplyFilter();
    if (root_.binding->function == nullptr) level.ReadPart({}, false);
    level.ApplyInner(root_.children);
    const bool limited = root.Argument("limit") != nullptr && !root.Argument("limit")->IsNull();
    if (!limited && root_.binding->function == nullptr) plan.show_limit = options_.default_limit;
    BucketQuery buckets(level, root, {}, plan.show_limit > 0 ? plan.show_limit + 1 : 0);
    plan.shape = buckets.shape();
    plan.sql = statement_.WithClause() + buckets.RootSql();
    plan.form = ResultForm::kRows;
  }

  const BoundField& root_;
  const PlanOptions& options_;
  const std::string source_;
  Statement statement_;
};

}  // namespace

PlanResult<std::shared_ptr<const Plan>> CompileQuery(const BoundField& root, const PlanOptions& options) {
  return QueryCompiler(root, options).Compile();
}

}  // namespace eider::planner
