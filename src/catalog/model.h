#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cache/rule.h"
#include "graphql/schema.h"

// The logical model that the compiled SDL of all sources gives: what the planner reads. Immutable once a Snapshot is
// published; every pointer lives as long as its Snapshot.
namespace eider::catalog {

struct DataObject;
struct StructType;
struct EnumType;
struct InputType;
struct Function;
struct FunctionCall;
struct Source;

enum class ScalarKind {
  kString,
  kInt,
  kBigInt,
  kFloat,
  kBoolean,
  kDate,
  kTime,
  kTimestamp,
  kDateTime,
  kInterval,
  kJson,
  kGeometry,
  kIntRange,
  kBigIntRange,
  kTimestampRange,
  kVector,
  kH3Cell,
  kEnum,
  kId,
  kStruct,
};

// How a structural column is stored, which decides how its members are reached.
enum class StructStorage { kStruct, kJson };

// How a column of the core database is protected (cluster/core_secrets.h): a text with secrets in it, or the hash of a
// key.
enum class SecretKind { kNone, kText, kKey };

// One stored or computed column of a data object, or one member of a structural type.
struct Column {
  std::string name;    // GraphQL field name.
  std::string column;  // Column name (or JSON key) in the source; equals `name` unless @field_source.
  ScalarKind kind = ScalarKind::kString;
  const StructType* structure = nullptr;           // kStruct only.
  const EnumType* enumeration = nullptr;           // kEnum only.
  StructStorage storage = StructStorage::kStruct;  // kStruct only; also for lists of structures.
  bool is_list = false;
  bool non_null = false;
  bool item_non_null = false;  // Of a list: `[String!]`.
  bool is_pk = false;
  bool no_pushdown = false;
  int srid = 0;                       // kGeometry only: of @geometry_info or the stored type; 0 = not known.
  int dim = 0;                        // kVector only: of @dim or the stored type; 0 = not known.
  bool matches_intersecting = false;  // @unique_rule(rule: INTERSECTS): a look-up by this key takes what it touches.
  std::string sql;                    // @sql expression with [column] placeholders; empty = stored.
  std::string sql_type;  // The source's type as its engine prints it ("TIMESTAMP WITH TIME ZONE"); empty = unknown.
  // @default
  std::string default_value;
  std::string default_sequence;
  std::string insert_exp;
  std::string update_exp;
  bool has_default_value = false;
  bool filled_by_database = false;  // @default without arguments: left out of an insert, the database gives a value.
  bool is_generated = false;        // The database computes it: never written.
  // What only the generated schema needs.
  std::string description;
  std::optional<std::string> deprecation;
  std::vector<std::string> excluded_operators;  // @exclude_filter; "*" = no filter member at all.
  bool filter_required = false;
  bool mcp_exclude = false;
  SecretKind secret = SecretKind::kNone;
  bool is_measurement = false;    // @measurement: of a cube; selected with a function it is aggregated.
  bool is_timescale_key = false;  // @timescale_key: of a hypertable.
};

// A structural (non-table) object type.
struct StructType {
  std::string name;  // Compiled name.
  std::string description;
  std::vector<Column> members;
  std::unordered_map<std::string_view, const Column*> by_name;
  const Column* Find(std::string_view field) const {
    const auto it = by_name.find(field);
    return it == by_name.end() ? nullptr : it->second;
  }
};

struct EnumType {
  struct Value {
    std::string name;
    std::string description;
  };
  std::string name;  // Compiled name.
  std::string description;
  std::vector<Value> values;
};

// An input type of a source, such as the arguments of a parameterised view.
struct InputType {
  // The same describes an argument of a function.
  struct Member {
    std::string name;
    ScalarKind kind = ScalarKind::kString;  // kJson for a nested input object.
    bool is_list = false;
    bool non_null = false;
    std::string default_text;                       // The default as a GraphQL literal; empty = none.
    const graphql::Value* default_value = nullptr;  // The same as a value.
    std::string description;
    const graphql::TypeNode* type = nullptr;
    std::string type_name;    // Compiled name of the type inside `type`.
    std::string passed_as;    // @named: the parameter's name in the call; empty = by position.
    std::string placeholder;  // @arg_default: "$auth.user_id"; clients do not see the member.

