#include "postgres/pg_rows.h"

namespace eider::postgres {

Result<std::vector<engine::TextRow>> ReadPgRows(engine::Session& session, std::string_view sql,
                                                const engine::Parameters& parameters) {
  constexpr std::chrono::minutes kLongest{1};
  return engine::QueryTexts(session, sql, parameters, {Deadline::After(kLongest), {}});
}

}  // namespace eider::postgres
