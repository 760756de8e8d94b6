"""Random selections over the library data, each as a GraphQL request and as SQL made from the same tree."""

import random

NUMBERS = {"Int": [-1, 0, 1, 2, 5, 40, 77, 200, 250, 320, 501], "Float": [0, 1.25, 3.5, 8, 15.25, 20, 29.75, 99.5]}
TEXTS = ["Tides", "SEA", "Sea", "", "Salt", "Bo", "Ada", "It's \\\"fine\\\"", "月", "Poetry", "hard", "soft", "A", "B"]
PATTERNS = ["%a%", "S%", "%ea", "_ea%", "%", "", "%\\\"%", "%d_s"]
DATES = ["1930-02-28", "1965-08-01", "1972-02-29", "1999-12-31", "0701-05-19"]
MOMENTS = ["2024-05-01T10:00:00Z", "1970-01-01T00:00:00Z", "2024-03-31T01:30:00Z", "2024-12-30T08:00:00Z"]

# Columns: GraphQL name, scalar, never null. Relations: field, target, to-many, condition over {child} and {parent}.
TABLES = {
    "books": {
        "columns": [("id", "Int", True), ("title", "String", True), ("price", "Float", False), ("pages", "Int", True),
                    ("author_id", "Int", False), ("printed_at", "Timestamp", False)],
        "relations": [("author", "authors", False, "{child}.id = {parent}.author_id"),
                      ("genres", "genres", True, "EXISTS (FROM book_genres x WHERE x.book_id = {parent}.id AND x.genre_id = {child}.id)")]},
    "authors": {
        "columns": [("id", "Int", True), ("name", "String", True), ("born", "Date", False), ("mentor_id", "Int", False)],
        "relations": [("mentor", "authors", False, "{child}.id = {parent}.mentor_id"), ("pupils", "authors", True, "{child}.mentor_id = {parent}.id"),
                      ("books", "books", True, "{child}.author_id = {parent}.id")]},
    "genres": {
        "columns": [("id", "Int", True), ("name", "String", True)],
        "relations": [("books_of_genre", "books", True, "EXISTS (FROM book_genres x WHERE x.genre_id = {parent}.id AND x.book_id = {child}.id)")]},
}
OPERATORS = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
BY_SCALAR = {"Int": ["eq", "gt", "gte", "lt", "lte", "in", "is_null"], "Float": [*OPERATORS, "in", "is_null"],
             "String": ["eq", "in", "like", "ilike", "is_null"], "Date": ["eq", "gt", "gte", "lt", "lte", "in", "is_null"],
             "Timestamp": ["eq", "gt", "gte", "lt", "lte", "is_null"]}


