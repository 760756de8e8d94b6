#include "planner/level.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "planner/filter.h"
#include "planner/foreign_call.h"
#include "planner/inner.h"
#include "planner/order.h"
#include "planner/outputs.h"
#include "planner/related.h"
#include "planner/semi_join.h"
#include "planner/vector.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::Relation;

std::string NamedExpressions::Add(const std::string& sql) {
  for (const auto& [expression, name] : entries_) {
    if (expression == sql) return name;
  }
  entries_.emplace_back(sql, statement_.Name("x"));
  return entries_.back().second;
}

std::string NamedExpressions::SelectList() const {
  std::string out;
  for (const auto& [expression, name] : entries_) {
    out.append(out.empty() ? "" : ", ").append(expression).append(" AS ").append(name);
  }
  return out;
}

std::optional<std::int64_t> CountArgument(Statement& statement, const BoundField& field, std::string_view name) {
  const BoundValue* value = field.Argument(name);
  if (value == nullptr || value->IsNull()) return std::nullopt;
  std::int64_t count = -1;
  std::from_chars(value->text.data(), value->text.data() + value->text.size(), count);
  if (count < 0) {
    statement.Fail(value->position, "argument \"" + std::string(name) + "\" must not be negative");
    return std::nullopt;
  }
  return count;
}

bool IsUniqueKey(const DataObject& object, const std::vector<const Column*>& columns) {
  auto covered = [&](const std::vector<const Column*>& key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [&](const Column* column) {
      return std::find(columns.begin(), columns.end(), column) != columns.end();
    });
  };
  if (covered(object.primary_key)) return true;
  return std::any_of(object.unique_keys.begin(), object.unique_keys.end(),
                     [&](const catalog::UniqueKey& key) { return covered(key.columns); });
}

namespace {

// Whether the SQL reads what a PostgreSQL server answers to a text.
bool AsksServer(std::string_view sql) { return sql.find("postgres_query(") != std::string_view::npos; }

}  // namespace

Level::Level(Statement& statement, const DataObject& object, const BoundField& arguments, From from)
    : statement_(statement),
      arguments_(arguments),
      own_(statement),
      joined_(statement) {
  base_ = {&object, statement.Name("t"), true};
  if (from == From::kObject) {
    from_ = FromText(statement, object, &arguments) + " " + base_.alias;
  }
  AddCondition(VisibleSql(object, base_.alias, arguments.with_deleted));
  restricted_ = false;
}

std::string Level::Ref(const Scope& scope, const std::string& sql) { return (scope.is_base ? own_ : joined_).Add(sql); }

std::string Level::RefColumn(const Scope& scope, const Column& column) {
  return Ref(scope, ColumnValue(*scope.object, column, scope.alias).sql);
}

std::int64_t Level::MostRows() const {
  const std::int64_t all = object().estimated_rows;
  if (bound_ >= 0) return bound_;
  if (!limit_.empty() && !deferred_) return all < 0 ? limit_value_ : std::min(all, limit_value_);
  return restricted_ ? -1 : all;
}

bool Level::HandsOverTo(const DataObject& far) const {
  if (!statement_.allows_fetches() || arguments_.no_pushdown) return false;
  const std::int64_t most = MostRows();
  if (most < 0 || far.estimated_rows < 0) return restricted_;
  return most < far.estimated_rows && (restricted_ || most <= kMostKeys);
}

void Level::OfferKeys() {
  if (statement_.allows_fetches() && !arguments_.no_pushdown) statement_.OfferKeys(base_.alias, object());
}

bool Level::HasFewRows() const {
  constexpr std::int64_t kFew = 5000;
  if (bound_ >= 0) return bound_ <= kFew;
  return !limit_.empty() && !deferred_ && limit_value_ <= kFew;
}

