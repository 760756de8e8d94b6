#include <fmt/format.h>

#include <charconv>

#include "catalog/compile/compilation.h"
#include "catalog/scalars.h"
#include "catalog/system_names.h"
#include "graphql/print.h"

namespace eider::catalog {
namespace {

using graphql::TypeNode;
using graphql::TypeNodeKind;

// Reads list and non-null wrappers; returns the type inside, or null when lists are nested.
const TypeNode* Unwrap(const TypeNode& type, Column* column) {
  const TypeNode* node = &type;
  column->non_null = node->kind == TypeNodeKind::kNonNull;
  if (column->non_null) node = node->inner;
  column->is_list = node->kind == TypeNodeKind::kList;
  if (!column->is_list) return node;
  node = node->inner;
  column->item_non_null = node->kind == TypeNodeKind::kNonNull;
  if (column->item_non_null) node = node->inner;
  return node->kind == TypeNodeKind::kList ? nullptr : node;
}

}  // namespace

bool IsColumn(const DeclaredField& field) {
  return Find(field.directives, "join") == nullptr && Find(field.directives, "function_call") == nullptr &&
         Find(field.directives, "table_function_call_join") == nullptr;
}

Status ResolveType(const Compilation& compilation, const DeclaredField& field, Column* column) {
  const TypeNode& type = *field.node->type;
  const Site site{field.document, type.name_position()};
  if (Unwrap(type, column) == nullptr) return NotSupported({field.document, type.position}, "a list of lists");
  if (const auto scalar = ScalarByName(type.name)) {
    column->kind = *scalar;
    return {};
  }
  if (const auto found = compilation.enums.find(type.name); found != compilation.enums.end()) {
    column->kind = ScalarKind::kEnum;
    column->enumeration = found->second;
    return {};
  }
  if (const auto found = compilation.structs.find(type.name); found != compilation.structs.end()) {
    column->kind = ScalarKind::kStruct;
    column->structure = found->second;
    return {};
  }
  if (compilation.objects.contains(type.name)) {
    return Problem(site, "VALIDATE/Types",
                   fmt::format("field \"{}\" of table type \"{}\" needs @join", field.name(), type.name));
  }
  if (compilation.inputs.contains(type.name)) {
    return Problem(site, "VALIDATE/Types",
                   fmt::format("field \"{}\" cannot have input type \"{}\"", field.name(), type.name));
  }
  return Problem(site, "VALIDATE/Types", fmt::format("field \"{}\" has unknown type \"{}\"", field.name(), type.name));
}

namespace {

std::string DefaultText(const graphql::Value& value) {
  if (value.kind != graphql::ValueKind::kObject && value.kind != graphql::ValueKind::kList) {
    return std::string(value.text);
  }
  std::string json;
  graphql::PrintJson(value, &json);
  return json;
}

void ReadDefault(const DeclaredDirective& directive, Column* column) {
  const graphql::Value* value = directive.node->FindArgument("value");
  if (value != nullptr && !value->IsNull()) {
    column->has_default_value = true;
    column->default_value = DefaultText(*value);
  }
  column->default_sequence = directive.Text("sequence");
  column->insert_exp = directive.Text("insert_exp");
  column->update_exp = directive.Text("update_exp");
  column->filled_by_database = directive.node->arguments.empty();
}

void ReadExcludedOperators(const DeclaredDirective& directive, Column* column) {
  for (const std::string_view operation : directive.Texts("operations")) {
    column->excluded_operators.emplace_back(operation);
  }
  if (column->excluded_operators.empty()) column->excluded_operators.emplace_back("*");
}

Status ReadPrimaryKey(const DeclaredField& field, const DeclaredDirective& directive, Column* column) {
  if (column->kind == ScalarKind::kStruct || column->is_list) {
    return Problem(directive.site(), "VALIDATE/PrimaryKey",
                   fmt::format("@pk needs a scalar field, \"{}\" is none", field.name()));
  }
  column->is_pk = true;
  return {};
}

Status ReadUniqueRule(const DeclaredDirective& directive, Column* column) {
  const std::string_view rule = directive.Text("rule", "EQUALS");
  if (rule == "EQUALS") return {};
  column->matches_intersecting = rule == "INTERSECTS" && column->kind == ScalarKind::kGeometry && !column->is_list;
  if (column->matches_intersecting) return {};
  if (rule == "INTERSECTS") {
    return Problem(directive.site(), "VALIDATE/Directives", "@unique_rule(rule: INTERSECTS) needs a Geometry field");
  }
  return Problem(directive.ArgumentSite("rule"), "VALIDATE/Directives", fmt::format("unknown rule \"{}\"", rule));
}

Status ReadGeometryInfo(const DeclaredField& field, const DeclaredDirective& directive, Column* column) {
  if (column->kind != ScalarKind::kGeometry) {
    return Problem(directive.site(), "VALIDATE/Directives",
                   fmt::format("@geometry_info needs a Geometry field, \"{}\" is none", field.name()));
  }
  const graphql::Value* srid = directive.node->FindArgument("srid");
  if (srid == nullptr || srid->IsNull()) return {};
  const auto [end, code] = std::from_chars(srid->text.data(), srid->text.data() + srid->text.size(), column->srid);
  if (code == std::errc() && column->srid >= 0) return {};
  return Problem(directive.ArgumentSite("srid"), "VALIDATE/Directives", "\"srid\" must be an SRID, such as 4326");
}

Status ReadDim(const DeclaredField& field, const DeclaredDirective& directive, Column* column) {
  if (column->kind != ScalarKind::kVector) {
    return Problem(directive.site(), "VALIDATE/Directives",
                   fmt::format("@dim needs a Vector field, \"{}\" is none", field.name()));
  }
  const graphql::Value* length = directive.node->FindArgument("len");
  const std::string_view text = length == nullptr ? std::string_view() : length->text;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), column->dim);
  if (code == std::errc() && column->dim > 0) return {};
  return Problem(directive.ArgumentSite("len"), "VALIDATE/Directives",
                 "\"len\" must be a positive number, such as 384");
}

