#include "catalog/describe.h"

#include <span>
#include <vector>

#include "base/text.h"
#include "graphql/parser.h"
#include "graphql/print.h"

namespace eider::catalog {
namespace {

using graphql::TypeDefinition;
using graphql::TypeKind;

std::string_view Keyword(TypeKind kind) {
  switch (kind) {
    case TypeKind::kScalar: return "scalar";
    case TypeKind::kObject: return "type";
    case TypeKind::kInterface: return "interface";
    case TypeKind::kUnion: return "union";
    case TypeKind::kEnum: return "enum";
    case TypeKind::kInputObject: return "input";
  }
  return {};
}

// Writes definitions with one TAB before members.
class Printer {
 public:
  void Type(const TypeDefinition& type);
  std::string Take() { return std::move(out_); }

 private:
  void Description(std::string_view text, std::string_view indent);
  void Directives(std::span<const graphql::Directive> directives);
  void Arguments(std::span<const graphql::Argument> arguments);
  void InputValue(const graphql::InputValueDefinition& input);
  void Names(std::span<const graphql::NameNode> names, std::string_view first, std::string_view between);
  void Members(const TypeDefinition& type);
  void Field(const graphql::FieldDefinition& field);

  std::string out_;
};

void Printer::Description(std::string_view text, std::string_view indent) {
  if (text.empty()) return;
  out_.append(indent).append("\"\"\"\n");
  for (const std::string_view line : SplitText(text, '\n')) {
    if (!line.empty()) out_.append(indent);
    for (size_t i = 0; i < line.size(); ++i) {
      if (line.substr(i, 3) == "\"\"\"") out_ += '\\';
      out_ += line[i];
    }
    out_ += '\n';
  }
  out_.append(indent).append("\"\"\"\n");
}

void Printer::Arguments(std::span<const graphql::Argument> arguments) {
  if (arguments.empty()) return;
  out_ += '(';
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) out_ += ", ";
    out_.append(arguments[i].name).append(": ");
    graphql::PrintValue(arguments[i].value, &out_);
  }
  out_ += ')';
}

void Printer::Directives(std::span<const graphql::Directive> directives) {
  for (const graphql::Directive& directive : directives) {
    out_.append(" @").append(directive.name);
    Arguments(directive.arguments);
  }
}

void Printer::InputValue(const graphql::InputValueDefinition& input) {
  out_.append(input.name).append(": ").append(input.type->ToString());
  if (input.default_value != nullptr) {
    out_ += " = ";
    graphql::PrintValue(*input.default_value, &out_);
  }
  Directives(input.directives);
}

void Printer::Names(std::span<const graphql::NameNode> names, std::string_view first, std::string_view between) {
  for (size_t i = 0; i < names.size(); ++i) out_.append(i == 0 ? first : between).append(names[i].name);
}

void Printer::Field(const graphql::FieldDefinition& field) {
  Description(field.description, "\t");
  out_.append("\t").append(field.name);
  if (!field.arguments.empty()) {
    out_ += '(';
    for (size_t i = 0; i < field.arguments.size(); ++i) {
      if (i > 0) out_ += ", ";
      InputValue(field.arguments[i]);
    }
    out_ += ')';
  }
  out_.append(": ").append(field.type->ToString());
  Directives(field.directives);
  out_ += '\n';
}

void Printer::Members(const TypeDefinition& type) {
  for (const graphql::FieldDefinition& field : type.fields) Field(field);
  for (const graphql::InputValueDefinition& input : type.input_fields) {
    Description(input.description, "\t");
    out_ += '\t';
    InputValue(input);
    out_ += '\n';
  }
  for (const graphql::EnumValueDefinition& value : type.enum_values) {
    Description(value.description, "\t");
    out_.append("\t").append(value.name);
    Directives(value.directives);
    out_ += '\n';
  }
}

void Printer::Type(const TypeDefinition& type) {
  Description(type.description, "");
  if (type.is_extension) out_ += "extend ";
  out_.append(Keyword(type.kind)).append(" ").append(type.name);
  Names(type.interfaces, " implements ", " & ");
  Directives(type.directives);
  Names(type.members, " = ", " | ");
  if (type.fields.empty() && type.input_fields.empty() && type.enum_values.empty()) {
    out_ += '\n';
    return;
  }
  out_ += " {\n";
  Members(type);
  out_ += "}\n";
}

}  // namespace

std::string DescribeSource(const SourceDefinition& definition, bool self) {
  std::vector<const SdlFile*> files;
  for (const SdlFile& file : definition.introspected) files.push_back(&file);
  if (!self) {
    for (const SdlFile& file : definition.files) files.push_back(&file);
  }
  Printer definitions;
  Printer extensions;
  std::string broken;
  for (const SdlFile* file : files) {
    const auto parsed = graphql::ParseSdl(file->text, file->name);
    if (!parsed) {
      broken += file->text;
      continue;
    }
    for (const TypeDefinition* type : (*parsed)->types()) (type->is_extension ? extensions : definitions).Type(*type);
  }
  return definitions.Take() + extensions.Take() + broken;
}

}  // namespace eider::catalog
