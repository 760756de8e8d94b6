#include "query/logical_introspection.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.h"
#include "graphql/coerce.h"
#include "graphql/introspection.h"
#include "query/module_index.h"

namespace eider::query {
namespace {

using catalog::DataObject;
using catalog::FieldKind;
using catalog::Relation;
using catalog::RelationKind;
using catalog::Source;
using graphql::CollectedField;

// Something that a search found.
struct Match {
  std::string_view kind;
  std::string_view name;
  std::string_view description;
  std::string_view parent;
  const DataObject* object = nullptr;
  const ModuleEntry* module = nullptr;
  const FunctionEntry* function = nullptr;
  const Source* source = nullptr;
};

bool IsRootQuery(FieldKind kind) {
  return kind == FieldKind::kSelect || kind == FieldKind::kSelectByPk || kind == FieldKind::kSelectUnique ||
         kind == FieldKind::kAggregate || kind == FieldKind::kBucketAggregate;
}

std::string_view DescriptionOf(const FunctionEntry& function) { return function.field->description; }

// Writes one root field. Every Write method of an object appends the members that `field` selects.
class Writer {
 public:
  Writer(const graphql::CollectContext& context, const catalog::Snapshot& snapshot, const LogicalOptions& options,
         std::string* out)
      : context_(context),
        snapshot_(snapshot),
        modules_(snapshot),
        options_(options),
        out_(*out),
        limit_(out->size() + options.max_output_bytes) {
    standard_.max_depth = options.max_depth;
    standard_.visibility = options.visibility;
  }

  graphql::GraphqlResult<void> WriteRoot(const CollectedField& field) {
    if (ReadArguments(field)) WriteValue(field);
    if (error_) return tl::unexpected(*error_);
    return {};
  }

 private:
  bool ReadArguments(const CollectedField& field) {
    auto resolved = graphql::ResolveArguments(field.definition->arguments, field.node().arguments, context_.variables,
                                              context_.variables.arena());
    if (resolved) {
      arguments_ = std::move(*resolved);
      return true;
    }
    error_ = std::move(resolved).error();
    return false;
  }

  const graphql::Value* Argument(std::string_view name) const {
    for (const graphql::ResolvedArgument& argument : arguments_) {
      if (argument.definition->name != name) continue;
      return argument.value == nullptr || argument.value->kind == graphql::ValueKind::kNull ? nullptr : argument.value;
    }
    return nullptr;
  }
  std::string_view TextArgument(std::string_view name) const {
    const graphql::Value* value = Argument(name);
    return value == nullptr ? std::string_view() : value->text;
  }

  void WriteValue(const CollectedField& field) {
    const std::string_view name = field.name();
    if (name == "_catalog") return WriteModule(field, modules_.Find(""));
    if (name == "_module") return WriteModule(field, modules_.Find(TextArgument("name")));
    if (name == "_dataObject") return WriteObject(field, snapshot_.FindObject(TextArgument("name")));
    if (name == "_dataSource") return WriteSource(field, FindSource(TextArgument("name")));
    if (name == "_dataSources") return WriteSources(field, snapshot_.sources);
    if (name == "_types") return WriteTypes(field, TextArgument("scope"));
    if (name == "_search") return WriteSearch(field);
    const ModuleEntry* module = modules_.Find(TextArgument("module"));
    if (module != nullptr) {
      for (const FunctionEntry& function : ModuleIndex::FunctionsOf(*module)) {
        if (function.field->name == TextArgument("name") && Shows(function)) return WriteFunction(field, function);
      }
    }
    out_.append("null");
  }

  // ---- Pieces -------------------------------------------------------------------------------------------------
  template <class WriteMember>
  void WriteMembers(const CollectedField& field, WriteMember write_member) {
    if (out_.size() > limit_) return Fail(field);
    const graphql::Type& type = *field.definition->type.named();
    out_.push_back('{');
    for (const CollectedField& member : graphql::CollectSubfields(context_, type, field)) {
      if (error_) return;
      if (out_.back() != '{') out_.push_back(',');
      AppendJsonString(out_, member.response_name);
      out_.push_back(':');
      if (member.name() == "__typename") {
        AppendJsonString(out_, type.name);
      } else {
        write_member(member);
      }
    }
    out_.push_back('}');
  }

