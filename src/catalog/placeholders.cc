#include "catalog/placeholders.h"

#include <algorithm>
#include <array>

namespace eider::catalog {
namespace {

constexpr std::array<std::string_view, 9> kIdentity = {"user_id",
                                                       "user_name",
                                                       "user_id_int",
                                                       "role",
                                                       "auth_type",
                                                       "provider",
                                                       "impersonated_by_role",
                                                       "impersonated_by_user_id",
                                                       "impersonated_by_user_name"};

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNamePart(char c) { return IsNameStart(c) || (c >= '0' && c <= '9') || c == '.'; }

// The position behind a literal, quoted identifier or comment that starts at `at`; `at` itself when none does.
size_t SkipOpaque(std::string_view sql, size_t at) {
  const auto behind = [&](std::string_view closing, size_t from) {
    const size_t found = sql.find(closing, from);
    return found == std::string_view::npos ? sql.size() : found + closing.size();
  };
  if (sql[at] == '\'' || sql[at] == '"') return behind(sql.substr(at, 1), at + 1);
  if (sql.substr(at, 2) == "--") return behind("\n", at + 2);
  if (sql.substr(at, 2) == "/*") return behind("*/", at + 2);
  return at;
}

// The placeholder whose `[` is at `at`, if there is one.
std::optional<Placeholder> Match(std::string_view sql, size_t at) {
  size_t i = at + 1;
  if (i < sql.size() && sql[i] == '$') ++i;
  if (i >= sql.size() || !IsNameStart(sql[i])) return std::nullopt;
  while (i < sql.size() && IsNamePart(sql[i])) ++i;
  if (i >= sql.size() || sql[i] != ']' || sql[i - 1] == '.') return std::nullopt;
  return Placeholder{sql.substr(at + 1, i - at - 1), at, i + 1};
}

}  // namespace

std::optional<Placeholder> NextPlaceholder(std::string_view sql, size_t from) {
  size_t i = from;
  while (i < sql.size()) {
    if (const size_t behind = SkipOpaque(sql, i); behind != i) {
      i = behind;
      continue;
    }
    if (sql[i] == '[') {
      if (auto found = Match(sql, i)) return found;
    }
    ++i;
  }
  return std::nullopt;
}

bool IsIdentityPlaceholder(std::string_view name) {
  constexpr std::string_view kPrefix = "$auth.";
  return name.starts_with(kPrefix) && std::ranges::find(kIdentity, name.substr(kPrefix.size())) != kIdentity.end();
}

}  // namespace eider::catalog