    // Whether a client must give a value.
    bool IsRequired() const { return non_null && default_value == nullptr && placeholder.empty(); }
  };
  std::string name;  // Compiled name.
  std::string description;
  std::vector<Member> members;

  // Whether clients see any member.
  bool IsVisible() const {
    return std::any_of(members.begin(), members.end(), [](const Member& member) { return member.placeholder.empty(); });
  }
};

// How rows are tied by place (10.7).
enum class SpatialKind { kIntersects, kWithin, kContains, kDisjoint, kDistance };

struct SpatialTie {
  SpatialKind kind = SpatialKind::kIntersects;  // The near end's geometry to the far end's.
  const Column* from = nullptr;
  const Column* to = nullptr;
  int buffer = 0;  // Metres by which the near end's geometry is widened; the distance of kDistance.
};

enum class RelationKind { kForward, kBack, kManyToMany, kJoin };

// A way from one object's rows to another's, as seen from the object that owns it.
struct Relation {
  std::string name;   // Relation name (10.1), such as lib_authors_author_id.
  std::string field;  // Response field on the owning object.
  RelationKind kind = RelationKind::kForward;
  const DataObject* from = nullptr;
  const DataObject* to = nullptr;
  bool single = false;  // One object instead of a list.
  // Equality pairs, by position. For kManyToMany: `from_columns` = `junction_from`, `junction_to` = `to_columns`.
  std::vector<const Column*> from_columns;
  std::vector<const Column*> to_columns;
  const DataObject* junction = nullptr;
  std::vector<const Column*> junction_from;
  std::vector<const Column*> junction_to;
  std::optional<SpatialTie> place;  // Of _spatial.
  std::string join_sql;             // @join(sql:) with [source.f] and [dest.f]; empty otherwise.
  bool in_filters = true;           // False for @join and for parameterised views.
  // The rows are what this function answers for the row of `from`; null for all others.
  const FunctionCall* call = nullptr;
  const Source* extension = nullptr;  // The extension source that added it; null = declared by the source itself.
  std::string description;
};

// What a definition says about keeping results (@cache, @no_cache).
struct Caching {
  std::optional<cache::Rule> rule;  // Nothing = only kept when the request asks for it.
  bool never = false;               // Two equal calls may give different results.
};

// A function that a source declares (12.1). Its result is `result`, or rows of `rows`.
struct Function {
  std::string name;
  std::string module;  // Full module path, dots; empty = root.
  std::string description;
  const Source* source = nullptr;
  bool is_mutation = false;
  std::string call_name;  // SQL name of what is called, qualified when the source has it.
  std::string sql;        // Expression with [arg] instead of a plain call; empty = none.
  bool skip_null_arguments = false;
  bool is_table = false;             // Called in FROM.
  bool json_cast = false;            // The result is JSON to be converted.
  Column result;                     // Declared type; `kind` is kStruct for objects.
  const DataObject* rows = nullptr;  // Of an object result; its columns are the members.
  std::vector<InputType::Member> arguments;
  Caching caching;