  template <class Items, class WriteItem>
  void WriteList(const Items& items, WriteItem write_item) {
    out_.push_back('[');
    bool first = true;
    for (const auto& item : items) {
      if (error_) return;
      if (!first) out_.push_back(',');
      first = false;
      write_item(item);
    }
    out_.push_back(']');
  }

  void WriteText(std::string_view text) { AppendJsonString(out_, text); }
  void WriteFlag(bool flag) { out_.append(flag ? "true" : "false"); }
  void WriteDescription(std::string_view text) {
    if (text.empty()) {
      out_.append("null");
    } else {
      WriteText(text);
    }
  }
  void WriteColumns(const std::vector<const catalog::Column*>& columns) {
    WriteList(columns, [&](const catalog::Column* column) { WriteText(column->name); });
  }

  void Fail(const CollectedField& field) {
    error_ = graphql::GraphqlError{"the answer is larger than " + std::to_string(options_.max_output_bytes) + " bytes",
                                   {context_.document.Locate(field.position())},
                                   {}};
  }
  void Take(graphql::GraphqlResult<void> done) {
    if (!done) error_ = std::move(done).error();
  }

  void WriteTypeOrNull(const CollectedField& field, const graphql::Type* type) {
    if (type == nullptr) {
      out_.append("null");
    } else {
      Take(graphql::WriteTypeValue(context_, field, graphql::TypeRef(type), standard_, &out_));
    }
  }
  void WriteInputs(const CollectedField& field, std::span<const graphql::InputValue> values) {
    Take(graphql::WriteInputValueList(context_, field, values, standard_, &out_));
  }

  // ---- Objects ------------------------------------------------------------------------------------------------
  void WriteModule(const CollectedField& field, const ModuleEntry* module);
  void WriteObject(const CollectedField& field, const DataObject* object);
  void WriteObjectMember(const CollectedField& member, const DataObject& object);
  void WriteProperties(const CollectedField& field, const DataObject& object);
  void WriteQueries(const CollectedField& field, const DataObject& object);
  void WriteRelation(const CollectedField& field, const Relation& relation);
  void WriteFunction(const CollectedField& field, const FunctionEntry& function);
  void WriteSource(const CollectedField& field, const Source* source);
  void WriteTypes(const CollectedField& field, std::string_view scope);
  void WriteSearch(const CollectedField& field);
  void WriteMatch(const CollectedField& field, const Match& match);

  void WriteObjects(const CollectedField& field, const std::vector<const DataObject*>& objects) {
    std::vector<const DataObject*> shown;
    std::ranges::copy_if(objects, std::back_inserter(shown), [&](const DataObject* object) { return Shows(*object); });
    WriteList(shown, [&](const DataObject* object) { WriteObject(field, object); });
  }
  void WriteSources(const CollectedField& field, const std::vector<const Source*>& sources) {
    WriteList(sources, [&](const Source* source) { WriteSource(field, source); });
  }
  void WriteFunctions(const CollectedField& field, const std::vector<FunctionEntry>& functions) {
    std::vector<FunctionEntry> shown;
    std::ranges::copy_if(functions, std::back_inserter(shown),
                         [&](const FunctionEntry& function) { return Shows(function); });
    WriteList(shown, [&](const FunctionEntry& function) { WriteFunction(field, function); });
  }

  // ---- What the role sees -------------------------------------------------------------------------------------
  bool ShowsField(const graphql::Type* type, std::string_view name) const {
    if (options_.visibility == nullptr || type == nullptr) return true;
    const graphql::Field* field = type->FindField(name);
    if (field == nullptr) return true;
    return options_.visibility->IsVisible(*type, *field) && options_.visibility->IsVisible(*field->type.named());
  }
  // A module whose field is hidden in the module around it.
  bool ShowsModule(std::string_view path) const {
    if (options_.visibility == nullptr || path.empty()) return true;
    const std::size_t dot = path.rfind('.');
    const std::string_view outer = dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
    const ModuleEntry* module = modules_.Find(outer);
    const std::string_view name = dot == std::string_view::npos ? path : path.substr(dot + 1);
    return ShowsModule(outer) && (module == nullptr || ShowsField(module->query, name));
  }
  bool Shows(const DataObject& object) const {
    return options_.visibility == nullptr || (options_.visibility->IsVisible(object) && ShowsModule(object.module));
  }
  bool Shows(const FunctionEntry& function) const {
    const ModuleEntry* module = modules_.Find(function.module);
    if (module == nullptr) return true;
    return ShowsModule(function.module) &&
           ShowsField(function.is_mutation ? module->mutation_function : module->function, function.field->name);
  }
  bool Shows(const DataObject& object, const Relation& relation) const {
    return Shows(*relation.to) && (relation.junction == nullptr || Shows(*relation.junction)) &&
           ShowsField(context_.schema.FindType(object.name), relation.field);
  }

