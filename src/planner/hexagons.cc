#include "planner/hexagons.h"

#include <charconv>
#include <deque>
#include <map>
#include <span>

#include "base/text.h"
#include "planner/access.h"
#include "planner/aggregate.h"
#include "planner/bucket.h"
#include "planner/dialect.h"
#include "planner/filter.h"
#include "planner/geometry.h"
#include "planner/outputs.h"
#include "planner/rows.h"

namespace eider::planner {

using catalog::Column;
using catalog::FieldKind;
using catalog::ScalarKind;
using columnar::JsonForm;
using columnar::Shape;

namespace {

// The columns that a member's rows have besides their own, one row for each cell of the geometry.
constexpr std::string_view kCell = "eider_cell";
constexpr std::string_view kShare = "eider_share";

// One member below `data`.
struct Member {
  std::string alias;  // Of its query, which has one row per cell.
  std::string key;    // The column that holds the cell.
  bool inner = false;
  // Of a bucket aggregation: the query of its groups, one row each, with the cell under `key`; else empty.
  std::string groups;
  Shape group_shape;
  std::vector<std::string> group_columns;
};

const BoundValue* Given(const BoundField& field, std::string_view name) {
  const BoundValue* value = field.Argument(name);
  return value == nullptr || value->IsNull() ? nullptr : value;
}

bool IsTrue(const BoundField& field, std::string_view name) {
  const BoundValue* value = Given(field, name);
  return value != nullptr && value->IsTrue();
}

int IntegerOf(const BoundValue* value, int otherwise) {
  if (value == nullptr) return otherwise;
  int number = otherwise;
  std::from_chars(value->text.data(), value->text.data() + value->text.size(), number);
  return number;
}

const Shape* FindMember(const Shape& object, std::string_view key) {
  for (const Shape& member : object.members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

// The value that a path of response names leads to inside an object.
const Shape* FindValue(const Shape& object, std::span<const std::string_view> path) {
  const Shape* at = &object;
  for (const std::string_view key : path) {
    if (at->form != JsonForm::kObject) return nullptr;
    at = FindMember(*at, key);
    if (at == nullptr) return nullptr;
  }
  return at->form == JsonForm::kObject || at->form == JsonForm::kList ? nullptr : at;
}

class HexagonCompiler {
 public:
  HexagonCompiler(Statement& statement, const BoundField& root)
      : statement_(statement),
        root_(root),
        cells_(statement.Name("c")),
        shape_(FlatObject("")) {}

  void Compile(Plan& plan) {
    resolution_ = IntegerOf(Given(root_, "resolution"), 0);
    if (resolution_ < 1 || resolution_ > 15) {
      statement_.Fail(root_.position, "H3 query 'resolution' argument must be an integer between 1 and 15");
      return;
    }
    // Distributions refer to values below `data`, wherever it stands.
    for (const BoundField& field : root_.children) {
      if (!field.IsTypename() && field.binding->kind == FieldKind::kHexagonData) AddData(field);
    }
    if (statement_.error()) return;
    for (const BoundField& field : root_.children) AddField(field);
    plan.shape = std::move(shape_);
    plan.form = ResultForm::kRows;
    plan.sql = Sql();
  }

 private:
  void AddField(const BoundField& field) {
    if (field.IsTypename()) {
      shape_.members.push_back(TypenameShape(field));
      return;
    }
    const std::string cell = cells_ + ".cell";
    switch (field.binding->kind) {
      case FieldKind::kHexagonCell: AddScalar(field, "format('{:x}', " + cell + ")", ScalarKind::kH3Cell); break;
      case FieldKind::kHexagonResolution: AddScalar(field, std::to_string(resolution_), ScalarKind::kInt); break;
      case FieldKind::kHexagonOutline:
        AddScalar(field, "eider_h3_boundary(" + cell + ")", ScalarKind::kGeometry);
        break;
      case FieldKind::kHexagonData: shape_.members.push_back(data_.at(field.response_name)); break;
      case FieldKind::kHexagonDistribution: AddDistribution(field); break;
      case FieldKind::kHexagonGroupDistribution: AddGroupDistribution(field); break;
      default: statement_.Fail(field.position, "field \"" + field.response_name + "\" cannot be selected here");
    }
  }

  void AddScalar(const BoundField& field, const std::string& sql, ScalarKind kind) {
    Value value{sql, kind};
    value.is_native = true;
    shape_.members.push_back(ScalarShape(value, outputs_.Add(sql)));
    shape_.members.back().key = field.response_name;
  }

  void AddData(const BoundField& data) {
    Shape object = FlatObject(data.response_name);
    for (const BoundField& field : data.children) {
      if (field.IsTypename()) {
        object.members.push_back(TypenameShape(field));
        continue;
      }
      Level level(statement_, *field.binding->object, field);
      const std::string key = SetCells(level, field);
      if (statement_.error()) return;
      switch (field.binding->kind) {
        case FieldKind::kRelation: AddRows(level, key, field, object); break;
        case FieldKind::kRelationAggregate: AddAggregates(level, key, field, object); break;
        default: AddGroups(level, key, field, object);
      }
      members_.back().inner = IsTrue(field, "inner");
      paths_[data.response_name + "." + field.response_name] = members_.size() - 1;
    }
    data_[data.response_name] = std::move(object);
  }

  // Makes the level read its object once per cell of the geometry; returns the name of the cell's column.
  std::string SetCells(Level& level, const BoundField& field) {
    const catalog::DataObject& object = *field.binding->object;
    const BoundValue* name = Given(field, "field");
    const Column* column = name == nullptr ? nullptr : object.FindColumn(name->text);
    if (column == nullptr || column->kind != ScalarKind::kGeometry || column->is_list) {
      statement_.Fail(field.position, "field \"" + (name == nullptr ? std::string() : name->text) + "\" of " +
                                          object.name + " is no geometry");
      return {};
    }
    CheckFieldAllowed(statement_, object.name, column->name);
    const std::string row = statement_.Name("s");
    Value value = NativeGeometry(statement_, ColumnValue(object, *column, row));
    const int from = IntegerOf(Given(field, "transform_from"), value.srid);
    value.sql = InDegrees(statement_, value.sql, from);
    if (const BoundValue* buffer = Given(field, "buffer")) value.sql = Widened(value.sql, buffer->text, kDegreesSrid);
    const std::string cells = "eider_h3_cells(" + AsWkb(statement_, value.sql) + ", " + std::to_string(resolution_) +
                              ", " + (IsTrue(field, "simplify") ? "true" : "false") + ")";
    const std::string table = FromText(statement_, object, &field) + " " + row;
    level.SetFrom("(SELECT *, unnest(eider_cells) AS " + std::string(kCell) +
                  ", CAST(1 AS DOUBLE) / len(eider_cells) AS " + std::string(kShare) + " FROM (SELECT " + row + ".*, " +
                  cells + " AS eider_cells FROM " + table + ")) " + level.base().alias);
    if (IsTrue(field, "divide_values")) {
      level.SetWeight(level.Ref(level.base(), level.base().alias + "." + std::string(kShare)));
    }
    return level.Ref(level.base(), level.base().alias + "." + std::string(kCell));
  }

  void AddRows(Level& level, const std::string& key, const BoundField& field, Shape& object) {
    level.ApplyArguments(field.children);
    level.ApplyInner(field.children);
    level.ApplyNested({key}, field.children);
    Selection rows(level);
    Shape element;
    element.form = JsonForm::kObject;
    rows.AddMembers(level.base(), field.children, element.members);
    const std::string from = rows.FromSql();
    AddGathered(key, field, rows.outputs().columns(), level.order(), from, std::move(element), object);
  }

  void AddAggregates(Level& level, const std::string& key, const BoundField& field, Shape& object) {
    level.ApplyArguments({});
    level.ApplyInner(field.children);
    level.ApplyNested({key}, {});
    Aggregation aggregation(level, {key});
    Shape aggregates = FlatObject(field.response_name);
    aggregation.AddMembers(level.base(), field.children, {}, aggregates.members);
    const Member& member = AddMember(key, aggregation.Sql());
    std::vector<int> map;
    for (std::size_t i = 0; i < aggregation.output_count(); ++i) {
      map.push_back(outputs_.Add(member.alias + ".a" + std::to_string(i)));
    }
    RemapColumns(aggregates, map);
    aggregates.presence = outputs_.Add(member.alias + "." + key);
    object.members.push_back(std::move(aggregates));
  }

  void AddGroups(Level& level, const std::string& key, const BoundField& field, Shape& object) {
    level.ApplyFilter();
    level.ApplyInner(field.children);
    BucketQuery buckets(level, field, {key});
    const std::string groups = statement_.Name("g");
    const std::string sql = buckets.Sql();
    statement_.SetCte(statement_.ReserveCte(groups), sql, true);
    Shape element = buckets.shape();
    AddGathered(key, field, buckets.outputs().columns(), buckets.order(), groups, buckets.shape(), object);
    Member& member = members_.back();
    member.groups = groups;
    member.group_shape = std::move(element);
    member.group_columns = buckets.outputs().columns();
  }

  // A member that is a list per cell.
  void AddGathered(const std::string& key, const BoundField& field, const std::vector<std::string>& columns,
                   const std::vector<SortKey>& order, const std::string& from, Shape element, Shape& object) {
    const Dialect& dialect = statement_.dialect();
    const std::string gathered = dialect.Gather(dialect.PackRow(columns), OrderClause(statement_, order));
    const Member& member =
        AddMember(key, "SELECT " + key + ", " + gathered + " AS v FROM " + from + " GROUP BY " + key);
    Shape list;
    list.key = field.response_name;
    list.form = JsonForm::kList;
    list.members.push_back(std::move(element));
    list.column = outputs_.Add(member.alias + ".v");
    object.members.push_back(std::move(list));
  }

  const Member& AddMember(const std::string& key, const std::string& sql) {
    Member& member = members_.emplace_back();
    member.alias = statement_.Name("r");
    member.key = key;
    statement_.SetCte(statement_.ReserveCte(member.alias), sql, true);
    return member;
  }

  // The number at a path such as data.districts_aggregation.people.sum, as an expression over the members.
  std::string NumberAt(const BoundField& field, std::string_view argument) {
    const BoundValue* path = Given(field, argument);
    const std::vector<std::string_view> parts = SplitText(path == nullptr ? std::string_view() : path->text, '.');
    const auto data = parts.empty() ? data_.end() : data_.find(parts[0]);
    const Shape* value = data == data_.end() ? nullptr : FindValue(data->second, std::span(parts).subspan(1));
    if (value != nullptr && value->column >= 0) {
      return "TRY_CAST(" + outputs_.columns()[static_cast<std::size_t>(value->column)] + " AS DOUBLE)";
    }
    FailAt(field, argument, path);
    return "NULL";
  }

  void FailAt(const BoundField& field, std::string_view argument, const BoundValue* path) {
    statement_.Fail(field.position, "\"" + std::string(argument) + "\" names no selected value: " +
                                        (path == nullptr ? std::string() : path->text));
  }

  void AddNumber(const BoundField& field, const std::string& sql, ScalarKind kind, OutputList& outputs, Shape& object) {
    object.members.push_back(ScalarShape({sql, kind}, outputs.Add(sql)));
    object.members.back().key = field.response_name;
  }

  struct Terms {
    std::string numerator, denominator, total, numerator_key, denominator_key;
  };

  // The members of a distribution from its terms.
  Shape DistributionShape(const BoundField& field, const Terms& terms, OutputList& outputs) {
    Shape object = FlatObject(field.response_name);
    const std::string ratio = "(" + terms.denominator + " / nullif(" + terms.total + ", 0))";
    for (const BoundField& child : field.children) {
      if (child.IsTypename()) {
        object.members.push_back(TypenameShape(child));
        continue;
      }
      const std::string_view name = child.def->name;
      ScalarKind kind = ScalarKind::kFloat;
      std::string sql = terms.numerator;
      if (name == "denominator") sql = terms.denominator;
      if (name == "denominator_total") sql = terms.total;
      if (name == "ratio") sql = ratio;
      if (name == "value") sql = "(" + terms.numerator + " * " + ratio + ")";
      if (name.ends_with("_key")) {
        sql = name == "numerator_key" ? terms.numerator_key : terms.denominator_key;
        kind = ScalarKind::kString;
      }
      AddNumber(child, sql, kind, outputs, object);
    }
    return object;
  }

  // The total counts the cells in which the numerator's object lies.
  void AddDistribution(const BoundField& field) {
    Terms terms;
    terms.numerator = NumberAt(field, "numerator");
    terms.denominator = "coalesce(" + NumberAt(field, "denominator") + ", 0)";
    terms.total = "sum(CASE WHEN " + terms.numerator + " IS NOT NULL THEN " + terms.denominator + " END) OVER ()";
    Shape object = DistributionShape(field, terms, outputs_);
    object.presence = outputs_.Add(terms.numerator);
    shape_.members.push_back(std::move(object));
  }

  // The member and the column of its groups that a path such as data.houses_bucket_aggregation.key.kind names.
  std::pair<const Member*, std::string> GroupColumn(const BoundField& field, std::string_view argument) {
    const BoundValue* path = Given(field, argument);
    const std::vector<std::string_view> parts = SplitText(path == nullptr ? std::string_view() : path->text, '.');
    if (parts.size() > 2) {
      const auto found = paths_.find(std::string(parts[0]) + "." + std::string(parts[1]));
      if (found != paths_.end() && !members_[found->second].groups.empty()) {
        const Member& member = members_[found->second];
        const Shape* value = FindValue(member.group_shape, std::span(parts).subspan(2));
        if (value != nullptr && value->column >= 0) {
          return {&member, member.group_columns[static_cast<std::size_t>(value->column)]};
        }
      }
    }
    FailAt(field, argument, path);
    return {nullptr, {}};
  }

  void AddGroupDistribution(const BoundField& field) {
    const auto [of, numerator] = GroupColumn(field, "numerator");
    const auto [of_key, numerator_key] = GroupColumn(field, "numerator_key");
    const auto [by, denominator] = GroupColumn(field, "denominator");
    const auto [by_key, denominator_key] = GroupColumn(field, "denominator_key");
    if (statement_.error()) return;
    if (of != of_key || by != by_key) {
      statement_.Fail(field.position, "a key and its value must be of one bucket aggregation");
      return;
    }
    // Every group of the one with every group of the other in the same cell.
    const std::string pairs =
        "SELECT n." + of->key + " AS cell, CAST(n." + numerator_key + " AS VARCHAR) AS nk, CAST(d." + denominator_key +
        " AS VARCHAR) AS dk, TRY_CAST(n." + numerator + " AS DOUBLE) AS num, coalesce(TRY_CAST(d." + denominator +
        " AS DOUBLE), 0) AS den, sum(coalesce(TRY_CAST(d." + denominator + " AS DOUBLE), 0)) OVER (PARTITION BY n." +
        numerator_key + ", d." + denominator_key + ") AS total FROM " + of->groups + " n JOIN " + by->groups +
        " d ON n." + of->key + " = d." + by->key;
    OutputList columns;
    Shape element = DistributionShape(field, {"num", "den", "total", "nk", "dk"}, columns);
    element.key.clear();
    const Dialect& dialect = statement_.dialect();
    const std::string alias = statement_.Name("d");
    statement_.SetCte(statement_.ReserveCte(alias),
                      "SELECT cell, " + dialect.Gather(dialect.PackRow(columns.columns()), " ORDER BY nk, dk") +
                          " AS v FROM (" + pairs + ") GROUP BY cell",
                      true);
    joins_.append(" LEFT JOIN ").append(alias).append(" ON ").append(alias).append(".cell = ").append(cells_);
    joins_.append(".cell");
    Shape list;
    list.key = field.response_name;
    list.form = JsonForm::kList;
    list.members.push_back(std::move(element));
    list.column = outputs_.Add(alias + ".v");
    shape_.members.push_back(std::move(list));
  }

  std::string Sql() {
    std::string cells;
    std::string joins;
    std::vector<std::string> conditions;
    for (const Member& member : members_) {
      cells.append(cells.empty() ? "" : " UNION ").append("SELECT ").append(member.key).append(" AS cell FROM ");
      cells.append(member.alias);
      const std::string key = member.alias + "." + member.key;
      joins.append(" LEFT JOIN ").append(member.alias).append(" ON ").append(key).append(" = ").append(cells_);
      joins.append(".cell");
      if (member.inner) conditions.push_back(key + " IS NOT NULL");
    }
    if (cells.empty()) cells = "SELECT CAST(0 AS UBIGINT) AS cell WHERE false";
    const std::string list = NameList(outputs_.columns());
    std::string sql = statement_.WithClause() + "SELECT " + (list.empty() ? "true" : list) + " FROM (" + cells + ") " +
                      cells_ + joins + joins_;
    if (!conditions.empty()) sql.append(" WHERE ").append(JoinConditions(conditions, "AND"));
    return sql + " ORDER BY " + cells_ + ".cell";
  }

  Statement& statement_;
  const BoundField& root_;
  const std::string cells_;
  int resolution_ = 0;
  Shape shape_;
  OutputList outputs_;
  std::deque<Member> members_;
  std::map<std::string, std::size_t, std::less<>> paths_;  // Members by "data.name".
  std::map<std::string, Shape, std::less<>> data_;         // By response name.
  std::string joins_;
};

}  // namespace

void CompileHexagons(Statement& statement, const BoundField& root, Plan& plan) {
  HexagonCompiler(statement, root).Compile(plan);
}

}  // namespace eider::planner
