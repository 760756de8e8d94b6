#include <fmt/format.h>
#include <algorithm>

#include "graphql/schema_builder_state.h"

// The last step of SchemaBuilder: checks and freezing.
namespace eider::graphql {
namespace {

// Adds the objects of each interface to its possible types.
void LinkImplementations(std::span<const Type* const> objects, std::vector<std::vector<const Type*>>& possible) {
  for (const Type* type : objects) {
    if (type->kind != TypeKind::kObject) continue;
    for (const Type* interface : type->interfaces) possible[interface->id].push_back(type);
  }
}

std::string_view CheckArguments(std::span<const InputValue> arguments) {
  for (const InputValue& argument : arguments) {
    if (!argument.type.named()->IsInput()) return argument.name;
  }
  return {};
}

// The first thing wrong with the members of a type whose references are all known, or an empty text.
std::string CheckType(const Type& type) {
  for (const Field& field : type.fields) {
    if (!field.type.named()->IsOutput()) {
      return fmt::format("The type of \"{}.{}\" must be an output type but is \"{}\".", type.name, field.name,
                         field.type.ToString());
    }
    if (const std::string_view bad = CheckArguments(field.arguments); !bad.empty()) {
      return fmt::format("The type of argument \"{}\" of \"{}.{}\" must be an input type.", bad, type.name, field.name);
    }
  }
  if (const std::string_view bad = CheckArguments(type.input_fields); !bad.empty()) {
    return fmt::format("The type of \"{}.{}\" must be an input type.", type.name, bad);
  }
  for (const Type* interface : type.interfaces) {
    if (interface->kind != TypeKind::kInterface) {
      return fmt::format("Type \"{}\" must only implement interface types, it cannot implement \"{}\".", type.name,
                         interface->name);
    }
  }
  if (type.kind != TypeKind::kUnion) return {};
  for (const Type* member : type.possible_types) {
    if (member->kind != TypeKind::kObject) {
      return fmt::format("Union \"{}\" can only include object types, it cannot include \"{}\".", type.name,
                         member->name);
    }
  }
  return {};
}

}  // namespace

void SchemaBuilder::State::CheckNames(SchemaBuilder& builder) {
  for (const auto& [name, entry] : types) {
    if (entry.builder == nullptr) Fail(fmt::format("Unknown type \"{}\".", name));
  }
  static constexpr std::string_view kDefaultRoots[] = {"Query", "Mutation", "Subscription"};
  for (size_t i = 0; i < 3; ++i) {
    const bool is_default = roots[i].empty();
    const TypeBuilder* root = builder.Find(is_default ? kDefaultRoots[i] : roots[i]);
    if (root != nullptr && root->kind() == TypeKind::kObject) {
      schema->roots_[i] = root->type_;
    } else if (!is_default) {
      Fail(fmt::format("Root type \"{}\" must be an object type.", roots[i]));
    } else if (i == 0) {
      Fail("Query root type must be provided.");
    }
  }
}

void SchemaBuilder::State::FreezeTypes() {
  std::vector<std::vector<const Type*>> possible(builders.size());
  schema->types_.reserve(builders.size());
  schema->table_->types.reserve(builders.size());
  for (const auto& builder : builders) {
    Type& type = *builder->type_;
    type.fields = arena().Copy(std::span<const Field>(builder->fields_));
    type.input_fields = arena().Copy(std::span<const InputValue>(builder->input_fields_));
    type.enum_values = arena().Copy(std::span<const EnumValue>(builder->enum_values_));
    type.interfaces = arena().Copy(std::span<const Type* const>(builder->interfaces_));
    type.member_index.slots = arena().Copy(std::span<const uint32_t>(builder->slots_));
    possible[type.id] = std::move(builder->members_);
    schema->types_.push_back(&type);
    schema->table_->types.emplace(type.name, &type);
  }
  LinkImplementations(schema->types_, possible);
  for (const auto& builder : builders) {
    auto& members = possible[builder->type_->id];
    std::sort(members.begin(), members.end(), [](const Type* a, const Type* b) { return a->id < b->id; });
    builder->type_->possible_types = arena().Copy(std::span<const Type* const>(members));
  }
  for (const Type* type : schema->types_) {
    if (std::string problem = CheckType(*type); !problem.empty()) Fail(std::move(problem));
  }
}

void SchemaBuilder::State::AddMetaFields(SchemaBuilder& builder) {
  const TypeRef string_type(schema->FindType("String"));
  Field typename_field;
  typename_field.name = "__typename";
  typename_field.description = "Name of the type of the object.";
  typename_field.type = string_type.NonNull();
  Field schema_field;
  schema_field.name = "__schema";
  schema_field.description = "The schema of this server.";
  schema_field.type = TypeRef(schema->FindType("__Schema")).NonNull();
  Field type_field;
  type_field.name = "__type";
  type_field.description = "One type of the schema.";
  type_field.type = TypeRef(schema->FindType("__Type"));
  type_field.arguments = builder.Arguments({{.name = "name", .type = string_type.NonNull()}});
  schema->typename_field_ = arena().New<Field>(typename_field);
  schema->schema_field_ = arena().New<Field>(schema_field);
  schema->type_field_ = arena().New<Field>(type_field);
}

tl::expected<SchemaPtr, std::vector<GraphqlError>> SchemaBuilder::Build() {
  State& state = *state_;
  state.CheckNames(*this);
  if (!state.errors.empty()) return tl::unexpected(std::move(state.errors));
  state.FreezeTypes();
  if (!state.errors.empty()) return tl::unexpected(std::move(state.errors));
  state.schema->directives_ = state.arena().Copy(std::span<const DirectiveDef>(state.directives));
  state.AddMetaFields(*this);
  return SchemaPtr(std::move(state.schema));
}

}  // namespace eider::graphql