// The far end of a forward relation with its alias: read by keys where that leaves out rows.
std::string Level::ForwardFrom(const Scope& scope, const BoundField& field, const Scope& target) {
  const Relation& relation = *field.binding->relation;
  const std::string rows = FromText(statement_, *relation.to, &field);
  std::string from = rows + " " + target.alias;
  const bool has_text = HandsOverTo(*relation.to) && !HasInner(field.children);
  std::optional<SourcePart> part = has_text ? SourcePart::Of(statement_, *relation.to, rows) : std::nullopt;
  if (!part) return from;
  std::vector<std::string> names;
  for (const Column* column : relation.from_columns) names.push_back(RefColumn(scope, *column));
  const std::vector<HandedKey> keys = HandedKeys(relation.to_columns, relation.from_columns, names);
  if (keys.empty()) return from;
  const bool is_one_key = relation.to_columns.size() == 1 && !keys[0].form.is_dated;
  const bool is_few = is_one_key && HasFewRows() && IsUniqueKey(*relation.to, relation.to_columns);
  const auto fetch = MakeFetch(scope, names, [=](const std::string& all) {
    return is_few ? GatherArraySql(keys[0], all) : GatherConditionSql(keys, all);
  });
  if (is_few) {
    part->SetArray(keys[0], *fetch);
  } else {
    part->AddKeys(*fetch);
  }
  std::string mark = "@" + target.alias + "@";
  forward_parts_.push_back({mark, target.alias, *std::move(part), is_few});
  return mark + " " + target.alias;
}

Level::Scope Level::JoinForward(const Scope& scope, const BoundField& field) {
  const Relation& relation = *field.binding->relation;
  if (IsLateral(relation)) return JoinLateral(scope, field);
  Scope target{relation.to, statement_.Name("t"), false};
  target.presence = ColumnValue(*relation.to, *relation.to_columns[0], target.alias).sql;
  std::vector<std::string> conditions;
  std::string keys;
  for (std::size_t i = 0; i < relation.from_columns.size(); ++i) {
    const std::string key = ColumnValue(*relation.to, *relation.to_columns[i], target.alias).sql;
    const std::string from = ColumnValue(*scope.object, *relation.from_columns[i], scope.alias).sql;
    conditions.push_back(key + " = " + (scope.is_base ? base_.alias + "_b." + Ref(scope, from) : from));
    keys.append(keys.empty() ? "" : ", ").append(key);
  }
  conditions.push_back(VisibleSql(*relation.to, target.alias, field.with_deleted));
  std::string from = ForwardFrom(scope, field, target);
  const std::string inner = InnerSql(statement_, field.children, target.alias);
  if (!inner.empty()) from = "(SELECT * FROM " + from + " WHERE " + inner + ") " + target.alias;
  if (!IsUniqueKey(*relation.to, relation.to_columns)) {
    // The schema does not say that the key is unique: one row is taken, so that parents never multiply.
    from = "(SELECT DISTINCT ON (" + keys + ") * FROM " + from + ") " + target.alias;
  }
  joins_.push_back("LEFT JOIN " + from + " ON " + JoinConditions(conditions, "AND"));
  return target;
}

Level::Scope Level::JoinLateral(const Scope& scope, const BoundField& field) {
  const Relation& relation = *field.binding->relation;
  const std::string alias = statement_.Name("t");
  const std::string here = statement_.Name("h");
  const NearSql near = [&](std::string_view path) {
    const std::string sql = PathValue(statement_, *scope.object, scope.alias, path).sql;
    return scope.is_base ? base_.alias + "_b." + Ref(scope, sql) : sql;
  };
  const std::string from = FarText(statement_, relation, &field, near);
  const std::string where =
      JoinConditions({TieSql(statement_, relation, alias, near), VisibleSql(*relation.to, alias, field.with_deleted),
                      InnerSql(statement_, field.children, alias)},
                     "AND");
  joins_.push_back("LEFT JOIN LATERAL (SELECT " + alias + ".*, true AS " + here + " FROM " + from + " " + alias +
                   (where.empty() ? "" : " WHERE " + where) + " LIMIT 1) " + alias + " ON true");
  return {relation.to, alias, false, alias + "." + here};
}

void Level::AddCondition(std::string condition) {
  if (condition.empty()) return;
  conditions_.push_back(std::move(condition));
  restricted_ = true;
}