Status ReadDirective(const DeclaredField& field, const DeclaredDirective& directive, Column* column) {
  const std::string_view name = directive.name();
  if (name == "pk") return ReadPrimaryKey(field, directive, column);
  if (name == "unique_rule") return ReadUniqueRule(directive, column);
  if (name == "geometry_info") return ReadGeometryInfo(field, directive, column);
  if (name == "dim") return ReadDim(field, directive, column);
  if (name == "field_source") column->column = directive.Text("field");
  if (name == "stored_secret") {
    column->secret = directive.Text("kind") == "key" ? SecretKind::kKey : SecretKind::kText;
  }
  if (name == "sql") column->sql = directive.Text("exp");
  if (name == "default") ReadDefault(directive, column);
  if (name == "exclude_filter") ReadExcludedOperators(directive, column);
  if (name == "filter_required") column->filter_required = true;
  if (name == "measurement") column->is_measurement = true;
  if (name == "timescale_key") column->is_timescale_key = true;
  if (name == "exclude_mcp") column->mcp_exclude = true;
  if (name == "no_pushdown") column->no_pushdown = true;
  if (name == "deprecated") column->deprecation = directive.Text("reason", "No longer supported");
  return {};
}

}  // namespace

Result<Column> CompileColumn(const Compilation& compilation, const DeclaredField& field) {
  if (!IsUsableName(field.name())) {
    return Problem(field.site(), "VALIDATE/Definitions", fmt::format("the name \"{}\" is reserved", field.name()));
  }
  if (!field.node->arguments.empty()) {
    return NotSupported({field.document, field.node->arguments.front().position}, "a field with declared arguments");
  }
  Column column;
  column.name = field.name();
  column.column = field.name();
  column.description = field.node->description;
  EIDER_RETURN_IF_ERROR(ResolveType(compilation, field, &column));
  for (const DeclaredDirective& directive : field.directives) {
    EIDER_RETURN_IF_ERROR(ReadDirective(field, directive, &column));
  }
  return column;
}

}  // namespace eider::catalog
