#include "graphql/schema_builder.h"
#include "graphql/schema_builder_state.h"
#include "graphql/schema_internal.h"

namespace eider::graphql {

std::string_view TypeBuilder::MemberName(uint32_t position) const {
  switch (type_->kind) {
    case TypeKind::kInputObject: return input_fields_[position].name;
    case TypeKind::kEnum: return enum_values_[position].name;
    default: return fields_[position].name;
  }
}

uint32_t TypeBuilder::FindMember(std::string_view member) const {
  const auto name_at = [this](uint32_t i) { return MemberName(i); };
  if (!slots_.empty()) return FindSlot(slots_, member, name_at);
  for (uint32_t i = 0; i < member_count(); ++i) {
    if (MemberName(i) == member) return i;
  }
  return NameIndex::kNone;
}

// Makes room for `member` in the table, which does not exist for few members.
bool TypeBuilder::ClaimMember(std::string_view member) {
  if (FindMember(member) != NameIndex::kNone) return false;
  const size_t count = member_count();
  if (count < NameIndex::kSmall) return true;
  if ((count + 1) * 2 > slots_.size()) Grow();
  InsertSlot(slots_, member, static_cast<uint32_t>(count));
  return true;
}

void TypeBuilder::Grow() {
  const size_t size = slots_.empty() ? size_t{NameIndex::kSmall} * 4 : slots_.size() * 2;
  slots_.assign(size, 0);
  for (uint32_t i = 0; i < member_count(); ++i) InsertSlot(slots_, MemberName(i), i);
}

bool TypeBuilder::AddField(const FieldSpec& spec) {
  const std::string_view name = builder_.Intern(spec.name);
  if (!ClaimMember(name)) return false;
  Field& field = fields_.emplace_back();
  field.name = name;
  field.type = spec.type;
  field.arguments = spec.arguments;
  field.description = builder_.Intern(spec.description);
  if (spec.deprecation) field.deprecation = builder_.Intern(*spec.deprecation);
  field.annotation = spec.annotation;
  field.hugr_type = builder_.Intern(spec.hugr_type);
  field.catalog = builder_.Intern(spec.catalog);
  field.field_kind = builder_.Intern(spec.field_kind);
  field.mcp_exclude = spec.mcp_exclude;
  return true;
}

bool TypeBuilder::AddInputField(const InputValueSpec& spec) {
  const std::string_view name = builder_.Intern(spec.name);
  if (!ClaimMember(name)) return false;
  input_fields_.push_back(builder_.state_->MakeInputValue(builder_, spec));
  return true;
}

bool TypeBuilder::AddEnumValue(const EnumValueSpec& spec) {
  const std::string_view name = builder_.Intern(spec.name);
  if (!ClaimMember(name)) return false;
  EnumValue& value = enum_values_.emplace_back();
  value.name = name;
  value.description = builder_.Intern(spec.description);
  if (spec.deprecation) value.deprecation = builder_.Intern(*spec.deprecation);
  value.annotation = spec.annotation;
  return true;
}

namespace {

bool AddOnce(std::vector<const Type*>& list, const Type* type) {
  for (const Type* known : list) {
    if (known == type) return false;
  }
  list.push_back(type);
  return true;
}

}  // namespace

bool TypeBuilder::AddInterface(std::string_view interface_name) {
  return AddOnce(interfaces_, builder_.Ref(interface_name).named());
}

bool TypeBuilder::AddMember(std::string_view object_name) {
  return AddOnce(members_, builder_.Ref(object_name).named());
}

bool TypeBuilder::HasField(std::string_view field) const {
  return !fields_.empty() && FindMember(field) != NameIndex::kNone;
}

bool TypeBuilder::HasInputField(std::string_view field) const {
  return !input_fields_.empty() && FindMember(field) != NameIndex::kNone;
}

Field* TypeBuilder::FindField(std::string_view field) {
  const uint32_t found = fields_.empty() ? NameIndex::kNone : FindMember(field);
  return found == NameIndex::kNone ? nullptr : &fields_[found];
}

InputValue* TypeBuilder::FindInputField(std::string_view field) {
  const uint32_t found = input_fields_.empty() ? NameIndex::kNone : FindMember(field);
  return found == NameIndex::kNone ? nullptr : &input_fields_[found];
}

TypeBuilder& TypeBuilder::Description(std::string_view text) {
  type_->description = builder_.Intern(text);
  return *this;
}

TypeBuilder& TypeBuilder::Annotate(const Annotation* annotation) {
  type_->annotation = annotation;
  return *this;
}

TypeBuilder& TypeBuilder::HugrType(std::string_view text) {
  type_->hugr_type = builder_.Intern(text);
  return *this;
}

TypeBuilder& TypeBuilder::Module(std::string_view text) {
  type_->module = builder_.Intern(text);
  return *this;
}

TypeBuilder& TypeBuilder::Catalog(std::string_view text) {
  type_->catalog = builder_.Intern(text);
  return *this;
}

TypeBuilder& TypeBuilder::SpecifiedBy(std::string_view url) {
  type_->specified_by_url = builder_.Intern(url);
  return *this;
}

TypeBuilder& TypeBuilder::OneOf() {
  type_->is_one_of = true;
  return *this;
}

}  // namespace eider::graphql