  // ---- Look-ups -----------------------------------------------------------------------------------------------
  const Source* FindSource(std::string_view name) const {
    const auto found =
        std::ranges::find(snapshot_.sources, name, [](const Source* source) { return std::string_view(source->name); });
    return found == snapshot_.sources.end() ? nullptr : *found;
  }
  static const Source* SourceOf(const FunctionEntry& function) {
    return function.binding->function == nullptr ? nullptr : function.binding->function->source;
  }
  std::vector<const DataObject*> ObjectsOf(std::string_view module) const {
    std::vector<const DataObject*> objects;
    for (const DataObject* object : snapshot_.objects) {
      if (object->module == module) objects.push_back(object);
    }
    return objects;
  }
  // The sources of a module's objects and functions, and of those of the modules below.
  std::vector<const Source*> SourcesOf(const ModuleEntry& module) const {
    const auto inside = [&](std::string_view path) {
      return module.path.empty() || path == module.path || path.starts_with(module.path + ".");
    };
    std::set<const Source*> found;
    for (const DataObject* object : snapshot_.objects) {
      if (inside(object->module)) found.insert(object->source);
    }
    for (const catalog::Function* function : snapshot_.functions) {
      if (inside(function->module)) found.insert(function->source);
    }
    std::vector<const Source*> sources;
    for (const Source* source : snapshot_.sources) {
      if (module.path.empty() || found.contains(source)) sources.push_back(source);
    }
    return sources;
  }
  std::vector<FunctionEntry> AllFunctions() const {
    std::vector<FunctionEntry> all;
    for (const auto& [path, module] : modules_.all()) {
      for (const FunctionEntry& function : ModuleIndex::FunctionsOf(module)) all.push_back(function);
    }
    return all;
  }