void Level::ApplySimilarity() {
  const BoundValue* argument = arguments_.Argument("similarity");
  if (argument == nullptr || argument->IsNull()) return;
  const auto similarity = ReadSimilarity(statement_, object(), base_.alias, *argument);
  if (!similarity) return;
  nearest_ = Nearest{{own_.Add(similarity->rank.sql), false, similarity->rank},
                     {own_.Add(similarity->distance.sql), false, similarity->distance},
                     {}};
  if (similarity->limit) {
    nearest_->limit = " LIMIT " + std::to_string(*similarity->limit);
    if (bound_ < 0) bound_ = *similarity->limit;
  }
  restricted_ = true;
}

void Level::ApplyFilter() {
  ApplySimilarity();
  const BoundValue* filter = arguments_.Argument("filter");
  if (filter == nullptr) return;
  const auto is_relation = [this](const BoundMember& member) { return object().FindRelation(member.name) != nullptr; };
  if (statement_.OfferOf(base_.alias) == nullptr || std::ranges::none_of(filter->fields, is_relation)) {
    AddCondition(FilterSql(statement_, object(), base_.alias, *filter));
    return;
  }
  // One by one, so that those which ask other servers can be told apart.
  for (const BoundMember& member : filter->fields) {
    BoundValue one;
    one.kind = filter->kind;
    one.fields = {member};
    AddCondition(FilterSql(statement_, object(), base_.alias, one));
  }
}

void Level::ApplyInner(const std::vector<BoundField>& selection) {
  AddCondition(InnerSql(statement_, selection, base_.alias));
}

void Level::ApplyOrder(const BoundValue* order, const std::vector<BoundField>& selection, std::vector<SortKey>& keys) {
  if (order == nullptr) return;
  for (const OrderTerm& term : ReadOrder(statement_, *order)) {
    const Value value = OrderValue(statement_, object(), base_.alias, selection, term);
    if (!value.sql.empty()) keys.push_back({own_.Add(value.sql), term.descending, value});
  }
}

void Level::ApplyDistinct(const std::vector<BoundField>& selection) {
  const BoundValue* distinct = arguments_.Argument("distinct_on");
  if (distinct == nullptr || distinct->IsNull()) return;
  for (const BoundValue& item : distinct->items) {
    const Value value = OrderValue(statement_, object(), base_.alias, selection, {item.text, false, item.position});
    if (!value.sql.empty()) distinct_.push_back(own_.Add(value.sql));
  }
}

bool Level::CountsRows() const {
  return std::ranges::any_of(std::array{"limit", "offset", "distinct_on", "similarity"}, [this](const char* name) {
    const BoundValue* value = arguments_.Argument(name);
    // An offset of zero is the advertised default.
    return value != nullptr && !value->IsNull() && value->text != "0";
  });
}

void Level::ApplyArguments(const std::vector<BoundField>& selection) {
  ApplyFilter();
  ApplyDistinct(selection);
  ApplyOrder(arguments_.Argument("order_by"), selection, order_);
  if (order_.empty() && nearest_) order_.push_back(nearest_->distance);
  auto limit = CountArgument(statement_, arguments_, "limit");
  if (!limit && default_limit_ > 0) limit = default_limit_;
  if (limit) {
    limit_ = std::to_string(*limit);
    limit_value_ = *limit;
    restricted_ = true;
  }
  const auto offset = CountArgument(statement_, arguments_, "offset");
  if (offset && *offset > 0) {
    offset_ = std::to_string(*offset);
    restricted_ = true;
  }
  if (!distinct_.empty()) restricted_ = true;
}

void Level::ApplyNested(const std::vector<std::string>& keys, const std::vector<BoundField>& selection) {
  std::vector<SortKey> nested_order;
  ApplyOrder(arguments_.Argument("nested_order_by"), selection, nested_order);
  if (!nested_order.empty()) order_ = nested_order;
  const auto limit = CountArgument(statement_, arguments_, "nested_limit");
  const std::int64_t offset = CountArgument(statement_, arguments_, "nested_offset").value_or(0);
  if (!limit && offset == 0) return;
  nested_ = "row_number() OVER (PARTITION BY " + NameList(keys) + OrderClause(statement_, order_) + ")";
  nested_low_ = offset;
  if (limit) nested_high_ = offset + *limit;
}

