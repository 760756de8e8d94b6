#include "sources/sdl_printer.h"

#include "graphql/parser.h"
#include "graphql/print.h"

namespace eider::sources {
namespace {

using namespace graphql;

std::string_view Keyword(TypeKind kind) {
  switch (kind) {
    case TypeKind::kScalar: return "scalar ";
    case TypeKind::kObject: return "type ";
    case TypeKind::kInterface: return "interface ";
    case TypeKind::kUnion: return "union ";
    case TypeKind::kEnum: return "enum ";
    case TypeKind::kInputObject: return "input ";
  }
  return "";
}

class DeclaredPrinter {
 public:
  void PrintType(const TypeDefinition& type) {
    Description(type.description, "");
    out_.append(type.is_extension ? "extend " : "").append(Keyword(type.kind)).append(type.name);
    Names(type.interfaces, " implements ", " & ");
    Directives(type.directives);
    Names(type.members, " = ", " | ");
    if (type.fields.empty() && type.input_fields.empty() && type.enum_values.empty()) {
      out_.append("\n");
      return;
    }
    out_.append(" {\n");
    for (const FieldDefinition& field : type.fields) Field(field);
    for (const InputValueDefinition& field : type.input_fields) InputField(field);
    for (const EnumValueDefinition& value : type.enum_values) EnumValue(value);
    out_.append("}\n");
  }

  std::string Take() { return std::move(out_); }

 private:
  void Description(std::string_view text, std::string_view indent) {
    if (text.empty()) return;
    out_.append(indent).append("\"\"\"\n").append(indent);
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text.substr(at).starts_with("\"\"\"")) out_.push_back('\\');
      out_.push_back(text[at]);
      if (text[at] == '\n') out_.append(indent);
    }
    out_.append("\n").append(indent).append("\"\"\"\n");
  }

  void Names(std::span<const NameNode> names, std::string_view first, std::string_view between) {
    for (std::size_t i = 0; i < names.size(); ++i) out_.append(i == 0 ? first : between).append(names[i].name);
  }

  // Strings are printed plain, block strings too.
  void PrintAnyValue(const Value& value) {
    if (value.kind == ValueKind::kString) return PrintString(value.text, &out_);
    if (value.kind == ValueKind::kList) {
      out_.append("[");
      for (const Value& item : value.items()) {
        if (&item != value.items().data()) out_.append(", ");
        PrintAnyValue(item);
      }
      out_.append("]");
    } else if (value.kind == ValueKind::kObject) {
      out_.append("{");
      Arguments(value.fields());
      out_.append("}");
    } else {
      PrintValue(value, &out_);
    }
  }

  void Arguments(std::span<const NamedValue> arguments) {
    for (const NamedValue& argument : arguments) {
      if (&argument != arguments.data()) out_.append(", ");
      out_.append(argument.name).append(": ");
      PrintAnyValue(argument.value);
    }
  }

  void Directives(std::span<const Directive> directives) {
    for (const Directive& directive : directives) {
      out_.append(" @").append(directive.name);
      if (directive.arguments.empty()) continue;
      out_.append("(");
      Arguments(directive.arguments);
      out_.append(")");
    }
  }

  void InputValue(const InputValueDefinition& value) {
    out_.append(value.name).append(": ").append(value.type->ToString());
    if (value.default_value != nullptr) {
      out_.append(" = ");
      PrintAnyValue(*value.default_value);
    }
    Directives(value.directives);
  }

  void Field(const FieldDefinition& field) {
    Description(field.description, "\t");
    out_.append("\t").append(field.name);
    for (const InputValueDefinition& argument : field.arguments) {
      out_.append(&argument == field.arguments.data() ? "(" : ", ");
      InputValue(argument);
    }
    if (!field.arguments.empty()) out_.append(")");
    out_.append(": ").append(field.type->ToString());
    Directives(field.directives);
    out_.append("\n");
  }

  void InputField(const InputValueDefinition& field) {
    Description(field.description, "\t");
    out_.append("\t");
    InputValue(field);
    out_.append("\n");
  }

  void EnumValue(const EnumValueDefinition& value) {
    Description(value.description, "\t");
    out_.append("\t").append(value.name);
    Directives(value.directives);
    out_.append("\n");
  }

  std::string out_;
};

}  // namespace

Result<std::string> PrintDeclaredSdl(const std::vector<catalog::SdlFile>& files) {
  std::vector<DocumentPtr> documents;
  for (const catalog::SdlFile& file : files) {
    auto document = ParseSdl(file.text, file.name);
    if (!document) return Error(ErrorCode::kBadInput, file.name + ": " + document.error().message);
    documents.push_back(std::move(*document));
  }
  DeclaredPrinter printer;
  for (const bool extensions : {false, true}) {
    for (const DocumentPtr& document : documents) {
      for (const TypeDefinition* type : document->types()) {
        if (type->is_extension == extensions) printer.PrintType(*type);
      }
    }
  }
  return printer.Take();
}

}  // namespace eider::sources
