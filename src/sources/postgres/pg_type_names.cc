#include "sources/postgres/pg_type_names.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace eider::sources {
namespace {

struct Counterpart {
  std::string_view postgres;
  std::string_view engine;
};

constexpr Counterpart kCounterparts[] = {
    {"bool", "BOOLEAN"},        {"bpchar", "VARCHAR"},
    {"bytea", "BLOB"},          {"char", "VARCHAR"},
    {"cidr", "VARCHAR"},        {"citext", "VARCHAR"},
    {"date", "DATE"},           {"float4", "FLOAT"},
    {"float8", "DOUBLE"},       {"geometry", "GEOMETRY"},
    {"inet", "VARCHAR"},        {"int2", "SMALLINT"},
    {"int4", "INTEGER"},        {"int4range", "INT4RANGE"},
    {"int8", "BIGINT"},         {"int8range", "INT8RANGE"},
    {"interval", "INTERVAL"},   {"json", "JSON"},
    {"jsonb", "JSON"},          {"macaddr", "VARCHAR"},
    {"macaddr8", "VARCHAR"},    {"name", "VARCHAR"},
    {"numeric", "DECIMAL"},     {"oid", "UINTEGER"},
    {"text", "VARCHAR"},        {"time", "TIME"},
    {"timestamp", "TIMESTAMP"}, {"timestamptz", "TIMESTAMP WITH TIME ZONE"},
    {"timetz", "TIME"},         {"tsrange", "TSRANGE"},
    {"tstzrange", "TSTZRANGE"}, {"uuid", "UUID"},
    {"varchar", "VARCHAR"},     {"xml", "VARCHAR"},
};

constexpr int kMaxDepth = 16;

// What stands in the parentheses behind a type's name.
std::string_view ModifierOf(std::string_view formatted) {
  const std::size_t open = formatted.find('(');
  const std::size_t close = formatted.find(')', open);
  return close == std::string_view::npos ? std::string_view() : formatted.substr(open + 1, close - open - 1);
}

std::string Print(const PgTypeName& type, const Composites& composites, int depth);

std::string PrintComposite(const PgTypeName& type, const Composites& composites, int depth) {
  const auto members = composites.find(type.composite);
  if (members == composites.end() || depth > kMaxDepth) return "";
  std::string text;
  for (const auto& [name, member] : members->second) {
    std::string printed = Print(member, composites, depth + 1);
    // A member that has no counterpart is left out of the object, as a column is left out of its table.
    if (printed.empty()) printed = "UNKNOWN";
    text.append(text.empty() ? "STRUCT(" : ", ").append(QuoteIdentifier(name)).append(" ").append(printed);
  }
  return text.empty() ? "" : text + ")";
}

std::string PrintElement(const PgTypeName& type, const Composites& composites, int depth) {
  if (type.kind == 'e') return "VARCHAR";
  if (type.kind == 'c') return PrintComposite(type, composites, depth);
  if (type.name == "vector") {
    const std::string_view length = ModifierOf(type.formatted);
    return length.empty() || type.is_array ? "" : "FLOAT[" + std::string(length) + "]";
  }
  const auto* found = std::find_if(std::begin(kCounterparts), std::end(kCounterparts),
                                   [&](const Counterpart& known) { return known.postgres == type.name; });
  return found == std::end(kCounterparts) ? "" : std::string(found->engine);
}

std::string Print(const PgTypeName& type, const Composites& composites, int depth) {
  const std::string element = PrintElement(type, composites, depth);
  return element.empty() || !type.is_array ? element : element + "[]";
}

}  // namespace

std::string EngineTypeName(const PgTypeName& type, const Composites& composites) { return Print(type, composites, 0); }

std::string GeometryDirective(std::string_view formatted) {
  if (!formatted.starts_with("geometry(")) return "";
  const auto parts = SplitText(ModifierOf(formatted), ',');
  if (parts.empty()) return "";
  std::string kind(parts[0]);
  std::transform(kind.begin(), kind.end(), kind.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  std::string text = " @geometry_info(type: " + kind;
  if (parts.size() > 1) text.append(", srid: ").append(parts[1]);
  return text + ")";
}

}  // namespace eider::sources