std::string Level::limit_clause() const {
  std::string sql;
  if (!limit_.empty()) sql.append(" LIMIT ").append(limit_);
  if (!offset_.empty()) sql.append(" OFFSET ").append(offset_);
  return sql;
}

void Level::ApplyNestedToAll(const std::vector<BoundField>& selection) {
  ApplyNested({}, selection);
  if (nested_high_ >= 0) limit_ = std::to_string(nested_high_ - nested_low_);
  if (nested_low_ > 0) offset_ = std::to_string(nested_low_);
  nested_.clear();
}

std::optional<SourcePart> Level::PartOfRows() const {
  const std::string_view rows = from_;
  const std::string suffix = " " + base_.alias;
  if (!rows.ends_with(suffix)) return std::nullopt;
  return SourcePart::Of(statement_, object(), rows.substr(0, rows.size() - suffix.size()));
}

void Level::ReadPart(const std::vector<BoundField>& selection, bool limits) {
  if (!part_ && !arguments_.no_pushdown) part_ = PartOfRows();
  if (!part_) return;
  std::int64_t most = -1;
  if (limits && !limit_.empty() && !nearest_ && !deferred_ && !HasInner(selection)) {
    std::int64_t skipped = 0;
    std::from_chars(offset_.data(), offset_.data() + offset_.size(), skipped);
    most = limit_value_ + skipped;
  }
  part_->AddArguments(arguments_, selection, most);
  for (const int fetch : FetchFarKeys(statement_, object(), arguments_, selection)) part_->AddKeys(fetch);
}

void Level::ReadRow(const BoundField& keyed) {
  if (!part_ && !arguments_.no_pushdown) part_ = PartOfRows();
  if (part_) part_->AddArguments(keyed, {}, -1);
}

void Level::ReadKeys(int fetch) {
  if (!part_) part_ = PartOfRows();
  if (part_) part_->AddKeys(fetch);
}

std::optional<int> Level::MakeFetch(const Scope& scope, std::vector<std::string> names, Gather gather) {
  if (!statement_.allows_fetches()) return std::nullopt;
  const std::optional<std::size_t> joins = scope.is_base ? std::nullopt : std::optional(joins_.size());
  handovers_.push_back({statement_.ReserveFetch(), std::move(names), joins, std::move(gather)});
  return handovers_.back().fetch;
}

void Level::SetCalls(const std::string& where, Arrangement arrangement) const {
  // What a server answers can be no part of what it is asked with.
  std::string kept;
  for (const auto& [expression, name] : own_.entries()) {
    if (!AsksServer(expression)) {
      kept.append(kept.empty() ? "" : ", ").append(expression).append(" AS ").append(name);
      continue;
    }
    const auto orders = [&](const SortKey& key) { return key.sql == name; };
    if (std::ranges::any_of(arrangement.order, orders) || std::ranges::find(distinct_, name) != distinct_.end()) {
      arrangement = {};
    }
  }
  for (const Statement::Call& call : statement_.calls()) {
    if (call.alias != base_.alias) continue;
    std::string list = kept;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < call.columns.size(); ++i) {
      names.push_back(base_.alias + "_g" + std::to_string(i));
      list.append(list.empty() ? "" : ", ").append(call.columns[i]).append(" AS ").append(names.back());
    }
    const std::string from = BaseFrom(list + " " + where);
    const std::string rows =
        statement_.dialect().Arrange(statement_, list, where.empty() ? from : from + " WHERE " + where, arrangement);
    statement_.SetFetch(call.fetch, GatherArgumentsSql(names, rows));
  }
}

void Level::SetKeys() const {
  // What a server answers to the keys can be no part of where they come from.
  std::vector<std::string> kept;
  for (const std::string& condition : conditions_) {
    if (!AsksServer(condition)) kept.push_back(condition);
  }
  const std::string where = JoinConditions(kept, "AND");
  for (const Statement::Keys& keys : statement_.keys()) {
    if (keys.alias != base_.alias) continue;
    std::string list;
    for (std::size_t i = 0; i < keys.columns.size(); ++i) {
      list.append(list.empty() ? "" : ", ").append(keys.columns[i]).append(" AS ").append(keys.names[i]);
    }
    const std::string rows = "SELECT " + list + " FROM " + BaseFrom(list + " " + where);
    statement_.SetFetch(keys.fetch, keys.gather(where.empty() ? rows : rows + " WHERE " + where));
  }
}

