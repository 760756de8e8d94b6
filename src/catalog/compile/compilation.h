#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "catalog/compiled_source.h"
#include "catalog/compiler.h"
#include "catalog/sdl/declared.h"

namespace eider::catalog {

// The state of compiling one source, passed from step to step. Each step below fails with a positioned problem.
struct Compilation {
  const SourceDefinition& definition;
  const CompileOptions& options;
  const DeclaredSource& declared;
  CompiledSource& out;
  // By declared name.
  std::unordered_map<std::string_view, DataObject*> objects;
  std::unordered_map<std::string_view, StructType*> structs;
  std::unordered_map<std::string_view, EnumType*> enums;
  std::unordered_map<std::string_view, InputType*> inputs;
  std::map<std::pair<const StructType*, bool>, const DataObject*> row_objects;  // By structure, and whether JSON.
  std::set<std::string_view> suspended = {};                                    // Views that are left out.
  // What an extension finds in other sources; by compiled name, whether it is an enum.
  std::unordered_map<std::string_view, bool> foreign_inputs = {};
  std::vector<const Function*> foreign_functions = {};
};

// The name of a declared type with the source's prefix.
std::string CompiledName(const Source& source, std::string_view declared);

// The module of an object: the source's own module and `relative` (may be empty) below it.
std::string ModulePath(const Source& source, std::string_view relative);

// "books" or "schema.books", parts quoted or not, as a qualified SQL name inside the source's catalog.
std::string RelationSql(const Source& source, std::string_view table);

// Reads @cache and @no_cache of a definition.
Status ReadCaching(const DeclaredDirectives& directives, Caching* caching);

// Checks the prefix and the module name of the source.
Status CheckSource(const Source& source);

// Creates an empty entry of the model for every declared type, so that references find it.
Status DeclareTypes(Compilation& compilation);

// Fills enums, inputs and structural types.
Status CompileEnums(Compilation& compilation);
Status CompileInputs(Compilation& compilation);
Status CompileStructs(Compilation& compilation);

// Reads one field as a column. REQUIRES: IsColumn(field).
Result<Column> CompileColumn(const Compilation& compilation, const DeclaredField& field);

// Whether the field is none of @join, @function_call and @table_function_call_join.
bool IsColumn(const DeclaredField& field);

// Reads the type of a field or a function into the members of `column` that say it. Fails for table types.
Status ResolveType(const Compilation& compilation, const DeclaredField& field, Column* column);

// Reads a field of an input type, or an argument.
Status CompileInputMember(const Compilation& compilation, const DeclaredInput& declared, InputType::Member& member);

// The full module path that @module names below the source's own module.
Result<std::string> ReadModulePath(const Source& source, const DeclaredDirective& module);

// Reads functions with their arguments and results.
Status CompileFunctions(Compilation& compilation);

// Fills tables and views without their relations.
Status CompileObjects(Compilation& compilation);

// Fills Column::sql_type and the storage of structural columns from the engine's description.
void DescribeColumns(Compilation& compilation);

// Adds relations of @references, @field_references and junctions, then those of @join.
Status CompileReferences(Compilation& compilation);
Status CompileJoins(Compilation& compilation);

// Adds the fields of @function_call and @table_function_call_join. After CompileFunctions.
Status CompileCalls(Compilation& compilation);

// One field of each kind. On failure the objects may have it already.
Status CompileJoin(const Compilation& compilation, const DeclaredField& field, const DeclaredDirective& join,
                   DataObject* from);
Status CompileCall(const Compilation& compilation, const DeclaredField& field, const DeclaredDirective& directive,
                   DataObject* from);

// Checks the placeholders of view and function SQL, @sql, join SQL and @arg_default.
Status CheckPlaceholders(const Compilation& compilation);
// The same for one field of `object`.
Status CheckFieldPlaceholders(const DeclaredField& field, const DataObject& object);

// Compiles `source` again into a model that may be added to, without the views that `suspended` names.
Result<std::shared_ptr<CompiledSource>> CompileAgain(const CompiledSource& source, const CompileOptions& options,
                                                     const std::set<std::string_view>& suspended);

}  // namespace eider::catalog