  const graphql::CollectContext& context_;
  const catalog::Snapshot& snapshot_;
  const ModuleIndex modules_;
  const LogicalOptions& options_;
  graphql::IntrospectionOptions standard_;
  std::string& out_;
  const std::size_t limit_;
  std::vector<graphql::ResolvedArgument> arguments_;
  std::optional<graphql::GraphqlError> error_;
};

void Writer::WriteModule(const CollectedField& field, const ModuleEntry* module) {
  if (module == nullptr || !ShowsModule(module->path)) {
    out_.append("null");
    return;
  }
  WriteMembers(field, [&](const CollectedField& member) {
    const std::string_view name = member.name();
    if (name == "name") return WriteText(module->path);
    if (name == "description") return WriteDescription(module->query == nullptr ? "" : module->query->description);
    if (name == "dataSources") return WriteSources(member, SourcesOf(*module));
    if (name == "modules") {
      std::vector<const ModuleEntry*> below = modules_.Below(module->path);
      std::erase_if(below, [&](const ModuleEntry* inner) { return !ShowsModule(inner->path); });
      return WriteList(below, [&](const ModuleEntry* inner) { WriteModule(member, inner); });
    }
    if (name == "dataObjects") return WriteObjects(member, ObjectsOf(module->path));
    if (name == "functions") return WriteFunctions(member, ModuleIndex::FunctionsOf(*module));
    if (name == "queryType") return WriteTypeOrNull(member, module->query);
    if (name == "mutationType") return WriteTypeOrNull(member, module->mutation);
    if (name == "functionType") return WriteTypeOrNull(member, module->function);
    if (name == "mutationFunctionType") return WriteTypeOrNull(member, module->mutation_function);
    WriteTypeOrNull(member, module->subscription);
  });
}

void Writer::WriteObject(const CollectedField& field, const DataObject* object) {
  if (object == nullptr || !Shows(*object)) {
    out_.append("null");
    return;
  }
  WriteMembers(field, [&](const CollectedField& member) { WriteObjectMember(member, *object); });
}

void Writer::WriteObjectMember(const CollectedField& member, const DataObject& object) {
  const std::string_view name = member.name();
  if (name == "name") return WriteText(object.name);
  if (name == "type") return WriteText(object.kind == catalog::ObjectKind::kTable ? "TABLE" : "VIEW");
  if (name == "properties") return WriteProperties(member, object);
  if (name == "moduleName") return WriteText(object.module);
  if (name == "module") return WriteModule(member, modules_.Find(object.module));
  if (name == "primaryKey") return WriteColumns(object.primary_key);
  if (name == "args") {
    const graphql::Type* input = object.args_type.empty() ? nullptr : context_.schema.FindType(object.args_type);
    return WriteInputs(member, input == nullptr ? std::span<const graphql::InputValue>() : input->input_fields);
  }
  if (name == "queries") return WriteQueries(member, object);
  if (name == "fields") {
    return Take(graphql::WriteFieldList(context_, member, *context_.schema.FindType(object.name), standard_, &out_));
  }
  if (name == "relations") {
    std::vector<const Relation*> relations;
    for (const Relation& relation : object.relations) {
      if (Shows(object, relation)) relations.push_back(&relation);
    }
    return WriteList(relations, [&](const Relation* relation) { WriteRelation(member, *relation); });
  }
  if (name == "dataSourceName") return WriteText(object.source->name);
  if (name == "dataSources") return WriteSources(member, {object.source});
  WriteDescription(object.description);
}

void Writer::WriteProperties(const CollectedField& field, const DataObject& object) {
  WriteMembers(field, [&](const CollectedField& member) {
    const std::string_view name = member.name();
    if (name == "isM2M") return WriteFlag(object.is_m2m);
    if (name == "softDelete") return WriteFlag(object.soft_delete);
    if (name == "hasVectors") {
      return WriteFlag(std::ranges::any_of(
          object.columns, [](const catalog::Column& column) { return column.kind == catalog::ScalarKind::kVector; }));
    }
    WriteFlag(name == "isCube" ? object.is_cube : object.is_hypertable);
  });
}

void Writer::WriteQueries(const CollectedField& field, const DataObject& object) {
  const ModuleEntry* module = modules_.Find(object.module);
  std::vector<const graphql::Field*> queries;
  if (module != nullptr && module->query != nullptr) {
    for (const graphql::Field& query : module->query->fields) {
      const catalog::FieldBinding* binding = catalog::BindingOf(query);
      if (binding == nullptr || binding->object != &object || !IsRootQuery(binding->kind)) continue;
      if (ShowsField(module->query, query.name)) queries.push_back(&query);
    }
  }
  WriteList(queries, [&](const graphql::Field* query) {
    WriteMembers(field, [&](const CollectedField& member) {
      if (member.name() == "name") return WriteText(query->name);
      if (member.name() == "type") return WriteText(query->hugr_type);
      if (member.name() == "rootTypeName") return WriteText(module->query->name);
      WriteInputs(member, query->arguments);
    });
  });
}

void Writer::WriteRelation(const CollectedField& field, const Relation& relation) {
  WriteMembers(field, [&](const CollectedField& member) {
    const std::string_view name = member.name();
    if (name == "name") return WriteText(relation.name);
    if (name == "direction") {
      const bool forward = relation.kind == RelationKind::kForward || relation.kind == RelationKind::kJoin;
      return WriteText(forward ? "FORWARD" : "BACK");
    }
    if (name == "kind") {
      if (relation.kind == RelationKind::kManyToMany) return WriteText("M2M");
      return WriteText(relation.kind == RelationKind::kJoin ? "JOIN" : "FK");
    }
    if (name == "fieldName") return WriteText(relation.field);
    if (name == "dataObject") return WriteObject(member, relation.to);
    if (name == "through") return WriteObject(member, relation.junction);
    if (name == "sourceKeys") return WriteColumns(relation.from_columns);
    if (name == "destinationKeys") return WriteColumns(relation.to_columns);
    WriteSource(member, relation.to->source);
  });
}

void Writer::WriteFunction(const CollectedField& field, const FunctionEntry& function) {
  WriteMembers(field, [&](const CollectedField& member) {
    const std::string_view name = member.name();
    const catalog::Function* declared = function.binding->function;
    if (name == "name") return WriteText(function.field->name);
    if (name == "description") return WriteDescription(function.field->description);
    if (name == "moduleName") return WriteText(function.module);
    if (name == "module") return WriteModule(member, modules_.Find(function.module));
    if (name == "isMutation") return WriteFlag(function.is_mutation);
    if (name == "isTable") return WriteFlag(declared != nullptr && declared->is_table);
    if (name == "type") {
      return Take(graphql::WriteTypeValue(context_, member, function.field->type, standard_, &out_));
    }
    if (name == "args") return WriteInputs(member, function.field->arguments);
    if (name == "dataObject") {
      return WriteObject(member, snapshot_.FindObject(function.field->type.named()->name));
    }
    const Source* source = SourceOf(function);
    WriteSource(member, source == nullptr ? FindSource("core") : source);
  });
}

void Writer::WriteSource(const CollectedField& field, const Source* source) {
  if (source == nullptr) {
    out_.append("null");
    return;
  }
  WriteMembers(field, [&](const CollectedField& member) {
    const std::string_view name = member.name();
    if (name == "name") return WriteText(source->name);
    if (name == "type") return WriteText(source->type);
    if (name == "description") return WriteDescription(source->description);
    if (name == "prefix") return WriteText(source->prefix);
    if (name == "asModule") return WriteFlag(source->as_module);
    if (name == "readOnly") return WriteFlag(source->read_only);
    if (name == "modules") {
      std::set<std::string_view> paths;
      for (const DataObject* object : snapshot_.objects) {
        if (object->source == source) paths.insert(object->module);
      }
      for (const FunctionEntry& function : AllFunctions()) {
        if (SourceOf(function) == source) paths.insert(function.module);
      }
      std::erase_if(paths, [&](std::string_view path) { return !ShowsModule(path); });
      return WriteList(paths, [&](std::string_view path) { WriteModule(member, modules_.Find(path)); });
    }
    if (name == "dataObjects") {
      std::vector<const DataObject*> objects;
      for (const DataObject* object : snapshot_.objects) {
        if (object->source == source) objects.push_back(object);
      }
      return WriteObjects(member, objects);
    }
    std::vector<FunctionEntry> functions = AllFunctions();
    std::erase_if(functions, [&](const FunctionEntry& function) { return SourceOf(function) != source; });
    WriteFunctions(member, functions);
  });
}

// Whether `type` belongs to what `_types(scope:)` names.
bool InScope(const catalog::Snapshot& snapshot, const graphql::Type& type, std::string_view scope) {
  using graphql::TypeKind;
  const bool is_object = snapshot.FindObject(type.name) != nullptr;
  const bool is_module = type.hugr_type == "module";
  const auto* binding = static_cast<const catalog::TypeBinding*>(type.annotation);
  const bool is_struct = type.kind == TypeKind::kObject && binding != nullptr && binding->structure != nullptr;
  if (scope == "DATA_OBJECTS") return is_object;
  if (scope == "MODULES") return is_module;
  if (scope == "OBJECTS") return is_object || is_struct;
  if (scope == "INPUTS") return type.kind == TypeKind::kInputObject;
  if (scope == "ENUMS") return type.kind == TypeKind::kEnum;
  if (scope == "SCALARS") return type.kind == TypeKind::kScalar;
  return scope != "SYSTEM" || type.is_builtin || (type.catalog.empty() && !is_module && !is_object && !is_struct);
}

void Writer::WriteTypes(const CollectedField& field, std::string_view scope) {
  std::vector<const graphql::Type*> types;
  for (const graphql::Type* type : context_.schema.types()) {
    const bool shown = options_.visibility == nullptr || options_.visibility->IsVisible(*type);
    if (shown && InScope(snapshot_, *type, scope)) types.push_back(type);
  }
  WriteList(types, [&](const graphql::Type* type) {
    if (out_.size() > limit_) return Fail(field);
    Take(graphql::WriteTypeValue(context_, field, graphql::TypeRef(type), standard_, &out_));
  });
}

// Finds what holds all words of a query, in the order of the schema.
class Search {
 public:
  Search(std::string_view query, const graphql::Value* kinds, std::size_t limit) : limit_(limit) {
    const std::string lower = LowerAscii(query);
    for (const std::string_view word : SplitText(lower, ' ')) {
      if (!word.empty()) words_.emplace_back(word);
    }
    if (kinds == nullptr) return;
    for (const graphql::Value& kind : kinds->items()) kinds_.insert(kind.text);
  }

