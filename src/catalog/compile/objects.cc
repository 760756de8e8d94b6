#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "catalog/compile/call_name.h"
#include "catalog/compile/compilation.h"
#include "catalog/system_names.h"

namespace eider::catalog {
namespace {

Status ReadTable(const DeclaredDirective& table, DataObject* object) {
  object->kind = ObjectKind::kTable;
  object->table = table.Text("name");
  object->is_m2m = table.Flag("is_m2m");
  object->soft_delete = table.Flag("soft_delete");
  object->soft_delete_cond = table.Text("soft_delete_cond");
  object->soft_delete_set = table.Text("soft_delete_set");
  object->read_only = object->source->read_only;
  if (object->soft_delete && (object->soft_delete_cond.empty() || object->soft_delete_set.empty())) {
    return Problem(table.site(), "VALIDATE/SoftDelete", "soft_delete needs soft_delete_cond and soft_delete_set");
  }
  return {};
}

Status ReadView(const DeclaredDirective& view, DataObject* object) {
  object->kind = ObjectKind::kView;
  object->table = view.Text("name");
  object->view_sql = view.Text("sql");
  object->forbids_writes = view.Flag("forbids_writes");
  object->read_only = true;
  object->stream = view.Text("stream");
  if (object->stream.empty() || IsUsableName(object->stream)) return {};
  return Problem(view.ArgumentSite("stream"), "VALIDATE/Stream", fmt::format("no field name: \"{}\"", object->stream));
}

// A view with arguments and without sql is a table function, called with all of them in the order declared.
void CallFunction(const Compilation& compilation, const InputType& args, DataObject* object) {
  std::string list;
  for (const InputType::Member& member : args.members) {
    list.append(list.empty() ? "" : ", ");
    if (!member.passed_as.empty()) list.append(QuoteIdentifier(member.passed_as)).append(" := ");
    list.append("[$").append(member.name).append("]");
  }
  object->view_sql = "SELECT * FROM " + CallName(compilation.definition, object->table) + "(" + list + ")";
  object->relation_sql.clear();
}

Status ReadArgs(const Compilation& compilation, const DeclaredDirective& args, DataObject* object) {
  const std::string_view name = args.Text("name");
  const auto found = compilation.inputs.find(name);
  if (found == compilation.inputs.end()) {
    return Problem(args.ArgumentSite("name"), "VALIDATE/Args", fmt::format("@args names no input type: \"{}\"", name));
  }
  if (object->kind != ObjectKind::kView) return Problem(args.site(), "VALIDATE/Args", "@args needs a view");
  if (object->view_sql.empty()) CallFunction(compilation, *found->second, object);
  object->args = found->second;
  object->args_type = found->second->name;
  object->args_required = (args.Flag("required") && found->second->IsVisible()) ||
                          std::ranges::any_of(found->second->members, &InputType::Member::IsRequired);
  return {};
}

Status ReadModule(const DeclaredDirective& module, DataObject* object) {
  EIDER_ASSIGN_OR_RETURN(object->module, ReadModulePath(*object->source, module));
  return {};
}

Status CompileColumns(const Compilation& compilation, const DeclaredType& type, DataObject* object) {
  for (const DeclaredField& field : type.fields) {
    if (!IsColumn(field)) continue;
    EIDER_ASSIGN_OR_RETURN(Column column, CompileColumn(compilation, field));
    const Column& added = object->columns.emplace_back(std::move(column));
    object->columns_by_name.emplace(added.name, &added);
    if (added.is_pk) object->primary_key.push_back(&added);
  }
  if (object->columns.empty()) {
    return Problem(type.site, "VALIDATE/Definitions", fmt::format("type \"{}\" has no columns", type.name));
  }
  return {};
}

Status ReadUnique(const DeclaredDirective& unique, DataObject* object) {
  UniqueKey key;
  if (!unique.Flag("skip_query")) key.suffix = unique.Text("query_suffix");
  for (const std::string_view name : unique.Texts("fields")) {
    const Column* column = object->FindColumn(name);
    if (column == nullptr || column->is_list || column->kind == ScalarKind::kStruct) {
      return Problem(unique.ArgumentSite("fields"), "VALIDATE/Unique",
                     fmt::format("@unique names no scalar field: \"{}\"", name));
    }
    key.columns.push_back(column);
  }
  if (key.columns.empty()) return Problem(unique.site(), "VALIDATE/Unique", "@unique names no field");
  object->unique_keys.push_back(std::move(key));
  return {};
}

bool CanBeMeasured(const Column& column) {
  if (column.is_list) return false;
  switch (column.kind) {
    case ScalarKind::kInt:
    case ScalarKind::kBigInt:
    case ScalarKind::kFloat:
    case ScalarKind::kString:
    case ScalarKind::kBoolean:
    case ScalarKind::kDate:
    case ScalarKind::kTime:
    case ScalarKind::kTimestamp:
    case ScalarKind::kDateTime: return true;
    default: return false;
  }
}

// @measurement belongs to cubes, @timescale_key to hypertables.
Status CheckMark(const DataObject& object, const DeclaredField& field) {
  const Column* column = object.FindColumn(field.name());
  if (column == nullptr) return {};
  if (const DeclaredDirective* mark = Find(field.directives, "measurement")) {
    if (!object.is_cube) {
      return Problem(mark->site(), "VALIDATE/Cube",
                     fmt::format("@measurement needs a @cube, \"{}\" is none", object.declared_name));
    }
    if (!CanBeMeasured(*column)) {
      return Problem(mark->site(), "VALIDATE/Cube",
                     fmt::format("@measurement needs a number, text, boolean or time, \"{}\" is none", field.name()));
    }
  }
  if (const DeclaredDirective* mark = Find(field.directives, "timescale_key")) {
    const bool is_time =
        !column->is_list && (column->kind == ScalarKind::kTimestamp || column->kind == ScalarKind::kDateTime ||
                             column->kind == ScalarKind::kDate);
    if (!object.is_hypertable) {
      return Problem(mark->site(), "VALIDATE/Hypertable",
                     fmt::format("@timescale_key needs a @hypertable, \"{}\" is none", object.declared_name));
    }
    if (!is_time) {
      return Problem(mark->site(), "VALIDATE/Hypertable",
                     fmt::format("@timescale_key needs a date or a timestamp, \"{}\" is none", field.name()));
    }
  }
  return {};
}

Status CompileObject(const Compilation& compilation, const DeclaredType& type, DataObject* object) {
  const Source& source = compilation.out.source;
  const DeclaredDirective* table = Find(type.directives, "table");
  const DeclaredDirective* view = Find(type.directives, "view");
  if (table != nullptr && view != nullptr) {
    return Problem(view->site(), "VALIDATE/Directives", "@table and @view exclude each other");
  }
  object->source = &source;
  object->declared_name = type.name;
  object->field = source.as_module ? std::string(type.name) : object->name;
  object->module = ModulePath(source, {});
  if (table != nullptr) EIDER_RETURN_IF_ERROR(ReadTable(*table, object));
  if (view != nullptr) EIDER_RETURN_IF_ERROR(ReadView(*view, object));
  if (object->view_sql.empty()) object->relation_sql = RelationSql(source, object->table);
  EIDER_RETURN_IF_ERROR(CompileColumns(compilation, type, object));
  for (const DeclaredDirective& directive : type.directives) {
    if (directive.name() == "args") EIDER_RETURN_IF_ERROR(ReadArgs(compilation, directive, object));
    if (directive.name() == "module") EIDER_RETURN_IF_ERROR(ReadModule(directive, object));
    if (directive.name() == "no_pushdown") object->no_pushdown = true;
    if (directive.name() == "unique") EIDER_RETURN_IF_ERROR(ReadUnique(directive, object));
    if (directive.name() == "cube") object->is_cube = true;
    if (directive.name() == "hypertable") object->is_hypertable = true;
  }
  for (const DeclaredField& field : type.fields) EIDER_RETURN_IF_ERROR(CheckMark(*object, field));
  if (!object->stream.empty() && object->primary_key.size() != 1) {
    return Problem(view->ArgumentSite("stream"), "VALIDATE/Stream",
                   fmt::format("a stream follows one key column, \"{}\" has {}", object->declared_name,
                               object->primary_key.size()));
  }
  return ReadCaching(type.directives, &object->caching);
}

}  // namespace

Result<std::string> ReadModulePath(const Source& source, const DeclaredDirective& module) {
  const std::string_view path = module.Text("name");
  for (const std::string_view part : SplitText(path, '.')) {
    if (!IsUsableName(part)) {
      return Problem(module.ArgumentSite("name"), "VALIDATE/Module", fmt::format("no module path: \"{}\"", path));
    }
  }
  return ModulePath(source, path);
}

Status CompileObjects(Compilation& compilation) {
  for (const DeclaredType& type : compilation.declared.types) {
    const auto found = compilation.objects.find(type.name);
    if (type.kind != graphql::TypeKind::kObject || found == compilation.objects.end()) continue;
    EIDER_RETURN_IF_ERROR(CompileObject(compilation, type, found->second));
  }
  return {};
}

}  // namespace eider::catalog
