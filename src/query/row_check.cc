#include "query/row_check.h"

#include <algorithm>
#include <span>

#include "engine/text_rows.h"

namespace eider::query {

Result<std::vector<CheckedRow>> CheckRows(engine::Session& session, const engine::Limits& limits,
                                          const WriteAccess& writer, const catalog::DataObject& object,
                                          const std::vector<const catalog::Column*>& key,
                                          const std::vector<std::vector<std::string>>& values, planner::RowRule rule) {
  // Keys of one statement.
  constexpr std::size_t kAtOnce = 500;
  std::vector<CheckedRow> out;
  for (std::size_t at = 0; at < values.size(); at += kAtOnce) {
    const std::span<const std::vector<std::string>> part(values.data() + at, std::min(kAtOnce, values.size() - at));
    const planner::RowsQuery query =
        planner::CompileRowCheck(*writer.access, writer.requester, object, key, part, rule);
    EIDER_ASSIGN_OR_RETURN(auto rows, engine::QueryTexts(session, query.sql, query.parameters, limits));
    for (engine::TextRow& row : rows) {
      CheckedRow checked;
      for (std::size_t i = 0; i < key.size(); ++i) checked.key.push_back(row[i].value_or(""));
      checked.passes = row[key.size()] == "true";
      out.push_back(std::move(checked));
    }
  }
  return out;
}

}  // namespace eider::query
