#include <fmt/format.h>

#include "base/text.h"
#include "catalog/compile/compilation.h"
#include "catalog/system_names.h"

namespace eider::catalog {
namespace {

// Takes one part of a qualified name off `rest`: a quoted one up to its closing quote, else up to the next dot.
std::string TakePart(std::string_view& rest) {
  std::string part;
  size_t i = 0;
  if (rest.starts_with('"')) {
    for (i = 1; i < rest.size(); ++i) {
      if (rest[i] == '"' && (i + 1 == rest.size() || rest[i + 1] != '"')) break;
      if (rest[i] == '"') ++i;
      part += rest[i];
    }
    i = rest.find('.', i);
  } else {
    i = rest.find('.');
    part = rest.substr(0, i);
  }
  rest = i == std::string_view::npos ? std::string_view() : rest.substr(i + 1);
  return part;
}

}  // namespace

std::string CompiledName(const Source& source, std::string_view declared) {
  if (source.prefix.empty()) return std::string(declared);
  std::string name;
  name.reserve(source.prefix.size() + 1 + declared.size());
  name.append(source.prefix).append("_").append(declared);
  return name;
}

std::string ModulePath(const Source& source, std::string_view relative) {
  if (!source.as_module) return std::string(relative);
  return relative.empty() ? source.name : fmt::format("{}.{}", source.name, relative);
}

std::string RelationSql(const Source& source, std::string_view table) {
  std::string first = TakePart(table);
  std::string schema = source.default_schema;
  if (!table.empty()) {
    schema = std::move(first);
    first = table.starts_with('"') ? TakePart(table) : std::string(table);
  }
  std::string sql;
  if (!source.catalog.empty()) sql += QuoteIdentifier(source.catalog) + ".";
  if (!schema.empty()) sql += QuoteIdentifier(schema) + ".";
  return sql + QuoteIdentifier(first);
}

Status CheckSource(const Source& source) {
  if (!source.prefix.empty() && (source.prefix.starts_with('_') || !IsUsableName(source.prefix))) {
    return Error(ErrorCode::kBadInput, fmt::format("[PREPARE/Names] the prefix must be a GraphQL name that does not "
                                                   "start with an underscore: \"{}\"",
                                                   source.prefix));
  }
  if (!source.as_module) return {};
  for (const std::string_view part : SplitText(source.name, '.')) {
    if (!IsUsableName(part)) {
      return Error(ErrorCode::kBadInput,
                   fmt::format("[PREPARE/Names] the source's name cannot be a module: \"{}\"", source.name));
    }
  }
  return {};
}

}  // namespace eider::catalog
