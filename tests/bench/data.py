"""Databases and schemas of the benchmarks, built once and kept in build/bench-data."""

import hashlib
import pathlib

import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build" / "bench-data"
DEMO = ROOT / "demo" / "data" / "demo.duckdb"

SHOP_SQL = """
CREATE TABLE authors (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, country VARCHAR);
INSERT INTO authors SELECT i, 'author ' || i, 'c' || (i % 40) FROM range(1, 1001) r(i);
CREATE TABLE items (id INTEGER PRIMARY KEY, title VARCHAR NOT NULL, price DOUBLE, stock INTEGER, made_at TIMESTAMP, author_id INTEGER);
INSERT INTO items SELECT i, 'item number ' || i, (hash(i) % 100000) / 100, hash(i + 7) % 1000,
  TIMESTAMP '2020-01-01' + INTERVAL (hash(i + 3) % 100000000) SECOND, 1 + hash(i + 11) % 1000 FROM range(1, 1000001) r(i) ORDER BY i;
CREATE TABLE parents (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL);
INSERT INTO parents SELECT i, 'parent ' || i FROM range(1, 51) r(i);
CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL, rank INTEGER NOT NULL, label VARCHAR NOT NULL);
INSERT INTO children SELECT i, 1 + hash(i) % 50, hash(i + 5) % 1000000, 'child ' || i FROM range(1, 1000001) r(i);
"""
SHOP_SDL = """
type authors @table(name: "authors") { id: Int! @pk  name: String!  country: String }
type items @table(name: "items") {
  id: Int! @pk  title: String!  price: Float  stock: Int  made_at: DateTime
  author_id: Int @field_references(references_name: "authors", field: "id", query: "author", references_query: "items")
}
type parents @table(name: "parents") { id: Int! @pk  name: String! }
type children @table(name: "children") {
  id: Int! @pk  rank: Int!  label: String!
  parent_id: Int! @field_references(references_name: "parents", field: "id", query: "parent", references_query: "children")
}
"""
FLIGHTS_SDL = """
type flights @table(name: "flights") { id: Int! @pk  month: Int!  carrier: String!  dep_delay: Int  distance: Int }
"""
WIDE_TABLES, WIDE_COLUMNS = 1000, 20
WIDE_TYPES = [("INTEGER", "Int"), ("VARCHAR", "String"), ("DOUBLE", "Float"), ("TIMESTAMP", "DateTime"), ("DATE", "Date"), ("BOOLEAN", "Boolean")]


def built(name, sql):
    """The path of the database that `sql` builds."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"{name}-{hashlib.sha256(sql.encode()).hexdigest()[:12]}.duckdb"
    if not target.exists():
        partial = target.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        with duckdb.connect(str(partial)) as connection:
            connection.execute(sql)
        partial.rename(target)
    return target


def schema_file(name, text):
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.graphql"
    path.write_text(text)
    return path


def source(name, database, sdl):
    return {"name": name, "type": "duckdb", "path": str(database), "as_module": True, "read_only": True,
            "catalogs": [{"name": name, "type": "uriFile", "path": str(schema_file(name, sdl))}]}


def shop():
    return source("shop", built("shop", SHOP_SQL), SHOP_SDL)


def flights():
    """The demo's flights, or rows of the same number and shape when the demo was not prepared."""
    if DEMO.exists():
        return source("nyc", DEMO, FLIGHTS_SDL)
    sql = """CREATE TABLE flights AS SELECT i::INTEGER AS id, (1 + hash(i) % 12)::INTEGER AS month, 'C' || hash(i + 1) % 16 AS carrier,
      CASE WHEN i % 40 <> 0 THEN (hash(i + 2) % 300)::INTEGER - 20 END AS dep_delay, (100 + hash(i + 3) % 2500)::INTEGER AS distance
      FROM range(1, 336777) r(i)"""
    return source("nyc", built("flights", sql), FLIGHTS_SDL)


def wide():
    """A thousand tables of twenty columns, every one but the first with a relation to the one before."""
    columns = [(f"c{n}", *WIDE_TYPES[n % len(WIDE_TYPES)]) for n in range(WIDE_COLUMNS - 2)]
    sql = "\n".join(f"CREATE TABLE t{t} (id INTEGER PRIMARY KEY, prev_id INTEGER, {', '.join(f'{c} {s}' for c, s, _ in columns)});"
                    for t in range(WIDE_TABLES))
    sdl = "\n".join(f"""type t{t} @table(name: "t{t}") {{ id: Int! @pk  prev_id: Int {reference(t)}  {'  '.join(f'{c}: {g}' for c, _, g in columns)} }}"""
                    for t in range(WIDE_TABLES))
    return source("wide", built("wide", sql), sdl)


def reference(t):
    return f"""@field_references(references_name: "t{t - 1}", field: "id", query: "prev", references_query: "next")""" if t else ""
