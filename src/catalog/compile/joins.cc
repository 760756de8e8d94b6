#include <fmt/format.h>

#include "catalog/compile/reference.h"
#include "catalog/scalars.h"

namespace eider::catalog {
namespace {

constexpr std::string_view kRule = "VALIDATE/Join";

// The scalar at a path such as "format.height_mm", or nullptr.
const Column* FindPath(const DataObject& object, std::string_view path) {
  const size_t dot = path.find('.');
  const Column* column = object.FindColumn(path.substr(0, dot));
  while (column != nullptr && path.find('.') != std::string_view::npos) {
    if (column->kind != ScalarKind::kStruct || column->is_list) return nullptr;
    path = path.substr(path.find('.') + 1);
    column = column->structure->Find(path.substr(0, path.find('.')));
  }
  return column;
}

// One key pair of the join. Paths into structural fields become a condition in SQL.
Status AddKey(const DeclaredDirective& join, std::string_view left, std::string_view right, Relation* relation) {
  const Column* from = FindPath(*relation->from, left);
  const Column* to = FindPath(*relation->to, right);
  if (from == nullptr || to == nullptr) {
    const bool is_left = from == nullptr;
    return Problem(
        join.ArgumentSite(is_left ? "source_fields" : "references_fields"), kRule,
        fmt::format("\"{}\" has no field \"{}\"",
                    NameBeside(*(is_left ? relation->from : relation->to), *(is_left ? relation->to : relation->from)),
                    is_left ? left : right));
  }
  if (from->is_list || to->is_list || from->kind == ScalarKind::kStruct || !KeysFit(from->kind, to->kind)) {
    return Problem(join.ArgumentSite("source_fields"), kRule,
                   fmt::format("fields \"{}\" and \"{}\" must be scalars of one type", left, right));
  }
  if (left.find('.') == std::string_view::npos && right.find('.') == std::string_view::npos) {
    relation->from_columns.push_back(from);
    relation->to_columns.push_back(to);
    return {};
  }
  if (!relation->join_sql.empty()) relation->join_sql += " AND ";
  relation->join_sql += fmt::format("[source.{}] = [dest.{}]", left, right);
  return {};
}

}  // namespace

Status ReadJoinKeys(const DeclaredDirective& join, bool optional, Relation* relation) {
  const auto left = join.Texts("source_fields");
  const auto right = join.Texts("references_fields");
  const std::string_view sql = join.Text("sql");
  if (left.size() != right.size()) {
    return Problem(join.ArgumentSite("source_fields"), kRule,
                   fmt::format("@{} needs equally many fields on both sides", join.name()));
  }
  if (left.empty() && sql.empty() && !optional) return Problem(join.site(), kRule, "@join needs fields or sql");
  for (size_t i = 0; i < left.size(); ++i) EIDER_RETURN_IF_ERROR(AddKey(join, left[i], right[i], relation));
  if (sql.empty()) return {};
  relation->join_sql =
      relation->join_sql.empty() ? std::string(sql) : fmt::format("{} AND ({})", relation->join_sql, sql);
  return {};
}

namespace {

// Whether the field's type is the joined object, or a list of it.
bool HasType(const Compilation& compilation, const DeclaredField& field, const DataObject& object, bool* single) {
  const graphql::TypeNode* type = field.node->type;
  if (type->kind == graphql::TypeNodeKind::kNonNull) type = type->inner;
  *single = type->kind != graphql::TypeNodeKind::kList;
  if (!*single) type = type->inner;
  if (type->kind == graphql::TypeNodeKind::kNonNull) type = type->inner;
  return type->kind == graphql::TypeNodeKind::kNamed && CompiledName(compilation.out.source, type->name) == object.name;
}

}  // namespace

Status CompileJoin(const Compilation& compilation, const DeclaredField& field, const DeclaredDirective& join,
                   DataObject* from) {
  if (from->is_m2m) return Problem(join.site(), kRule, "a many-to-many table cannot have a join");
  EIDER_ASSIGN_OR_RETURN(const DataObject* to, FindTarget(compilation, join));
  Relation relation;
  if (!HasType(compilation, field, *to, &relation.single)) {
    return Problem(
        {field.document, field.node->type->name_position()}, kRule,
        fmt::format("field \"{}\" must have type \"{}\" or a list of it", field.name(), NameIn(compilation, *to)));
  }
  if (!field.node->arguments.empty()) {
    return NotSupported({field.document, field.node->arguments.front().position}, "a field with declared arguments");
  }
  relation.name = field.name();
  relation.field = field.name();
  relation.kind = RelationKind::kJoin;
  relation.from = from;
  relation.to = to;
  relation.in_filters = false;
  relation.description = field.node->description;
  EIDER_RETURN_IF_ERROR(ReadJoinKeys(join, false, &relation));
  return AddRelation(from, std::move(relation), field.site());
}

Status CompileJoins(Compilation& compilation) {
  for (const DeclaredType& type : compilation.declared.types) {
    const auto found = compilation.objects.find(type.name);
    if (found == compilation.objects.end()) continue;
    for (const DeclaredField& field : type.fields) {
      const DeclaredDirective* join = Find(field.directives, "join");
      if (join != nullptr) EIDER_RETURN_IF_ERROR(CompileJoin(compilation, field, *join, found->second));
    }
  }
  return {};
}

}  // namespace eider::catalog
