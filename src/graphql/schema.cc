#include "graphql/schema.h"

#include <algorithm>

#include "graphql/schema_internal.h"

namespace eider::graphql {
namespace {

constexpr std::string_view kLocationNames[] = {
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
};

template <class T>
const T* FindByName(std::span<const T> items, std::string_view name) {
  for (const T& item : items) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

template <class T>
const T* FindIndexed(std::span<const T> items, const NameIndex& index, std::string_view name) {
  if (index.slots.empty()) return FindByName(items, name);
  const uint32_t found = FindSlot(index.slots, name, [&](uint32_t i) { return items[i].name; });
  return found == NameIndex::kNone ? nullptr : &items[found];
}

// Members are sorted by id.
bool HasMember(std::span<const Type* const> members, const Type& type) {
  return std::binary_search(members.begin(), members.end(), &type,
                            [](const Type* a, const Type* b) { return a->id < b->id; });
}

bool Intersect(std::span<const Type* const> a, std::span<const Type* const> b) {
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (*left == *right) return true;
    (*left)->id < (*right)->id ? ++left : ++right;
  }
  return false;
}

}  // namespace

std::string_view DirectiveLocationName(DirectiveLocation location) {
  return kLocationNames[static_cast<size_t>(location)];
}

bool ParseDirectiveLocation(std::string_view name, DirectiveLocation* location) {
  const auto found = std::find(std::begin(kLocationNames), std::end(kLocationNames), name);
  if (found == std::end(kLocationNames)) return false;
  *location = static_cast<DirectiveLocation>(found - std::begin(kLocationNames));
  return true;
}

std::string TypeRef::ToString() const {
  if (named_ == nullptr) return {};
  if (IsNonNull()) return Inner().ToString() + "!";
  if (IsList()) return "[" + Inner().ToString() + "]";
  return std::string(named_->name);
}

const InputValue* Field::FindArgument(std::string_view argument) const { return FindByName(arguments, argument); }

const InputValue* DirectiveDef::FindArgument(std::string_view argument) const {
  return FindByName(arguments, argument);
}

const Field* Type::FindField(std::string_view field) const { return FindIndexed(fields, member_index, field); }

const InputValue* Type::FindInputField(std::string_view field) const {
  return FindIndexed(input_fields, member_index, field);
}

const EnumValue* Type::FindEnumValue(std::string_view value) const {
  return FindIndexed(enum_values, member_index, value);
}

Schema::Schema() : table_(std::make_unique<TypeTable>()) {}
Schema::~Schema() = default;

const Type* Schema::FindType(std::string_view name) const {
  const auto found = table_->types.find(name);
  return found == table_->types.end() ? nullptr : found->second;
}

const DirectiveDef* Schema::FindDirective(std::string_view name) const { return FindByName(directives_, name); }

const Field* Schema::FindSelectable(const Type& type, std::string_view name) const {
  if (const Field* field = type.FindField(name)) return field;
  if (!name.starts_with("__")) return nullptr;
  if (name == typename_field_->name && type.IsComposite()) return typename_field_;
  if (&type != roots_[0]) return nullptr;
  if (name == schema_field_->name) return schema_field_;
  return name == type_field_->name ? type_field_ : nullptr;
}

bool Schema::TypesOverlap(const Type& a, const Type& b) const {
  if (&a == &b) return true;
  if (a.IsAbstract())
    return b.IsAbstract() ? Intersect(a.possible_types, b.possible_types) : HasMember(a.possible_types, b);
  return b.IsAbstract() && HasMember(b.possible_types, a);
}

bool Schema::IsSubtype(const Type& type, const Type& super) const {
  if (&type == &super) return true;
  if (type.kind == TypeKind::kObject) return super.IsAbstract() && HasMember(super.possible_types, type);
  return std::find(type.interfaces.begin(), type.interfaces.end(), &super) != type.interfaces.end();
}

bool Schema::IsSubtype(TypeRef type, TypeRef super) const {
  if (super.IsNonNull()) return type.IsNonNull() && IsSubtype(type.Inner(), super.Inner());
  if (type.IsNonNull()) return IsSubtype(type.Inner(), super);
  if (super.IsList()) return type.IsList() && IsSubtype(type.Inner(), super.Inner());
  return !type.IsList() && IsSubtype(*type.named(), *super.named());
}

TypeRef Schema::Resolve(const TypeNode& node) const {
  switch (node.kind) {
    case TypeNodeKind::kNamed: return TypeRef(FindType(node.name));
    case TypeNodeKind::kList: {
      const TypeRef inner = Resolve(*node.inner);
      return inner.named() == nullptr ? TypeRef() : inner.List();
    }
    case TypeNodeKind::kNonNull: {
      const TypeRef inner = Resolve(*node.inner);
      return inner.named() == nullptr ? TypeRef() : inner.NonNull();
    }
  }
  return {};
}

}  // namespace eider::graphql
