#include "catalog/core_sdl.h"

namespace eider::catalog {
namespace {

constexpr char kCoreSdl[] = R"GQL(
"A place that data comes from."
type data_sources @table(name: "eider.data_sources") {
  name: String! @pk
  type: String!
  "Put before the names of the source's types."
  prefix: String!
  "Whether everything of the source sits below a module of its name."
  as_module: Boolean! @default(value: "false")
  description: String
  "Where it is: a file, a URL, a connection string."
  path: String!
  "Whether it is left out at start."
  disabled: Boolean @default(value: "false")
  "Whether its schema comes from introspection."
  self_defined: Boolean @default(value: "false")
  read_only: Boolean @default(value: "false")
}

"A set of schema files that describes data sources."
type catalog_sources @table(name: "eider.catalog_sources") {
  name: String! @pk
  type: String!
  description: String
  path: String!
}

"Which catalogs describe which data sources."
type catalogs @table(name: "eider.data_source_catalogs", is_m2m: true) {
  catalog_name: String! @pk @field_references(references_name: "catalog_sources", field: "name",
    query: "catalog_source", references_query: "data_sources",
    references_description: "The data sources it describes.")
  data_source_name: String! @pk @field_references(references_name: "data_sources", field: "name",
    query: "data_source", references_query: "catalogs", references_description: "The catalogs that describe it.")
}

"What a group of users may do."
type roles @table(name: "eider.roles") {
  name: String! @pk
  description: String!
  disabled: Boolean @default(value: "false")
  can_impersonate: Boolean @default(value: "false")
}

"One rule of a role."
type role_permissions @table(name: "eider.permissions") {
  role: String! @pk @field_references(references_name: "roles", field: "name", query: "role_info",
    references_query: "permissions")
  type_name: String! @pk
  field_name: String! @pk
  hidden: Boolean @default(value: "false")
  disabled: Boolean @default(value: "false")
  filter: JSON
  data: JSON
}

"A key that a program presents."
type api_keys @table(name: "eider.api_keys") @unique(fields: ["key"], query_suffix: "by_key") {
  name: String! @pk
  description: String!
  key: String!
  default_role: String @field_references(references_name: "roles", field: "name", query: "role_info",
    references_query: "api_keys")
  disabled: Boolean @default(value: "false")
  is_temporal: Boolean @default(value: "false")
  expires_at: Timestamp
  headers: JSON
  claims: JSON
}
)GQL";

}  // namespace

SourceDefinition CoreDefinition() {
  SourceDefinition definition;
  definition.source = {.name = "core",
                       .type = "duckdb",
                       .prefix = "core",
                       .catalog = "core",
                       .description = "Data sources, roles and keys of this server.",
                       .as_module = true,
                       .internal = true};
  definition.files.push_back({"core.graphql", kCoreSdl});
  return definition;
}

}  // namespace eider::catalog