  const InputType::Member* FindArgument(std::string_view argument) const {
    for (const InputType::Member& known : arguments) {
      if (known.name == argument) return &known;
    }
    return nullptr;
  }
};

// A field whose value is what a function answers for the row (12.4, 12.5).
struct FunctionCall {
  std::string field;
  std::string description;
  const Function* function = nullptr;
  // By position of the function's arguments: the column that gives the value, or null.
  std::vector<const Column*> mapped;
  std::vector<InputType::Member> declared;  // Arguments of the field itself.
  const Source* extension = nullptr;        // As of a relation.
};

struct UniqueKey {
  std::string suffix;  // Query suffix; empty = no query.
  std::vector<const Column*> columns;
};

enum class ObjectKind { kTable, kView };

// A table or view that can be queried.
struct DataObject {
  std::string name;           // Compiled type name: lib_books.
  std::string declared_name;  // As in the SDL: books.
  std::string field;          // Root field name: books (as_module) or lib_books.
  std::string description;
  const Source* source = nullptr;
  ObjectKind kind = ObjectKind::kTable;
  std::string module;               // Full module path, dots; empty = root.
  std::string table;                // @table/@view name as written: "books" or "schema.books".
  std::string view_sql;             // @view(sql:) text; empty = read `table`.
  std::string relation_sql;         // What stands in FROM: "lib"."main"."books". Empty for views with sql.
  std::string args_type;            // Compiled input type of a parameterised view; empty = none.
  const InputType* args = nullptr;  // The same, with its members.
  bool args_required = false;
  bool no_pushdown = false;  // Statements over it run in the engine, whatever the source is.
  bool is_m2m = false;
  bool is_cube = false;  // A select groups by what is selected without a function.
  bool is_hypertable = false;
  bool read_only = false;
  std::string stream;  // Field of subscriptions that gives rows as they are added, by ascending key; empty = none.
  bool forbids_writes = false;  // Fields that change its rows are in the schema and answer "forbidden" to everybody.
  Caching caching;
  bool soft_delete = false;
  std::string soft_delete_cond;
  std::string soft_delete_set;
  std::int64_t estimated_rows = -1;  // As the database guessed when the source was loaded; -1 = not known.
  std::deque<Column> columns;        // Declaration order; includes @sql columns.
  std::deque<Relation> relations;    // Forward, back, many-to-many, @join, calls that answer rows.
  std::deque<FunctionCall> calls;    // Of functions with a scalar result, and those that `relations` point at.
  // Rows of a structural type that some function answers: nothing is stored, and it is in no snapshot's list.
  const StructType* structure = nullptr;
  std::vector<const Column*> primary_key;
  std::vector<UniqueKey> unique_keys;
  std::unordered_map<std::string_view, const Column*> columns_by_name;
  std::unordered_map<std::string_view, const Relation*> relations_by_field;

  const Column* FindColumn(std::string_view field_name) const {
    const auto it = columns_by_name.find(field_name);
    return it == columns_by_name.end() ? nullptr : it->second;
  }
  const Relation* FindRelation(std::string_view field_name) const {
    const auto it = relations_by_field.find(field_name);
    return it == relations_by_field.end() ? nullptr : it->second;
  }
};

// How rows of the past are read.
enum class TimeTravel {
  kNone,
  kAtClause,  // books AT (VERSION => 3)
  kMacro,     // "books at version"(3)
};

// How a row is inserted or, where its key exists, changed.
enum class Upserts {
  kOnConflict,  // INSERT … ON CONFLICT.
  kMerge,       // MERGE INTO.
  kByKey,       // Looked up first, then inserted or changed.
};

// What statements on a source can do; the defaults are DuckDB's.
struct SourceTraits {
  bool returning = true;      // INSERT … RETURNING.
  bool empty_inserts = true;  // INSERT … DEFAULT VALUES.
  bool changes_by_key =
      false;  // UPDATE and DELETE only know conditions on the key, and count rows that did not change.
  TimeTravel time_travel = TimeTravel::kNone;
  Upserts upserts = Upserts::kOnConflict;
};

// A source as the schema knows it.
struct Source {
  std::string name;
  std::string type;
  std::string prefix;
  std::string catalog;  // Name under which the engine has it attached; the source's name as a rule.
  std::string default_schema = "main";
  std::string engine_refusal;  // Why the engine cannot read it, and what to do; empty = it can.
  std::string description;
  bool as_module = false;
  bool read_only = false;
  bool internal = false;   // The core database.
  std::string generation;  // Differs between any two states of the source that answer differently; empty = one state.
  SourceTraits traits;

