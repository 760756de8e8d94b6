#pragma once

#include <string>
#include <string_view>

namespace eider::postgres {

enum class NumericKind { kNumber, kNotFinite, kBroken };

// Appends the exact digits of a binary `numeric` without trailing zeros behind the point. Appends nothing unless it
// returns kNumber. Source of the format: PostgreSQL's numeric_send.
NumericKind AppendNumeric(std::string_view bytes, std::string& out);

}  // namespace eider::postgres
