#include <algorithm>
#include <vector>

#include "graphql/print.h"

namespace eider::graphql {
namespace {

constexpr std::string_view kDefaultReason = "No longer supported";

// Whether the text survives being printed between """ without escapes other than \""".
bool FitsBlockString(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.front() == '\t' || text.front() == '\n') return false;
  if (text.back() == ' ' || text.back() == '\n' || text.back() == '\t') return false;
  bool at_line_start = false;
  bool all_indented = true;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') return false;
    if (at_line_start && c != ' ' && c != '\t' && c != '\n') all_indented = false;
    at_line_start = c == '\n';
  }
  return text.find('\n') == std::string_view::npos || !all_indented;
}

class SdlPrinter {
 public:
  explicit SdlPrinter(const PrintSdlOptions& options) : options_(options) {}

  std::string Take() { return std::move(out_); }
  void Separate() {
    if (!out_.empty()) out_.append("\n\n");
  }

  void SchemaDefinition(const Schema& schema) {
    static constexpr std::string_view kDefaults[] = {"Query", "Mutation", "Subscription"};
    bool is_default = schema.description().empty();
    for (int i = 0; i < 3; ++i) {
      const Type* root = schema.root(static_cast<OperationKind>(i));
      if (root != nullptr && root->name != kDefaults[i]) is_default = false;
    }
    if (is_default) return;
    Separate();
    Description(schema.description(), "");
    out_.append("schema {\n");
    for (int i = 0; i < 3; ++i) {
      const auto kind = static_cast<OperationKind>(i);
      if (schema.root(kind) == nullptr) continue;
      out_.append("  ").append(OperationKindName(kind)).append(": ").append(schema.root(kind)->name).append("\n");
    }
    out_.push_back('}');
  }

  void Directive(const DirectiveDef& directive) {
    Separate();
    Description(directive.description, "");
    out_.append("directive @").append(directive.name);
    Arguments(directive.arguments, "");
    if (directive.is_repeatable) out_.append(" repeatable");
    bool first = true;
    for (unsigned i = 0; i <= static_cast<unsigned>(DirectiveLocation::kInputFieldDefinition); ++i) {
      const auto location = static_cast<DirectiveLocation>(i);
      if (!directive.AllowedAt(location)) continue;
      out_.append(first ? " on " : " | ").append(DirectiveLocationName(location));
      first = false;
    }
  }

  void Definition(const Type& type) {
    Separate();
    Description(type.description, "");
    static constexpr std::string_view kKeywords[] = {"scalar ", "type ", "interface ", "union ", "enum ", "input "};
    out_.append(kKeywords[static_cast<size_t>(type.kind)]).append(type.name);
    if (!type.interfaces.empty()) Names(" implements ", " & ", type.interfaces);
    if (type.specified_by_url.data() != nullptr) {
      out_.append(" @specifiedBy(url: ");
      PrintString(type.specified_by_url, &out_);
      out_.push_back(')');
    }
    if (type.is_one_of) out_.append(" @oneOf");
    if (type.kind == TypeKind::kUnion) {
      if (!type.possible_types.empty()) Names(" = ", " | ", type.possible_types);
      return;
    }
    Members(type);
  }

 private:
  void Names(std::string_view start, std::string_view separator, std::span<const Type* const> types) {
    for (const Type* type : types) {
      out_.append(start).append(type->name);
      start = separator;
    }
  }

  void Members(const Type& type) {
    if (type.fields.empty() && type.input_fields.empty() && type.enum_values.empty()) return;
    out_.append(" {\n");
    for (const Field& field : type.fields) {
      Description(field.description, "  ");
      out_.append("  ").append(field.name);
      Arguments(field.arguments, "  ");
      out_.append(": ").append(field.type.ToString());
      Deprecation(field.deprecation);
      out_.push_back('\n');
    }
    for (const InputValue& field : type.input_fields) {
      Description(field.description, "  ");
      out_.append("  ");
      Input(field);
      out_.push_back('\n');
    }
    for (const EnumValue& value : type.enum_values) {
      Description(value.description, "  ");
      out_.append("  ").append(value.name);
      Deprecation(value.deprecation);
      out_.push_back('\n');
    }
    out_.push_back('}');
  }

  void Input(const InputValue& input) {
    out_.append(input.name).append(": ").append(input.type.ToString());
    if (input.default_text.data() != nullptr) out_.append(" = ").append(input.default_text);
    Deprecation(input.deprecation);
  }

  void Arguments(std::span<const InputValue> arguments, std::string_view indent) {
    if (arguments.empty()) return;
    const bool has_descriptions =
        options_.descriptions && std::any_of(arguments.begin(), arguments.end(),
                                             [](const InputValue& argument) { return !argument.description.empty(); });
    if (!has_descriptions) {
      for (const InputValue& argument : arguments) {
        out_.append(&argument == arguments.data() ? "(" : ", ");
        Input(argument);
      }
      out_.push_back(')');
      return;
    }
    out_.append("(\n");
    const std::string deeper = std::string(indent) + "  ";
    for (const InputValue& argument : arguments) {
      Description(argument.description, deeper);
      out_.append(deeper);
      Input(argument);
      out_.push_back('\n');
    }
    out_.append(indent).append(")");
  }

  void Deprecation(std::string_view reason) {
    if (reason.data() == nullptr) return;
    out_.append(" @deprecated");
    if (reason == kDefaultReason) return;
    out_.append("(reason: ");
    PrintString(reason, &out_);
    out_.push_back(')');
  }

  void Description(std::string_view text, std::string_view indent) {
    if (text.empty() || !options_.descriptions) return;
    out_.append(indent);
    if (!FitsBlockString(text)) {
      PrintString(text, &out_);
      out_.push_back('\n');
      return;
    }
    const bool on_own_lines = text.find('\n') != std::string_view::npos || text.back() == '"' || text.back() == '\\';
    out_.append("\"\"\"");
    if (on_own_lines) out_.append("\n").append(indent);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text.compare(i, 3, "\"\"\"") == 0) {
        out_.append("\\\"\"\"");
        i += 2;
        continue;
      }
      out_.push_back(text[i]);
      if (text[i] == '\n' && i + 1 < text.size() && text[i + 1] != '\n') out_.append(indent);
    }
    if (on_own_lines) out_.append("\n").append(indent);
    out_.append("\"\"\"\n");
  }

  const PrintSdlOptions options_;
  std::string out_;
};

}  // namespace

std::string PrintSdl(const Schema& schema, const PrintSdlOptions& options) {
  SdlPrinter printer(options);
  printer.SchemaDefinition(schema);
  std::vector<const DirectiveDef*> directives;
  for (const DirectiveDef& directive : schema.directives()) {
    if (!directive.is_builtin) directives.push_back(&directive);
  }
  std::vector<const Type*> types;
  for (const Type* type : schema.types()) {
    if (!type->is_builtin) types.push_back(type);
  }
  if (options.sorted) {
    const auto by_name = [](const auto* a, const auto* b) { return a->name < b->name; };
    std::sort(directives.begin(), directives.end(), by_name);
    std::sort(types.begin(), types.end(), by_name);
  }
  for (const DirectiveDef* directive : directives) printer.Directive(*directive);
  for (const Type* type : types) printer.Definition(*type);
  return printer.Take() + "\n";
}

std::string PrintType(const Type& type, const PrintSdlOptions& options) {
  SdlPrinter printer(options);
  printer.Definition(type);
  return printer.Take() + "\n";
}

}  // namespace eider::graphql
