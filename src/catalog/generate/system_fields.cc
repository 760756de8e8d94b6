#include "base/check.h"
#include "catalog/generate/roots.h"
#include "graphql/parser.h"

namespace eider::catalog {
namespace {

using graphql::FieldSpec;
using graphql::InputValueSpec;
using graphql::TypeRef;

constexpr std::string_view kLogicalTypes = R"(
"A module of the schema; the one without a name holds all others."
type _Module {
  "The full path, with dots."
  name: String!
  description: String
  "The data sources that contribute to it."
  dataSources: [_DataSource!]!
  "The modules right below."
  modules: [_Module!]!
  "Its tables and views, junctions too."
  dataObjects: [_DataObject!]!
  functions: [_Function!]!
  queryType: __Type mutationType: __Type functionType: __Type mutationFunctionType: __Type subscriptionType: __Type
}
enum _DataObjectType { TABLE VIEW }
type _DataObjectProperties { isCube: Boolean! isM2M: Boolean! isHypertable: Boolean! softDelete: Boolean!
  hasVectors: Boolean! }
"A root field that reads the object."
type _DataObjectQuery { name: String! type: String! rootTypeName: String! args: [__InputValue!]! }
"A table or view."
type _DataObject {
  name: String!
  type: _DataObjectType!
  properties: _DataObjectProperties!
  moduleName: String!
  module: _Module
  primaryKey: [String!]!
  "The parameters of a view."
  args: [__InputValue!]!
  queries: [_DataObjectQuery!]!
  fields: [__Field!]!
  relations: [_Relation!]!
  dataSourceName: String!
  dataSources: [_DataSource!]!
  description: String
}
enum _RelationDirection { FORWARD BACK }
enum _RelationKind { FK M2M JOIN }
"A way from the rows of one object to those of another."
type _Relation {
  name: String!
  direction: _RelationDirection!
  kind: _RelationKind!
  fieldName: String!
  dataObject: _DataObject!
  "The junction of a many-to-many relation."
  through: _DataObject
  sourceKeys: [String!]!
  destinationKeys: [String!]!
  dataSource: _DataSource
}
type _Function {
  name: String!
  description: String
  moduleName: String!
  module: _Module
  isMutation: Boolean!
  isTable: Boolean!
  type: __Type!
  args: [__InputValue!]!
  "What an object result consists of."
  dataObject: _DataObject
  dataSource: _DataSource
}
type _DataSource {
  name: String!
  type: String!
  description: String
  prefix: String!
  asModule: Boolean!
  readOnly: Boolean!
  modules: [_Module!]!
  dataObjects: [_DataObject!]!
  functions: [_Function!]!
}
enum _TypesScope { ALL SYSTEM MODULES DATA_OBJECTS OBJECTS INPUTS ENUMS SCALARS }
enum _SearchKind { DATA_SOURCE MODULE DATA_OBJECT FIELD RELATION FUNCTION TYPE }
"Something of the schema whose name or description holds the words that were looked for."
type _SearchResult { kind: _SearchKind! name: String! description: String
  "The module, the object or the type that it belongs to."
  parent: String
  dataObject: _DataObject module: _Module function: _Function dataSource: _DataSource }
)";

// Adds fields of the query root.
class FieldAdder {
 public:
  FieldAdder(Generation& generation, ModuleTree& modules) : generation_(generation), modules_(modules) {}

  void Logical(std::string_view name, TypeRef type, std::initializer_list<InputValueSpec> arguments,
               std::string_view description) {
    Add(name, type, arguments, description, FieldKind::kLogical);
  }

  void Add(std::string_view name, TypeRef type, std::initializer_list<InputValueSpec> arguments,
           std::string_view description, FieldKind kind) {
    modules_.AddField(Scope::kQuery, {},
                      FieldSpec{.name = name,
                                .type = type,
                                .arguments = generation_.builder.Arguments(arguments),
                                .description = description,
                                .annotation = generation_.bindings->ForFunction(kind, name)});
  }

  TypeRef Ref(std::string_view name) { return generation_.builder.Ref(name); }
  TypeRef ListOf(std::string_view name) { return Ref(name).NonNull().List().NonNull(); }

 private:
  Generation& generation_;
  ModuleTree& modules_;
};

}  // namespace

void AddSystemFields(Generation& generation, ModuleTree& modules) {
  auto document = graphql::ParseSdl(std::string(kLogicalTypes), "logical.graphql");
  EIDER_CHECK(document.has_value());
  generation.builder.AddSdl(**document);
  generation.builder.Keep(*document);
  const TypeRef text = generation.system.string;
  const InputValueSpec name{"name", text.NonNull(), "Its name."};
  FieldAdder add(generation, modules);
  add.Add("jq", add.Ref("Query"),
          {{"query", text.NonNull(), "The jq program; its input is the data of the selection."},
           {"include_origin", generation.system.boolean, "Whether to answer the data, too.", "false"}},
          "Passes data through a jq program; the result is under `extensions`.", FieldKind::kJq);
  add.Logical("_catalog", add.Ref("_Module").NonNull(), {}, "The whole logical schema.");
  add.Logical("_module", add.Ref("_Module"), {name}, "A module by its full path.");
  add.Logical("_dataObject", add.Ref("_DataObject"), {name}, "A table or view by the name of its type.");
  add.Logical("_function", add.Ref("_Function"), {{"module", text, "The module; empty = root.", "\"\""}, name},
              "A function, or a mutation function, by module and name.");
  add.Logical("_dataSources", add.ListOf("_DataSource"), {}, "All data sources that are loaded.");
  add.Logical("_dataSource", add.Ref("_DataSource"), {name}, "A loaded data source by its name.");
  add.Logical("_types", add.ListOf("__Type"), {{"scope", add.Ref("_TypesScope"), "Which types.", "ALL"}},
              "Types of the schema.");
  add.Logical("_search", add.ListOf("_SearchResult"),
              {{"query", text.NonNull(), "Words that must all occur in the name or description."},
               {"kinds", add.Ref("_SearchKind").NonNull().List(), "What to look for; without it everything."},
               {"limit", generation.system.integer, "At most so many results.", "50"}},
              "Looks for something by name or description.");
}

}  // namespace eider::catalog
