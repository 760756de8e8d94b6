#include "sources/postgres/pg_relations.h"

#include "base/text.h"
#include "postgres/pg_rows.h"
#include "sources/postgres/pg_type_names.h"

namespace eider::sources {
namespace {

// Relations that are shown: not the system's, not an extension's, no partitions.
#define EIDER_SHOWN_RELATIONS                                                                                   \
  "c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname <> 'information_schema' "      \
  "AND n.nspname NOT LIKE 'pg\\_%' AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid " \
  "AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'e') "

constexpr std::string_view kRelations =
    "SELECT n.nspname::text, c.relname::text, c.relkind::text, pg_catalog.obj_description(c.oid, 'pg_class') "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE " EIDER_SHOWN_RELATIONS "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')";

// Domains with what they are made of; the type of a value, and of an array's elements.
#define EIDER_BASE_TYPES                                                                                     \
  "WITH RECURSIVE bases AS (SELECT oid, oid AS base FROM pg_catalog.pg_type WHERE typtype <> 'd' UNION ALL " \
  "SELECT t.oid, b.base FROM pg_catalog.pg_type t JOIN bases b ON t.typbasetype = b.oid WHERE t.typtype = 'd') "

#define EIDER_TYPE_COLUMNS                                                                    \
  "coalesce(et.typname, bt.typname)::text, coalesce(et.typtype, bt.typtype)::text, "          \
  "(et.oid IS NOT NULL)::text, coalesce(et.typrelid, bt.typrelid)::text, "                    \
  "pg_catalog.format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END, " \
  "CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END) "

#define EIDER_TYPE_JOINS                                                                         \
  "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN bases b ON b.oid = a.atttypid "          \
  "JOIN pg_catalog.pg_type bt ON bt.oid = b.base LEFT JOIN bases eb ON eb.oid = bt.typelem AND " \
  "bt.typsend = 'pg_catalog.array_send'::regproc LEFT JOIN pg_catalog.pg_type et ON et.oid = eb.base "

constexpr std::string_view kColumns = EIDER_BASE_TYPES
    "SELECT n.nspname::text, c.relname::text, a.attname::text, (NOT a.attnotnull)::text, "
    "pg_catalog.pg_get_expr(ad.adbin, ad.adrelid), pg_catalog.col_description(c.oid, a.attnum), "
    "a.attidentity::text, a.attgenerated::text, sn.nspname::text, s.relname::text, " EIDER_TYPE_COLUMNS
    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace " EIDER_TYPE_JOINS
    "LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = c.oid AND ad.adnum = a.attnum "
    // Of what depends on a column only its sequence counts; its indexes do as well.
    "LEFT JOIN (pg_catalog.pg_depend sd JOIN pg_catalog.pg_class s ON s.oid = sd.objid AND s.relkind = 'S' "
    "JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace) ON "
    "sd.refclassid = 'pg_catalog.pg_class'::regclass AND sd.refobjid = c.oid AND sd.refobjsubid = a.attnum "
    "AND sd.classid = 'pg_catalog.pg_class'::regclass AND sd.deptype IN ('a', 'i') "
    "WHERE " EIDER_SHOWN_RELATIONS
    "AND a.attnum > 0 AND NOT a.attisdropped "
    "AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') ORDER BY n.nspname, c.relname, a.attnum";

constexpr std::string_view kComposites =
    EIDER_BASE_TYPES "SELECT c.oid::text, a.attname::text, " EIDER_TYPE_COLUMNS
                     "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid " EIDER_TYPE_JOINS
                     "WHERE c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid, a.attnum";

#define EIDER_KEY_NAMES(key, relation)                        \
  "(SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(" key \
  ") WITH ORDINALITY k(attnum, n) "                           \
  "JOIN pg_catalog.pg_attribute a ON a.attrelid = " relation " AND a.attnum = k.attnum)::text"

constexpr std::string_view kConstraints =
    "SELECT n.nspname::text, c.relname::text, con.contype::text, " EIDER_KEY_NAMES("con.conkey", "con.conrelid") ", "
    "fn.nspname::text, fc.relname::text, " EIDER_KEY_NAMES("con.confkey", "con.confrelid")
    " FROM pg_catalog.pg_constraint con JOIN pg_catalog.pg_class c ON c.oid = con.conrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_catalog.pg_class fc ON fc.oid = con.confrelid "
    "LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace "
    "WHERE con.contype IN ('p', 'u', 'f') AND NOT coalesce(fc.relispartition, false) "
    "ORDER BY n.nspname, c.relname, con.oid";

#undef EIDER_SHOWN_RELATIONS
#undef EIDER_BASE_TYPES
#undef EIDER_TYPE_COLUMNS
#undef EIDER_TYPE_JOINS
#undef EIDER_KEY_NAMES

// Reads the five columns of a type from `first` on.
PgTypeName ReadTypeName(const engine::TextRow& row, std::size_t first) {
  PgTypeName type;
  type.name = TextOf(row[first]);
  type.kind = TextOf(row[first + 1]).front();
  type.is_array = row[first + 2] == "true";
  type.composite = TextOf(row[first + 3]);
  type.formatted = TextOf(row[first + 4]);
  return type;
}

// `ids`, or `"shop"."ids"` outside of the default schema; in the form that inserts take.
std::string SequenceName(const std::string& schema, const std::string& name) {
  const bool plain = schema == "public" && name.find('.') == std::string::npos;
  return plain ? name : QuoteIdentifier(schema) + "." + QuoteIdentifier(name);
}

// What a new row gets in a column that is left out: a sequence's next value, or whatever the server decides.
std::string DefaultOf(const engine::TextRow& row) {
  const bool always = row[6] == "a" || row[7] == "s";
  if (!always && row[9]) return "nextval('" + SequenceName(TextOf(row[8]), TextOf(row[9])) + "')";
  return always || row[4] ? "DEFAULT" : "";
}

ColumnInfo ReadColumn(const engine::TextRow& row, const Composites& composites) {
  const PgTypeName type = ReadTypeName(row, 10);
  ColumnInfo column;
  column.name = TextOf(row[2]);
  column.type = EngineTypeName(type, composites);
  column.nullable = row[3] == "true";
  column.default_value = DefaultOf(row);
  column.comment = TextOf(row[5]);
  column.directives = GeometryDirective(type.formatted);
  return column;
}

void AddConstraint(const engine::TextRow& row, RelationInfo& relation) {
  std::vector<std::string> columns = TextListOf(row[3]);
  if (row[2] == "p") {
    relation.primary_key = std::move(columns);
  } else if (row[2] == "u") {
    relation.unique_keys.push_back({std::move(columns)});
  } else {
    relation.foreign_keys.push_back({std::move(columns), TextOf(row[4]), TextOf(row[5]), TextListOf(row[6])});
  }
}

}  // namespace

Result<RelationMap> ReadPgRelations(engine::Session& session) {
  EIDER_ASSIGN_OR_RETURN(const auto names, postgres::ReadPgRows(session, kRelations));
  EIDER_ASSIGN_OR_RETURN(const auto members, postgres::ReadPgRows(session, kComposites));
  EIDER_ASSIGN_OR_RETURN(const auto columns, postgres::ReadPgRows(session, kColumns));
  EIDER_ASSIGN_OR_RETURN(const auto constraints, postgres::ReadPgRows(session, kConstraints));
  Composites composites;
  for (const engine::TextRow& row : members) {
    composites[TextOf(row[0])].emplace_back(TextOf(row[1]), ReadTypeName(row, 2));
  }
  RelationMap relations;
  for (const engine::TextRow& row : names) {
    RelationInfo& relation = relations[{TextOf(row[0]), TextOf(row[1])}];
    relation.is_view = row[2] == "v" || row[2] == "m";
    relation.comment = TextOf(row[3]);
  }
  for (const engine::TextRow& row : columns) {
    if (RelationInfo* relation = FindRelation(relations, row)) relation->columns.push_back(ReadColumn(row, composites));
  }
  for (const engine::TextRow& row : constraints) {
    if (RelationInfo* relation = FindRelation(relations, row)) AddConstraint(row, *relation);
  }
  return relations;
}

}  // namespace eider::sources
