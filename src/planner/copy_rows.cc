#include "planner/copy_rows.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"
#include "planner/assigned.h"
#include "planner/json_filter.h"
#include "planner/row_text.h"

namespace eider::planner {

using catalog::Column;
using catalog::ScalarKind;

namespace {

// So much text is written before it is sent.
constexpr std::size_t kPiece = 64 << 10;

// How the input function of a column's type reads what clients send.
bool HasTextForm(const Column& column) {
  if (column.kind == ScalarKind::kGeometry || column.kind == ScalarKind::kVector || column.kind == ScalarKind::kStruct)
    return false;
  const std::string_view type = column.sql_type;
  if (type.starts_with("bytea") || type.starts_with("geo")) return false;
  return column.kind != ScalarKind::kTimestamp || !type.starts_with("timestamp without");
}

// What stands behind the backslash for a character that COPY does not take as it is; 0 for every other.
char EscapeOf(char c) {
  switch (c) {
    case '\\': return '\\';
    case '\t': return 't';
    case '\n': return 'n';
    case '\r': return 'r';
    default: return 0;
  }
}

void AppendEscaped(std::string_view text, std::string& out) {
  std::size_t plain = 0;  // Where the text begins that is not yet written.
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char escape = EscapeOf(text[at]);
    if (escape == 0) continue;
    out.append(text.substr(plain, at - plain)).push_back('\\');
    out.push_back(escape);
    plain = at + 1;
  }
  out.append(text.substr(plain));
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

class CopyWriter {
 public:
  CopyWriter(const InsertRequest& request, std::span<const NewRow> rows) : request_(request), rows_(rows) {}

  // Whether all rows can be written. Called once, before the others.
  bool Fits() {
    return ReadColumns(rows_.front()) &&
           std::ranges::all_of(rows_, [this](const NewRow& row) { return HasColumnsOfFirst(row) && HasTexts(row); });
  }

  std::string Sql() const {
    std::string names;
    for (const Source& source : sources_) {
      names.append(names.empty() ? "" : ", ").append(QuoteIdentifier(source.column->column));
    }
    return "COPY " + WriterOf(request_.object).TableName(request_.object) + " (" + names + ") FROM STDIN";
  }

  // Appends the next rows; false when there are none left.
  bool Next(std::string& out) {
    if (next_ == rows_.size()) return false;
    const std::size_t enough = out.size() + kPiece;
    while (next_ < rows_.size() && out.size() < enough) AppendRow(rows_[next_++], out);
    return true;
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

  bool HasTexts(const NewRow& row) const {
    return std::ranges::all_of(sources_, [&](const Source& source) {
      return source.given ? HasText(*source.column, row.data->fields[source.field].value)
                          : !source.key || row.keys.contains(source.column);
    });
  }

  const engine::Value& ParameterOf(const BoundValue& value) const {
    return request_.parameters[static_cast<std::size_t>(value.parameter)];
  }

  bool HasText(const Column& column, const BoundValue& value) const {
    if (value.IsNull()) return true;
    if (value.kind == BoundKind::kParameter) {
      return column.is_list || !std::holds_alternative<engine::ValueList>(ParameterOf(value).data);
    }
    return !column.is_list && (column.kind == ScalarKind::kJson || value.kind == BoundKind::kText);
  }

  void AppendRow(const NewRow& row, std::string& out) const {
    bool first = true;
    for (const Source& source : sources_) {
      if (!first) out.push_back('\t');
      first = false;
      if (source.given) {
        AppendGiven(*source.column, row.data->fields[source.field].value, out);
      } else {
        AppendEscaped(source.key ? row.keys.at(source.column) : source.constant, out);
      }
    }
    out.push_back('\n');
  }

  void AppendGiven(const Column& column, const BoundValue& value, std::string& out) const {
    if (value.IsNull()) {
      out.append("\\N");
    } else if (value.kind == BoundKind::kParameter) {
      const engine::Value& parameter = ParameterOf(value);
      if (const auto* list = std::get_if<engine::ValueList>(&parameter.data)) {
        AppendEscaped(ArrayText(*list), out);
      } else if (const auto* text = std::get_if<std::string>(&parameter.data)) {
        AppendEscaped(*text, out);
      } else {
        AppendScalarText(parameter, out);
      }
    } else {
      AppendEscaped(column.kind == ScalarKind::kJson ? JsonTextOf(value) : value.text, out);
    }
  }

  const InsertRequest& request_;
  const std::span<const NewRow> rows_;
  std::vector<Source> sources_;
  std::size_t next_ = 0;
};

}  // namespace

std::optional<CopyRows> CompileCopy(const InsertRequest& request, std::span<const NewRow> rows) {
  if (rows.empty() || request.conflict != nullptr || !WriterOf(request.object).is_postgres()) return std::nullopt;
  auto writer = std::make_shared<CopyWriter>(request, rows);
  if (!writer->Fits()) return std::nullopt;
  std::string sql = writer->Sql();
  return CopyRows{std::move(sql), [writer = std::move(writer)](std::string& out) { return writer->Next(out); }};
}

}  // namespace eider::planner
