#include "sources/duckdb/introspection.h"

#include <gtest/gtest.h>

#include "sources/duckdb/duckdb_connector.h"
#include "sources/test_node.h"

namespace eider::sources {
namespace {

// The SDL of a database made by `sql`.
std::string Introspect(const std::string& sql) {
  auto database = engine::Database::Open({}).value();
  auto session = engine::Session::Open(*database, {}).value();
  EXPECT_TRUE(session->Run("ATTACH ':memory:' AS lib; USE lib"));
  const auto done = session->Run(sql);
  EXPECT_TRUE(done) << done.error().message;
  const auto files = DuckdbConnector().Introspect({*session, "lib", nullptr});
  EXPECT_TRUE(files) << files.error().message;
  return files ? files->at(0).text : "";
}

TEST(Introspection, MapsEveryScalarType) {
  EXPECT_EQ(Introspect(R"(CREATE TYPE mood AS ENUM ('sad', 'ok');
      CREATE TABLE t (i8 TINYINT, i16 SMALLINT, i32 INTEGER, i64 BIGINT, i128 HUGEINT, u8 UTINYINT, u16 USMALLINT,
      u32 UINTEGER, u64 UBIGINT, f FLOAT, d DOUBLE, n DECIMAL(10,2), s VARCHAR, u UUID, e mood, b BOOLEAN, dt DATE, t TIME,
      ts TIMESTAMP, tn TIMESTAMP_NS, tz TIMESTAMPTZ, iv INTERVAL, j JSON, v FLOAT[3], l INTEGER[], bl BLOB,
      m MAP(VARCHAR, INTEGER), ll INTEGER[][], g GEOMETRY, w GEOMETRY('OGC:CRS84')))"),
            R"(type t @table(name: "t") {
	i8: Int
	i16: Int
	i32: Int
	i64: BigInt
	i128: BigInt
	u8: Int
	u16: Int
	u32: BigInt
	u64: BigInt
	f: Float
	d: Float
	n: Float
	s: String
	u: String
	e: String
	b: Boolean
	dt: Date
	t: Time
	ts: DateTime
	tn: DateTime
	tz: Timestamp
	iv: Interval
	j: JSON
	v: Vector @dim(len: 3)
	l: [Int]
	bl: String
	g: Geometry @geometry_info(type: GEOMETRY)
	w: Geometry @geometry_info(type: GEOMETRY, srid: 4326)
}
)");
}

TEST(Introspection, TurnsStructsIntoTypes) {
  EXPECT_EQ(
      Introspect("CREATE TABLE book (format STRUCT(cover VARCHAR, \"height mm\" INTEGER, paper STRUCT(grade VARCHAR)), "
                 "parts STRUCT(n INTEGER)[], odd STRUCT(x BLOB))"),
      R"(type book @table(name: "book") {
	format: book_format
	parts: [book_parts]
}
type book_format_paper {
	grade: String
}
type book_format {
	cover: String
	height_mm: Int @field_source(field: "height mm")
	paper: book_format_paper
}
type book_parts {
	n: Int
}
)");
}

TEST(Introspection, ReadsKeysAndRelations) {
  EXPECT_EQ(Introspect(R"(CREATE TABLE authors (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL UNIQUE,
        mentor_id INTEGER REFERENCES authors(id));
      CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES authors(id),
        editor_id INTEGER REFERENCES authors(id), shelf VARCHAR, place INTEGER, UNIQUE (shelf, place));
      CREATE TABLE loans (shelf VARCHAR, place INTEGER, FOREIGN KEY (shelf, place) REFERENCES books(shelf, place)))"),
            R"(type authors @table(name: "authors") @unique(fields: ["name"], query_suffix: "by_name") {
	id: Int! @pk
	name: String!
	mentor_id: Int @field_references(references_name: "authors", field: "id", query: "authors", references_query: "authors_mentor_id")
}
type books @table(name: "books") @unique(fields: ["shelf", "place"], query_suffix: "by_shelf_place") {
	id: Int! @pk
	author_id: Int! @field_references(references_name: "authors", field: "id", query: "authors", references_query: "books")
	editor_id: Int @field_references(references_name: "authors", field: "id", query: "authors_editor_id", references_query: "books_editor_id")
	shelf: String
	place: Int
}
type loans @table(name: "loans") @references(references_name: "books", source_fields: ["shelf", "place"], references_fields: ["shelf", "place"], query: "books", references_query: "loans") {
	shelf: String
	place: Int
}
)");
}

TEST(Introspection, SanitisesNamesAndKeepsTheOriginals) {
  EXPECT_EQ(Introspect(R"(CREATE TABLE "my table" ("a b" INTEGER, "a-b" INTEGER, "2nd" INTEGER, "grün" INTEGER);
      CREATE TABLE "dotted.name" (i INTEGER); CREATE TABLE "Query" (i INTEGER))"),
            R"(type Query_2 @table(name: "Query") {
	i: Int
}
type dotted_name @table(name: "\"dotted.name\"") {
	i: Int
}
type my_table @table(name: "my table") {
	a_b: Int @field_source(field: "a b")
	a_b_2: Int @field_source(field: "a-b")
	_2nd: Int @field_source(field: "2nd")
	gr_n: Int @field_source(field: "grün")
}
)");
}

TEST(Introspection, PutsOtherSchemasIntoModules) {
  EXPECT_EQ(
      Introspect(
          "CREATE SCHEMA stats; CREATE TABLE stats.days (d DATE PRIMARY KEY); CREATE VIEW latest AS SELECT 1 AS n;"),
      R"(type latest @view(name: "latest") {
	n: Int
}
type stats_days @table(name: "stats.days") @module(name: "stats") {
	d: Date! @pk
}
)");
}

TEST(Introspection, KeepsCommentsAndDefaultsOfRequiredColumns) {
  EXPECT_EQ(Introspect(R"(CREATE SEQUENCE ids; CREATE TABLE t (id INTEGER PRIMARY KEY DEFAULT nextval('ids'),
      pages INTEGER NOT NULL DEFAULT 7, note VARCHAR DEFAULT 'x');
      COMMENT ON TABLE t IS 'All "of" them'; COMMENT ON COLUMN t.pages IS 'How many')"),
            R"("""All "of" them"""
type t @table(name: "t") {
	id: Int! @pk @default(sequence: "ids")
	"""How many"""
	pages: Int! @default(insert_exp: "7")
	note: String
}
)");
}

}  // namespace
}  // namespace eider::sources
