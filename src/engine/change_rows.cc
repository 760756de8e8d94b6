#include "engine/change_rows.h"

namespace eider::engine {

Result<std::int64_t> ChangeRows(Session& session, std::string_view sql, const Parameters& parameters,
                                const Limits& limits) {
  EIDER_ASSIGN_OR_RETURN(const auto cursor, session.Query(sql, parameters, limits));
  while (true) {
    EIDER_ASSIGN_OR_RETURN(const auto batch, cursor->Next());
    if (!batch) return cursor->rows_changed();
  }
}

}  // namespace eider::engine
