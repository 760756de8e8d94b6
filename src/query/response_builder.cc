#include "query/response_builder.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "graphql/print.h"
#include "planner/rule_data.h"
#include "query/error_body.h"
#include "query/function_guard.h"
#include "query/logical_introspection.h"
#include "query/role_visibility.h"

namespace eider::query {

using catalog::FieldBinding;
using catalog::FieldKind;
using graphql::CollectedField;

namespace {

// Whether a node that serves no data answers a root field, or looks into it.
bool IsOfCore(const FieldBinding& binding) {
  switch (binding.kind) {
    case FieldKind::kModule:
    case FieldKind::kJq:
    case FieldKind::kLogical: return true;
    case FieldKind::kFunction:
    case FieldKind::kMutationFunction: return binding.function_name.starts_with("core.");
    default: return binding.object != nullptr && binding.object->source->internal;
  }
}

// Larger fields are bound each time.
constexpr std::size_t kLargestBound = 2 << 10;

std::int64_t Now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

class Builder {
 public:
  Builder(const BuildParts& parts, const Operation& operation, const graphql::CollectContext& collect,
          const planner::ZoneOffset& zone)
      : parts_(parts),
        operation_(operation),
        collect_(collect),
        bind_{collect, zone, false, parts.access} {}

  tl::expected<BuiltResponse, BuildFailure> Build(const graphql::OperationDefinition& definition) {
    const graphql::Type& root = *collect_.schema.root(definition.kind);
    bind_.no_pushdown = graphql::FindDirective(definition.directives, "no_pushdown") != nullptr;
    is_mutation_ = definition.kind == graphql::OperationKind::kMutation;
    if (definition.variables.empty()) {
      bound_prefix_.append(definition.name).append("|").append(std::to_string(parts_.rules.id())).append("|");
      bound_prefix_.append(parts_.zone).append("|");
    }
    AddObject(graphql::CollectFields(collect_, root, definition.selections), root, {});
    if (failure_) return tl::unexpected(*failure_);
    built_.plan.after = std::move(text_);
    built_.plan.wants_times = HasDirective(definition.directives, "stats");
    if (built_.plan.wants_times) WantTimes(built_.plan.fields, 0);
    return std::move(built_);
  }

 private:
  static bool HasDirective(std::span<const graphql::Directive> directives, std::string_view name) {
    return graphql::FindDirective(directives, name) != nullptr;
  }

  static void WantTimes(std::vector<ResponseField>& fields, std::size_t from) {
    for (std::size_t i = from; i < fields.size(); ++i) fields[i].times.wanted = true;
  }

  // Whether the field, or one below it, is marked. Only a document that has the word is searched.
  bool WantsTimes(const CollectedField& field) const {
    if (!operation_.has_stats) return false;
    if (field.FindDirective("stats") != nullptr) return true;
    const graphql::Type& type = *field.definition->type.named();
    if (type.kind != graphql::TypeKind::kObject) return false;
    return std::ranges::any_of(graphql::CollectSubfields(collect_, type, field),
                               [&](const CollectedField& below) { return WantsTimes(below); });
  }

  void AddObject(const std::vector<CollectedField>& fields, const graphql::Type& type, const std::string& path) {
    text_.push_back('{');
    bool first = true;
    for (const CollectedField& field : fields) {
      if (failure_) return;
      if (!first) text_.push_back(',');
      first = false;
      AppendJsonString(text_, field.response_name);
      text_.push_back(':');
      AddField(field, type,
               path.empty() ? std::string(field.response_name) : path + "." + std::string(field.response_name));
    }
    text_.push_back('}');
  }

