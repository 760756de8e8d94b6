#include "postgres/pg_rows.h"

namespace eider::postgres {

Result<std::vector<engine::TextRow>> ReadPgRows(engine::Session& session, std::string_view sql,
                                                const engine::Parameters& parameters) {
  constexpr std::chrono::minutes kLongest{1};
  EIDER_ASSIGN_OR_RETURN(const auto cursor, session.Query(sql, parameters, {Deadline::After(kLongest), {}}));
  std::vector<engine::TextRow> rows;
  while (true) {
    EIDER_ASSIGN_OR_RETURN(const auto batch, cursor->Next());
    if (!batch) return rows;
    EIDER_RETURN_IF_ERROR(engine::AppendTextRows(*batch, rows));
  }
}

}  // namespace eider::postgres
