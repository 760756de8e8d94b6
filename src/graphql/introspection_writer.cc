#include "graphql/introspection_writer.h"

#include "base/text.h"

namespace eider::graphql::introspection {
namespace {

constexpr std::string_view kKindNames[] = {"\"SCALAR\"", "\"OBJECT\"", "\"INTERFACE\"",
                                           "\"UNION\"",  "\"ENUM\"",   "\"INPUT_OBJECT\""};

uint64_t KeyOf(TypeRef type) { return reinterpret_cast<uintptr_t>(type.named()) << 16 ^ type.wrapping(); }

}  // namespace

Writer::Writer(const Schema& schema, const IntrospectionOptions& options, std::string* out)
    : schema_(schema),
      visibility_(options.visibility),
      out_(*out),
      limit_(out->size() + options.max_output_bytes) {
  if (visibility_ != nullptr) seen_.resize(schema.types().size(), Seen::kUnknown);
}

bool Writer::IsVisible(const Type& type) {
  if (visibility_ == nullptr) return true;
  Seen& seen = seen_[type.id];
  if (seen == Seen::kUnknown) seen = visibility_->IsVisible(type) ? Seen::kVisible : Seen::kHidden;
  return seen == Seen::kVisible;
}

bool Writer::IsShown(const Type& parent, const Field& field, bool include_deprecated) {
  if (!include_deprecated && field.deprecation.data() != nullptr) return false;
  if (field.name == "_stub" && parent.fields.size() > 1) return false;
  if (visibility_ == nullptr) return true;
  return IsVisible(*field.type.named()) && visibility_->IsVisible(parent, field);
}

void Writer::WriteName(std::string_view name) {
  out_.push_back('"');
  out_.append(name);
  out_.push_back('"');
}

void Writer::WriteText(std::string_view text) { AppendJsonString(out_, text); }

void Writer::WriteNullableText(std::string_view text) {
  if (text.empty()) {
    WriteNull();
  } else {
    WriteText(text);
  }
}

void Writer::WriteSchema(Program& program) {
  for (Program::Step& step : program.steps) {
    out_.append(step.label);
    WriteSchemaMember(step, program);
  }
  Close(program);
}

void Writer::WriteSchemaMember(Program::Step& step, const Program& program) {
  switch (step.member) {
    case Member::kTypename: WriteName(program.type_name); break;
    case Member::kDescription: WriteNullableText(schema_.description()); break;
    case Member::kTypes: WriteTypes(*step.inner, schema_.types()); break;
    case Member::kQueryType: WriteType(*step.inner, TypeRef(schema_.query())); break;
    case Member::kMutationType: WriteType(*step.inner, TypeRef(schema_.mutation())); break;
    case Member::kSubscriptionType: WriteType(*step.inner, TypeRef(schema_.subscription())); break;
    case Member::kDirectives: WriteDirectives(*step.inner); break;
    default: WriteNull();
  }
}

void Writer::WriteType(Program& program, TypeRef type) {
  if (type.named() == nullptr || !IsVisible(*type.named())) {
    WriteNull();
    return;
  }
  if (!program.is_shallow) {
    type.IsNamed() ? WriteNamedType(program, *type.named()) : WriteWrapper(program, type);
    return;
  }
  const auto [known, is_new] = program.pieces.try_emplace(KeyOf(type));
  if (!is_new) {
    out_.append(out_, known->second.offset, known->second.size);
    return;
  }
  const size_t offset = out_.size();
  type.IsNamed() ? WriteNamedType(program, *type.named()) : WriteWrapper(program, type);
  known->second = {offset, out_.size() - offset};
}

void Writer::WriteWrapper(Program& program, TypeRef type) {
  for (Program::Step& step : program.steps) {
    out_.append(step.label);
    switch (step.member) {
      case Member::kTypename: WriteName(program.type_name); break;
      case Member::kKind: out_.append(type.IsNonNull() ? "\"NON_NULL\"" : "\"LIST\""); break;
      case Member::kOfType: WriteType(*step.inner, type.Inner()); break;
      default: WriteNull();
    }
  }
  Close(program);
}

void Writer::WriteNamedType(Program& program, const Type& type) {
  for (Program::Step& step : program.steps) {
    if (overflowed()) return;
    out_.append(step.label);
    WriteTypeMember(step, program, type);
  }
  Close(program);
}

void Writer::WriteTypeMember(Program::Step& step, const Program& program, const Type& type) {
  const bool has_fields = type.kind == TypeKind::kObject || type.kind == TypeKind::kInterface;
  switch (step.member) {
    case Member::kTypename: return WriteName(program.type_name);
    case Member::kKind: out_.append(kKindNames[static_cast<size_t>(type.kind)]); return;
    case Member::kName: return WriteName(type.name);
    case Member::kDescription: return WriteNullableText(type.description);
    case Member::kSpecifiedByUrl: return WriteNullableText(type.specified_by_url);
    case Member::kHugrType: return WriteNullableText(type.hugr_type);
    case Member::kModule: return WriteNullableText(type.module);
    case Member::kCatalog: return WriteNullableText(type.catalog);
    case Member::kIsOneOf:
      if (type.kind == TypeKind::kInputObject) return WriteBool(type.is_one_of);
      break;
    case Member::kFields:
      if (has_fields) return WriteFields(step, type);
      break;
    case Member::kInterfaces:
      if (has_fields) return WriteTypes(*step.inner, type.interfaces);
      break;
    case Member::kPossibleTypes:
      if (type.IsAbstract()) return WriteTypes(*step.inner, type.possible_types);
      break;
    case Member::kEnumValues:
      if (type.kind == TypeKind::kEnum) return WriteEnumValues(step, type);
      break;
    case Member::kInputFields:
      if (type.kind == TypeKind::kInputObject) return WriteInputFields(step, type);
      break;
    default: break;
  }
  WriteNull();
}

}  // namespace eider::graphql::introspection