class Maker:
    """Makes one request and its SQL."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.aliases = 0

    def alias(self):
        self.aliases += 1
        return f"t{self.aliases}"

    def literal(self, scalar):
        """GraphQL and SQL text of one value."""
        if scalar in NUMBERS:
            value = str(self.random.choice(NUMBERS[scalar]))
            return value, value
        if scalar == "Date":
            value = self.random.choice(DATES)
            return f'"{value}"', f"DATE '{value}'"
        if scalar == "Timestamp":
            value = self.random.choice(MOMENTS)
            return f'"{value}"', f"TIMESTAMPTZ '{value}'"
        return self.text(self.random.choice(TEXTS))

    @staticmethod
    def text(value):
        return f'"{value}"', "'" + value.replace('\\"', '"').replace("'", "''") + "'"

    def condition(self, table, alias, known):
        """One operator of one column; `known` asks for a column that is never null."""
        name, scalar, _ = self.random.choice([c for c in TABLES[table]["columns"] if c[2] or not known])
        operator = self.random.choice(BY_SCALAR[scalar])
        column = f"{alias}.{name}"
        if operator == "is_null":
            yes = self.random.random() < 0.5
            return f"{name}: {{is_null: {str(yes).lower()}}}", f"{column} IS {'' if yes else 'NOT '}NULL"
        if operator == "in":
            values = [self.literal(scalar) for _ in range(self.random.randint(1, 4))]
            return f"{name}: {{in: [{', '.join(v[0] for v in values)}]}}", f"{column} IN ({', '.join(v[1] for v in values)})"
        if operator in ("like", "ilike"):
            graphql, sql = self.text(self.random.choice(PATTERNS))
            return f"{name}: {{{operator}: {graphql}}}", f"{column} {operator.upper()} {sql}"
        graphql, sql = self.literal(scalar)
        return f"{name}: {{{operator}: {graphql}}}", f"{column} {OPERATORS[operator]} {sql}"

    def related(self, table, alias, depth):
        field, target, many, on = self.random.choice(TABLES[table]["relations"])
        child = self.alias()
        graphql, sql = self.filter(target, child, depth - 1)
        on = on.format(child=child, parent=alias)
        exists = f"EXISTS (FROM {target} {child} WHERE {on}"
        if not many:
            return f"{field}: {graphql}", f"{exists} AND {sql})"
        quantifier = self.random.choice(["any_of", "none_of", "all_of"])
        conditions = {"any_of": f"{exists} AND {sql})", "none_of": f"NOT {exists} AND {sql})",
                      "all_of": f"({exists}) AND NOT {exists} AND NOT coalesce({sql}, false)))"}
        return f"{field}: {{{quantifier}: {graphql}}}", conditions[quantifier]

    def filter(self, table, alias, depth):
        """An input object and a predicate."""
        parts, used = [], set()
        for _ in range(self.random.randint(1, 2)):
            part = self.part(table, alias, depth)
            name = part[0].split(":")[0]
            if name not in used:
                used.add(name)
                parts.append(part)
        return "{" + ", ".join(p[0] for p in parts) + "}", "(" + " AND ".join(p[1] for p in parts) + ")"

    def part(self, table, alias, depth):
        kind = self.random.random()
        if depth <= 0 or kind < 0.5:
            return self.condition(table, alias, False)
        if kind < 0.75:
            return self.related(table, alias, depth)
        if kind < 0.85:
            graphql, sql = self.condition(table, alias, True)
            return f"_not: {{{graphql}}}", f"NOT ({sql})"
        inner = [self.filter(table, alias, depth - 1) for _ in range(self.random.randint(1, 3))]
        word, joiner = self.random.choice([("_and", " AND "), ("_or", " OR ")])
        return f"{word}: [{', '.join(i[0] for i in inner)}]", "(" + joiner.join(i[1] for i in inner) + ")"

    def order(self, table, alias):
        """Text for order_by and ORDER BY; the key makes the order total."""
        graphql, sql = [], []
        for name, _, _ in self.random.sample(TABLES[table]["columns"], self.random.randint(0, 2)):
            direction = self.random.choice(["ASC", "DESC"])
            graphql.append(f'{{field: "{name}", direction: {direction}}}')
            sql.append(f"{alias}.{name} {direction} NULLS LAST")
        return "[" + ", ".join([*graphql, '{field: "id"}']) + "]", ", ".join([*sql, f"{alias}.id"])

    def columns(self, table, alias):
        """Selections and struct members."""
        columns = TABLES[table]["columns"]
        chosen = self.random.sample(columns, self.random.randint(1, len(columns)))
        return [name for name, _, _ in chosen], [f"'{name}': {self.output(alias, name, scalar)}" for name, scalar, _ in chosen]

    @staticmethod
    def output(alias, name, scalar):
        return f"ts({alias}.{name})" if scalar == "Timestamp" else f"{alias}.{name}"

    def selection(self, table, alias, depth):
        fields, members = self.columns(table, alias)
        inner = []
        if depth > 0:
            relations = TABLES[table]["relations"]
            for relation in self.random.sample(relations, self.random.randint(0, min(2, len(relations)))):
                self.relation(relation, alias, depth, fields, members, inner)
        return " ".join(fields), "{" + ", ".join(members) + "}", inner

    def relation(self, relation, alias, depth, fields, members, inner):
        field, target, many, on = relation
        child = self.alias()
        graphql, struct, deeper = self.selection(target, child, depth - 1)
        where = " AND ".join([on.format(child=child, parent=alias), *deeper])
        keep = self.random.random() < 0.25
        if not many:
            fields.append(f"{field}{'(inner: true)' if keep else ''} {{ {graphql} }}")
            members.append(f"'{field}': (SELECT {struct} FROM {target} {child} WHERE {where})")
        else:
            where = self.to_many(field, target, child, graphql, struct, where, keep, fields, members)
        if keep:
            inner.append(f"EXISTS (FROM {target} {child} WHERE {where})")

    def to_many(self, field, target, child, graphql, struct, where, keep, fields, members):
        arguments = ["inner: true"] if keep else []
        if self.random.random() < 0.5:
            condition, sql = self.filter(target, child, 1)
            arguments.append(f"filter: {condition}")
            where += f" AND {sql}"
        order, sql_order = self.order(target, child)
        cut = ""
        if self.random.random() < 0.5:
            limit = self.random.randint(1, 3)
            arguments.append(f"nested_limit: {limit}")
            cut = f"[1:{limit}]"
        fields.append(f"{field}({', '.join([*arguments, f'nested_order_by: {order}'])}) {{ {graphql} }}")
        members.append(f"'{field}': (SELECT list({struct} ORDER BY {sql_order}){cut} FROM {target} {child} WHERE {where})")
        return where

    def request(self):
        table, alias = self.random.choice(list(TABLES)), self.alias()
        condition, where = self.filter(table, alias, 3)
        graphql, struct, inner = self.selection(table, alias, 2)
        order, sql_order = self.order(table, alias)
        arguments, cut = [f"filter: {condition}", f"order_by: {order}"], ""
        if self.random.random() < 0.4:
            limit, offset = self.random.randint(1, 8), self.random.randint(0, 3)
            arguments.append(f"limit: {limit}, offset: {offset}")
            cut = f"LIMIT {limit} OFFSET {offset}"
        request = f"{{ lib {{ {table}({', '.join(arguments)}) {{ {graphql} }} }} }}"
        return f"lib.{table}", request, f"SELECT to_json({struct})::VARCHAR FROM {table} {alias} WHERE {' AND '.join([where, *inner])} ORDER BY {sql_order} {cut}"
