#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "catalog/compile/call_name.h"
#include "catalog/compile/compilation.h"
#include "catalog/system_names.h"

namespace eider::catalog {
namespace {

constexpr std::string_view kRule = "VALIDATE/Functions";

// The type name inside list and non-null wrappers, read into the members of `column` that say them.
std::string_view ReadWrappers(const graphql::TypeNode& type, Column* column) {
  const graphql::TypeNode* node = &type;
  const auto unwrap = [&](graphql::TypeNodeKind kind) {
    const bool wrapped = node->kind == kind;
    if (wrapped) node = node->inner;
    return wrapped;
  };
  column->non_null = unwrap(graphql::TypeNodeKind::kNonNull);
  column->is_list = unwrap(graphql::TypeNodeKind::kList);
  column->item_non_null = column->is_list && unwrap(graphql::TypeNodeKind::kNonNull);
  return node->kind == graphql::TypeNodeKind::kNamed ? node->name : std::string_view();
}

// The object whose columns are the members of `structure`, read from engine structures or from JSON; made once.
const DataObject* RowsOf(Compilation& compilation, const StructType& structure, bool is_json) {
  const DataObject*& known = compilation.row_objects[{&structure, is_json}];
  if (known != nullptr) return known;
  DataObject& object = compilation.out.row_objects.emplace_back();
  object.name = structure.name;
  object.declared_name = structure.name;
  object.source = &compilation.out.source;
  object.kind = ObjectKind::kView;
  object.read_only = true;
  object.structure = &structure;
  for (const Column& member : structure.members) {
    Column& added = object.columns.emplace_back(member);
    if (is_json) added.storage = StructStorage::kJson;
    object.columns_by_name.emplace(added.name, &added);
  }
  known = &object;
  return known;
}

Status ReadResult(Compilation& compilation, const DeclaredField& field, Function* function) {
  const std::string_view name = ReadWrappers(*field.node->type, &function->result);
  if (const auto found = compilation.objects.find(name); found != compilation.objects.end()) {
    function->result.kind = ScalarKind::kStruct;
    function->rows = found->second;
    return {};
  }
  EIDER_RETURN_IF_ERROR(ResolveType(compilation, field, &function->result));
  if (function->result.kind == ScalarKind::kStruct) {
    function->rows = RowsOf(compilation, *function->result.structure, function->json_cast);
  }
  return {};
}

Status ReadArguments(const Compilation& compilation, const DeclaredField& field, Function* function) {
  bool named = false;
  for (const DeclaredInput& declared : DeclaredArguments(field)) {
    InputType::Member argument;
    EIDER_RETURN_IF_ERROR(CompileInputMember(compilation, declared, argument));
    if (function->FindArgument(argument.name) != nullptr) {
      return Problem(declared.site(), kRule,
                     fmt::format("function \"{}\" has two arguments \"{}\"", field.name(), argument.name));
    }
    if (named && argument.passed_as.empty() && function->sql.empty()) {
      return Problem(declared.site(), kRule,
                     fmt::format("argument \"{}\" by position stands behind one by name", argument.name));
    }
    named = named || !argument.passed_as.empty();
    function->arguments.push_back(std::move(argument));
  }
  return {};
}

Status ReadFunction(const DeclaredDirective& directive, const SourceDefinition& definition, Function* function) {
  const std::string name(directive.Text("name"));
  function->sql = directive.Text("sql");
  function->skip_null_arguments = directive.Flag("skip_null_arg");
  function->is_table = directive.Flag("is_table");
  function->json_cast = directive.Flag("json_cast");
  if (name.empty() && function->sql.empty()) {
    return Problem(directive.ArgumentSite("name"), kRule, "@function needs the name of what is called, or sql");
  }
  if (function->sql.empty()) function->call_name = CallName(definition, name);
  return {};
}

Status CompileFunction(Compilation& compilation, const DeclaredFunction& declared, Function* function) {
  const DeclaredField& field = declared.field;
  if (!IsUsableName(field.name())) {
    return Problem(field.site(), "VALIDATE/Definitions", fmt::format("the name \"{}\" is reserved", field.name()));
  }
  const DeclaredDirective* directive = Find(field.directives, "function");
  if (directive == nullptr) {
    return Problem(field.site(), kRule, fmt::format("function \"{}\" needs @function", field.name()));
  }
  function->name = field.name();
  function->description = field.node->description;
  function->source = &compilation.out.source;
  function->is_mutation = declared.is_mutation;
  function->module = ModulePath(compilation.out.source, {});
  if (const DeclaredDirective* module = Find(field.directives, "module")) {
    EIDER_ASSIGN_OR_RETURN(function->module, ReadModulePath(compilation.out.source, *module));
  }
  EIDER_RETURN_IF_ERROR(ReadFunction(*directive, compilation.definition, function));
  EIDER_RETURN_IF_ERROR(ReadResult(compilation, field, function));
  EIDER_RETURN_IF_ERROR(ReadCaching(field.directives, &function->caching));
  return ReadArguments(compilation, field, function);
}

}  // namespace

std::string CallName(const SourceDefinition& definition, const std::string& name) {
  if (definition.find_function) {
    if (auto found = definition.find_function(name)) return *found;
  }
  std::string sql;
  for (const std::string_view part : SplitText(name, '.')) {
    if (!sql.empty()) sql.push_back('.');
    sql += part.starts_with('"') ? std::string(part) : QuoteIdentifier(part);
  }
  return sql;
}

Status CompileFunctions(Compilation& compilation) {
  for (const DeclaredFunction& declared : compilation.declared.functions) {
    Function function;
    EIDER_RETURN_IF_ERROR(CompileFunction(compilation, declared, &function));
    const auto same = [&](const Function& known) {
      return known.name == function.name && known.module == function.module &&
             known.is_mutation == function.is_mutation;
    };
    if (std::ranges::any_of(compilation.out.functions, same)) {
      return Problem(
          declared.field.site(), "VALIDATE/Definitions",
          fmt::format("function \"{}\" is already defined in module \"{}\"", function.name, function.module));
    }
    compilation.out.functions.push_back(std::move(function));
  }
  return {};
}

}  // namespace eider::catalog