  // Whether it only adds to other sources (14.1).
  bool IsExtension() const { return type == kExtensionType; }
  static constexpr std::string_view kExtensionType = "extension";
};

// What a field of the generated schema does; the planner dispatches on this.
enum class FieldKind {
  kModule,  // Wrapper object of a module; also Query.function / Mutation.function and their modules.
  kSelect,
  kSelectByPk,
  kSelectUnique,
  kAggregate,
  kBucketAggregate,  // Root query fields of `object`.
  kInsert,
  kUpdate,
  kDelete,
  kInsertMany,
  kUpsert,
  kUpsertMany,  // Root mutation fields of `object`.
  kFunction,
  kMutationFunction,  // Built-in: `function_name` has a handler.
  kJq,                // The query root again, passed through a jq program.
  kLogical,           // The logical schema as data; `function_name` is the field's name.
  kSourceFunction,
  kSourceFunctionAggregate,
  kSourceFunctionBucketAggregate,  // Root fields of `function`, a query function.
  kSourceMutationFunction,
  kColumn,          // `column` of an object or of a structural type.
  kTimePart,        // _f_part of `column`.
  kMeasurement,     // _g_measurement or _v_distance of `column`.
  kFunctionCall,    // `call` with a scalar result.
  kDynamicJoin,     // _join: an object of relations that the request ties by `fields`.
  kDynamicSpatial,  // _spatial: likewise, tied by geometries.
  // Query.h3 and the fields of its rows. Below `data` stand relation fields without a relation.
  kHexagons,
  kHexagonCell,
  kHexagonResolution,
  kHexagonOutline,
  kHexagonData,
  kHexagonDistribution,
  kHexagonGroupDistribution,
  kStream,  // A field of subscriptions: rows of `object` as they are added.
  kRelation,
  kRelationAggregate,
  kRelationBucketAggregate,  // `relation` of an object type; below _join null until the request gives one.
  // Members of aggregation types:
  kRowsCount,             // _rows_count
  kAggregateColumn,       // A column's aggregation object (for structural columns: member-wise).
  kAggregateTimePart,     // _f_part inside an aggregation type.
  kAggregateMeasurement,  // The same inside an aggregation type.
  kAggregateCall,         // A function call's aggregation object.
  kAggregateFunction,     // sum, avg … on the value above; see `function_name`.
  kAggregateRelation,     // `books` inside an aggregation: over all related rows.
  kSubAggregate,          // `books_aggregation` inside an aggregation: aggregate of per-parent aggregates.
  kBucketKey,
  kBucketAggregations,
};

// Whether a field holds relations that the request makes up: _join, _spatial.
inline bool IsDynamic(FieldKind kind) { return kind == FieldKind::kDynamicJoin || kind == FieldKind::kDynamicSpatial; }

// The annotation of every generated object field. `object` is the data object that the *result* rows come from.
struct FieldBinding final : graphql::Annotation {
  FieldKind kind = FieldKind::kModule;
  const DataObject* object = nullptr;
  const Column* column = nullptr;
  const Relation* relation = nullptr;
  const UniqueKey* unique = nullptr;
  const Function* function = nullptr;
  const FunctionCall* call = nullptr;
  std::string function_name;  // kFunction: full path "core.load_data_source". kAggregateFunction: "sum", "count" …
};

// The annotation of every generated object type that stands for a table, view or structural type.
struct TypeBinding final : graphql::Annotation {
  const DataObject* object = nullptr;
  const StructType* structure = nullptr;
};

inline const FieldBinding* BindingOf(const graphql::Field& field) {
  return static_cast<const FieldBinding*>(field.annotation);
}

// One published state of the whole schema. Immutable, shared; owns everything that the model points at.
struct Snapshot {
  std::uint64_t version = 0;
  std::shared_ptr<const graphql::Schema> schema;
  std::vector<const DataObject*> objects;
  std::unordered_map<std::string_view, const DataObject*> objects_by_name;
  std::vector<const Function*> functions;
  std::vector<const Source*> sources;
  std::vector<std::shared_ptr<const void>> owned;  // Keeps sources, objects and annotations alive.
  // By extension, the problems of its parts that fit no longer. What only waits for a source is not told.
  std::map<std::string, std::string, std::less<>> misfits;
  const DataObject* FindObject(std::string_view name) const {
    const auto it = objects_by_name.find(name);
    return it == objects_by_name.end() ? nullptr : it->second;
  }
};

}  // namespace eider::catalog
