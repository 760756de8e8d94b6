#pragma once

#include <string_view>
#include <vector>

#include "engine/text_rows.h"

namespace eider::postgres {

// Runs one query whose columns are all text and returns its rows; for look-ups in PostgreSQL's catalog, within a
// minute.
Result<std::vector<engine::TextRow>> ReadPgRows(engine::Session& session, std::string_view sql,
                                                const engine::Parameters& parameters = {});

}  // namespace eider::postgres
