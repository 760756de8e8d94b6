#include "catalog/compile/extension_linker.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "catalog/compile/compilation.h"
#include "catalog/compile/reference.h"

namespace eider::catalog {
namespace {

constexpr std::string_view kRule = "VALIDATE/ExtensionValidator";

using Names = std::unordered_set<std::string_view>;

// The directives of a type and its fields that name something of other sources.
template <class Visit>
void VisitTargets(const DeclaredType& type, const Visit& visit) {
  const auto visit_all = [&](const DeclaredDirectives& directives) {
    for (const DeclaredDirective& directive : directives) {
      for (const char* argument : {"references_name", "m2m_name"}) {
        const std::string_view target = directive.Text(argument);
        if (!target.empty()) visit(target);
      }
    }
  };
  visit_all(type.directives);
  for (const DeclaredField& field : type.fields) visit_all(field.directives);
}

// What one part adds to the objects at its ends, so that it can be marked or taken back.
class Addition {
 public:
  Addition(DataObject* near, DataObject* far) {
    ends_.push_back({near, near->relations.size(), near->calls.size()});
    if (far != nullptr && far != near) ends_.push_back({far, far->relations.size(), far->calls.size()});
  }

  void Mark(const Source& extension) {
    for (const End& end : ends_) {
      for (size_t i = end.relations; i < end.object->relations.size(); ++i) {
        end.object->relations[i].extension = &extension;
      }
      for (size_t i = end.calls; i < end.object->calls.size(); ++i) end.object->calls[i].extension = &extension;
    }
  }

  void TakeBack() {
    for (const End& end : ends_) {
      for (size_t i = end.relations; i < end.object->relations.size(); ++i) {
        end.object->relations_by_field.erase(end.object->relations[i].field);
      }
      end.object->relations.resize(end.relations);
      end.object->calls.resize(end.calls);
    }
  }

  // Fails when a new field, or one that is generated beside it, has the name of another.
  Status CheckNames(const Site& site) const {
    for (const End& end : ends_) {
      std::unordered_set<std::string> names;
      for (const Column& column : end.object->columns) names.insert(column.name);
      for (const FunctionCall& call : end.object->calls) {
        if (call.function->rows == nullptr) names.insert(call.field);
      }
      for (const Relation& relation : end.object->relations) {
        for (const char* twin : {"", "_aggregation", "_bucket_aggregation"}) {
          if (relation.single && *twin != 0) continue;
          if (names.insert(relation.field + twin).second) continue;
          return Problem(site, kRule,
                         fmt::format("\"{}\" has a field \"{}\" already", end.object->name, relation.field + twin));
        }
      }
    }
    return {};
  }

 private:
  struct End {
    DataObject* object;
    size_t relations;
    size_t calls;
  };
  std::vector<End> ends_;
};

// Links all extensions of one schema.
class Linker {
 public:
  Linker(const std::vector<std::shared_ptr<const CompiledSource>>& sources, const CompileOptions& options)
      : given_(sources),
        options_(options) {
    compile_options_.default_limit = options.default_limit;
  }

  Result<LinkedSources> Link() {
    for (const auto& source : given_) present_.insert(source->source.name);
    SuspendViews();
    EIDER_RETURN_IF_ERROR(CompileExtended());
    for (const auto& source : linked_.sources) {
      for (const Function& function : source->functions) functions_.push_back(&function);
      for (const EnumType& type : source->enums) inputs_.emplace(type.name, true);
      for (const InputType& type : source->inputs) inputs_.emplace(type.name, false);
    }
    for (const auto& extension : extensions_) EIDER_RETURN_IF_ERROR(AddParts(*extension));
    return std::move(linked_);
  }

 private:
  // Whether what a part needs may come with a source that is not there, or that has views which wait themselves.
  bool Waits(const std::vector<std::string_view>& dependencies) const {
    return std::ranges::any_of(
        dependencies, [this](std::string_view name) { return !present_.contains(name) || waiting_.contains(name); });
  }

  // Whether a view of that name waits for its sources.
  bool IsSuspended(std::string_view name) const {
    return std::ranges::any_of(suspended_, [&](const auto& views) { return views.second.contains(name); });
  }

  static std::vector<std::string_view> DependenciesOf(const DeclaredType& type) {
    std::vector<std::string_view> names;
    for (const DeclaredDirective& directive : type.directives) {
      if (directive.name() == "dependency") names.push_back(directive.Text("name"));
    }
    return names;
  }

