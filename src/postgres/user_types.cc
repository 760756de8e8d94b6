#include "postgres/user_types.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "base/text.h"

namespace eider::postgres {
namespace {

// Row types of tables are left out: nobody asks for a whole row as one value.
constexpr char kQuery[] =
    "SELECT t.oid, t.typname, t.typtype, CASE WHEN t.typsend = 'array_send'::regproc THEN t.typelem ELSE 0 END, "
    "t.typbasetype, t.typsend::text, "
    "(SELECT string_agg(a.attname, chr(1) ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) "
    "FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid "
    "WHERE t.oid >= 16384 AND (t.typtype <> 'c' OR c.relkind = 'c')";

// Send functions that write the text itself.
constexpr std::string_view kTextSenders[] = {"textsend",  "varcharsend", "bpcharsend", "citextsend",
                                             "enum_send", "xml_send",    "json_send"};

std::string_view Field(const PGresult* rows, int row, int column) {
  return {PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column))};
}

TypeId IdOf(std::string_view text) {
  TypeId id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

bool SendsText(std::string_view sender) {
  const std::string_view name = sender.substr(sender.rfind('.') + 1);
  return std::find(std::begin(kTextSenders), std::end(kTextSenders), name) != std::end(kTextSenders);
}

PgType ReadType(const PGresult* rows, int row) {
  PgType type;
  type.name = Field(rows, row, 1);
  type.element = IdOf(Field(rows, row, 3));
  const char kind = Field(rows, row, 2).front();
  if (type.element != 0) {
    type.form = TypeForm::kArray;
  } else if (kind == 'c') {
    type.form = TypeForm::kRecord;
    for (const std::string_view name : SplitText(Field(rows, row, 6), '\x01')) type.field_names.emplace_back(name);
  } else if (kind == 'e' || (kind == 'b' && SendsText(Field(rows, row, 5)))) {
    type.form = TypeForm::kText;
  }
  return type;
}

}  // namespace

Status LoadUserTypes(PgConnection& connection, const engine::Limits& limits) {
  EIDER_RETURN_IF_ERROR(connection.Flush(PQsendQuery(connection.raw(), kQuery), limits));
  EIDER_ASSIGN_OR_RETURN(const ResultHandle rows, connection.Finish(limits));
  std::map<TypeId, PgType> types;
  std::map<TypeId, TypeId> domains;
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    const TypeId id = IdOf(Field(rows.get(), row, 0));
    types[id] = ReadType(rows.get(), row);
    const TypeId base = IdOf(Field(rows.get(), row, 4));
    if (base != 0) domains[id] = base;
  }
  // A domain's values look like those of what it is made of, which may be a domain again.
  for (const auto& [id, direct] : domains) {
    TypeId base = direct;
    for (auto next = domains.find(base); next != domains.end(); next = domains.find(base)) base = next->second;
    const auto user = types.find(base);
    PgType type = user == types.end() ? connection.database().types.Find(base) : user->second;
    type.name = types[id].name;
    types[id] = std::move(type);
  }
  connection.database().types.SetUserTypes(std::move(types));
  return {};
}

}  // namespace eider::postgres
