#include "sources/http/openapi/schemas.h"

#include <algorithm>

#include "catalog/system_names.h"
#include "sources/sdl_text.h"

namespace eider::sources::openapi {
namespace {

constexpr int kDeepest = 40;
constexpr int kMostParts = 2000;  // Of one object.

// The type word; of a list such as ["string", "null"] the one that is not null.
std::string TypeWord(const Site& schema) {
  const Site type = schema.Member("type");
  if (!type) return {};
  if (type.value->IsString()) return type.value->GetString();
  std::string word;
  if (type.value->IsArray()) {
    for (const auto& item : type.value->GetArray()) {
      if (!item.IsString() || std::string_view(item.GetString()) == "null") continue;
      if (!word.empty()) return "any";
      word = item.GetString();
    }
  }
  return word;
}

// An integer of unknown size is taken as it comes, and asked for as clients know it.
std::string ScalarOf(const Site& schema, bool is_input) {
  const std::string type = TypeWord(schema);
  const std::string format = schema.Text("format");
  if (type == "integer") return format == "int64" || (format != "int32" && !is_input) ? "BigInt" : "Int";
  if (type == "number") return "Float";
  if (type == "boolean") return "Boolean";
  if (type != "string") return "JSON";
  if (format == "date") return "Date";
  if (format == "date-time") return "Timestamp";
  return "String";
}

bool IsEnumName(std::string_view word) {
  return catalog::IsUsableName(word) && word != "true" && word != "false" && word != "null";
}

std::string TypeName(std::string_view text) {
  std::string name = GraphqlName(text);
  name.erase(0, std::min(name.find_first_not_of('_'), name.size()));
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, "T");
  if (catalog::IsSystemType(name) || name == "JSON") name += "_";
  return name;
}

bool IsNullSchema(const Site& schema) { return TypeWord(schema).empty() ? false : schema.Text("type") == "null"; }

}  // namespace

Schemas::Schemas(const References& references, const rapidjson::Value& document) : references_(references) {
  const Site schemas = Site{&document}.Member("components").Member("schemas");
  if (!schemas || !schemas.value->IsObject()) return;
  for (const auto& member : schemas.value->GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    names_[&member.value] = scope_.Claim(TypeName(name));
  }
}

Result<TypeUse> Schemas::Output(const Site& schema, const std::string& wanted) {
  return TypeOf(schema, wanted, Use::kOutput, 0);
}

Result<TypeUse> Schemas::Input(const Site& schema, const std::string& wanted) {
  return TypeOf(schema, wanted, Use::kInput, 0);
}

// A choice between one thing and null, or between one thing, is that thing; so is a list of one part.
Result<Site> Schemas::OnlyChoice(Site schema) const {
  for (int step = 0; step < kDeepest; ++step) {
    EIDER_ASSIGN_OR_RETURN(schema, references_.Resolve(schema));
    if (!schema || !schema.value->IsObject() || schema.Member("properties")) return schema;
    Site only;
    int count = 0;
    for (const char* word : {"allOf", "oneOf", "anyOf"}) {
      const Site parts = schema.Member(word);
      if (!parts || !parts.value->IsArray()) continue;
      for (rapidjson::SizeType i = 0; i < parts.value->Size(); ++i) {
        EIDER_ASSIGN_OR_RETURN(const Site part, references_.Resolve(parts.Item(i)));
        if (IsNullSchema(part)) continue;
        only = part;
        ++count;
      }
    }
    if (count != 1) return schema;
    schema = only;
  }
  return schema;
}

Result<TypeUse> Schemas::TypeOf(const Site& written, const std::string& wanted, Use use, int depth) {
  EIDER_ASSIGN_OR_RETURN(const Site schema, OnlyChoice(written));
  if (!schema || depth > kDeepest) return TypeUse();
  if (schema.value->IsBool()) return TypeUse();  // "anything"
  if (!schema.value->IsObject()) return BrokenAt(schema, "a schema must be an object");
  if (const auto it = known_.find({schema.value, use}); it != known_.end()) return it->second;
  if (open_.contains(schema.value)) return TypeUse();  // It holds itself.
  open_.insert(schema.value);
  const std::string type = TypeWord(schema);
  const auto named = names_.find(schema.value);
  const std::string name = named == names_.end() ? wanted : named->second;
  Result<TypeUse> made = TypeUse();
  if (type == "array") {
    made = ListOf(schema, name, use, depth);
  } else if (const Site values = schema.Member("enum"); values && (type == "string" || type.empty())) {
    made = EnumOf(schema, name);
  } else if (type.empty() || type == "object") {
    made = TypeOfObject(schema, name, use, depth);
  } else {
    made->name = ScalarOf(schema, use == Use::kInput);
  }
  open_.erase(schema.value);
  if (made) known_[{schema.value, use}] = *made;
  return made;
}

Result<TypeUse> Schemas::ListOf(const Site& schema, const std::string& wanted, Use use, int depth) {
  const Site items = schema.Member("items");
  if (!items) return TypeUse();
  EIDER_ASSIGN_OR_RETURN(TypeUse type, TypeOf(items, wanted + (IsNamed(schema) ? "_item" : ""), use, depth + 1));
  if (type.is_list || type.name == "JSON") return TypeUse();
  type.is_list = true;
  return type;
}