  // Finds the views that do not have all their sources. Views of views wait along.
  void SuspendViews() {
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& source : given_) {
        if (!source->source.IsExtension()) continue;
        std::set<std::string_view>& views = suspended_[source.get()];
        for (const DeclaredType& type : source->declared->types) {
          if (!Waits(DependenciesOf(type)) || !views.insert(type.name).second) continue;
          changed = waiting_.insert(source->source.name).second || changed;
        }
      }
    }
  }

  // Copies of all sources that are added to; the others are taken as they are.
  Status CompileExtended() {
    std::unordered_map<std::string_view, std::string_view> owners;
    for (const auto& source : given_) {
      for (const DataObject& object : source->objects) owners.emplace(object.name, source->source.name);
    }
    Names touched;
    const auto touch = [&](std::string_view object) {
      if (const auto owner = owners.find(object); owner != owners.end()) touched.insert(owner->second);
    };
    for (const auto& [source, views] : suspended_) {
      for (const DeclaredType& type : source->declared->types) VisitTargets(type, touch);
      for (const DeclaredExtension& extension : source->declared->extensions) {
        touch(extension.type.name);
        VisitTargets(extension.type, touch);
      }
    }
    for (const auto& source : given_) {
      const auto extension = suspended_.find(source.get());
      const bool is_extension = extension != suspended_.end();
      if (!is_extension && !touched.contains(source->source.name)) {
        linked_.sources.push_back(source);
        continue;
      }
      static const std::set<std::string_view> kNone;
      EIDER_ASSIGN_OR_RETURN(auto copy,
                             CompileAgain(*source, compile_options_, is_extension ? extension->second : kNone));
      for (DataObject& object : copy->objects) objects_.emplace(object.name, &object);
      if (is_extension) extensions_.push_back(copy);
      linked_.sources.push_back(std::move(copy));
    }
    return {};
  }

  Status AddParts(CompiledSource& extension) {
    Compilation compilation{extension.definition,
                            compile_options_,
                            *extension.declared,
                            extension,
                            objects_,
                            {},
                            {},
                            {},
                            {},
                            {},
                            inputs_,
                            functions_};
    current_ = &compilation;
    for (const DeclaredType& type : extension.declared->types) {
      const auto object = objects_.find(type.name);
      if (Find(type.directives, "view") == nullptr || object == objects_.end()) continue;
      EIDER_RETURN_IF_ERROR(AddTypeParts(type, object->second, DependenciesOf(type)));
    }
    EIDER_RETURN_IF_ERROR(AddExtendedParts(extension));
    // What leads through an object needs the references that other parts add to it.
    for (const DeclaredType& type : extension.declared->types) {
      const auto object = objects_.find(type.name);
      if (object == objects_.end()) continue;
      EIDER_RETURN_IF_ERROR(AddReferences(type, object->second, DependenciesOf(type), true));
    }
    for (const DeclaredExtension& added : extension.declared->extensions) {
      const auto object = objects_.find(added.type.name);
      if (object == objects_.end()) continue;
      EIDER_RETURN_IF_ERROR(AddReferences(added.type, object->second, added.dependencies, true));
    }
    return {};
  }

  Status AddExtendedParts(const CompiledSource& extension) {
    for (const DeclaredExtension& added : extension.declared->extensions) {
      const auto object = objects_.find(added.type.name);
      if (object != objects_.end()) {
        EIDER_RETURN_IF_ERROR(AddTypeParts(added.type, object->second, added.dependencies));
      } else if (!Waits(added.dependencies) && !IsSuspended(added.type.name)) {
        EIDER_RETURN_IF_ERROR(Misfit(UnknownType(added.type)));
      }
    }
    return {};
  }

  Error UnknownType(const DeclaredType& type) const {
    const bool is_structure = std::ranges::any_of(linked_.sources, [&](const auto& source) {
      return std::ranges::find(source->structs, type.name, &StructType::name) != source->structs.end();
    });
    return Problem(
        type.site, kRule,
        is_structure ? fmt::format("extend type {}: only tables and views of other sources can be extended", type.name)
                     : fmt::format("extend type {}: no such type", type.name));
  }

  Status AddReferences(const DeclaredType& type, DataObject* object, const std::vector<std::string_view>& dependencies,
                       bool through) {
    const Compilation& compilation = *current_;
    for (const DeclaredDirective& directive : type.directives) {
      if (directive.name() != "references" || IsThroughJunction(directive) != through) continue;
      EIDER_RETURN_IF_ERROR(AddPart(directive, object, dependencies, [&]() -> Status {
        if (object->is_m2m) return Problem(directive.site(), kRule, "a many-to-many table cannot have a relation");
        if (through) return AddThroughObject(compilation, directive, object);
        EIDER_ASSIGN_OR_RETURN(const Reference reference, ReadTypeReference(compilation, directive, object));
        return AddReference(reference);
      }));
    }
    return {};
  }

