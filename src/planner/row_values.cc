#include "planner/row_values.h"

#include "base/text.h"
#include "planner/secret_column.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;

namespace {

const engine::Value kNull;

}  // namespace

RowValues::RowValues(const DataObject& object, const engine::Parameters& request, const Requester* requester)
    : object_(object),
      request_(request),
      requester_(requester),
      dialect_(WriterOf(object)),
      operands_{.parameter =
                    [this](const Column& column, const BoundValue& value) {
                      return AddCell(column, request_[static_cast<std::size_t>(value.parameter)],
                                     column.is_list && !value.is_list);
                    },
                .text = [this](const Column& column,
                               const std::string& text) { return AddOwned(column, text, column.is_list); },
                .boolean = [this](const Column& column,
                                  const std::string& text) { return AddOwned(column, text == "true", column.is_list); },
                .session = [this](const Column& column, std::string_view name) { return AddSession(column, name); }} {
  for (const Column& column : object.columns) {
    if (!column.sql.empty() || column.is_generated) continue;
    Stored stored{&column, QuoteIdentifier(column.column), {}};
    if (!column.default_sequence.empty()) {
      stored.otherwise = dialect_.NextValue(object, column.default_sequence);
    } else if (column.has_default_value) {
      stored.otherwise = DefaultSql(column);
    }
    stored_.push_back(std::move(stored));
  }
}

std::string RowValues::DefaultSql(const Column& column) const {
  const std::string word = LowerAscii(column.default_value);
  const std::string type = column.sql_type.empty() ? std::string(dialect_.TypeOf(column.kind)) : column.sql_type;
  if (word == "now" || word == "now()") return "CAST(now() AS " + type + ")";
  if (word == "today") return "CAST(current_date AS " + type + ")";
  return "CAST(" + QuoteLiteral(column.default_value) + " AS " + type + ")";
}

void RowValues::Read(const NewRow& row) {
  columns_.clear();
  values_.clear();
  cells_.clear();
  owned_.clear();
  for (Stored& stored : stored_) {
    const std::size_t before = values_.size();
    if (before > 0) values_.append(", ");
    if (AppendValue(stored, row)) {
      columns_.append(columns_.empty() ? "" : ", ").append(stored.quoted);
    } else {
      values_.resize(before);
    }
  }
}

// Rows of one request name their columns in one order as a rule, so the previous row's place is tried first.
const BoundValue* RowValues::FindGiven(Stored& stored, const BoundValue& data) {
  const auto& fields = data.fields;
  const std::string& name = stored.column->name;
  if (stored.last_at < fields.size() && fields[stored.last_at].name == name) return &fields[stored.last_at].value;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name != name) continue;
    stored.last_at = i;
    return &fields[i].value;
  }
  return nullptr;
}

bool RowValues::AppendValue(Stored& stored, const NewRow& row) {
  const Column& column = *stored.column;
  if (column.secret == catalog::SecretKind::kNone) return AppendPlain(stored, row);
  const std::size_t before = values_.size();
  const bool given = AppendPlain(stored, row);
  if (!given && column.secret == catalog::SecretKind::kText) return false;
  // Without a key one is made up.
  const std::string value = given ? values_.substr(before) : "NULL";
  values_.resize(before);
  std::string key = "NULL";
  for (Stored& other : stored_) {
    if (column.secret == catalog::SecretKind::kKey || other.column != object_.primary_key.front()) continue;
    const std::size_t at = values_.size();
    if (AppendPlain(other, row)) key = values_.substr(at);
    values_.resize(at);
  }
  values_.append(InsertedSecret(object_, column, value, key));
  return true;
}

bool RowValues::AppendPlain(Stored& stored, const NewRow& row) {
  const Column& column = *stored.column;
  if (const BoundValue* given = FindGiven(stored, *row.data)) {
    values_.append(given->IsNull() ? dialect_.Written(column, AddCell(column, kNull, false), false)
                                   : AssignedSql(dialect_, column, *given, operands_));
    return true;
  }
  if (const auto key = row.keys.find(&column); key != row.keys.end()) {
    values_.append(dialect_.Written(column, AddOwned(column, key->second, false), false));
    return true;
  }
  if (!column.insert_exp.empty()) {
    values_.append(DefaultExpression(dialect_, object_, column, column.insert_exp, *row.data, operands_));
    return true;
  }
  values_.append(stored.otherwise);
  return !stored.otherwise.empty();
}

std::string RowValues::AddCell(const Column& column, const engine::Value& value, bool is_item) {
  cells_.push_back({&value, &column, is_item});
  return kCellMark + std::to_string(cells_.size() - 1) + kCellMark;
}

std::string RowValues::AddSession(const Column& column, std::string_view placeholder) {
  if (requester_ == nullptr) return "NULL";
  SessionValue wanted;
  wanted.kind = SessionValue::Kind::kPlaceholder;
  wanted.placeholder = std::string(placeholder);
  return AddOwned(column, SessionParameters(std::span(&wanted, 1), *requester_).front(), false);
}

std::string RowValues::AddOwned(const Column& column, engine::Value value, bool is_item) {
  owned_.push_back(std::move(value));
  return AddCell(column, owned_.back(), is_item);
}

}  // namespace eider::planner
