#include "cli/introspection_sdl.h"

#include <string_view>

#include "base/json.h"
#include "base/text.h"

namespace eider::cli {

const char kIntrospectionQuery[] = R"(query Schema { __schema {
  types { kind name description specifiedByURL
    fields(includeDeprecated: true) { name description isDeprecated deprecationReason type { ...T }
      args { name description defaultValue type { ...T } } }
    inputFields { name description defaultValue type { ...T } }
    interfaces { name } possibleTypes { name }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } }
  directives { name description locations isRepeatable args { name description defaultValue type { ...T } } } } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name } } } } } })";

namespace {

using rapidjson::Value;

// Calls `visit(item, is_first)` for each object of a list member.
template <class Visit>
void ForEach(const Value& object, const char* name, Visit visit) {
  const auto it = object.FindMember(name);
  if (it == object.MemberEnd() || !it->value.IsArray()) return;
  bool first = true;
  for (const Value& item : it->value.GetArray()) {
    if (item.IsObject()) visit(item, first);
    first = false;
  }
}

std::string TypeText(const Value& type) {
  const auto inner = type.FindMember("ofType");
  const bool wraps = inner != type.MemberEnd() && inner->value.IsObject();
  if (!wraps) return TextMember(type, "name");
  const std::string text = TypeText(inner->value);
  return TextMember(type, "kind") == "LIST" ? "[" + text + "]" : text + "!";
}

class SdlWriter {
 public:
  void WriteType(const Value& type) {
    const std::string kind = TextMember(type, "kind");
    const std::string name = TextMember(type, "name");
    if (name.starts_with("__")) return;
    Start(type, "");
    if (kind == "SCALAR") {
      out_.append("scalar ").append(name);
      if (const auto url = TextMember(type, "specifiedByURL"); !url.empty()) Quoted(" @specifiedBy(url: ", url);
      out_.append("\n");
    } else if (kind == "UNION") {
      out_.append("union ").append(name);
      Names(type, "possibleTypes", " = ", " | ");
      out_.append("\n");
    } else {
      out_.append(kind == "ENUM"           ? "enum "
                  : kind == "INPUT_OBJECT" ? "input "
                  : kind == "INTERFACE"    ? "interface "
                                           : "type ");
      out_.append(name);
      Names(type, "interfaces", " implements ", " & ");
      WriteMembers(type);
    }
  }

  void WriteDirective(const Value& directive) {
    Start(directive, "");
    out_.append("directive @").append(TextMember(directive, "name"));
    WriteArguments(directive);
    out_.append(FlagMember(directive, "isRepeatable") ? " repeatable on " : " on ");
    const auto places = directive.FindMember("locations");
    for (rapidjson::SizeType i = 0; places != directive.MemberEnd() && i < places->value.Size(); ++i) {
      out_.append(i == 0 ? "" : " | ").append(places->value[i].GetString());
    }
    out_.append("\n");
  }

  std::string Take() { return std::move(out_); }

 private:
  void Quoted(std::string_view before, std::string_view text) {
    out_.append(before);
    AppendJsonString(out_, text);
    out_.append(")");
  }

  // The blank line between definitions, and the description.
  void Start(const Value& node, std::string_view indent) {
    if (indent.empty() && !out_.empty()) out_.append("\n");
    const std::string text = TextMember(node, "description");
    if (text.empty()) return;
    out_.append(indent);
    if (text.find('\n') == std::string_view::npos) {
      AppendJsonString(out_, text);
    } else {
      out_.append("\"\"\"\n").append(text).append("\n\"\"\"");
    }
    out_.append("\n");
  }

  void Names(const Value& type, const char* member, std::string_view before, std::string_view between) {
    ForEach(type, member, [&](const Value& item, bool first) {
      out_.append(first ? before : between).append(TextMember(item, "name"));
    });
  }

  void WriteMembers(const Value& type) {
    out_.append(" {\n");
    ForEach(type, "fields", [&](const Value& field, bool) {
      Start(field, "  ");
      out_.append("  ").append(TextMember(field, "name"));
      WriteArguments(field);
      out_.append(": ").append(TypeText(field["type"]));
      WriteDeprecation(field);
    });
    ForEach(type, "inputFields", [&](const Value& field, bool) {
      Start(field, "  ");
      out_.append("  ");
      WriteInput(field);
      out_.append("\n");
    });
    ForEach(type, "enumValues", [&](const Value& value, bool) {
      Start(value, "  ");
      out_.append("  ").append(TextMember(value, "name"));
      WriteDeprecation(value);
    });
    out_.append("}\n");
  }

  void WriteDeprecation(const Value& node) {
    if (FlagMember(node, "isDeprecated")) Quoted(" @deprecated(reason: ", TextMember(node, "deprecationReason"));
    out_.append("\n");
  }

  void WriteInput(const Value& input) {
    out_.append(TextMember(input, "name")).append(": ").append(TypeText(input["type"]));
    if (const auto text = TextMember(input, "defaultValue"); !text.empty()) out_.append(" = ").append(text);
  }

  void WriteArguments(const Value& node) {
    bool any = false;
    ForEach(node, "args", [&](const Value& argument, bool first) {
      out_.append(first ? "(" : ", ");
      WriteInput(argument);
      any = true;
    });
    if (any) out_.append(")");
  }

  std::string out_;
};

}  // namespace

std::string SdlOfIntrospection(const Value& schema) {
  SdlWriter writer;
  ForEach(schema, "types", [&](const Value& type, bool) { writer.WriteType(type); });
  ForEach(schema, "directives", [&](const Value& directive, bool) { writer.WriteDirective(directive); });
  return writer.Take();
}

}  // namespace eider::cli
