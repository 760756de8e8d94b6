#include "sources/duckdb/introspection.h"

#include <algorithm>
#include <optional>

#include "sources/duckdb/type_mapping.h"
#include "sources/sdl_text.h"

namespace eider::sources {
namespace {

// Names that the generated schema has for itself; a relation of that name gets a number.
constexpr std::string_view kSystemTypes[] = {"BigInt",
                                             "Boolean",
                                             "Date",
                                             "DateTime",
                                             "Float",
                                             "Function",
                                             "Geometry",
                                             "ID",
                                             "Int",
                                             "Interval",
                                             "JSON",
                                             "Mutation",
                                             "MutationFunction",
                                             "OperationResult",
                                             "Query",
                                             "OrderByField",
                                             "OrderDirection",
                                             "String",
                                             "Subscription",
                                             "Time",
                                             "Timestamp",
                                             "Vector",
                                             "IntRange",
                                             "BigIntRange",
                                             "TimestampRange",
                                             "H3Cell"};

// A relation on its way to SDL.
struct Draft {
  const std::pair<std::string, std::string>* key = nullptr;
  const RelationInfo* info = nullptr;
  std::string type_name;
  std::map<std::string, std::string> field_of;          // By column name.
  std::map<std::string, std::string> field_directives;  // Relations, by column name.
  std::string type_directives;                          // @unique and @references.
  std::string fields;
  NameScope members;
};

std::string TypeName(const std::pair<std::string, std::string>& key, std::string_view default_schema) {
  const std::string name = GraphqlName(key.second);
  return key.first == default_schema ? name : GraphqlName(key.first) + "_" + name;
}

// `books`, or `shop.books`; parts that are no plain words are quoted so that dots in them stay what they are.
std::string RelationName(const std::pair<std::string, std::string>& key, std::string_view default_schema) {
  const auto part = [](const std::string& text) {
    const bool plain = text.find_first_of(".\"") == std::string::npos;
    if (plain) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + "\"";
  };
  return key.first == default_schema ? part(key.second) : part(key.first) + "." + part(key.second);
}

class SdlDraft {
 public:
  SdlDraft(const RelationMap& relations, std::string_view default_schema)
      : default_schema_(default_schema),
        mapper_(type_names_) {
    for (const std::string_view name : kSystemTypes) type_names_.Enter(std::string(name));
    for (const auto& [key, info] : relations) {
      Draft& draft = drafts_[key];
      draft.key = &key;
      draft.info = &info;
      draft.type_name = type_names_.Claim(TypeName(key, default_schema_));
    }
  }

  std::string Write() {
    for (auto& [key, draft] : drafts_) NameFields(draft);
    for (auto& [key, draft] : drafts_) AddKeys(draft);
    for (auto& [key, draft] : drafts_) AddForeignKeys(draft);
    std::string relations;
    for (auto& [key, draft] : drafts_) relations.append(Definition(draft));
    std::string structures;
    for (const std::string& definition : mapper_.definitions()) structures.append(definition);
    return relations + structures;
  }

 private:
  void NameFields(Draft& draft) {
    for (const ColumnInfo& column : draft.info->columns) {
      const auto type = ParseEngineType(column.type);
      if (!type) continue;
      const std::string wanted = GraphqlName(column.name);
      auto mapped = mapper_.Map(*type, draft.type_name + "_" + wanted);
      if (!mapped) continue;
      draft.field_of[column.name] = draft.members.Claim(wanted);
      types_of_[&column] = std::move(*mapped);
    }
  }

  // GraphQL names of all `columns`, or nothing when one of them was left out.
  static std::optional<std::vector<std::string>> FieldsOf(const Draft& draft, const std::vector<std::string>& columns) {
    std::vector<std::string> fields;
    for (const std::string& column : columns) {
      const auto it = draft.field_of.find(column);
      if (it == draft.field_of.end()) return std::nullopt;
      fields.push_back(it->second);
    }
    return fields.empty() ? std::nullopt : std::optional(std::move(fields));
  }

  static void AddKeys(Draft& draft) {
    for (const KeyInfo& key : draft.info->unique_keys) {
      const auto fields = FieldsOf(draft, key.columns);
      if (!fields) continue;
      std::string suffix = "by";
      for (const std::string& field : *fields) suffix.append("_").append(field);
      draft.type_directives.append(" @unique(fields: ").append(SdlStringList(*fields));
      draft.type_directives.append(", query_suffix: ").append(SdlString(suffix)).append(")");
    }
  }

  void AddForeignKeys(Draft& draft) {
    for (const ForeignKeyInfo& key : draft.info->foreign_keys) {
      const auto target = drafts_.find({key.referenced_schema, key.referenced_table});
      if (target == drafts_.end()) continue;
      const auto fields = FieldsOf(draft, key.columns);
      const auto target_fields = FieldsOf(target->second, key.referenced_columns);
      if (fields && target_fields) AddRelation(draft, target->second, key.columns, *fields, *target_fields);
    }
  }