std::string Level::BaseFrom(std::string_view used) const {
  if (!part_) return from_ + beside_;
  const std::string all = std::string(used) + beside_;
  return part_->FromSql(statement_, base_.alias, all) + " " + base_.alias + beside_;
}

std::string Level::BaseSql(bool ordered) const {
  Arrangement arrangement{distinct_, {}, {}};
  if (!deferred_) arrangement.limit = limit_clause();
  if (ordered || !arrangement.limit.empty() || !distinct_.empty()) arrangement.order = order_;
  const std::string where = JoinConditions(conditions_, "AND");
  const std::string list = own_.empty() ? "1 AS " + base_.alias + "_one" : own_.SelectList();
  const std::string from = BaseFrom(list + " " + where);
  const std::string rows = where.empty() ? from : from + " WHERE " + where;
  std::string sql = nearest_ ? NearestSql(list, rows, arrangement)
                             : statement_.dialect().Arrange(statement_, list, rows, arrangement);
  for (const Handover& handover : handovers_) {
    if (!handover.joins) statement_.SetFetch(handover.fetch, handover.gather(sql));
  }
  SetCalls(where, nearest_ ? Arrangement() : arrangement);
  SetKeys();
  return sql;
}

std::string Level::NearestSql(const std::string& list, const std::string& rows, const Arrangement& arrangement) const {
  const Dialect& dialect = statement_.dialect();
  const std::string nearest = dialect.Arrange(statement_, list, rows, {{}, {nearest_->rank}, nearest_->limit});
  // Rows without a distance come last, so that leaving them out now leaves enough of the others.
  const std::string found = dialect.Subquery(statement_, nearest) + " WHERE " + nearest_->distance.sql + " IS NOT NULL";
  return dialect.Arrange(statement_, "*", found, arrangement);
}

std::optional<int> Level::ColumnOf(std::string_view name) const {
  for (std::size_t i = 0; i < own_.entries().size(); ++i) {
    if (own_.entries()[i].second == name) return static_cast<int>(i);
  }
  return std::nullopt;
}

std::string Level::FlatSql() const { return BaseSql(true); }

std::string Level::Sql() const {
  std::string sql = BaseSql(false);
  if (!nested_.empty()) {
    sql = statement_.dialect().KeepNumbered(statement_, sql, nested_, nested_low_, nested_high_);
  }
  if (joins_.empty()) return sql;
  std::string list = base_.alias + "_b.*";
  if (!joined_.empty()) list.append(", ").append(joined_.SelectList());
  const std::string from = "(" + sql + ") " + base_.alias + "_b";
  return "SELECT " + list + " FROM " + from + JoinedText(from, list);
}

std::string Level::JoinedText(const std::string& base, const std::string& list) const {
  std::string used = list;
  for (const std::string& join : joins_) used.append(" ").append(join);
  std::vector<std::string> joins = joins_;
  for (const ForwardPart& forward : forward_parts_) {
    std::optional<std::string> from;
    if (forward.is_few) from = forward.part.FetchedSql(statement_, forward.alias, used);
    if (!from) from = forward.part.FromSql(statement_, forward.alias, used);
    for (std::string& join : joins) {
      const std::size_t at = join.find(forward.mark);
      if (at != std::string::npos) join.replace(at, forward.mark.size(), *from);
    }
  }
  std::string text;
  for (std::size_t i = 0; i <= joins.size(); ++i) {
    for (const Handover& handover : handovers_) {
      if (handover.joins != i) continue;
      std::string names;
      for (const auto& [expression, name] : joined_.entries()) {
        if (std::ranges::find(handover.names, name) == handover.names.end()) continue;
        names.append(names.empty() ? "" : ", ").append(expression).append(" AS ").append(name);
      }
      statement_.SetFetch(handover.fetch, handover.gather("SELECT " + names + " FROM " + base + text));
    }
    if (i < joins.size()) text.append(" ").append(joins[i]);
  }
  return text;
}

}  // namespace eider::planner