  void Try(const Match& match) {
    if (matches_.size() >= limit_ || words_.empty() || (!kinds_.empty() && !kinds_.contains(match.kind))) return;
    const std::string text = LowerAscii(std::string(match.name) + " " + std::string(match.description));
    const bool found =
        std::ranges::all_of(words_, [&](const std::string& word) { return text.find(word) != std::string::npos; });
    if (found) matches_.push_back(match);
  }

  const std::vector<Match>& matches() const { return matches_; }

 private:
  std::size_t limit_;
  std::vector<std::string> words_;
  std::set<std::string_view> kinds_;
  std::vector<Match> matches_;
};

void Writer::WriteSearch(const CollectedField& field) {
  constexpr std::int64_t kMost = 1000;
  const graphql::Value* limit = Argument("limit");
  const std::int64_t wanted = limit == nullptr ? 50 : std::strtoll(std::string(limit->text).c_str(), nullptr, 10);
  Search search(TextArgument("query"), Argument("kinds"),
                static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 0, kMost)));
  for (const Source* source : snapshot_.sources) {
    search.Try({.kind = "DATA_SOURCE", .name = source->name, .description = source->description, .source = source});
  }
  for (const auto& [path, module] : modules_.all()) {
    if (!path.empty() && ShowsModule(path)) search.Try({.kind = "MODULE", .name = path, .module = &module});
  }
  for (const DataObject* object : snapshot_.objects) {
    if (!Shows(*object)) continue;
    const graphql::Type* type = context_.schema.FindType(object->name);
    search.Try({.kind = "DATA_OBJECT",
                .name = object->name,
                .description = object->description,
                .parent = object->module,
                .object = object});
    for (const catalog::Column& column : object->columns) {
      if (!ShowsField(type, column.name)) continue;
      search.Try({.kind = "FIELD",
                  .name = column.name,
                  .description = column.description,
                  .parent = object->name,
                  .object = object});
    }
    for (const Relation& relation : object->relations) {
      if (!Shows(*object, relation)) continue;
      search.Try({.kind = "RELATION",
                  .name = relation.field,
                  .description = relation.description,
                  .parent = object->name,
                  .object = object});
    }
  }
  const std::vector<FunctionEntry> functions = AllFunctions();
  for (const FunctionEntry& function : functions) {
    if (!Shows(function)) continue;
    search.Try({.kind = "FUNCTION",
                .name = function.field->name,
                .description = DescriptionOf(function),
                .parent = function.module,
                .function = &function});
  }
  for (const graphql::Type* type : context_.schema.types()) {
    if (!InScope(snapshot_, *type, "OBJECTS") || snapshot_.FindObject(type->name) != nullptr) continue;
    search.Try({.kind = "TYPE", .name = type->name, .description = type->description, .parent = type->module});
  }
  WriteList(search.matches(), [&](const Match& match) { WriteMatch(field, match); });
}

void Writer::WriteMatch(const CollectedField& field, const Match& match) {
  WriteMembers(field, [&](const CollectedField& member) {
    const std::string_view name = member.name();
    if (name == "kind") return WriteText(match.kind);
    if (name == "name") return WriteText(match.name);
    if (name == "description") return WriteDescription(match.description);
    if (name == "parent") return WriteDescription(match.parent);
    if (name == "dataObject") return WriteObject(member, match.object);
    if (name == "module") return WriteModule(member, match.module);
    if (name == "dataSource") return WriteSource(member, match.source);
    if (match.function == nullptr) {
      out_.append("null");
    } else {
      WriteFunction(member, *match.function);
    }
  });
}

}  // namespace

graphql::GraphqlResult<void> WriteLogical(const graphql::CollectContext& context, const catalog::Snapshot& snapshot,
                                          const CollectedField& field, const LogicalOptions& options,
                                          std::string* out) {
  return Writer(context, snapshot, options, out).WriteRoot(field);
}

}  // namespace eider::query