  void AddField(const CollectedField& field, const graphql::Type& type, const std::string& path) {
    if (field.name() == "__typename") return AppendJsonString(text_, type.name);
    if (graphql::IsIntrospection(collect_.schema, field)) return AddIntrospection(field);
    const FieldBinding* binding = catalog::BindingOf(*field.definition);
    if (binding != nullptr && binding->object == nullptr && field.FindDirective("at") != nullptr) {
      return FailTimeTravel(field);
    }
    if (binding == nullptr) return Fail(Error(ErrorCode::kInternal, "no plan for field " + std::string(field.name())));
    if ((parts_.core_only || parts_.is_drained) && !IsOfCore(*binding)) {
      Fail(parts_.core_only ? Error(ErrorCode::kOverloaded, "node does not serve queries")
                            : Error(ErrorCode::kDraining, "the node is out of service"));
      failure_->is_not_served = true;
      return;
    }
    switch (binding->kind) {
      case FieldKind::kModule: {
        const graphql::Type& module = *field.definition->type.named();
        const bool outer = bind_.no_pushdown;
        const CacheDirectives outer_caching = caching_;
        const std::size_t first = built_.plan.fields.size();
        bind_.no_pushdown = outer || field.FindDirective("no_pushdown") != nullptr;
        if (!ReadCaching(field, caching_)) return;
        AddObject(graphql::CollectSubfields(collect_, module, field), module, path);
        caching_ = outer_caching;
        bind_.no_pushdown = outer;
        if (operation_.has_stats && field.FindDirective("stats") != nullptr) WantTimes(built_.plan.fields, first);
        return;
      }
      case FieldKind::kJq: return AddJq(field, path);
      case FieldKind::kLogical: return AddLogical(field);
      case FieldKind::kFunction:
      case FieldKind::kMutationFunction: return AddFunction(field, *binding, path);
      case FieldKind::kInsert:
      case FieldKind::kInsertMany:
      case FieldKind::kUpsert:
      case FieldKind::kUpsertMany:
      case FieldKind::kUpdate:
      case FieldKind::kDelete: return AddMutation(field, path);
      default: return AddQuery(field, path);
    }
  }

  // Cuts the text collected so far off as what stands before a field's value.
  void Push(const std::string& path, decltype(ResponseField::what) what) {
    built_.plan.fields.push_back({std::move(text_), path, std::move(what)});
    text_.clear();
  }

  // The selection becomes a plan of its own inside the field.
  void AddJq(const CollectedField& field, const std::string& path) {
    const auto arguments = graphql::ResolveArguments(field.definition->arguments, field.node().arguments,
                                                     collect_.variables, collect_.variables.arena());
    if (!arguments) {
      failure_ = BuildFailure{GraphqlErrorsBody(std::span(&arguments.error(), 1)), "BAD_INPUT"};
      return;
    }
    JqField jq;
    auto program = parts_.jq.Compile(std::string((*arguments)[0].value->text), parts_.jq_variables.names);
    if (!program) {
      const planner::PlanError error{Error(ErrorCode::kBadInput, "jq query compile error: " + program.error().message),
                                     field.position(), true};
      return Fail(error);
    }
    jq.program = std::move(*program);
    jq.variables = parts_.jq_variables.values;
    jq.include_origin = (*arguments)[1].value != nullptr && (*arguments)[1].value->AsBool();
    std::vector<ResponseField> outer = std::move(built_.plan.fields);
    std::string before = std::move(text_);
    built_.plan.fields.clear();
    text_.clear();
    const graphql::Type& root = *field.definition->type.named();
    AddObject(graphql::CollectSubfields(collect_, root, field), root, path);
    jq.selection = std::make_shared<ResponsePlan>(ResponsePlan{std::move(built_.plan.fields), std::move(text_)});
    built_.plan.fields = std::move(outer);
    text_ = std::move(before);
    Push(path, std::move(jq));
    built_.plan.fields.back().times.wanted = WantsTimes(field);
  }

  void AddLogical(const CollectedField& field) {
    LogicalOptions options;
    options.visibility = Visible();
    options.max_depth = parts_.introspection_depth;
    if (auto done = WriteLogical(collect_, *operation_.snapshot, field, options, &text_); !done) {
      failure_ = BuildFailure{GraphqlErrorsBody(std::span(&done.error(), 1)), "BAD_INPUT"};
    }
  }

  void AddIntrospection(const CollectedField& field) {
    graphql::IntrospectionOptions options;
    options.visibility = Visible();
    options.max_depth = parts_.introspection_depth;
    if (auto done = graphql::WriteIntrospection(collect_, field, options, &text_); !done) {
      failure_ = BuildFailure{GraphqlErrorsBody(std::span(&done.error(), 1)), "BAD_INPUT"};
    }
  }

  // What the role hides; null = nothing.
  const RoleVisibility* Visible() {
    if (parts_.access == nullptr || !parts_.rules.hides()) return nullptr;
    if (!visibility_) visibility_.emplace(*parts_.access, *operation_.snapshot);
    return &*visibility_;
  }

