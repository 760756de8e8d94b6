#include "graphql/print.h"

#include "base/text.h"

namespace eider::graphql {

void PrintString(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  out->push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"': out->append("\\\""); break;
      case '\\': out->append("\\\\"); break;
      case '\b': out->append("\\b"); break;
      case '\f': out->append("\\f"); break;
      case '\n': out->append("\\n"); break;
      case '\r': out->append("\\r"); break;
      case '\t': out->append("\\t"); break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out->append("\\u00");
          out->push_back(kHex[c >> 4 & 15]);
          out->push_back(kHex[c & 15]);
        } else {
          out->push_back(c);
        }
    }
  }
  out->push_back('"');
}

namespace {

void PrintObject(const Value& value, std::string* out) {
  out->push_back('{');
  bool first = true;
  for (const NamedValue& field : value.fields()) {
    if (!first) out->append(", ");
    first = false;
    out->append(field.name).append(": ");
    PrintValue(field.value, out);
  }
  out->push_back('}');
}

void PrintList(const Value& value, std::string* out) {
  out->push_back('[');
  bool first = true;
  for (const Value& item : value.items()) {
    if (!first) out->append(", ");
    first = false;
    PrintValue(item, out);
  }
  out->push_back(']');
}

void PrintJsonMembers(const Value& value, std::string* out) {
  bool first = true;
  for (const Value& item : value.items()) {
    if (!first) out->push_back(',');
    first = false;
    PrintJson(item, out);
  }
  for (const NamedValue& field : value.fields()) {
    if (!first) out->push_back(',');
    first = false;
    AppendJsonString(*out, field.name);
    out->push_back(':');
    PrintJson(field.value, out);
  }
}

}  // namespace

void PrintValue(const Value& value, std::string* out) {
  switch (value.kind) {
    case ValueKind::kVariable: out->append("$").append(value.text); break;
    case ValueKind::kString: PrintString(value.text, out); break;
    case ValueKind::kNull: out->append("null"); break;
    case ValueKind::kInt:
    case ValueKind::kFloat:
    case ValueKind::kBoolean:
    case ValueKind::kEnum: out->append(value.text); break;
    case ValueKind::kList: PrintList(value, out); break;
    case ValueKind::kObject: PrintObject(value, out); break;
  }
}

std::string PrintValue(const Value& value) {
  std::string text;
  PrintValue(value, &text);
  return text;
}

void PrintJson(const Value& value, std::string* out) {
  switch (value.kind) {
    case ValueKind::kVariable:
    case ValueKind::kString:
    case ValueKind::kEnum: AppendJsonString(*out, value.text); break;
    case ValueKind::kNull: out->append("null"); break;
    case ValueKind::kInt:
    case ValueKind::kFloat:
    case ValueKind::kBoolean: out->append(value.text); break;
    case ValueKind::kList:
    case ValueKind::kObject:
      out->push_back(value.kind == ValueKind::kList ? '[' : '{');
      PrintJsonMembers(value, out);
      out->push_back(value.kind == ValueKind::kList ? ']' : '}');
      break;
  }
}

}  // namespace eider::graphql