TypeUse Schemas::EnumOf(const Site& schema, const std::string& wanted) {
  const Site values = schema.Member("enum");
  TypeUse text{"String", false};
  if (!values.value->IsArray() || values.value->Empty()) return text;
  std::string words;
  NameScope unique;
  for (const auto& value : values.value->GetArray()) {
    if (value.IsNull()) continue;
    if (!value.IsString() || !IsEnumName(value.GetString()) || !unique.Enter(value.GetString())) {
      return value.IsString() ? text : TypeUse();
    }
    words.append("\t").append(value.GetString()).append("\n");
  }
  if (words.empty()) return text;
  const std::string name = IsNamed(schema) ? wanted : scope_.Claim(TypeName(wanted));
  definitions_.push_back(SdlDescription(schema.Text("description"), 0) + "enum " + name + " {\n" + words + "}\n");
  known_[{schema.value, Use::kInput}] = {name, false};
  known_[{schema.value, Use::kOutput}] = {name, false};
  return {name, false};
}

Status Schemas::CollectChoice(const Site& choice, Members& members, int depth) {
  for (rapidjson::SizeType i = 0; choice.value->IsArray() && i < choice.value->Size(); ++i) {
    EIDER_ASSIGN_OR_RETURN(const Site part, OnlyChoice(choice.Item(i)));
    if (IsNullSchema(part)) continue;
    const bool is_object =
        part && part.value->IsObject() && (part.Member("properties") || part.Member("allOf") || part.Member("oneOf"));
    members.is_open = members.is_open || !is_object;
    EIDER_RETURN_IF_ERROR(Collect(part, members, depth + 1, true));
  }
  return {};
}

Status Schemas::Collect(const Site& written, Members& members, int depth, bool optional) {
  if (depth > kDeepest || ++members.steps > kMostParts || members.properties.size() > std::size_t{kMostParts}) {
    members.is_open = true;
    return {};
  }
  EIDER_ASSIGN_OR_RETURN(const Site schema, references_.Resolve(written));
  if (!schema || !schema.value->IsObject()) return {};
  if (members.description.empty()) members.description = schema.Text("description");
  const Site all = schema.Member("allOf");
  for (rapidjson::SizeType i = 0; all && all.value->IsArray() && i < all.value->Size(); ++i) {
    EIDER_RETURN_IF_ERROR(Collect(all.Item(i), members, depth + 1, optional));
  }
  for (const char* word : {"oneOf", "anyOf"}) {
    if (const Site choice = schema.Member(word)) EIDER_RETURN_IF_ERROR(CollectChoice(choice, members, depth));
  }
  const Site properties = schema.Member("properties");
  if (!properties) return {};
  if (!properties.value->IsObject()) return BrokenAt(properties, "properties must be an object");
  members.is_object = true;
  const Site required = schema.Member("required");
  for (const auto& member : properties.value->GetObject()) {
    Property property;
    property.key.assign(member.name.GetString(), member.name.GetStringLength());
    property.schema = properties.Member(property.key);
    if (!optional && required && required.value->IsArray()) {
      property.required = std::ranges::any_of(required.value->GetArray(),
                                              [&](const auto& name) { return name.IsString() && name == member.name; });
    }
    const auto known = std::ranges::find(members.properties, property.key, &Property::key);
    if (known == members.properties.end()) {
      members.properties.push_back(std::move(property));
    } else {
      known->schema = property.schema;
    }
  }
  return {};
}

Result<TypeUse> Schemas::TypeOfObject(const Site& schema, const std::string& wanted, Use use, int depth) {
  Members members;
  EIDER_RETURN_IF_ERROR(Collect(schema, members, 0, false));
  if (!members.is_object || members.is_open || members.properties.empty()) return TypeUse();
  const bool is_named = IsNamed(schema);
  if (use == Use::kInput) {
    // Members of inputs keep their names, which then must be names of GraphQL.
    const auto has_name = [](const Property& property) { return catalog::IsUsableName(property.key); };
    if (!std::ranges::all_of(members.properties, has_name)) return TypeUse();
  }
  std::string name = is_named ? wanted : scope_.Claim(TypeName(wanted));
  if (use == Use::kInput) name = scope_.Claim(name + "_input");
  std::vector<TypeUse> types;
  for (const Property& property : members.properties) {
    EIDER_ASSIGN_OR_RETURN(TypeUse type,
                           TypeOf(property.schema, name + "_" + GraphqlName(property.key), use, depth + 1));
    types.push_back(std::move(type));
  }
  return TypeUse{Define(members, name, types, use), false};
}

std::string Schemas::Define(const Members& members, const std::string& name, const std::vector<TypeUse>& types,
                            Use use) {
  std::string text = SdlDescription(members.description, 0) + (use == Use::kInput ? "input " : "type ") + name + " {\n";
  NameScope fields;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const Property& property = members.properties[i];
    std::string field = GraphqlName(property.key);
    if (use == Use::kOutput) field = fields.Claim(field == "_stub" ? "stub" : field);
    text += SdlDescription(property.schema.Text("description"), 1) + "\t" + field + ": " + types[i].Text();
    if (use == Use::kInput && property.required) text += "!";
    if (field != property.key) text += " @field_source(field: " + SdlString(property.key) + ")";
    text += "\n";
  }
  definitions_.push_back(text + "}\n");
  return name;
}

std::string Schemas::Sdl() const {
  std::string sdl;
  for (const std::string& definition : definitions_) sdl += definition;
  return sdl;
}

}  // namespace eider::sources::openapi