  Status AddTypeParts(const DeclaredType& type, DataObject* object, const std::vector<std::string_view>& dependencies) {
    EIDER_RETURN_IF_ERROR(AddReferences(type, object, dependencies, false));
    for (const DeclaredField& field : type.fields) {
      for (const DeclaredDirective& directive : field.directives) {
        EIDER_RETURN_IF_ERROR(AddFieldPart(field, directive, object, dependencies));
      }
    }
    return {};
  }

  Status AddFieldPart(const DeclaredField& field, const DeclaredDirective& directive, DataObject* object,
                      const std::vector<std::string_view>& dependencies) {
    const Compilation& compilation = *current_;
    const std::string_view name = directive.name();
    if (name == "field_references") {
      return AddPart(directive, object, dependencies, [&]() -> Status {
        EIDER_ASSIGN_OR_RETURN(const Reference reference,
                               ReadFieldReference(compilation, directive, object, object->FindColumn(field.name())));
        return AddReference(reference);
      });
    }
    const bool is_join = name == "join";
    if (!is_join && name != "function_call" && name != "table_function_call_join") return {};
    return AddPart(directive, object, dependencies, [&]() -> Status {
      EIDER_RETURN_IF_ERROR(is_join ? CompileJoin(compilation, field, directive, object)
                                    : CompileCall(compilation, field, directive, object));
      return CheckFieldPlaceholders(field, *object);
    });
  }

  static bool IsCall(const DeclaredDirective& directive) {
    return directive.name() == "function_call" || directive.name() == "table_function_call_join";
  }

  // Whether what the directive names is there.
  bool TargetExists(const DeclaredDirective& directive) const {
    const std::string_view name = directive.Text("references_name");
    const std::string_view between = directive.name() == "references" ? directive.Text("m2m_name") : std::string_view();
    if (!between.empty() && !objects_.contains(between)) return false;
    if (!IsCall(directive)) return objects_.contains(name);
    const graphql::Value* module = directive.node->FindArgument("module");
    return std::ranges::any_of(functions_, [&](const Function* function) {
      return !function->is_mutation && function->name == name &&
             (module == nullptr || module->text == function->module);
    });
  }

  template <class Add>
  Status AddPart(const DeclaredDirective& directive, DataObject* object,
                 const std::vector<std::string_view>& dependencies, const Add& add) {
    const auto far = objects_.find(directive.Text("references_name"));
    Addition addition(object, IsCall(directive) || far == objects_.end() ? nullptr : far->second);
    Status done = add();
    if (done) done = addition.CheckNames(directive.site());
    if (done) {
      addition.Mark(current_->out.source);
      return {};
    }
    addition.TakeBack();
    const bool may_come = !IsStrict() || Waits(dependencies) || IsSuspended(directive.Text("references_name"));
    if (may_come && !TargetExists(directive)) return {};
    return Misfit(std::move(done).error());
  }

  bool IsStrict() const { return options_.strict_extensions.contains(current_->out.source.name); }

  Status Misfit(Error problem) {
    if (IsStrict()) return problem;
    std::string& problems = linked_.misfits[current_->out.source.name];
    problems.append(problems.empty() ? "" : "; ").append(problem.message);
    return {};
  }

  const std::vector<std::shared_ptr<const CompiledSource>>& given_;
  const CompileOptions& options_;
  CompileOptions compile_options_;
  Names present_;
  Names waiting_;  // Extensions with suspended views.
  std::map<const CompiledSource*, std::set<std::string_view>> suspended_;
  std::unordered_map<std::string_view, DataObject*> objects_;  // That can be added to.
  std::vector<std::shared_ptr<CompiledSource>> extensions_;
  std::vector<const Function*> functions_;
  std::unordered_map<std::string_view, bool> inputs_;
  const Compilation* current_ = nullptr;
  LinkedSources linked_;
};

}  // namespace

Result<LinkedSources> LinkExtensions(const std::vector<std::shared_ptr<const CompiledSource>>& sources,
                                     const CompileOptions& options) {
  const bool has_extensions =
      std::ranges::any_of(sources, [](const auto& source) { return source->source.IsExtension(); });
  if (!has_extensions) return LinkedSources{sources, {}};
  return Linker(sources, options).Link();
}

}  // namespace eider::catalog
