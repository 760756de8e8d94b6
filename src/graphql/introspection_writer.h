#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graphql/introspection.h"
#include "graphql/introspection_program.h"

namespace eider::graphql::introspection {

// Runs programs over the schema, appending JSON to a buffer. Used for one root field by one thread. Once the buffer
// exceeds its limit, everything further is left out and overflowed() is true.
class Writer {
 public:
  Writer(const Schema& schema, const IntrospectionOptions& options, std::string* out);

  void WriteSchema(Program& program);
  // `null` when the type is a null reference.
  void WriteType(Program& program, TypeRef type);
  // Lists of an object's fields, deprecated ones left out, and of arguments.
  void WriteFieldsOf(Program& program, const Type& type);
  void WriteInputValues(Program& program, std::span<const InputValue> values);
  bool IsVisible(const Type& type);
  bool overflowed() const { return out_.size() > limit_; }

 private:
  enum class Seen : uint8_t { kUnknown, kVisible, kHidden };

  // The members of each kind of object.
  void WriteSchemaMember(Program::Step& step, const Program& program);
  void WriteNamedType(Program& program, const Type& type);
  void WriteTypeMember(Program::Step& step, const Program& program, const Type& type);
  void WriteWrapper(Program& program, TypeRef type);
  void WriteField(Program& program, const Type& parent, const Field& field);
  void WriteInputValue(Program& program, const InputValue& value);
  void WriteEnumValue(Program& program, const EnumValue& value);
  void WriteDirective(Program& program, const DirectiveDef& directive);

  // Lists.
  void WriteTypes(Program& program, std::span<const Type* const> types);
  void WriteFields(Program::Step& step, const Type& type);
  void WriteArguments(Program::Step& step, const Type& parent, const Field& field);
  void WriteInputFields(Program::Step& step, const Type& type);
  void WriteEnumValues(Program::Step& step, const Type& type);
  void WriteDirectives(Program& program);
  void WriteLocations(const DirectiveDef& directive);
  template <class Items, class Filter, class WriteItem>
  void WriteList(const Items& items, Filter is_shown, WriteItem write_item);

  // Scalars.
  void WriteName(std::string_view name);
  void WriteText(std::string_view text);
  void WriteNullableText(std::string_view text);
  void WriteBool(bool value) { out_.append(value ? "true" : "false"); }
  void WriteNull() { out_.append("null"); }
  void Close(const Program& program) { out_.append(program.steps.empty() ? "{}" : "}"); }

  bool IsShown(const Type& parent, const Field& field, bool include_deprecated);

  const Schema& schema_;
  const Visibility* visibility_;
  std::string& out_;
  size_t limit_;
  std::vector<Seen> seen_;  // By type id; only with a visibility.
};

}  // namespace eider::graphql::introspection
