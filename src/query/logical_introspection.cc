#include "query/logical_introspection.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.h"
#include "graphql/coerce.h"
#include "graphql/introspection.h"
#include "query/logical_schema.h"
#include "query/logical_search.h"
#include "query/module_index.h"

namespace eider::query {
namespace {

using catalog::DataObject;
using catalog::FieldKind;
using catalog::Relation;
using catalog::RelationKind;
using catalog::Source;
using graphql::CollectedField;

bool IsRootQuery(FieldKind kind) {
  return kind == FieldKind::kSelect || kind == FieldKind::kSelectByPk || kind == FieldKind::kSelectUnique ||
         kind == FieldKind::kAggregate || kind == FieldKind::kBucketAggregate;
}

// Writes one root field. Every Write method of an object appends the members that `field` selects.
class Writer {
 public:
  Writer(const graphql::CollectContext& context, const catalog::Snapshot& snapshot, const LogicalOptions& options,
         std::string* out)
      : context_(context),
        schema_(snapshot, context.schema, options.visibility),
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
    if (name == "_catalog") return WriteModule(field, schema_.modules().Find(""));
    if (name == "_module") return WriteModule(field, schema_.modules().Find(TextArgument("name")));
    if (name == "_dataObject") return WriteObject(field, schema_.snapshot().FindObject(TextArgument("name")));
    if (name == "_dataSource") return WriteSource(field, schema_.FindSource(TextArgument("name")));
    if (name == "_dataSources") return WriteSources(field, schema_.snapshot().sources);
    if (name == "_types") return WriteTypes(field, TextArgument("scope"));
    if (name == "_search") return WriteSearch(field);
    const ModuleEntry* module = schema_.modules().Find(TextArgument("module"));
    if (module != nullptr) {
      for (const FunctionEntry& function : ModuleIndex::FunctionsOf(*module)) {
        if (function.field->name == TextArgument("name") && schema_.Shows(function))
          return WriteFunction(field, function);
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
  void WriteMatch(const CollectedField& field, const LogicalMatch& match);

  void WriteObjects(const CollectedField& field, const std::vector<const DataObject*>& objects) {
    std::vector<const DataObject*> shown;
    std::ranges::copy_if(objects, std::back_inserter(shown),
                         [&](const DataObject* object) { return schema_.Shows(*object); });
    WriteList(shown, [&](const DataObject* object) { WriteObject(field, object); });
  }
  void WriteSources(const CollectedField& field, const std::vector<const Source*>& sources) {
    WriteList(sources, [&](const Source* source) { WriteSource(field, source); });
  }
  void WriteFunctions(const CollectedField& field, const std::vector<FunctionEntry>& functions) {
    std::vector<FunctionEntry> shown;
    std::ranges::copy_if(functions, std::back_inserter(shown),
                         [&](const FunctionEntry& function) { return schema_.Shows(function); });
    WriteList(shown, [&](const FunctionEntry& function) { WriteFunction(field, function); });
  }

  const graphql::CollectContext& context_;
  const LogicalSchema schema_;
  const LogicalOptions& options_;
  graphql::IntrospectionOptions standard_;
  std::string& out_;
  const std::size_t limit_;
  std::vector<graphql::ResolvedArgument> arguments_;
  std::optional<graphql::GraphqlError> error_;
};

void Writer::WriteModule(const CollectedField& field, const ModuleEntry* module) {
  if (module == nullptr || !schema_.ShowsModule(module->path)) {
    out_.append("null");
    return;
  }
  WriteMembers(field, [&](const CollectedField& member) {
    const std::string_view name = member.name();
    if (name == "name") return WriteText(module->path);
    if (name == "description") return WriteDescription(module->query == nullptr ? "" : module->query->description);
    if (name == "dataSources") return WriteSources(member, schema_.SourcesOf(*module));
    if (name == "modules") {
      std::vector<const ModuleEntry*> below = schema_.modules().Below(module->path);
      std::erase_if(below, [&](const ModuleEntry* inner) { return !schema_.ShowsModule(inner->path); });
      return WriteList(below, [&](const ModuleEntry* inner) { WriteModule(member, inner); });
    }
    if (name == "dataObjects") return WriteObjects(member, schema_.ObjectsOf(module->path));
    if (name == "functions") return WriteFunctions(member, ModuleIndex::FunctionsOf(*module));
    if (name == "queryType") return WriteTypeOrNull(member, module->query);
    if (name == "mutationType") return WriteTypeOrNull(member, module->mutation);
    if (name == "functionType") return WriteTypeOrNull(member, module->function);
    if (name == "mutationFunctionType") return WriteTypeOrNull(member, module->mutation_function);
    WriteTypeOrNull(member, module->subscription);
  });
}

void Writer::WriteObject(const CollectedField& field, const DataObject* object) {
  if (object == nullptr || !schema_.Shows(*object)) {
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
  if (name == "module") return WriteModule(member, schema_.modules().Find(object.module));
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
      if (schema_.Shows(object, relation)) relations.push_back(&relation);
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
  const ModuleEntry* module = schema_.modules().Find(object.module);
  std::vector<const graphql::Field*> queries;
  if (module != nullptr && module->query != nullptr) {
    for (const graphql::Field& query : module->query->fields) {
      const catalog::FieldBinding* binding = catalog::BindingOf(query);
      if (binding == nullptr || binding->object != &object || !IsRootQuery(binding->kind)) continue;
      if (schema_.ShowsField(module->query, query.name)) queries.push_back(&query);
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
    if (name == "module") return WriteModule(member, schema_.modules().Find(function.module));
    if (name == "isMutation") return WriteFlag(function.is_mutation);
    if (name == "isTable") return WriteFlag(declared != nullptr && declared->is_table);
    if (name == "type") {
      return Take(graphql::WriteTypeValue(context_, member, function.field->type, standard_, &out_));
    }
    if (name == "args") return WriteInputs(member, function.field->arguments);
    if (name == "dataObject") {
      return WriteObject(member, schema_.snapshot().FindObject(function.field->type.named()->name));
    }
    const Source* source = LogicalSchema::SourceOf(function);
    WriteSource(member, source == nullptr ? schema_.FindSource("core") : source);
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
      for (const DataObject* object : schema_.snapshot().objects) {
        if (object->source == source) paths.insert(object->module);
      }
      for (const FunctionEntry& function : schema_.AllFunctions()) {
        if (LogicalSchema::SourceOf(function) == source) paths.insert(function.module);
      }
      std::erase_if(paths, [&](std::string_view path) { return !schema_.ShowsModule(path); });
      return WriteList(paths, [&](std::string_view path) { WriteModule(member, schema_.modules().Find(path)); });
    }
    if (name == "dataObjects") {
      std::vector<const DataObject*> objects;
      for (const DataObject* object : schema_.snapshot().objects) {
        if (object->source == source) objects.push_back(object);
      }
      return WriteObjects(member, objects);
    }
    std::vector<FunctionEntry> functions = schema_.AllFunctions();
    std::erase_if(functions,
                  [&](const FunctionEntry& function) { return LogicalSchema::SourceOf(function) != source; });
    WriteFunctions(member, functions);
  });
}

void Writer::WriteTypes(const CollectedField& field, std::string_view scope) {
  std::vector<const graphql::Type*> types;
  for (const graphql::Type* type : context_.schema.types()) {
    const bool shown = options_.visibility == nullptr || options_.visibility->IsVisible(*type);
    if (shown && schema_.IsInScope(*type, scope)) types.push_back(type);
  }
  WriteList(types, [&](const graphql::Type* type) {
    if (out_.size() > limit_) return Fail(field);
    Take(graphql::WriteTypeValue(context_, field, graphql::TypeRef(type), standard_, &out_));
  });
}

void Writer::WriteSearch(const CollectedField& field) {
  constexpr std::int64_t kMost = 1000;
  const graphql::Value* limit = Argument("limit");
  const std::int64_t wanted = limit == nullptr ? 50 : std::strtoll(std::string(limit->text).c_str(), nullptr, 10);
  const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 0, kMost));
  // What the matches point at.
  const std::vector<FunctionEntry> functions = schema_.AllFunctions();
  const std::vector<LogicalMatch> matches =
      FindMatches(schema_, functions, TextArgument("query"), Argument("kinds"), most);
  WriteList(matches, [&](const LogicalMatch& match) { WriteMatch(field, match); });
}

void Writer::WriteMatch(const CollectedField& field, const LogicalMatch& match) {
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
