#include "planner/statement.h"

#include <algorithm>
#include <cctype>

namespace eider::planner {

std::string Statement::Parameter(const BoundValue& value, std::string_view type) {
  std::size_t index = 0;
  while (index < parameter_map_.size() &&
         (parameter_map_[index] != value.parameter || parameter_types_[index] != type)) {
    ++index;
  }
  if (index == parameter_map_.size()) {
    parameter_map_.push_back(value.parameter);
    parameter_types_.emplace_back(type);
  }
  return "$" + std::to_string(index + 1);
}

int Statement::AddSessionValue(SessionValue value) {
  for (std::size_t i = 0; i < session_.size(); ++i) {
    if (session_[i].Equals(value)) return -1 - static_cast<int>(i);
  }
  session_.push_back(std::move(value));
  return -static_cast<int>(session_.size());
}

int Statement::ReserveFetch() {
  fetches_.emplace_back();
  return static_cast<int>(fetches_.size()) - 1;
}

int Statement::ReserveCall(std::string_view alias, const std::vector<std::string>& columns) {
  for (const Call& call : calls_) {
    if (call.alias == alias && call.columns == columns) return call.fetch;
  }
  calls_.push_back({ReserveFetch(), std::string(alias), columns});
  return calls_.back().fetch;
}

const catalog::DataObject* Statement::OfferOf(std::string_view alias) const {
  for (const auto& [name, object] : offers_) {
    if (name == alias) return object;
  }
  return nullptr;
}

int Statement::ReserveKeys(Keys keys) {
  keys.fetch = ReserveFetch();
  keys_.push_back(std::move(keys));
  return keys_.back().fetch;
}

void Statement::SetFetch(int index, Fetch fetch, const std::vector<int>& texts) {
  for (const int text : texts) fetch.parameter_map.push_back(kFirstFetch - text);
  fetches_[static_cast<std::size_t>(index)] = std::move(fetch);
}

std::string Statement::FetchedParameter(int index) {
  return Parameter(BoundValue::ParameterOf(kFirstFetch - index, false));
}

namespace {

bool IsNameChar(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Whether `name` stands in `sql` as a whole word.
bool HasWord(std::string_view sql, std::string_view name) {
  for (std::size_t at = sql.find(name); at != std::string_view::npos; at = sql.find(name, at + 1)) {
    const bool starts = at == 0 || !IsNameChar(sql[at - 1]);
    const std::size_t end = at + name.size();
    if (starts && (end == sql.size() || !IsNameChar(sql[end]))) return true;
  }
  return false;
}

// `sql` with its placeholders numbered anew in the order of their appearance, as `map` then says.
Fetch Renumbered(std::string_view sql, const std::vector<int>& parameters) {
  Fetch fetch;
  std::vector<std::size_t> seen;
  char quote = 0;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const char c = sql[at];
    fetch.sql.push_back(c);
    if (quote != 0 ? c == quote : (c == '\'' || c == '"')) quote = quote == 0 ? c : 0;
    if (quote != 0 || c != '$') continue;
    std::size_t number = 0;
    while (at + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[at + 1])) != 0) {
      number = number * 10 + static_cast<std::size_t>(sql[++at] - '0');
    }
    if (number == 0) continue;
    std::size_t place = 0;
    while (place < seen.size() && seen[place] != number) ++place;
    if (place == seen.size()) {
      seen.push_back(number);
      fetch.parameter_map.push_back(parameters[number - 1]);
    }
    fetch.sql.append(std::to_string(place + 1));
  }
  return fetch;
}

}  // namespace

std::vector<Fetch> Statement::Fetches() const {
  std::vector<Fetch> out;
  for (const Fetch& fetch : fetches_) {
    if (!fetch.source.empty()) {
      out.push_back(fetch);
      continue;
    }
    std::string sql = fetch.sql;
    std::string with;
    std::string read = sql;
    for (auto cte = ctes_.rbegin(); cte != ctes_.rend(); ++cte) {
      if (cte->sql.empty() || !HasWord(read, cte->name)) continue;
      const std::string text = cte->name + " AS MATERIALIZED (" + cte->sql + ")";
      with = with.empty() ? text : text + ", " + with;
      read += cte->sql;
    }
    if (!with.empty()) sql = "WITH " + with + " " + sql;
    out.push_back(Renumbered(sql, parameter_map_));
  }
  return out;
}

void Statement::NoteForeignTable(const catalog::DataObject& object) {
  if (std::ranges::find(foreign_tables_, &object) == foreign_tables_.end()) foreign_tables_.push_back(&object);
}

std::size_t Statement::ReserveCte(std::string name) {
  ctes_.push_back({std::move(name), {}, false});
  return ctes_.size() - 1;
}

void Statement::SetCte(std::size_t slot, std::string sql, bool materialized) {
  ctes_[slot].sql = std::move(sql);
  ctes_[slot].materialized = materialized;
}

std::string Statement::WithClause() const {
  std::string out;
  for (const Cte& cte : ctes_) {
    if (cte.sql.empty()) continue;
    out.append(out.empty() ? "WITH " : ", ").append(cte.name);
    out.append(cte.materialized ? " AS MATERIALIZED (" : " AS NOT MATERIALIZED (").append(cte.sql).append(")");
  }
  if (!out.empty()) out.push_back(' ');
  return out;
}

void Statement::Fail(graphql::Position position, std::string message, ErrorCode code) {
  if (!error_) error_ = PlanError{Error(code, std::move(message)), position, true};
}

void Statement::Fail(Error error) {
  if (!error_) error_ = PlanError{std::move(error), 0, false};
}

}  // namespace eider::planner
