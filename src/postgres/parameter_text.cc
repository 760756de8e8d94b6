#include "postgres/parameter_text.h"

#include <charconv>
#include <cmath>

namespace eider::postgres {
namespace {

void AppendNumber(double value, std::string& out) {
  if (std::isnan(value)) {
    out.append("NaN");
  } else if (std::isinf(value)) {
    out.append(value > 0 ? "Infinity" : "-Infinity");
  } else {
    char text[64];
    out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
}

Status AppendText(const engine::Value& value, std::string& out);

Status AppendElement(const engine::Value& value, std::string& out) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (value.is_null()) {
    out.append("NULL");
    return {};
  }
  if (text == nullptr) return AppendText(value, out);
  if (text->find('\0') != std::string::npos) return AppendText(value, out);
  out.push_back('"');
  for (const char c : *text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return {};
}

Status AppendList(const engine::ValueList& list, std::string& out) {
  out.push_back('{');
  for (const engine::Value& element : list) {
    if (&element != &list.front()) out.push_back(',');
    EIDER_RETURN_IF_ERROR(AppendElement(element, out));
  }
  out.push_back('}');
  return {};
}

Status AppendText(const engine::Value& value, std::string& out) {
  if (const auto* boolean = std::get_if<bool>(&value.data)) {
    out.push_back(*boolean ? 't' : 'f');
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    out.append(std::to_string(*integer));
  } else if (const auto* number = std::get_if<double>(&value.data)) {
    AppendNumber(*number, out);
  } else if (const auto* text = std::get_if<std::string>(&value.data)) {
    if (text->find('\0') != std::string::npos) {
      return Error(ErrorCode::kBadInput, "a text with a NUL character cannot be stored in PostgreSQL");
    }
    out.append(*text);
  } else if (const auto* list = std::get_if<engine::ValueList>(&value.data)) {
    return AppendList(*list, out);
  }
  return {};
}

}  // namespace

Result<std::optional<std::string>> ParameterText(const engine::Value& value) {
  std::optional<std::string> text;
  if (value.is_null()) return text;
  text.emplace();
  EIDER_RETURN_IF_ERROR(AppendText(value, *text));
  return text;
}

}  // namespace eider::postgres
