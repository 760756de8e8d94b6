#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/session.h"

namespace eider::engine {

// One row of a small result, every value in the engine's text form; nothing stands for NULL.
using TextRow = std::vector<std::optional<std::string>>;

// Appends all rows of a batch whose columns are text. Fails with kInternal when one is not.
Status AppendTextRows(const columnar::Batch& batch, std::vector<TextRow>& rows);

// All rows that are left of a result whose columns are text.
Result<std::vector<TextRow>> ReadTextRows(Cursor& cursor);

// Runs a statement whose columns are all text, in any kind of session, and returns all its rows.
Result<std::vector<TextRow>> QueryTexts(Session& session, std::string_view sql, const Parameters& parameters = {},
                                        const Limits& limits = {});

// Runs one query and returns all its rows as text, in order. For look-ups in catalogs and in the core database, never
// for users' data: the whole result is held in memory. Lists and structs arrive in the engine's own notation.
Result<std::vector<TextRow>> ReadTextRows(Session& session, std::string_view query, const Parameters& parameters = {},
                                          const Limits& limits = {});

}  // namespace eider::engine
