#pragma once

#include <functional>
#include <optional>
#include <string_view>

namespace eider::catalog {

// One `[name]` or `[$name]` in SQL text; `name` is the text between the brackets, with the `$` and dots.
struct Placeholder {
  std::string_view name;
  size_t begin = 0;  // Of the `[`.
  size_t end = 0;    // Behind the `]`.
};

// The first placeholder at or after `from`; none inside string literals, quoted identifiers and comments. Brackets
// around anything but a dotted name, such as a subscript `[1]`, are no placeholder.
std::optional<Placeholder> NextPlaceholder(std::string_view sql, size_t from);

// Whether `name` is `$auth.` with a part of the request's identity that SQL may use (5.5).
bool IsIdentityPlaceholder(std::string_view name);

}  // namespace eider::catalog
