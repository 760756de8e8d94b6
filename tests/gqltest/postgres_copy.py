#!/usr/bin/env python3
"""Writes the tables of a DuckDB file as SQL for psql: types, tables, keys, sequences, views and exact values.

  postgres_copy.py FILE.duckdb [EXTENSIONS] > FILE.sql

Enumerations stay enumerations, structures and lists of structures become jsonb, lists become arrays. What has no
counterpart is left to the `postgres` SQL of a source set.
"""

import json
import re
import sys

TYPES = {
    "TINYINT": "smallint", "SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint", "HUGEINT": "numeric(39,0)",
    "UTINYINT": "smallint", "USMALLINT": "integer", "UINTEGER": "bigint", "UBIGINT": "numeric(20,0)", "FLOAT": "real",
    "DOUBLE": "double precision", "VARCHAR": "text", "BOOLEAN": "boolean", "DATE": "date", "TIME": "time", "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp", "TIMESTAMP_MS": "timestamp", "TIMESTAMP_NS": "timestamp", "INTERVAL": "interval", "UUID": "uuid",
    "TIMESTAMP WITH TIME ZONE": "timestamptz", "BLOB": "bytea", "JSON": "jsonb",
}
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
INTERNAL = ("information_schema", "pg_catalog")


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


class Copier:
    def __init__(self, connection):
        self.connection = connection
        self.enums = {}  # DuckDB's text of the type, to its name.

    def rows(self, sql, *parameters):
        return self.connection.execute(sql, list(parameters)).fetchall()

    def script(self):
        yield "SET client_min_messages = warning; SET datestyle = ISO; SET timezone = 'UTC'; SET standard_conforming_strings = on;"
        for (schema,) in self.rows("SELECT schema_name FROM duckdb_schemas() WHERE NOT internal AND database_name = current_database()"):
            if schema not in ("main", *INTERNAL):
                yield f"CREATE SCHEMA {quoted(schema)};"
        if self.geometries():
            yield "CREATE EXTENSION postgis;"
        yield from self.enum_types()
        for schema, name, start, step in self.rows(
                "SELECT schema_name, sequence_name, coalesce(last_value + increment_by, start_value), increment_by FROM duckdb_sequences()"):
            yield f"CREATE SEQUENCE {self.place(schema, name)} START {start} INCREMENT {step};"
        tables = self.rows("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY table_oid")
        for schema, name in tables:
            yield self.table(schema, name)
        for schema, name in tables:
            yield from self.values(schema, name)
        for schema, name, column, kind in self.geometries():
            code = re.search(r"(\d+)'", kind)
            if code:  # CRS84 is 4326 with the axes that everybody uses for it anyway.
                srid = 4326 if code[1] == "84" else code[1]
                yield (f"ALTER TABLE {self.place(schema, name)} ALTER {quoted(column)} TYPE geometry(Geometry,{srid}) "
                       f"USING ST_SetSRID({quoted(column)}, {srid});")
        for schema, name in tables:
            yield from self.constraints(schema, name)
        for (sql,) in self.rows("SELECT sql FROM duckdb_views() WHERE NOT internal ORDER BY view_oid"):
            yield re.sub(r"\bmain\.", "", sql)

    def geometries(self):
        return self.rows("SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
                         "WHERE NOT internal AND data_type LIKE 'GEOMETRY%'")

    @staticmethod
    def place(schema, name):
        return quoted(name) if schema == "main" else f"{quoted(schema)}.{quoted(name)}"

    def enum_types(self):
        for schema, name, labels in self.rows(
                "SELECT schema_name, type_name, labels FROM duckdb_types() WHERE logical_type = 'ENUM' AND NOT internal"):
            text = ", ".join(literal(label) for label in labels)
            self.enums[f"ENUM({text})"] = self.place(schema, name)
            yield f"CREATE TYPE {self.place(schema, name)} AS ENUM ({text});"

    def type(self, text):
        text = re.sub(r"\[\d+\]$", "[]", text)
        if text.endswith("[]"):
            inner = self.type(text[:-2])
            return inner if inner == "jsonb" else inner + "[]"
        if text.startswith(("STRUCT", "MAP")):
            return "jsonb"
        if text.startswith("DECIMAL"):
            return "numeric" + text[len("DECIMAL"):]
        if text.startswith("GEOMETRY"):
            return "geometry"
        return self.enums[text] if text.startswith("ENUM") else TYPES[text]

    def columns(self, schema, name):
        return self.rows("SELECT column_name, data_type, is_nullable, column_default FROM duckdb_columns() "
                         "WHERE schema_name = ? AND table_name = ? ORDER BY column_index", schema, name)

    def table(self, schema, name):
        columns = []
        for column, kind, nullable, default in self.columns(schema, name):
            rest = ("" if nullable else " NOT NULL") + (f" DEFAULT {default}" if default is not None else "")
            columns.append(f"{quoted(column)} {self.type(kind)}{rest}")
        return f"CREATE TABLE {self.place(schema, name)} ({', '.join(columns)});"

    def constraints(self, schema, name):
        for kind, columns, target, referenced in self.rows(
                "SELECT constraint_type, constraint_column_names, referenced_table, referenced_column_names FROM duckdb_constraints() "
                "WHERE schema_name = ? AND table_name = ? AND constraint_type <> 'NOT NULL' ORDER BY constraint_index", schema, name):
            text = f"{kind} ({', '.join(map(quoted, columns))})"
            if kind == "FOREIGN KEY":
                text += f" REFERENCES {self.place(schema, target)} ({', '.join(map(quoted, referenced))})"
            yield f"ALTER TABLE {self.place(schema, name)} ADD {text};"

    @staticmethod
    def expression(column, kind):
        """SQL that gives the value in a form for `text_of`."""
        if kind == "BLOB":
            return f"'\\x' || hex({column})"
        if kind == "BLOB[]":
            return f"list_transform({column}, lambda b: '\\x' || hex(b))"
        if kind.startswith("GEOMETRY"):
            return f"ST_AsHEXWKB({column})"
        if "STRUCT" in kind or kind.startswith("MAP"):
            return f"to_json({column})::VARCHAR"
        return f"{column}::VARCHAR[]" if re.search(r"\[\d*\]$", kind) else f"{column}::VARCHAR"

    def values(self, schema, name):
        columns = self.columns(schema, name)
        selected = ", ".join(self.expression(quoted(c[0]), c[1]) for c in columns)
        yield f"COPY {self.place(schema, name)} ({', '.join(quoted(c[0]) for c in columns)}) FROM stdin;"
        for row in self.rows(f"SELECT {selected} FROM {quoted(schema)}.{quoted(name)} ORDER BY rowid"):
            yield "\t".join(r"\N" if value is None else text_of(value).translate(ESCAPES) for value in row)
        yield r"\."


def text_of(value):
    if isinstance(value, str):
        return value
    return "{" + ",".join("NULL" if v is None else text_of(v) if isinstance(v, list) else json.dumps(v, ensure_ascii=False) for v in value) + "}"


def main():
    import duckdb

    settings = {"extension_directory": sys.argv[2]} if sys.argv[2:] else {}
    connection = duckdb.connect(sys.argv[1], read_only=True, config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    sys.stdout.reconfigure(encoding="utf-8")
    copier = Copier(connection)
    if copier.geometries():
        connection.execute("LOAD spatial")
    for line in copier.script():
        print(line)


if __name__ == "__main__":
    main()
