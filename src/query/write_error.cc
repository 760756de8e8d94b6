#include "query/write_error.h"

#include <array>

namespace eider::query {
namespace {

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// How sources say that another transaction was in the way.
constexpr std::array<std::string_view, 5> kConflicts = {"Transaction conflict", "write-write conflict", "Conflict on ",
                                                        "could not serialize access", "deadlock detected"};

bool IsConflict(std::string_view text) {
  for (const std::string_view word : kConflicts) {
    if (Contains(text, word)) return true;
  }
  return false;
}

Error ConflictWithWriters(const Error& error, std::string_view source) {
  Error out(ErrorCode::kConstraint, "data source \"" + std::string(source) +
                                        "\": another request changed the same rows at the same time; nothing was "
                                        "written, send the request again (" +
                                        error.message + ")");
  return out;
}

}  // namespace

Error WriteError(const Error& error, std::string_view source, std::string_view field) {
  const std::string& text = error.message;
  if (source == "core" && Contains(text, "read-only mode")) {
    return Error(ErrorCode::kConstraint, "core database is read-only");
  }
  if (IsConflict(text)) return ConflictWithWriters(error, source);
  if (Contains(text, "conflict target are not referenced") || Contains(text, "no unique or exclusion constraint")) {
    return Error(ErrorCode::kBadInput, std::string(field) +
                                           ": on_conflict must name all columns of the primary key or of a unique "
                                           "constraint of the table");
  }
  if (Contains(text, "cannot affect row a second time") || Contains(text, "update the same row twice")) {
    return Error(ErrorCode::kBadInput, std::string(field) + ": two rows of data have the same key");
  }
  return error;
}

Error CommitError(const Error& error, const std::string& source, const std::vector<std::string>& committed) {
  if (IsConflict(error.message) && committed.empty()) return ConflictWithWriters(error, source);
  Error out = error;
  out.message = "data source \"" + source + "\" could not commit: " + error.message;
  if (committed.empty()) return out;
  std::string names;
  for (const std::string& name : committed) names.append(names.empty() ? "\"" : ", \"").append(name).append("\"");
  out.message += "; the changes to " + names + " were committed before and stay";
  return out;
}

}  // namespace eider::query
