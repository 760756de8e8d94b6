#include "catalog/sdl/directive_rules.h"

#include <fmt/format.h>

#include <array>
#include <unordered_map>

namespace eider::catalog {
namespace {

// Where a directive may stand.
enum Place : unsigned {
  kObject = 1,     // A table or view.
  kStructure = 2,  // Any other object type.
  kField = 4,      // A field of a table or view.
  kMember = 8,     // A field of a structural type.
  kInput = 16,
  kInputField = 32,
  kEnum = 64,
  kEnumValue = 128,
  kFunctionField = 256,
  kArgument = 512,  // Of a function, or of a field that calls one.
  kAnyType = kObject | kStructure | kInput | kEnum,
  kAnyField = kField | kMember | kInputField | kEnumValue | kFunctionField | kArgument,
};

enum class Form { kText, kFlag, kTexts, kInt, kName, kAny };

struct ArgumentRule {
  std::string_view name;
  Form form;
  bool required = false;
};

struct Rule {
  unsigned places;
  bool repeatable = false;
  bool later = false;  // Known, but not supported yet.
  std::vector<ArgumentRule> arguments = {};
};

constexpr bool kRequired = true;

Rule Later(unsigned places) { return {places, true, true, {}}; }

std::unordered_map<std::string_view, Rule> MakeTypeRules() {
  using enum Form;
  std::unordered_map<std::string_view, Rule> rules;
  rules["table"] = {kObject,
                    false,
                    false,
                    {{"name", kText, kRequired},
                     {"is_m2m", kFlag},
                     {"soft_delete", kFlag},
                     {"soft_delete_cond", kText},
                     {"soft_delete_set", kText}}};
  rules["view"] = {kObject,
                   false,
                   false,
                   {{"name", kText, kRequired}, {"sql", kText}, {"forbids_writes", kFlag}, {"stream", kText}}};
  rules["args"] = {kObject, false, false, {{"name", kText, kRequired}, {"required", kFlag}}};
  rules["module"] = {kObject | kFunctionField, false, false, {{"name", kText, kRequired}}};
  rules["unique"] = {
      kObject, true, false, {{"fields", kTexts, kRequired}, {"query_suffix", kText}, {"skip_query", kFlag}}};
  rules["references"] = {kObject,
                         true,
                         false,
                         {{"name", kText},
                          {"references_name", kText, kRequired},
                          {"source_fields", kTexts, kRequired},
                          {"references_fields", kTexts, kRequired},
                          {"query", kText},
                          {"description", kText},
                          {"references_query", kText},
                          {"references_description", kText},
                          {"is_m2m", kFlag},
                          {"m2m_name", kText}}};
  rules["embeddings"] = Later(kAnyType);
  rules["dependency"] = {kObject, true, false, {{"name", kText, kRequired}}};
  rules["cube"] = {kObject};
  rules["hypertable"] = {kObject};
  return rules;
}

void AddFieldRules(std::unordered_map<std::string_view, Rule>& rules) {
  using enum Form;
  rules["pk"] = {kField};
  rules["field_source"] = {kField | kMember, false, false, {{"field", kText, kRequired}}};
  rules["default"] = {
      kField, false, false, {{"value", kAny}, {"sequence", kText}, {"insert_exp", kText}, {"update_exp", kText}}};
  rules["stored_secret"] = {kField, false, false, {{"kind", kText, kRequired}}};
  rules["sql"] = {kField, false, false, {{"exp", kText, kRequired}}};
  rules["field_references"] = {kField,
                               true,
                               false,
                               {{"references_name", kText, kRequired},
                                {"field", kText},
                                {"name", kText},
                                {"query", kText},
                                {"description", kText},
                                {"references_query", kText},
                                {"references_description", kText}}};
  rules["join"] = {kField,
                   false,
                   false,
                   {{"references_name", kText, kRequired},
                    {"source_fields", kTexts},
                    {"references_fields", kTexts},
                    {"sql", kText}}};
  rules["unique_rule"] = {kField, false, false, {{"rule", kName}}};
  rules["exclude_filter"] = {kField, false, false, {{"operations", kTexts}}};
  rules["filter_required"] = {kField};
  rules["measurement"] = {kField};
  rules["timescale_key"] = {kField};
}

void AddFunctionRules(std::unordered_map<std::string_view, Rule>& rules) {
  using enum Form;
  rules["function"] = {kFunctionField,
                       false,
                       false,
                       {{"name", kText, kRequired},
                        {"sql", kText},
                        {"skip_null_arg", kFlag},
                        {"is_table", kFlag},
                        {"json_cast", kFlag}}};
  rules["named"] = {kInputField | kArgument, false, false, {{"name", kText}}};
  rules["arg_default"] = {kInputField | kArgument, false, false, {{"value", kText, kRequired}}};
  rules["function_call"] = {
      kField, false, false, {{"references_name", kText, kRequired}, {"args", kAny}, {"module", kText}}};
  rules["table_function_call_join"] = {kField,
                                       false,
                                       false,
                                       {{"references_name", kText, kRequired},
                                        {"args", kAny},
                                        {"source_fields", kTexts},
                                        {"references_fields", kTexts},
                                        {"sql", kText},
                                        {"module", kText}}};
}

// Directives that change nothing that is generated or asked for.
void AddMarks(std::unordered_map<std::string_view, Rule>& rules) {
  using enum Form;
  rules["geometry_info"] = {kField | kMember, false, false, {{"type", kAny}, {"srid", kInt}}};
  rules["dim"] = {kField | kMember, false, false, {{"len", kInt, kRequired}}};
  rules["exclude_mcp"] = {kAnyType | kAnyField};
  rules["deprecated"] = {kAnyType | kAnyField, false, false, {{"reason", kText}}};
  rules["cache"] = {kAnyType | kAnyField, false, false, {{"ttl", kAny}, {"key", kText}, {"tags", kTexts}}};
  rules["no_cache"] = {kAnyType | kAnyField};
  rules["no_pushdown"] = {kAnyType | kAnyField};
  // Endpoints for maps are declared elsewhere; their arguments are not ours to check.
  for (const std::string_view name : {"wfs", "wfs_collection", "wfs_field", "wfs_exclude", "feature"}) {
    rules[name] = {kAnyType | kAnyField, true, false, {{"*", kAny}}};
  }
}

const std::unordered_map<std::string_view, Rule>& Rules() {
  static const std::unordered_map<std::string_view, Rule> rules = [] {
    auto made = MakeTypeRules();
    AddFieldRules(made);
    AddFunctionRules(made);
    AddMarks(made);
    return made;
  }();
  return rules;
}

bool Fits(Form form, const graphql::Value& value) {
  using graphql::ValueKind;
  if (value.IsNull()) return true;
  switch (form) {
    case Form::kText: return value.kind == ValueKind::kString;
    case Form::kFlag: return value.kind == ValueKind::kBoolean;
    case Form::kInt: return value.kind == ValueKind::kInt;
    case Form::kName: return value.kind == ValueKind::kEnum || value.kind == ValueKind::kString;
    case Form::kTexts:
      if (value.kind != ValueKind::kList) return Fits(Form::kName, value);
      for (const graphql::Value& item : value.items()) {
        if (!Fits(Form::kName, item)) return false;
      }
      return true;
    case Form::kAny: return true;
  }
  return true;
}

std::string_view FormName(Form form) {
  switch (form) {
    case Form::kText: return "a string";
    case Form::kFlag: return "true or false";
    case Form::kInt: return "an integer";
    case Form::kName: return "a name";
    case Form::kTexts: return "a list of strings";
    case Form::kAny: return "any value";
  }
  return {};
}

const ArgumentRule* FindRule(const Rule& rule, std::string_view argument) {
  for (const ArgumentRule& known : rule.arguments) {
    if (known.name == argument || known.name == "*") return &known;
  }
  return nullptr;
}

Status CheckArguments(const DeclaredDirective& directive, const Rule& rule) {
  for (const graphql::Argument& argument : directive.node->arguments) {
    const Site site{directive.document, argument.position};
    const ArgumentRule* known = FindRule(rule, argument.name);
    if (known == nullptr) {
      return Problem(site, "VALIDATE/Directives",
                     fmt::format("unknown argument \"{}\" of directive @{}", argument.name, directive.name()));
    }
    if (!Fits(known->form, argument.value)) {
      return Problem({directive.document, argument.value.position}, "VALIDATE/Directives",
                     fmt::format("argument \"{}\" of directive @{} must be {}", argument.name, directive.name(),
                                 FormName(known->form)));
    }
  }
  for (const ArgumentRule& known : rule.arguments) {
    const graphql::Value* value = directive.node->FindArgument(known.name);
    if (known.required && (value == nullptr || value->IsNull())) {
      return Problem(directive.site(), "VALIDATE/Directives",
                     fmt::format("directive @{} needs argument \"{}\"", directive.name(), known.name));
    }
  }
  return {};
}

Status CheckAll(const DeclaredDirectives& directives, Place place) {
  for (size_t i = 0; i < directives.size(); ++i) {
    const DeclaredDirective& directive = directives[i];
    const auto found = Rules().find(directive.name());
    if (found == Rules().end()) {
      return Problem(directive.site(), "VALIDATE/Directives", fmt::format("unknown directive @{}", directive.name()));
    }
    const Rule& rule = found->second;
    if (rule.later) return NotSupported(directive.site(), fmt::format("directive @{}", directive.name()));
    if ((rule.places & place) == 0) {
      return Problem(directive.site(), "VALIDATE/Directives",
                     fmt::format("directive @{} cannot be used here", directive.name()));
    }
    const DeclaredDirective* first = Find(directives, directive.name());
    if (!rule.repeatable && first != &directive) {
      return Problem(directive.site(), "VALIDATE/Directives",
                     fmt::format("directive @{} can be given only once", directive.name()));
    }
    EIDER_RETURN_IF_ERROR(CheckArguments(directive, rule));
  }
  return {};
}

Status CheckField(const DeclaredField& field, Place place) {
  EIDER_RETURN_IF_ERROR(CheckAll(field.directives, place));
  for (const DeclaredInput& argument : DeclaredArguments(field)) {
    EIDER_RETURN_IF_ERROR(CheckAll(argument.directives, kArgument));
  }
  return {};
}

Status CheckType(const DeclaredType& type) {
  const bool is_object = Find(type.directives, "table") != nullptr || Find(type.directives, "view") != nullptr;
  Place place = kStructure;
  if (type.kind == graphql::TypeKind::kInputObject) place = kInput;
  if (type.kind == graphql::TypeKind::kEnum) place = kEnum;
  if (type.kind == graphql::TypeKind::kObject && is_object) place = kObject;
  EIDER_RETURN_IF_ERROR(CheckAll(type.directives, place));
  for (const DeclaredField& field : type.fields) {
    EIDER_RETURN_IF_ERROR(CheckField(field, is_object ? kField : kMember));
  }
  for (const DeclaredInput& input : type.inputs) EIDER_RETURN_IF_ERROR(CheckAll(input.directives, kInputField));
  for (const DeclaredEnumValue& value : type.values) EIDER_RETURN_IF_ERROR(CheckAll(value.directives, kEnumValue));
  return {};
}

}  // namespace

Status CheckDirectives(const DeclaredSource& source) {
  for (const DeclaredType& type : source.types) EIDER_RETURN_IF_ERROR(CheckType(type));
  for (const DeclaredFunction& function : source.functions) {
    EIDER_RETURN_IF_ERROR(CheckField(function.field, kFunctionField));
  }
  for (const DeclaredExtension& extension : source.extensions) {
    EIDER_RETURN_IF_ERROR(CheckAll(extension.type.directives, kObject));
    for (const DeclaredField& field : extension.type.fields) EIDER_RETURN_IF_ERROR(CheckField(field, kField));
  }
  return {};
}

}  // namespace eider::catalog
