#include "graphql/schema_builder.h"

#include <fmt/format.h>
#include <algorithm>

#include "graphql/parser.h"
#include "graphql/schema_builder_state.h"

namespace eider::graphql {

Arena& SchemaBuilder::State::arena() { return schema->arena_; }

SchemaBuilder::SchemaBuilder() : state_(std::make_unique<State>(new Schema())) {
  auto builtins = ParseSdl(kBuiltinSdl);
  AddSdl(**builtins);
  for (const auto& builder : state_->builders) builder->type_->is_builtin = true;
  for (DirectiveDef& directive : state_->directives) directive.is_builtin = true;
  Keep(*builtins);
}

SchemaBuilder::~SchemaBuilder() = default;

std::string_view SchemaBuilder::Intern(std::string_view text) {
  if (text.empty()) return std::string_view("", 0);
  const auto found = state_->texts.find(text);
  if (found != state_->texts.end()) return *found;
  return *state_->texts.insert(state_->arena().CopyText(text)).first;
}

TypeRef SchemaBuilder::Ref(std::string_view name) {
  const auto found = state_->types.find(name);
  if (found != state_->types.end()) return TypeRef(found->second.type);
  Type* type = state_->arena().New<Type>();
  type->name = Intern(name);
  state_->types.emplace(type->name, State::Entry{type, nullptr});
  return TypeRef(type);
}

TypeRef SchemaBuilder::Ref(const TypeNode& node) {
  switch (node.kind) {
    case TypeNodeKind::kNamed: return Ref(node.name);
    case TypeNodeKind::kList: return Ref(*node.inner).List();
    case TypeNodeKind::kNonNull: return Ref(*node.inner).NonNull();
  }
  return {};
}

TypeBuilder* SchemaBuilder::Define(TypeKind kind, std::string_view name) {
  Ref(name);
  State::Entry& entry = state_->types.find(name)->second;
  if (entry.builder != nullptr) return nullptr;
  entry.type->kind = kind;
  entry.type->id = static_cast<uint32_t>(state_->builders.size());
  state_->builders.push_back(std::unique_ptr<TypeBuilder>(new TypeBuilder(*this, entry.type)));
  entry.builder = state_->builders.back().get();
  return entry.builder;
}

TypeBuilder* SchemaBuilder::Find(std::string_view name) {
  const auto found = state_->types.find(name);
  return found == state_->types.end() ? nullptr : found->second.builder;
}

const Value* SchemaBuilder::State::ParseDefault(std::string_view name, std::string_view text) {
  const auto found = defaults.find(text);
  if (found != defaults.end()) return found->second;
  auto parsed = ParseConstValue(text, arena());
  if (!parsed) {
    Fail(fmt::format("Default of \"{}\" is no literal: {}", name, parsed.error().message));
    return nullptr;
  }
  defaults.emplace(text, *parsed);
  return *parsed;
}

InputValue SchemaBuilder::State::MakeInputValue(SchemaBuilder& builder, const InputValueSpec& spec) {
  InputValue value;
  value.name = builder.Intern(spec.name);
  value.description = builder.Intern(spec.description);
  value.type = spec.type;
  if (spec.default_text) {
    value.default_text = builder.Intern(*spec.default_text);
    value.default_value = ParseDefault(value.name, value.default_text);
  }
  if (spec.deprecation) value.deprecation = builder.Intern(*spec.deprecation);
  value.annotation = spec.annotation;
  return value;
}

std::span<const InputValue> SchemaBuilder::Arguments(std::span<const InputValueSpec> specs) {
  std::vector<InputValue> values;
  values.reserve(specs.size());
  for (const InputValueSpec& spec : specs) values.push_back(state_->MakeInputValue(*this, spec));
  return state_->arena().Copy(std::span<const InputValue>(values));
}

std::span<const InputValue> SchemaBuilder::Arguments(std::initializer_list<InputValueSpec> specs) {
  return Arguments(std::span<const InputValueSpec>(specs.begin(), specs.size()));
}

bool SchemaBuilder::AddDirective(const DirectiveSpec& spec) {
  for (const DirectiveDef& known : state_->directives) {
    if (known.name == spec.name) return false;
  }
  DirectiveDef& directive = state_->directives.emplace_back();
  directive.name = Intern(spec.name);
  directive.description = Intern(spec.description);
  directive.arguments = spec.arguments;
  directive.is_repeatable = spec.is_repeatable;
  directive.locations = spec.location_bits;
  for (const DirectiveLocation location : spec.locations) directive.locations |= 1U << static_cast<unsigned>(location);
  return true;
}

void SchemaBuilder::SetRoot(OperationKind kind, std::string_view name) {
  state_->roots[static_cast<size_t>(kind)] = Intern(name);
}

void SchemaBuilder::SetDescription(std::string_view text) { state_->schema->description_ = Intern(text); }

void SchemaBuilder::Keep(std::shared_ptr<const void> owner) { state_->schema->kept_.push_back(std::move(owner)); }

}  // namespace eider::graphql
