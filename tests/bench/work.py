"""What is measured: each request with the hand-written SQL that does the same work, and its target."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Rate:
    """Requests per second against executions per second of two threads; more is better."""
    name: str
    title: str
    query: str
    sql: str
    target: float
    connections: int = 4
    ids: int = 0
    variables: str = "{}"
    source: str = "shop"


@dataclasses.dataclass(frozen=True)
class Time:
    """Median time of one request at a time against the statement's; less is better."""
    name: str
    title: str
    query: str
    sql: str
    target: float
    requests: int = 7
    source: str = "shop"


POINT = "query($id: Int!) { shop { items_by_pk(id: $id) { id title price stock made_at author_id } } }"
POINT_SQL = "SELECT id, title, price, stock, made_at, author_id FROM items WHERE id = $1"

# The same with its result kept; few ids, so that all are.
CACHED_POINT = POINT.replace("(id: $id) {", "(id: $id) @cache(ttl: 600) {")
CACHED_IDS = 500

RATES = [
    Rate("point16", "point look-up by key, 16 connections", POINT, POINT_SQL, 0.6, 16, 1_000_000, '{"id": @ID@}'),
    Rate("point64", "point look-up by key, 64 connections", POINT, POINT_SQL, 1.5, 64, 1_000_000, '{"id": @ID@}'),
    Rate("list100", "list of 100 rows, filter and order",
         '{ shop { items(filter: {price: {gte: 100, lt: 300}}, order_by: [{field: "price", direction: DESC}, {field: "id"}], limit: 100) { id title price stock } } }',
         "SELECT id, title, price, stock FROM items WHERE price >= 100 AND price < 300 ORDER BY price DESC NULLS LAST, id LIMIT 100", 0.7),
    Rate("forward100", "the same with a forward relation",
         '{ shop { items(filter: {price: {gte: 100, lt: 300}}, order_by: [{field: "price", direction: DESC}, {field: "id"}], limit: 100) { id title price author { name country } } } }',
         """SELECT i.id, i.title, i.price, a.name, a.country FROM (SELECT id, title, price, author_id FROM items WHERE price >= 100 AND price < 300
            ORDER BY price DESC NULLS LAST, id LIMIT 100) i LEFT JOIN authors a ON a.id = i.author_id ORDER BY i.price DESC NULLS LAST, i.id""", 0.7),
    Rate("top3", "100 authors, each with its top 3 items",
         '{ shop { authors(order_by: [{field: "id"}], limit: 100) { id name items(nested_order_by: [{field: "price", direction: DESC}, {field: "id"}], nested_limit: 3) { title price } } } }',
         """WITH a AS (SELECT id, name FROM authors ORDER BY id LIMIT 100),
            top AS (SELECT author_id, title, price, row_number() OVER (PARTITION BY author_id ORDER BY price DESC NULLS LAST, id) AS n
                    FROM items WHERE author_id IN (SELECT id FROM a) QUALIFY n <= 3)
            SELECT a.id, a.name, (SELECT list({'title': title, 'price': price} ORDER BY n) FROM top WHERE author_id = a.id) FROM a ORDER BY a.id""", 0.7),
]

TIMES = [
    Time("flights", "336,776 flights by carrier and month",
         "{ nyc { flights_bucket_aggregation { key { carrier month } aggregations { _rows_count dep_delay { avg max } distance { sum } } } } }",
         "SELECT carrier, month, count(*), avg(dep_delay), max(dep_delay), sum(distance) FROM flights GROUP BY carrier, month", 1.15, 15, "nyc"),
    Time("parents", "50 parents, first 10 of 1,000,000 children each",
         '{ shop { parents(order_by: [{field: "id"}]) { id name children(nested_order_by: [{field: "rank"}, {field: "id"}], nested_limit: 10) { id rank label } } } }',
         """WITH top AS (SELECT parent_id, id, rank, label, row_number() OVER (PARTITION BY parent_id ORDER BY rank, id) AS n FROM children QUALIFY n <= 10)
            SELECT p.id, p.name, (SELECT list({'id': id, 'rank': rank, 'label': label} ORDER BY n) FROM top WHERE parent_id = p.id) FROM parents p ORDER BY p.id""", 1.5),
]

EXPORT = Time("export", "300,000 rows x 6 columns as JSON",
              "{ shop { items(limit: 300000) { id title price stock made_at author_id } } }",
              "SELECT id, title, price, stock, made_at, author_id FROM items LIMIT 300000", 4.0)

# Ids stand in the text, so a plan for each id would show.
LITERAL_POINT = "{ shop { items_by_pk(id: @ID@) { id title price } } }"
LITERAL_IDS = 10_000

INTROSPECTION = """query { __schema { queryType { name } mutationType { name } subscriptionType { name } types { ...T } directives { name locations args { ...I } } } }
fragment T on __Type { kind name description fields(includeDeprecated: true) { name description args { ...I } type { ...R } isDeprecated deprecationReason }
  inputFields { ...I } interfaces { ...R } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...R } }
fragment I on __InputValue { name description type { ...R } defaultValue }
fragment R on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }"""
