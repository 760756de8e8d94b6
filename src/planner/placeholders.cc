#include "planner/placeholders.h"

#include "catalog/placeholders.h"
#include "planner/dialect.h"
#include "planner/statement.h"

namespace eider::planner {

std::string ReplacePlaceholders(std::string_view sql, const ResolvePlaceholder& resolve) {
  std::string out;
  std::size_t done = 0;
  for (auto found = catalog::NextPlaceholder(sql, 0); found; found = catalog::NextPlaceholder(sql, found->end)) {
    const auto text = resolve(found->name, sql.substr(found->end).starts_with('.'));
    if (!text) continue;
    out.append(sql.substr(done, found->begin - done)).append(*text);
    done = found->end;
    // An empty qualifier takes its dot along.
    if (text->empty() && sql.substr(done).starts_with('.')) ++done;
  }
  return out.append(sql.substr(done));
}

std::optional<std::string> SystemPlaceholder(Statement& statement, const catalog::Source& source, std::string_view name,
                                             bool qualifies) {
  const Dialect& dialect = statement.dialect();
  if (name == "$catalog") return dialect.CatalogName(source, qualifies);
  if (!name.starts_with("$auth.")) return std::nullopt;
  SessionValue wanted;
  wanted.kind = SessionValue::Kind::kPlaceholder;
  wanted.placeholder = std::string(name);
  const bool is_number = name == "$auth.user_id_int";
  const std::string type(dialect.TypeOf(is_number ? catalog::ScalarKind::kBigInt : catalog::ScalarKind::kString));
  const BoundValue parameter = BoundValue::ParameterOf(statement.AddSessionValue(std::move(wanted)), false);
  return "CAST(" + statement.Parameter(parameter, type) + " AS " + type + ")";
}

}  // namespace eider::planner
