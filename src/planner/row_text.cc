#include "planner/row_text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace eider::planner {

void AppendScalarText(const engine::Value& value, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    out.append(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
    out.append(std::to_string(*number));
  } else if (const auto* real = std::get_if<double>(&value.data)) {
    out.append(fmt::format("{}", *real));
  } else if (const auto* flag = std::get_if<bool>(&value.data)) {
    out.append(*flag ? "true" : "false");
  }
}

namespace {

void AppendJsonText(const engine::Value& value, std::string& out) {
  if (value.is_null()) {
    out.append("null");
  } else if (const auto* text = std::get_if<std::string>(&value.data)) {
    AppendJsonString(out, *text);
  } else if (const auto* list = std::get_if<engine::ValueList>(&value.data)) {
    std::string json = "[";
    for (const engine::Value& item : *list) {
      if (json.size() > 1) json.push_back(',');
      AppendJsonText(item, json);
    }
    json.push_back(']');
    AppendJsonString(out, json);
  } else {
    out.push_back('"');
    AppendScalarText(value, out);
    out.push_back('"');
  }
}

}  // namespace

void AppendRowText(const std::vector<const engine::Value*>& cells, std::string& out) {
  out.append(out.empty() ? "[" : ",[");
  bool first = true;
  for (const engine::Value* cell : cells) {
    if (!first) out.push_back(',');
    first = false;
    AppendJsonText(*cell, out);
  }
  out.push_back(']');
}

}  // namespace eider::planner
