#include "planner/dialect.h"
#include "planner/statement.h"

namespace eider::planner {

std::string SortText(const Statement& statement, const std::vector<SortKey>& keys) {
  std::string out;
  for (const SortKey& key : keys) {
    out.append(out.empty() ? "" : ", ").append(statement.dialect().SortKeySql(key));
  }
  return out;
}

std::string OrderClause(const Statement& statement, const std::vector<SortKey>& keys) {
  return keys.empty() ? "" : " ORDER BY " + SortText(statement, keys);
}

}  // namespace eider::planner
