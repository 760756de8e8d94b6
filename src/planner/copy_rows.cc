#include "planner/copy_rows.h"

#include "base/text.h"
#include "planner/assigned.h"
#include "planner/json_filter.h"
#include "planner/row_text.h"

namespace eider::planner {

using catalog::Column;
using catalog::ScalarKind;

namespace {

// Bounds the text that is held at once.
constexpr std::size_t kMaxText = 256 << 20;

// How the input function of a column's type reads what clients send.
bool HasTextForm(const Column& column) {
  if (column.kind == ScalarKind::kGeometry || column.kind == ScalarKind::kVector || column.kind == ScalarKind::kStruct)
    return false;
  const std::string_view type = column.sql_type;
  if (type.starts_with("bytea") || type.starts_with("geo")) return false;
  return column.kind != ScalarKind::kTimestamp || !type.starts_with("timestamp without");
}

void AppendEscaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '\\': out.append("\\\\"); break;
      case '\t': out.append("\\t"); break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      default: out.push_back(c);
    }
  }
}

// An array in PostgreSQL's own notation.
std::string ArrayText(const engine::ValueList& list) {
  std::string out = "{";
  for (const engine::Value& item : list) {
    if (out.size() > 1) out.push_back(',');
    if (item.is_null()) {
      out.append("NULL");
      continue;
    }
    std::string text;
    AppendScalarText(item, text);
    out.push_back('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }
  return out + "}";
}

class CopyCompiler {
 public:
  CopyCompiler(const InsertRequest& request, std::span<const NewRow> rows) : request_(request), rows_(rows) {}

  std::optional<CopyRows> Compile() {
    if (!ReadColumns(rows_.front())) return std::nullopt;
    CopyRows out;
    std::string names;
    for (const Source& source : sources_) {
      names.append(names.empty() ? "" : ", ").append(QuoteIdentifier(source.column->column));
    }
    out.sql = "COPY " + WriterOf(request_.object).TableName(request_.object) + " (" + names + ") FROM STDIN";
    for (const NewRow& row : rows_) {
      if (!AppendRow(row, out.text) || out.text.size() > kMaxText) return std::nullopt;
    }
    return out;
  }

 private:
  // Where the values of a column come from, the same for all rows.
  struct Source {
    const Column* column = nullptr;
    std::size_t field = 0;  // Index in the row's data, when `given`.
    bool given = false;
    bool key = false;
    std::string constant;
  };

  bool ReadColumns(const NewRow& first) {
    for (const Column& column : request_.object.columns) {
      if (!column.sql.empty() || column.is_generated) continue;
      Source source{&column};
      const auto& fields = first.data->fields;
      while (source.field < fields.size() && fields[source.field].name != column.name) ++source.field;
      source.given = source.field < fields.size();
      source.key = !source.given && first.keys.contains(&column);
      if (!source.given && !source.key) {
        if (!column.insert_exp.empty() || !column.default_sequence.empty()) return false;
        if (!column.has_default_value) continue;
        const std::string word = LowerAscii(column.default_value);
        if (word == "now" || word == "now()" || word == "today") return false;
        source.constant = column.default_value;
      }
      if (!HasTextForm(column)) return false;
      sources_.push_back(std::move(source));
    }
    return !sources_.empty();
  }

  bool HasColumnsOfFirst(const NewRow& row) const {
    const auto& fields = row.data->fields;
    const auto& expected = rows_.front().data->fields;
    if (fields.size() != expected.size() || row.keys.size() != rows_.front().keys.size()) return false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name != expected[i].name) return false;
    }
    return true;
  }

  bool AppendRow(const NewRow& row, std::string& out) const {
    if (!HasColumnsOfFirst(row)) return false;
    bool first = true;
    for (const Source& source : sources_) {
      if (!first) out.push_back('\t');
      first = false;
      if (source.given) {
        if (!AppendGiven(*source.column, row.data->fields[source.field].value, out)) return false;
      } else if (source.key) {
        const auto key = row.keys.find(source.column);
        if (key == row.keys.end()) return false;
        AppendEscaped(key->second, out);
      } else {
        AppendEscaped(source.constant, out);
      }
    }
    out.push_back('\n');
    return true;
  }

  bool AppendGiven(const Column& column, const BoundValue& value, std::string& out) const {
    if (value.IsNull()) {
      out.append("\\N");
      return true;
    }
    if (value.kind == BoundKind::kParameter) {
      const engine::Value& parameter = request_.parameters[static_cast<std::size_t>(value.parameter)];
      if (const auto* list = std::get_if<engine::ValueList>(&parameter.data)) {
        if (!column.is_list) return false;
        AppendEscaped(ArrayText(*list), out);
      } else if (const auto* text = std::get_if<std::string>(&parameter.data)) {
        AppendEscaped(*text, out);
      } else {
        AppendScalarText(parameter, out);
      }
      return true;
    }
    if (column.is_list) return false;
    if (column.kind == ScalarKind::kJson) {
      AppendEscaped(JsonTextOf(value), out);
      return true;
    }
    if (value.kind != BoundKind::kText) return false;
    AppendEscaped(value.text, out);
    return true;
  }

  const InsertRequest& request_;
  const std::span<const NewRow> rows_;
  std::vector<Source> sources_;
};

}  // namespace

std::optional<CopyRows> CompileCopy(const InsertRequest& request, std::span<const NewRow> rows) {
  if (rows.empty() || request.conflict != nullptr || !WriterOf(request.object).is_postgres()) return std::nullopt;
  return CopyCompiler(request, rows).Compile();
}

}  // namespace eider::planner