  static void AddRelation(Draft& from, Draft& to, const std::vector<std::string>& columns,
                          const std::vector<std::string>& fields, const std::vector<std::string>& target_fields) {
    const std::string forward = ClaimRelation(from.members, to.type_name, fields);
    const std::string back = ClaimRelation(to.members, from.type_name, fields);
    const std::string queries = ", query: " + SdlString(forward) + ", references_query: " + SdlString(back) + ")";
    const std::string target = "(references_name: " + SdlString(to.type_name);
    if (fields.size() == 1) {
      from.field_directives[columns[0]].append(" @field_references" + target +
                                               ", field: " + SdlString(target_fields[0]) + queries);
    } else {
      from.type_directives.append(" @references" + target + ", source_fields: " + SdlStringList(fields) +
                                  ", references_fields: " + SdlStringList(target_fields) + queries);
    }
  }

  // A relation's field is called like the other side; when that is taken, the key columns tell it apart.
  static std::string ClaimRelation(NameScope& members, const std::string& wanted,
                                   const std::vector<std::string>& fields) {
    std::string name = wanted;
    if (members.Has(name)) {
      for (const std::string& field : fields) name.append("_").append(field);
    }
    name = members.Claim(name);
    members.Enter(name + "_aggregation");
    members.Enter(name + "_bucket_aggregation");
    return name;
  }

  // A required column that the database fills must not be asked for in inserts.
  static std::string DefaultDirective(const ColumnInfo& column) {
    if (column.nullable || column.default_value.empty()) return "";
    constexpr std::string_view kNextValue = "nextval('";
    const std::string& text = column.default_value;
    if (text.starts_with(kNextValue) && text.ends_with("')")) {
      const std::string sequence = text.substr(kNextValue.size(), text.size() - kNextValue.size() - 2);
      return " @default(sequence: " + SdlString(sequence) + ")";
    }
    const bool has_placeholder = text.find('[') != std::string::npos;
    return has_placeholder ? "" : " @default(insert_exp: " + SdlString(text) + ")";
  }

  std::string FieldLine(const Draft& draft, const ColumnInfo& column) {
    const auto named = draft.field_of.find(column.name);
    if (named == draft.field_of.end()) return "";
    const MappedType& mapped = types_of_[&column];
    const auto& pk = draft.info->primary_key;
    const bool is_pk = std::find(pk.begin(), pk.end(), column.name) != pk.end() && FieldsOf(draft, pk);
    std::string line = SdlDescription(column.comment, 1) + "\t" + named->second + ": " + mapped.type;
    if (!column.nullable || is_pk) line.append("!");
    if (is_pk) line.append(" @pk");
    if (named->second != column.name) line.append(" @field_source(field: " + SdlString(column.name) + ")");
    // What a source says itself of a column is more than its type does.
    line.append(column.directives.empty() ? mapped.directives : column.directives).append(DefaultDirective(column));
    if (const auto it = draft.field_directives.find(column.name); it != draft.field_directives.end()) {
      line.append(it->second);
    }
    return line.append("\n");
  }

  std::string Definition(const Draft& draft) {
    if (draft.field_of.empty()) return "";
    std::string text = SdlDescription(draft.info->comment, 0) + "type " + draft.type_name;
    text.append(draft.info->is_view ? " @view" : " @table")
        .append("(name: " + SdlString(RelationName(*draft.key, default_schema_)) + ")");
    if (draft.key->first != default_schema_) {
      text.append(" @module(name: " + SdlString(GraphqlName(draft.key->first)) + ")");
    }
    text.append(draft.type_directives).append(" {\n");
    for (const ColumnInfo& column : draft.info->columns) text.append(FieldLine(draft, column));
    return text.append("}\n");
  }

  const std::string_view default_schema_;
  NameScope type_names_;
  TypeMapper mapper_;
  std::map<std::pair<std::string, std::string>, Draft> drafts_;
  std::map<const ColumnInfo*, MappedType> types_of_;
};

}  // namespace

std::string WriteIntrospectedSdl(const RelationMap& relations, std::string_view default_schema) {
  return SdlDraft(relations, default_schema).Write();
}

Result<std::vector<catalog::SdlFile>> IntrospectDatabase(engine::Session& session, const std::string& catalog) {
  EIDER_ASSIGN_OR_RETURN(const RelationMap relations, ReadRelations(session, catalog));
  std::string text = WriteIntrospectedSdl(relations);
  std::vector<catalog::SdlFile> files;
  if (!text.empty()) files.push_back({"introspection", std::move(text)});
  return files;
}

}  // namespace eider::sources
