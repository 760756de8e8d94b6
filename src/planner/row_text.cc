#include "planner/row_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "planner/dialect.h"

namespace eider::planner {

using catalog::Column;

namespace {

void AppendPlain(const engine::Value& value, std::string& out) {
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
    AppendPlain(value, out);
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

std::string CellSql(const CellType& type, std::size_t index) {
  const Column& column = *type.column;
  std::string cell = "u[" + std::to_string(index + 1) + "]";
  std::string wanted = column.sql_type;
  if (wanted.empty()) wanted = std::string(DuckDb().TypeOf(column.kind)) + (column.is_list ? "[]" : "");
  if (column.is_list && !type.is_item) {
    return "CAST(from_json(" + cell + R"(, '["VARCHAR"]') AS )" + wanted + ")";
  }
  if (column.is_list && wanted.ends_with("[]")) wanted.resize(wanted.size() - 2);
  // A geometry is written from its text.
  if (wanted == "VARCHAR" || column.kind == catalog::ScalarKind::kGeometry) return cell;
  if (wanted == "BLOB") return "from_base64(" + cell + ")";
  return "CAST(" + cell + " AS " + wanted + ")";
}

}  // namespace eider::planner
