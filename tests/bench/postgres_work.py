"""What is measured over a PostgreSQL source: requests, the same for PostGraphile, and the best SQL by hand."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Rate:
    """Answers per second at 16 connections, against pgbench with prepared statements and against PostGraphile."""
    name: str
    title: str
    query: str
    peer: str
    sql: str  # A pgbench script.
    target: float  # Of pgbench's rate.
    peer_target: float
    variables: str = "{}"
    ids: int = 0


DATA_SQL = """
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT);
INSERT INTO authors SELECT i, 'author ' || i, 'c' || (i % 40) FROM generate_series(1, 1000) i;
CREATE TABLE items (id INTEGER PRIMARY KEY, title TEXT NOT NULL, price DOUBLE PRECISION, stock INTEGER, made_at TIMESTAMP, author_id INTEGER REFERENCES authors);
INSERT INTO items SELECT i, 'item number ' || i, (i::bigint * 7919 % 100000) / 100.0, i::bigint * 104729 % 1000,
  TIMESTAMP '2020-01-01' + (i::bigint * 15485863 % 100000000) * INTERVAL '1 second', 1 + i::bigint * 32452843 % 1000 FROM generate_series(1, 1000000) i;
CREATE INDEX ON items (author_id, price DESC NULLS LAST, id);
CREATE INDEX ON items (price DESC NULLS LAST, id);
CREATE INDEX ON items (price DESC, id);
CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, price DOUBLE PRECISION, made_at TIMESTAMP);
VACUUM ANALYZE;
"""

SDL = """
type authors @table(name: "authors") { id: Int! @pk  name: String!  country: String }
type items @table(name: "items") {
  id: Int! @pk  title: String!  price: Float  stock: Int  made_at: DateTime
  author_id: Int @field_references(references_name: "authors", field: "id", query: "author", references_query: "items")
}
type notes @table(name: "notes") { id: Int! @pk  title: String!  price: Float  made_at: DateTime }
"""

RATES = [
    Rate("point", "point look-up by key",
         "query($id: Int!) { shop { items_by_pk(id: $id) { id title price stock made_at author_id } } }",
         "query($id: Int!) { itemByRowId(rowId: $id) { rowId title price stock madeAt authorId } }",
         "\\set id random(1, 1000000)\nSELECT id, title, price, stock, made_at, author_id FROM items WHERE id = :id;\n", 0.3, 3, '{"id": @ID@}', 1_000_000),
    Rate("forward", "100 rows with a forward relation",
         '{ shop { items(order_by: [{field: "price", direction: DESC}, {field: "id"}], limit: 100) { id title price author { name country } } } }',
         "{ allItems(first: 100, orderBy: [PRICE_DESC, ROW_ID_ASC]) { nodes { rowId title price authorByAuthorId { name country } } } }",
         """SELECT i.id, i.title, i.price, a.name, a.country FROM (SELECT id, title, price, author_id FROM items ORDER BY price DESC NULLS LAST, id LIMIT 100) i
            LEFT JOIN authors a ON a.id = i.author_id ORDER BY i.price DESC NULLS LAST, i.id;\n""".replace("\n            ", " "), 0.6, 2),
    Rate("nested", "100 parents x first 10 of their children",
         '{ shop { authors(order_by: [{field: "id"}], limit: 100) { id name items(nested_order_by: [{field: "price", direction: DESC}, {field: "id"}], nested_limit: 10) { id title price } } } }',
         "{ allAuthors(first: 100, orderBy: [ROW_ID_ASC]) { nodes { rowId name itemsByAuthorId(first: 10, orderBy: [PRICE_DESC, ROW_ID_ASC]) { nodes { rowId title price } } } } }",
         """SELECT a.id, a.name, l.items FROM (SELECT id, name FROM authors ORDER BY id LIMIT 100) a LEFT JOIN LATERAL
            (SELECT json_agg(t) AS items FROM (SELECT id, title, price FROM items WHERE author_id = a.id ORDER BY price DESC NULLS LAST, id LIMIT 10) t) l ON true
            ORDER BY a.id;\n""".replace("\n            ", " "), 0.9, 1.4),
]

EXPORT_ROWS = 200_000
EXPORT = f"{{ shop {{ items(limit: {EXPORT_ROWS}) {{ id title price stock }} }} }}"
EXPORT_PEER = f"{{ allItems(first: {EXPORT_ROWS}) {{ nodes {{ rowId title price stock }} }} }}"
EXPORT_SQL = f"COPY (SELECT id, title, price, stock FROM items LIMIT {EXPORT_ROWS}) TO STDOUT"

INSERT_ROWS = 10_000
INSERT = "mutation($d: [shop_notes_mut_input_data!]!) { shop { insert_many_notes(data: $d, return_rows: false) { id } } }"

JOIN_ROWS = 300_000
RATINGS_SQL = f"CREATE TABLE ratings (item_id INTEGER PRIMARY KEY, stars INTEGER, note VARCHAR); INSERT INTO ratings SELECT i, i % 6, 'note ' || i FROM range(1, {JOIN_ROWS + 1}) t(i)"
RATINGS_SDL = 'type ratings @table(name: "ratings") { item_id: Int! @pk  stars: Int  note: String }'
TIES_SDL = """
extend type shop_items @dependency(name: "shop") @dependency(name: "local")
  @references(references_name: "local_ratings", source_fields: ["id"], references_fields: ["item_id"], query: "rating", references_query: "item")
"""
JOIN = f"{{ shop {{ items(filter: {{id: {{lte: {JOIN_ROWS}}}}}, limit: {JOIN_ROWS}) {{ id title price rating {{ stars }} }} }} }}"
JOIN_SQL = f"SELECT i.id, i.title, i.price, {{'stars': r.stars}} AS rating FROM shop.public.items i LEFT JOIN local.main.ratings r ON r.item_id = i.id WHERE i.id <= {JOIN_ROWS}"
