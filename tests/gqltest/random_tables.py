"""What the random requests know of the data sets: kinds of columns, relations, values worth asking for."""

import dataclasses

OPERATORS = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
ORDERED = ("eq", "gt", "gte", "lt", "lte")
NUMERIC = ("count", "sum", "avg", "min", "max")
TRUNCATED = ("minute", "hour", "day", "week", "month", "quarter", "year")
PARTS = {"minute": "minute", "hour": "hour", "day": "day", "doy": "doy", "dow": "dow", "iso_dow": "isodow", "week": "week",
         "month": "month", "year": "year", "iso_year": "isoyear", "quarter": "quarter"}


def quoted(value):
    return "'" + value.replace("'", "''") + "'"


def texts(*values):
    return [(value, quoted(value)) for value in values]


def numbers(*values):
    return [(value, str(value)) for value in values]


def typed(kind, *values):
    return [(value, f"{kind} '{value}'") for value in values]


@dataclasses.dataclass(frozen=True)
class Kind:
    """`shown` is SQL whose JSON is the value's; {} is the column. `values` are pairs of JSON and SQL."""
    type: str
    operators: tuple
    values: list
    functions: tuple = ()
    shown: str = "{}"
    patterns: list = ()


PATTERNS = texts("%a%", "S%", "%ea", "_ea%", "%", "", '%"%', "%d_s", "%É%", "å%")
KINDS = {
    "Int": Kind("Int", (*ORDERED, "in", "is_null"), numbers(-1, 0, 1, 2, 5, 40, 77, 127, 200, 250, 320, 501, 2147483647), NUMERIC),
    "BigInt": Kind("BigInt", (*ORDERED, "in", "is_null"), numbers(0, 1, 2, 4, 100, 9007199254740993, 9223372036854775807, -9223372036854775808), NUMERIC,
                   "exact({})"),
    "Long": Kind("BigInt", (*ORDERED, "in", "is_null"), numbers(0, 1, 9, 100, 9007199254740993, 9223372036854775807, -9223372036854775808),
                 ("count", "sum", "min", "max"), "exact({})"),
    "Huge": Kind("BigInt", (*ORDERED, "in", "is_null"), numbers(0, 1, 5, 100, 9007199254740993), ("count", "min", "max"), "exact({})"),
    "Float": Kind("Float", (*OPERATORS, "in", "is_null"), numbers(0, 1.25, 3.5, 8, 15.25, 20, 29.75, 99.5, -0.25, 1e300), NUMERIC),
    "Real": Kind("Float", (*OPERATORS, "in", "is_null"), numbers(0, 0.5, -0.25, 16777216, 0.125, 1), ("count", "min", "max")),
    "Wild": Kind("Float", (*OPERATORS, "in", "is_null"), numbers(0, 29.99, 0.1, 1e-7, 100, 1, 5e-324, 1e308), ("count", "min", "max"),
                 "CASE WHEN isfinite({0}) THEN {0} END"),
    "Decimal": Kind("Float", (*OPERATORS, "in", "is_null"), numbers(0, 12.5, 0.0001, 100, 7, 25, 19.0, 23.5, 99.9999, 7.00001, 1e9), NUMERIC, "exact({})"),
    "String": Kind("String", ("eq", "in", "like", "ilike", "is_null"),
                   texts("Tides", "SEA", "Sea", "", "Salt", "Bo", "Ada", 'It\'s "fine"', "月", "Poetry", "hard", "soft", "A", "B", "oar", "NO", "DE", "n", "s", "plain", "ÅRSTID"),
                   ("count",), patterns=PATTERNS),
    "Uuid": Kind("String", ("eq", "in", "is_null"), texts("0f8fad5b-d9cb-469f-a165-70867728950e", "ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000001"), ()),
    "Date": Kind("Date", (*ORDERED, "in", "is_null"), typed("DATE", "1930-02-28", "1965-08-01", "1972-02-29", "1999-12-31", "0701-05-19", "0001-01-01", "9999-12-31"),
                 ("count", "min", "max")),
    "Time": Kind("Time", (*ORDERED, "in", "is_null"), typed("TIME", "18:30:00", "00:00:00", "12:00:00.1", "23:59:59.999999"), ("count", "min", "max"), "tod({})"),
    "Timestamp": Kind("Timestamp", (*ORDERED, "is_null"),
                      typed("TIMESTAMPTZ", "2024-05-01T10:00:00Z", "1970-01-01T00:00:00Z", "2024-03-31T01:30:00Z", "2024-12-30T08:00:00Z", "2024-05-15T06:07:08.123456Z"),
                      ("count", "min", "max"), "CASE WHEN isinf({0}) THEN CAST({0} AS VARCHAR) ELSE ts({0}) END"),
    "DateTime": Kind("DateTime", (*ORDERED, "is_null"), typed("TIMESTAMP", "2024-01-15T08:30:00", "2024-02-01T00:00:00", "2024-05-01T10:00:00.5", "0001-01-01T00:00:00"),
                     ("count", "min", "max"), "CASE WHEN isinf({0}) THEN CAST({0} AS VARCHAR) ELSE dt({0}) END"),
    "Boolean": Kind("Boolean", ("eq", "is_null"), [(True, "true"), (False, "false")], ("count", "bool_and", "bool_or")),
    "JSON": Kind("JSON", (), []),
    "Document": Kind("JSON", (), []),  # A JSON column whose numbers are not aggregated.
    "Enum": Kind("", (), []),
    "[Int]": Kind("Int", ("eq", "contains", "intersects", "is_null"), numbers(1, 2, 3, 5)),
    "[String]": Kind("String", ("eq", "contains", "intersects", "is_null"), texts("a", "b", "", 'a"b\\c')),
}
TIMES = ("Date", "Timestamp", "DateTime")


