#include "postgres/pg_rows.h"

namespace eider::postgres {

Result<std::vector<engine::TextRow>> ReadPgRows(engine::Session& session, std::string_view sql,
                                                const engine::Parameters& parameters) {
  constexpr std::chrono::minutes kLongest{1};
  EIDER_ASSIGN_OR_RETURN(const auto cursor, session.Query(sql, parameters, {Deadline::After(kLongest), {}}));
  return engine::ReadTextRows(*cursor);
}

}  // namespace eider::postgres
