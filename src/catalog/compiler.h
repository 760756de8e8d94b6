#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "catalog/model.h"

namespace eider::catalog {

// One SDL file of a catalog; `name` is shown in positions ("books.graphql").
struct SdlFile {
  std::string name;
  std::string text;
};

// What a source's database told of its objects while they were compiled.
struct SourceAnswers {
  using Columns = std::optional<std::vector<std::pair<std::string, std::string>>>;

  std::map<std::string, Columns, std::less<>> columns;                       // By object.
  std::map<std::pair<std::string, std::string>, bool> generated;             // By object and column.
  std::map<std::string, std::int64_t, std::less<>> estimates;                // By object.
  std::map<std::string, std::string, std::less<>> queries;                   // By SQL as written: as it is run.
  std::map<std::string, std::optional<std::string>, std::less<>> functions;  // By name as written: qualified.
};

// The SDL of one source before compilation.
struct SourceDefinition {
  Source source;
  std::vector<SdlFile> introspected;  // From introspection (`self_defined`); merged first.
  std::vector<SdlFile> files;         // The catalogs' files in order; may `extend type` the introspected ones.
  // The engine's column types of a table ("schema.table" or "table" as in @table/@view), by column name; nothing when
  // the relation does not exist or cannot be described. May be null.
  std::function<std::optional<std::vector<std::pair<std::string, std::string>>>(const DataObject&)> describe;
  // Whether the database computes a column of the object itself, so that it is never written. May be null.
  std::function<bool(const DataObject&, const std::string& column)> is_generated;
  // How many rows the database guesses a table to have; -1 = not known. May be null.
  std::function<std::int64_t(const DataObject&)> estimate;
  // The SQL of a view with unqualified table names made those of the source's own catalog (8.6). May be null.
  std::function<std::string(const std::string& view_sql)> qualify;
  // The qualified SQL name of a function ("schema.f" or "f") of the source; nothing when it has none. May be null.
  std::function<std::optional<std::string>(const std::string& name)> find_function;
};

// Makes `definition` answer as it was told before, without asking a database: nothing for what was not asked then.
void AnswerBy(SourceDefinition& definition, const std::shared_ptr<const SourceAnswers>& answers);

// A compiled source: its model and its part of the schema, ready to be merged with the others'. Immutable, shared
// between snapshots.
class CompiledSource;

struct CompileOptions {
  std::int64_t default_limit = 2000;  // Advertised `limit: Int = …` of root fields; 0 = none.
  std::uint64_t load = 0;             // How often the source was loaded before; becomes part of its generation.
  const Snapshot* loaded = nullptr;   // What is served now; only for better messages about other sources' types.
  // BuildSnapshot: extensions whose parts must all fit, or wait for a source that is missing. Parts of others that do
  // not fit are left out.
  std::set<std::string, std::less<>> strict_extensions = {};
};

// Compiles the SDL of one source. Errors are kBadInput with "<file>:<line>:<column>: [<PHASE>/<Rule>] <text>".
Result<std::shared_ptr<const CompiledSource>> CompileSource(const SourceDefinition& definition,
                                                            const CompileOptions& options);

// Merges compiled sources into one schema: modules, root types, built-in scalars, directives and functions. Parts of
// extensions whose sources are all there are put into the types that they extend. Errors: two types with one compiled
// name, clashing module members, a part of a strict extension that does not fit.
Result<std::shared_ptr<const Snapshot>> BuildSnapshot(const std::vector<std::shared_ptr<const CompiledSource>>& sources,
                                                      std::uint64_t version, const CompileOptions& options);

}  // namespace eider::catalog