@dataclasses.dataclass(frozen=True)
class Relation:
    """`on` is a condition over {child} and {parent}; `link` is a junction with its own condition, if there is one."""
    field: str
    target: str
    many: bool
    on: str
    junction: bool = False
    inner_only: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    module: str
    prefix: str
    key: tuple
    columns: dict
    relations: tuple = ()
    required: tuple = ()   # Columns that are never null.
    structures: dict = dataclasses.field(default_factory=dict)  # Column to member to kind, or to a structure's members.


FORMAT = {"cover": "String", "height_mm": "Int", "paper": {"grade": "String"}}
SPOT = {"x": "Int", "label": "String", "y": "Float"}

TABLES = {
    "books": Table("lib", "lib", ("id",),
                   {"id": "Int", "title": "String", "price": "Float", "pages": "Int", "author_id": "Int", "printed_at": "Timestamp", "facts": "JSON"},
                   (Relation("author", "authors", False, "{child}.id = {parent}.author_id"),
                    Relation("genres", "genres", True, "EXISTS (FROM book_genres x WHERE x.book_id = {parent}.id AND x.genre_id = {child}.id)", True)),
                   ("id", "title", "pages"), {"format": FORMAT}),
    "authors": Table("lib", "lib", ("id",), {"id": "Int", "name": "String", "born": "Date", "mentor_id": "Int"},
                     (Relation("mentor", "authors", False, "{child}.id = {parent}.mentor_id"), Relation("pupils", "authors", True, "{child}.mentor_id = {parent}.id"),
                      Relation("books", "books", True, "{child}.author_id = {parent}.id")), ("id", "name")),
    "genres": Table("lib", "lib", ("id",), {"id": "Int", "name": "String"},
                    (Relation("books_of_genre", "books", True, "EXISTS (FROM book_genres x WHERE x.genre_id = {parent}.id AND x.book_id = {child}.id)", True),),
                    ("id", "name")),
    "orders": Table("shop", "shop", ("region", "number"), {"region": "String", "number": "Int", "customer_id": "BigInt", "placed": "DateTime"},
                    (Relation("shop_customers", "customers", False, "{child}.id = {parent}.customer_id"),
                     Relation("lines", "order_lines", True, "{child}.region = {parent}.region AND {child}.number = {parent}.number")), ("region", "number")),
    "order_lines": Table("shop", "shop", ("region", "number", "line"),
                         {"region": "String", "number": "Int", "line": "Int", "sku": "String", "qty": "Int", "unit_price": "Decimal"},
                         (Relation("order", "orders", False, "{child}.region = {parent}.region AND {child}.number = {parent}.number"),
                          Relation("product", "products", False, "{child}.sku = {parent}.sku")), ("region", "number", "line", "qty")),
    "products": Table("shop", "shop", ("sku",), {"sku": "String", "label": "String", "origin": "String"},
                      (Relation("lines", "order_lines", True, "{child}.sku = {parent}.sku"),), ("sku", "label")),
    "customers": Table("shop", "shop", ("id",), {"id": "BigInt", "email": "String", "first_name": "String", "bill_to": "Int", "ship_to": "Int"},
                       (Relation("bill_address", "addresses", False, "{child}.id = {parent}.bill_to"), Relation("ship_address", "addresses", False, "{child}.id = {parent}.ship_to"),
                        Relation("shop_orders", "orders", True, "{child}.customer_id = {parent}.id")), ("id",)),
    "addresses": Table("shop", "shop", ("id",), {"id": "Int", "city": "String", "country": "String"},
                       (Relation("land", "countries", False, "{child}.code = {parent}.country"), Relation("vat", "vat_rates", False, "{child}.country = {parent}.country"),
                        Relation("billed", "customers", True, "{child}.bill_to = {parent}.id"), Relation("shipped", "customers", True, "{child}.ship_to = {parent}.id")), ("id",)),
    "countries": Table("shop", "shop", ("code",), {"code": "String"}, (Relation("addresses", "addresses", True, "{child}.country = {parent}.code"),), ("code",)),
    "vat_rates": Table("shop", "shop", ("country",), {"country": "String", "rate": "Decimal"},
                       (Relation("addresses", "addresses", True, "{child}.country = {parent}.country"),), ("country",)),
    "numbers": Table("ty", "ty", ("id",), {"id": "Int", "b": "Boolean", "i8": "Int", "i16": "Int", "i32": "Int", "i64": "Long", "i128": "Huge", "u8": "Int", "u16": "Int",
                                           "u32": "BigInt", "u64": "Long", "f32": "Real", "f64": "Wild", "d18": "Decimal", "d38": "Decimal"}, (), ("id",)),
    "moments": Table("ty", "ty", ("id",), {"id": "Int", "d": "Date", "t": "Time", "at": "DateTime", "at_s": "DateTime", "at_ms": "DateTime", "atz": "Timestamp"}, (), ("id",)),
    "things": Table("ty", "ty", ("id",), {"id": "Int", "s": "String", "u": "Uuid", "doc": "Document", "ints": "[Int]", "texts": "[String]"}, (), ("id",), {"spot": SPOT}),
}
# Tables whose random requests make sense more often come more often.
ROOTS = ["books", "authors", "genres", "books", "authors", "orders", "order_lines", "customers", "products", "addresses", "numbers", "moments", "things", "vat_rates", "countries"]
# Whole conditions over JSON columns: the filter's member and SQL; none is asked for rows where the column is null.
JSON_CONDITIONS = {
    "facts": [({"has": "rating"}, "coalesce(json_type({}, '$.rating') <> 'NULL', false)"), ({"has": "shop.city"}, "coalesce(json_type({}, '$.shop.city') <> 'NULL', false)"),
              ({"has_all": ["rating", "tags"]}, "coalesce(json_type({0}, '$.rating') <> 'NULL' AND json_type({0}, '$.tags') <> 'NULL', false)"),
              ({"contains": {"rating": 4.5}}, "coalesce(json_extract_string({}, '$.rating') = '4.5', false)"),
              ({"contains": {"tags": ["sea"]}}, "coalesce(list_contains(json_extract_string({}, '$.tags[*]'), 'sea'), false)"),
              ({"is_null": True}, "{} IS NULL"), ({"is_null": False}, "{} IS NOT NULL")],
    "doc": [({"has": "a"}, "coalesce(json_type({}, '$.a') <> 'NULL', false)"), ({"has": "b.c"}, "coalesce(json_type({}, '$.b.c') <> 'NULL', false)"),
            ({"is_null": True}, "{} IS NULL"), ({"is_null": False}, "{} IS NOT NULL")],
}