  void AddFunction(const CollectedField& field, const FieldBinding& binding, const std::string& path) {
    const FunctionHandler* handler = parts_.functions.Find(binding.function_name);
    if (handler == nullptr) {
      return Fail(Error(ErrorCode::kInternal, "function " + binding.function_name + " has no handler"));
    }
    const auto resolved = graphql::ResolveArguments(field.definition->arguments, field.node().arguments,
                                                    collect_.variables, collect_.variables.arena());
    if (!resolved) {
      failure_ = BuildFailure{GraphqlErrorsBody(std::span(&resolved.error(), 1)), "BAD_INPUT"};
      return;
    }
    std::string arguments = "{";
    for (const graphql::ResolvedArgument& argument : *resolved) {
      if (argument.value == nullptr) continue;
      if (arguments.size() > 1) arguments.push_back(',');
      AppendJsonString(arguments, argument.definition->name);
      arguments.push_back(':');
      graphql::PrintJson(*argument.value, &arguments);
    }
    arguments.push_back('}');
    if (!MayCall(parts_.rules, *field.parent, *field.definition, arguments)) {
      return Fail(Error(ErrorCode::kForbidden, std::string(planner::kForbidden)).Hide(binding.function_name));
    }
    Push(path, FunctionField{handler, std::move(arguments), field, parts_.functions.Waits(binding.function_name)});
    built_.plan.fields.back().times.wanted = WantsTimes(field);
  }

  void AddMutation(const CollectedField& field, const std::string& path) {
    const std::int64_t start = Now();
    if (catalog::BindingOf(*field.definition)->object->forbids_writes) {
      return Fail(Error(ErrorCode::kForbidden, std::string(planner::kForbidden)));
    }
    auto bound = planner::BindRoot(bind_, field);
    if (!bound) return Fail(bound.error());
    if (IsAway(*bound)) return;
    if (parts_.access != nullptr) {
      if (auto filled = planner::ApplyRuleData(*bound, parts_.requester); !filled) return Fail(filled.error());
    }
    compile_ns_ = 0;
    auto plan = PlanMutation(std::make_shared<const planner::BoundRoot>(std::move(*bound)),
                             [this](const std::string& key, const auto& compile) { return CachedPlan(key, compile); });
    if (!plan) return Fail(plan.error());
    Push(path, MutationField{std::move(*plan), field});
    NoteTimes(field, start);
  }

  void AddQuery(const CollectedField& field, const std::string& path) {
    const std::int64_t start = Now();
    const auto found = Bound(field, path);
    if (!found) return Fail(found.error());
    const std::shared_ptr<const planner::BoundRoot>& bound = *found;
    if (IsAway(*bound)) return;
    compile_ns_ = 0;
    auto prepared = CachedPlan(std::string(field.parent->name) + "|" + bound->key,
                               [&] { return planner::CompileQuery(bound->field, parts_.plan_options); });
    if (!prepared) return Fail(prepared.error());
    CacheDirectives directives;
    if (!ReadCaching(field, directives)) return;
    std::shared_ptr<const CacheReads> reads;
    if (!is_mutation_) reads = (*prepared)->Reads([&] { return ReadsOf(*bound, (*prepared)->plan()); });
    const bool keeps = reads != nullptr && parts_.cache != nullptr;
    const auto wanted = keeps ? Wanted(*bound, *reads, directives) : nullptr;
    cache::EntryPtr entry = wanted == nullptr || wanted->fresh ? nullptr : parts_.cache->Find(wanted->key);
    if (entry != nullptr) {
      Push(path, CachedField{std::move(entry)});
      built_.plan.fields.back().cache = CacheState::kHit;
    } else {
      Push(path, Leaf(std::move(*prepared), bound->parameters));
      built_.plan.fields.back().wanted = wanted;
    }
    built_.plan.fields.back().reads = std::move(reads);
    NoteTimes(field, start);
  }

  // The field with its values put in; the same one each time that a document without variables comes.
  planner::PlanResult<std::shared_ptr<const planner::BoundRoot>> Bound(const CollectedField& field,
                                                                       const std::string& path) {
    std::string key = bound_prefix_.empty() ? "" : bound_prefix_ + path;
    if (!key.empty()) {
      if (auto kept = operation_.bound.Find(key)) return std::move(*kept);
    }
    auto bound = planner::BindRoot(bind_, field);
    if (!bound) return tl::unexpected(bound.error());
    auto shared = std::make_shared<const planner::BoundRoot>(std::move(*bound));
    if (!key.empty() && shared->key.size() <= kLargestBound) operation_.bound.Put(std::move(key), shared);
    return shared;
  }

