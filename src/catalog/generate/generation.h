#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "catalog/compiled_source.h"
#include "catalog/compiler.h"
#include "catalog/generate/bindings.h"
#include "catalog/generate/system_types.h"
#include "graphql/schema_builder.h"

namespace eider::catalog {

using Arguments = std::span<const graphql::InputValue>;

// The generated types of one table or view, and the argument lists its rows are read with. Null where not generated.
struct ObjectTypes {
  graphql::TypeBuilder* self = nullptr;
  graphql::TypeBuilder* filter = nullptr;
  graphql::TypeBuilder* list_filter = nullptr;
  graphql::TypeBuilder* insert = nullptr;
  graphql::TypeBuilder* update = nullptr;
  graphql::TypeBuilder* aggregation = nullptr;
  graphql::TypeBuilder* bucket = nullptr;
  graphql::TypeBuilder* sub_aggregation = nullptr;
  graphql::TypeBuilder* sub_sub_aggregation = nullptr;
  Arguments root_arguments;      // Of the list query and its twins.
  Arguments relation_arguments;  // Of lists below other objects.
  Arguments single_arguments;    // Of single objects below other objects.
};

// Where the rows of an object are read.
enum class ListPlace {
  kRoot,
  kRelation,     // Adds the arguments that act per parent row.
  kAggregation,  // The same without limit and offset.
};

// The generated types of one structural type.
struct StructTypes {
  graphql::TypeBuilder* self = nullptr;
  graphql::TypeBuilder* filter = nullptr;
  graphql::TypeBuilder* list_filter = nullptr;
  graphql::TypeBuilder* insert = nullptr;
  graphql::TypeBuilder* update = nullptr;
  graphql::TypeBuilder* aggregation = nullptr;
  graphql::TypeBuilder* sub_aggregation = nullptr;
  graphql::TypeBuilder* sub_sub_aggregation = nullptr;
};

// The state of generating one schema. Types are defined first, then filled, so that any type may refer to any other.
struct Generation {
  explicit Generation(const CompileOptions& compile_options) : options(compile_options) {}

  const CompileOptions& options;
  graphql::SchemaBuilder builder;
  std::shared_ptr<BindingStore> bindings = std::make_shared<BindingStore>();
  SystemTypes system;
  std::unordered_map<const DataObject*, ObjectTypes> objects;
  std::unordered_map<const StructType*, StructTypes> structs;
  graphql::TypeBuilder* join = nullptr;              // _join; null without data objects.
  graphql::TypeBuilder* join_aggregation = nullptr;  // _join_aggregation.
  Arguments join_arguments;                          // Of the fields that have these types.
  graphql::TypeBuilder* spatial = nullptr;           // _spatial; null without geometries.
  graphql::TypeBuilder* spatial_aggregation = nullptr;
  Arguments spatial_arguments;
  std::optional<Error> error;  // The first clash of names.

  // Defines a type; a clash is remembered and answered by a type that is thrown away with the schema.
  graphql::TypeBuilder* Define(graphql::TypeKind kind, std::string_view name);
  // Adds a field or an input field; a clash is remembered.
  void Add(graphql::TypeBuilder* type, const graphql::FieldSpec& field);
  void Add(graphql::TypeBuilder* type, const graphql::InputValueSpec& field);
  // The default of `limit`, if there is one.
  std::optional<std::string_view> default_limit() const {
    return limit_text.empty() ? std::nullopt : std::optional<std::string_view>(limit_text);
  }
  void Fail(std::string message);

  std::string limit_text;

 private:
  int clashes_ = 0;
};

// ---- Types of columns -----------------------------------------------------------------------------------

// The type of a column in results, and as a query argument: with its list and non-null wrappers.
graphql::TypeRef OutputType(Generation& generation, const Column& column);
// The type of a column in mutation inputs, nullable; structural members by `member` of their types.
graphql::TypeRef MutationType(Generation& generation, const Column& column,
                              graphql::TypeBuilder* StructTypes::* member);
// The type of the column's filter member; a reference without type when there is none.
graphql::TypeRef FilterType(Generation& generation, const Column& column, const DataObject* object);
// The arguments of 7.4.
Arguments ColumnArguments(const Generation& generation, const Column& column);
// Whether the column has a `_part` field.
bool HasPart(const Column& column);
// Whether the column has a `_measurement` field.
bool HasMeasurement(const Column& column);
// Whether the column has a `_distance` field.
bool HasDistance(const Column& column);
// Adds the argument `similarity` of what reads rows of an object with vectors.
void AddSimilarity(const Generation& generation, const DataObject& object, std::vector<graphql::InputValueSpec>& specs);

// The arguments of a field that leads along `relation`: a call has only those that were declared.
Arguments RelationArguments(Generation& generation, const Relation& relation);
// A type of a source as written in its SDL, by its compiled name.
graphql::TypeRef RenamedType(Generation& generation, const graphql::TypeNode& node, std::string_view name);
// The arguments that clients see of a function or of a field that calls one.
Arguments DeclaredArguments(Generation& generation, const std::vector<InputType::Member>& members);
// The arguments with which the rows of `object` are read (6.2, 6.4), with the `args` of a parameterised view.
std::vector<graphql::InputValueSpec> ListArguments(Generation& generation, const DataObject& object, ListPlace place);

// ---- Steps ----------------------------------------------------------------------------------------------

void DefineEnums(Generation& generation, const CompiledSource& source);
void DefineInputs(Generation& generation, const CompiledSource& source);
void DefineStructs(Generation& generation, const CompiledSource& source);
void DefineObjects(Generation& generation, const CompiledSource& source);
// The aggregation types of structures that functions answer as rows; after DefineStructs().
void DefineRows(Generation& generation, const CompiledSource& source);
void FillStructs(Generation& generation, const CompiledSource& source);
void FillObjects(Generation& generation, const CompiledSource& source);
void FillFilters(Generation& generation, const CompiledSource& source);
void FillMutationInputs(Generation& generation, const CompiledSource& source);
void FillAggregations(Generation& generation, const CompiledSource& source);

}  // namespace eider::catalog
