#include <fmt/format.h>

#include <algorithm>

#include "catalog/compile/compilation.h"
#include "catalog/compile/reference.h"
#include "catalog/scalars.h"

// Fields whose values are what a function answers for the row: @function_call, @table_function_call_join.
namespace eider::catalog {
namespace {

constexpr std::string_view kRule = "VALIDATE/FunctionCall";

// Compiles one field that calls a function.
class CallCompiler {
 public:
  CallCompiler(const Compilation& compilation, const DeclaredField& field, const DeclaredDirective& directive,
               DataObject* from)
      : compilation_(compilation),
        field_(field),
        directive_(directive),
        from_(from) {}

  Status Compile();

 private:
  Status FindCalled();
  Status CheckType() const;
  Status ReadMapping();
  Status MapArgument(const graphql::NamedValue& entry);
  Status ReadDeclared();
  Status CheckArguments() const;
  Status AddRelationField();

  const Compilation& compilation_;
  const DeclaredField& field_;
  const DeclaredDirective& directive_;
  DataObject* from_;
  FunctionCall call_;
};

std::string FullName(const Function& function) {
  return function.module.empty() ? function.name : fmt::format("{}.{}", function.module, function.name);
}

Status CallCompiler::FindCalled() {
  const std::string_view name = directive_.Text("references_name");
  const bool has_module = directive_.node->FindArgument("module") != nullptr;
  const std::string_view module = directive_.Text("module");
  const auto fits = [&](const Function& function) {
    return !function.is_mutation && function.name == name && (!has_module || function.module == module);
  };
  std::vector<const Function*> known = compilation_.foreign_functions;
  for (const Function& function : compilation_.out.functions) known.push_back(&function);
  for (const Function* function : known) {
    if (!fits(*function)) continue;
    if (call_.function != nullptr) {
      return Problem(directive_.ArgumentSite("references_name"), kRule,
                     fmt::format("several functions have the name \"{}\"; give the module", name));
    }
    call_.function = function;
  }
  if (call_.function != nullptr) return {};
  const Snapshot* loaded = compilation_.options.loaded;
  if (loaded != nullptr) {
    const auto foreign = std::ranges::find_if(loaded->functions, [&](const Function* function) {
      return fits(*function) && function->source->name != compilation_.out.source.name;
    });
    if (foreign != loaded->functions.end()) {
      return Problem(directive_.ArgumentSite("references_name"), "VALIDATE/ExtensionValidator",
                     fmt::format("@{} names function \"{}\" of data source \"{}\" — cross-source references are only "
                                 "allowed in extension sources",
                                 directive_.name(), name, (*foreign)->source->name));
    }
  }
  return Problem(directive_.ArgumentSite("references_name"), kRule,
                 fmt::format("@{} names an unknown function: \"{}\"{}", directive_.name(), name,
                             has_module ? fmt::format(" in module \"{}\"", module) : std::string()));
}

// The name inside the wrappers, and whether it is a list.
std::pair<std::string_view, bool> TypeOf(const graphql::TypeNode& type) {
  const graphql::TypeNode* node = &type;
  bool is_list = false;
  for (; node->inner != nullptr; node = node->inner) is_list = is_list || node->kind == graphql::TypeNodeKind::kList;
  return {node->name, is_list};
}

// The name of the type that a function answers, as in the published schema.
std::string_view ResultName(const Function& function) {
  if (function.rows != nullptr) return function.rows->name;
  if (function.result.kind == ScalarKind::kStruct) return function.result.structure->name;
  if (function.result.kind == ScalarKind::kEnum) return function.result.enumeration->name;
  return ScalarName(function.result.kind);
}

Status CallCompiler::CheckType() const {
  const Function& function = *call_.function;
  const auto [name, is_list] = TypeOf(*field_.node->type);
  const bool is_scalar = ScalarByName(name).has_value();
  const std::string compiled = is_scalar ? std::string(name) : CompiledName(compilation_.out.source, name);
  if (compiled != ResultName(function) || is_list != function.result.is_list) {
    return Problem(
        {field_.document, field_.node->type->name_position()}, kRule,
        fmt::format("field \"{}\" must have the type that function \"{}\" answers", field_.name(), FullName(function)));
  }
  if (directive_.name() == "table_function_call_join" && !(function.is_table && function.rows != nullptr)) {
    return Problem(directive_.ArgumentSite("references_name"), kRule,
                   fmt::format("function \"{}\" is no table function of objects", FullName(function)));
  }
  return {};
}

Status CallCompiler::MapArgument(const graphql::NamedValue& entry) {
  const Function& function = *call_.function;
  const Site site = directive_.ArgumentSite("args");
  const InputType::Member* argument = function.FindArgument(entry.name);
  if (argument == nullptr || !argument->placeholder.empty()) {
    return Problem(site, kRule, fmt::format("function \"{}\" has no argument \"{}\"", FullName(function), entry.name));
  }
  const Column* column = from_->FindColumn(entry.value.text);
  if (column == nullptr) {
    return Problem(site, kRule,
                   fmt::format("\"{}\" has no field \"{}\"", NameIn(compilation_, *from_), entry.value.text));
  }
  const bool fits = KeysFit(column->kind, argument->kind) ||
                    (column->kind == ScalarKind::kStruct && argument->kind == ScalarKind::kJson);
  if (!fits || column->is_list != argument->is_list) {
    return Problem(site, kRule,
                   fmt::format("field \"{}\" does not have the type of argument \"{}\" of function \"{}\"",
                               column->name, argument->name, FullName(function)));
  }
  call_.mapped[static_cast<size_t>(argument - function.arguments.data())] = column;
  return {};
}

Status CallCompiler::ReadMapping() {
  call_.mapped.resize(call_.function->arguments.size());
  const graphql::Value* args = directive_.node->FindArgument("args");
  if (args == nullptr || args->IsNull()) return {};
  if (args->kind != graphql::ValueKind::kObject) {
    return Problem(directive_.ArgumentSite("args"), kRule, "args must be an object: {argument: \"field\"}");
  }
  for (const graphql::NamedValue& entry : args->fields()) EIDER_RETURN_IF_ERROR(MapArgument(entry));
  return {};
}

Status CallCompiler::ReadDeclared() {
  for (const DeclaredInput& declared : DeclaredArguments(field_)) {
    InputType::Member member;
    EIDER_RETURN_IF_ERROR(CompileInputMember(compilation_, declared, member));
    const InputType::Member* argument = call_.function->FindArgument(member.name);
    if (argument == nullptr || !argument->placeholder.empty()) {
      return Problem(declared.site(), kRule,
                     fmt::format("function \"{}\" has no argument \"{}\"", FullName(*call_.function), member.name));
    }
    if (call_.mapped[static_cast<size_t>(argument - call_.function->arguments.data())] != nullptr) {
      return Problem(declared.site(), kRule, fmt::format("argument \"{}\" is mapped to a field already", member.name));
    }
    if (member.type_name != argument->type_name || member.is_list != argument->is_list) {
      return Problem({declared.document, declared.node->type->name_position()}, kRule,
                     fmt::format("argument \"{}\" has another type than that of function \"{}\"", member.name,
                                 FullName(*call_.function)));
    }
    call_.declared.push_back(std::move(member));
  }
  return {};
}

Status CallCompiler::CheckArguments() const {
  const Function& function = *call_.function;
  for (size_t i = 0; i < function.arguments.size(); ++i) {
    const InputType::Member& argument = function.arguments[i];
    const bool given =
        call_.mapped[i] != nullptr ||
        std::ranges::find(call_.declared, argument.name, &InputType::Member::name) != call_.declared.end();
    if (given || !argument.IsRequired()) continue;
    return Problem(
        directive_.site(), kRule,
        fmt::format("argument \"{}\" of function \"{}\" is required: map it to a field or declare it on \"{}\"",
                    argument.name, FullName(function), field_.name()));
  }
  return {};
}

// An object result makes the field a relation to the rows that the function answers.
Status CallCompiler::AddRelationField() {
  Relation relation;
  relation.name = call_.field;
  relation.field = call_.field;
  relation.kind = RelationKind::kJoin;
  relation.from = from_;
  relation.to = call_.function->rows;
  relation.single = !call_.function->result.is_list;
  relation.in_filters = false;
  relation.description = call_.description;
  if (directive_.name() == "table_function_call_join") {
    EIDER_RETURN_IF_ERROR(ReadJoinKeys(directive_, true, &relation));
  }
  from_->calls.push_back(std::move(call_));
  relation.call = &from_->calls.back();
  return AddRelation(from_, std::move(relation), field_.site());
}

Status CallCompiler::Compile() {
  if (from_->is_m2m) return Problem(directive_.site(), kRule, "a many-to-many table cannot call functions");
  call_.field = field_.name();
  call_.description = field_.node->description;
  EIDER_RETURN_IF_ERROR(FindCalled());
  EIDER_RETURN_IF_ERROR(CheckType());
  EIDER_RETURN_IF_ERROR(ReadMapping());
  EIDER_RETURN_IF_ERROR(ReadDeclared());
  EIDER_RETURN_IF_ERROR(CheckArguments());
  EIDER_RETURN_IF_ERROR(CheckFieldName(*from_, call_.field, field_.site()));
  if (call_.function->rows != nullptr) return AddRelationField();
  from_->calls.push_back(std::move(call_));
  return {};
}

}  // namespace

Status CompileCall(const Compilation& compilation, const DeclaredField& field, const DeclaredDirective& directive,
                   DataObject* from) {
  return CallCompiler(compilation, field, directive, from).Compile();
}

Status CompileCalls(Compilation& compilation) {
  for (const DeclaredType& type : compilation.declared.types) {
    const auto found = compilation.objects.find(type.name);
    if (found == compilation.objects.end()) continue;
    for (const DeclaredField& field : type.fields) {
      for (const DeclaredDirective& directive : field.directives) {
        if (directive.name() != "function_call" && directive.name() != "table_function_call_join") continue;
        EIDER_RETURN_IF_ERROR(CompileCall(compilation, field, directive, found->second));
      }
    }
  }
  return {};
}

}  // namespace eider::catalog