  // Refuses a field that needs a source which cannot be reached.
  bool IsAway(const planner::BoundRoot& bound) {
    if (parts_.is_away == nullptr) return false;
    std::vector<std::string> sources = SourcesOf(bound);
    if (const catalog::DataObject* object = bound.field.binding->object) sources.push_back(object->source->name);
    for (const std::string& source : sources) {
      if (!(*parts_.is_away)(source)) continue;
      Fail(Error(ErrorCode::kSourceUnavailable, "data source \"" + source + "\" is not available"));
      return true;
    }
    return false;
  }

  // Reads what the field says about the cache, over what is said around it.
  bool ReadCaching(const CollectedField& field, CacheDirectives& out) {
    auto read = ReadCacheDirectives(collect_, field, caching_);
    if (!read) {
      Fail(read.error());
      return false;
    }
    out = std::move(*read);
    return true;
  }

  std::shared_ptr<const cache::Wanted> Wanted(const planner::BoundRoot& bound, const CacheReads& reads,
                                              const CacheDirectives& directives) const {
    const CacheScope scope{parts_.identity, parts_.rules, parts_.zone, parts_.plan_options.default_limit,
                           parts_.cache->options().identity_projection};
    return WantedOf(bound, reads, directives, scope, parts_.cache->options());
  }

  void NoteTimes(const CollectedField& field, std::int64_t start) {
    FieldTimes& times = built_.plan.fields.back().times;
    times.compile_ns = compile_ns_;
    times.plan_ns = Now() - start - compile_ns_;
    times.wanted = WantsTimes(field);
  }

  // The plan that the cache has for `name` in this version of the schema, or a new one.
  template <class Compile>
  planner::PlanResult<std::shared_ptr<PreparedPlan>> CachedPlan(const std::string& name, const Compile& compile) {
    if (parts_.plan_keys != nullptr) parts_.plan_keys->push_back(name);
    // A role's plans are its own, and those of its rules as they are now.
    std::string key =
        std::to_string(operation_.snapshot->version) + "|" + std::to_string(parts_.rules.id()) + "|" + name;
    std::shared_ptr<PreparedPlan> prepared = parts_.plans.Find(key);
    if (prepared != nullptr) {
      ++built_.plan_hits;
      return prepared;
    }
    ++built_.plan_misses;
    const std::int64_t start = Now();
    auto plan = compile();
    compile_ns_ += Now() - start;
    if (!plan) return tl::unexpected(plan.error());
    prepared = std::make_shared<PreparedPlan>(std::move(*plan));
    parts_.plans.Put(std::move(key), prepared);
    return prepared;
  }

  // Modules and functions have no rows that could be read as they were.
  void FailTimeTravel(const CollectedField& field) {
    const char* message = is_mutation_ ? "@at directive is not allowed on mutations"
                                       : "@at directive is only allowed on fields that read rows";
    Fail(planner::PlanError{Error(ErrorCode::kBadInput, message), field.FindDirective("at")->position, true});
  }

  void Fail(const Error& error) { failure_ = BuildFailure{ErrorBody(error), ErrorCodeName(error.code), error.hidden}; }
  void Fail(const planner::PlanError& error) {
    failure_ =
        BuildFailure{PlanErrorBody(error, *operation_.document), ErrorCodeName(error.error.code), error.error.hidden};
  }

  const BuildParts& parts_;
  const Operation& operation_;
  const graphql::CollectContext& collect_;
  planner::BindContext bind_;
  BuiltResponse built_;
  std::string text_;
  std::int64_t compile_ns_ = 0;  // Of the field that is being planned.
  CacheDirectives caching_;      // Of the modules around what is being planned.
  bool is_mutation_ = false;
  std::string bound_prefix_;  // What bound fields of this operation are kept under; empty = they are not.
  std::optional<BuildFailure> failure_;
  std::optional<RoleVisibility> visibility_;
};

}  // namespace

tl::expected<BuiltResponse, BuildFailure> BuildResponse(const BuildParts& parts, const Operation& operation,
                                                        const graphql::OperationDefinition& definition,
                                                        const graphql::Variables& variables,
                                                        const planner::ZoneOffset& zone) {
  const graphql::CollectContext collect{*operation.snapshot->schema, *operation.document, variables};
  return Builder(parts, operation, collect, zone).Build(definition);
}

}  // namespace eider::query
