"""Random selections over the data sets, each as a GraphQL request and as SQL made from the same tree."""

from random_document import Document, Leaf
from random_filters import Filters, sql_of
from random_tables import KINDS, PARTS, ROOTS, TABLES, TIMES, TRUNCATED

DIRECTIVES = "@@"  # Stands where a root field may have directives.
TOP = 2  # Depth of selections below a root.
TEMPLATES = {"facts": [('{rating: "float"}', "{{'rating': TRY_CAST({0}->>'$.rating' AS DOUBLE)}}"),
                       ('{shop: {city: "string"}, rating: "float"}',
                        "{{'shop': CASE WHEN json_type({0}, '$.shop') = 'OBJECT' THEN {{'city': {0}->>'$.shop.city'}} END, 'rating': TRY_CAST({0}->>'$.rating' AS DOUBLE)}}")]}


def truncated(part, column, kind):
    return f"date_trunc('{part}', {column})" + ("::DATE" if kind == "Date" else "")


def label_of(table):
    """A column that is good to sort and group by."""
    return next(n for n, kind in table.columns.items() if kind in ("String", "Decimal", "DateTime") and n != "region")


class Root:
    """One root field: where its value stands in `data`, its text, and SQL that gives rows of JSON."""

    def __init__(self, module, key, text, sql, one):
        self.module, self.key, self.text, self.sql, self.one = module, key, text, sql, one


class Maker(Filters):
    """Makes one request and its SQL."""

    def __init__(self, draw):
        self.draw = draw
        self.aliases = self.keys = 0
        self.parents, self.sortable = "", []  # What the root's order_by may name besides columns.
        self.document = Document(draw)

    def alias(self):
        self.aliases += 1
        return f"t{self.aliases}"

    def key(self, name):
        """A response key, and the text that asks for it before the field's name."""
        if not self.draw.chance(25):
            return name, ""
        self.keys += 1
        return f"k{self.keys}", f"k{self.keys}: "

    def order(self, table, alias, extra=()):
        """Values for order_by and expressions for ORDER BY; the key makes the order total. `extra` are more pairs to choose from."""
        data = TABLES[table]
        paths = [(name, f"{alias}.{name}") for name, kind in data.columns.items() if kind not in ("JSON", "Document") and kind[0] != "["]
        for relation in data.relations:
            if not relation.many:
                target = TABLES[relation.target]
                name = label_of(target)
                on = relation.on.format(child="o", parent=alias)
                paths.append((f"{relation.field}.{name}", f"(SELECT o.{name} FROM {relation.target} o WHERE {on})"))
        for column, members in data.structures.items():
            paths += [(f"{column}.{m}", f"{alias}.{column}.{m}") for m, kind in members.items() if isinstance(kind, str)]
        values, sql = [], []
        for path, expression in self.draw.some([*paths, *extra], 0, 2):
            direction = self.draw.pick(["ASC", "DESC"])
            values.append({"field": Leaf("String!", path), "direction": Leaf("OrderDirection", direction, True)})
            sql.append(f"{expression} {direction} NULLS LAST")
        return values + [{"field": name} for name in data.key], [*sql, *(f"{alias}.{name}" for name in data.key)]

    def column(self, table, alias, name):
        """Text and struct member of one column, perhaps with arguments."""
        kind, column = TABLES[table].columns[name], f"{alias}.{name}"
        if kind in TIMES and self.draw.chance(25):
            return self.time_column(name, kind, column)
        if name in TEMPLATES and self.draw.chance(30):
            template, sql = self.draw.pick(TEMPLATES[name])
            key, prefix = self.key(name)
            return f"{prefix}{name}(struct: {template})", f"'{key}': CASE WHEN json_type({column}) <> 'NULL' THEN {sql.format(column)} END"
        key, prefix = self.key(name)
        return f"{prefix}{name}", f"'{key}': {KINDS[kind].shown.format(column)}"

    def time_column(self, name, kind, column):
        if self.draw.chance(40):
            part = self.draw.pick(list(PARTS))
            key, prefix = self.key(f"_{name}_part")
            divide = self.draw.pick([None, None, 10])
            sql = f"date_part('{PARTS[part]}', {column})" + (f" // {divide}" if divide else "")
            return f"{prefix}_{name}_part(extract: {part}{f', extract_divide: {divide}' if divide else ''})", f"'{key}': {sql}"
        unit = self.draw.pick(TRUNCATED[2:] if kind == "Date" else TRUNCATED)
        self.keys += 1  # Under the column's own name, order_by would mean the bucket.
        key, prefix = f"k{self.keys}", f"k{self.keys}: "
        return f"{prefix}{name}(bucket: {unit})", f"'{key}': {KINDS[kind].shown.format(truncated(unit, column, kind))}"

    def structure(self, name, members, column):
        """Text and struct member of a structural column."""
        fields, structs = [], []
        for member, kind in self.draw.some(list(members.items()), 1, len(members)):
            if isinstance(kind, dict):
                text, struct = self.structure(member, kind, f"{column}.{member}")
                fields.append(text)
                structs.append(struct)
            else:
                fields.append(member)
                structs.append(f"'{member}': {KINDS[kind].shown.format(f'{column}.{member}')}")
        return f"{name} {{ {' '.join(fields)} }}", f"'{name}': CASE WHEN {column} IS NOT NULL THEN {{{', '.join(structs)}}} END"

    def columns(self, table, alias):
        data = TABLES[table]
        chosen = [self.column(table, alias, name) for name in self.draw.some(list(data.columns), 1, 6)]
        if data.structures and self.draw.chance(40):
            name, members = self.draw.pick(list(data.structures.items()))
            chosen.append(self.structure(name, members, f"{alias}.{name}"))
        if self.draw.chance(5):
            chosen.append(("__typename", f"'__typename': '{data.prefix}_{table}'"))
        return self.distinct_keys(chosen)

    @staticmethod
    def distinct_keys(chosen):
        """Leaves out what would come under a key that is taken."""
        taken = {}
        for text, member in chosen:
            taken.setdefault(member.split("'")[1], (text, member))
        return [t for t, _ in taken.values()], [m for _, m in taken.values()]

    def selection(self, table, alias, depth, may_drop=True):
        """Text, struct, and predicates of inner relations."""
        fields, members = self.columns(table, alias)
        inner, self.parents = [], ""
        if depth > 0 and TABLES[table].relations:
            for relation in self.draw.some(TABLES[table].relations, 0, 2):
                self.parents = "base" if depth == TOP else ""
                self.relation(relation, alias, depth, fields, members, inner, may_drop)
        return self.document.selection(f"{TABLES[table].prefix}_{table}", fields), "{" + ", ".join(members) + "}", inner

    def relation(self, relation, alias, depth, fields, members, inner, may_drop):
        child, parents = self.alias(), self.parents
        keep = may_drop and self.draw.chance(20)
        if not relation.many:
            text, struct, deeper = self.selection(relation.target, child, depth - 1)
            where = " AND ".join([relation.on.format(child=child, parent=alias), *deeper])
            key, prefix = self.key(relation.field)
            fields.append(f"{prefix}{relation.field}{'(inner: true)' if keep else ''} {text}")
            members.append(f"'{key}': (SELECT {struct} FROM {relation.target} {child} WHERE {where})")
        elif self.draw.chance(25):
            return self.related_values(relation, alias, child, fields, members, bool(parents))
        elif parents and not relation.junction and self.draw.chance(25):
            return self.first_of_all(relation, alias, child, fields, members)
        else:
            where = self.to_many(relation, alias, child, depth, keep, fields, members)
        if keep:
            inner.append(f"EXISTS (FROM {relation.target} {child} WHERE {where})")
        return None

    def related_values(self, relation, alias, child, fields, members, is_top):
        """Aggregates of related rows; see random_aggregates.py."""

    def first_of_all(self, relation, alias, child, fields, members):
        """Arguments that act on the related rows of all parents (`base`) before they are distributed."""
        target = relation.target
        text, struct, inner = self.selection(target, child, 0)
        value, condition = self.filter(target, child, 1)
        order, sql_order = self.order(target, child)
        arguments = [f"filter: {self.document.argument(f'{TABLES[target].prefix}_{target}_filter', value)}",
                     f"order_by: {self.document.argument('[OrderByField]', order)}"]
        tie = relation.on.format(child=child, parent="p")
        where = " AND ".join([f"EXISTS (FROM base p WHERE {tie})", sql_of(condition), *inner])
        limit, offset = self.draw.between(0, 6), self.draw.between(0, 2)
        arguments.append(f"limit: {self.document.argument('Int', limit)}" + (f", offset: {offset}" if offset else ""))
        rows = f"(SELECT * FROM {target} {child} WHERE {where} ORDER BY {', '.join(sql_order)} LIMIT {limit} OFFSET {offset}) {child}"
        key, prefix = self.key(relation.field)
        fields.append(f"{prefix}{relation.field}({', '.join(arguments)}) {text}")
        members.append(f"'{key}': (SELECT list({struct} ORDER BY {', '.join(sql_order)}) FROM {rows} "
                       f"WHERE {relation.on.format(child=child, parent=alias)})")

    def to_many(self, relation, alias, child, depth, keep, fields, members):
        target = relation.target
        text, struct, deeper = self.selection(target, child, depth - 1)
        where = " AND ".join([relation.on.format(child=child, parent=alias), *deeper])
        arguments = ["inner: true"] if keep else []
        if self.draw.chance(45):
            value, sql = self.filter(target, child, 1)
            arguments.append(f"filter: {self.document.argument(f'{TABLES[target].prefix}_{target}_filter', value)}")
            where += f" AND {sql_of(sql)}"
        order, sql_order = self.order(target, child)
        word, cut = "nested_order_by", ""
        if self.draw.chance(45):
            limit, offset = self.draw.between(0, 3), self.draw.between(0, 2)
            arguments.append(f"nested_limit: {self.document.argument('Int', limit)}" + (f", nested_offset: {offset}" if offset else ""))
            cut = f"[{offset + 1}:{offset + limit}]"
        elif self.draw.chance(40):
            word = "order_by"
        arguments.append(f"{word}: {self.document.argument('[OrderByField]', order)}")
        key, prefix = self.key(relation.field)
        fields.append(f"{prefix}{relation.field}({', '.join(arguments)}) {text}")
        rows = f"(SELECT list({struct} ORDER BY {', '.join(sql_order)}){cut} FROM {target} {child} WHERE {where})"
        members.append(f"'{key}': CASE WHEN len({rows}) > 0 THEN {rows} END" if cut else f"'{key}': {rows}")
        return where

    def arguments(self, table, alias, where, extra=()):
        """Text of the arguments of a list; the rows as SQL in their order, and that order."""
        order, sql_order = self.order(table, alias, extra)
        value, condition = self.filter(table, alias, 3)
        data = TABLES[table]
        texts = [f"filter: {self.document.argument(f'{data.prefix}_{table}_filter', value)}", f"order_by: {self.document.argument('[OrderByField]', order)}"]
        where = " AND ".join([sql_of(condition), *where])
        return texts, where, sql_order

    def distinct(self, table, alias, where, sql_order, texts):
        """FROM and WHERE of the rows, one of each distinct value if the request wants that."""
        rows = f"SELECT * FROM {table} {alias} WHERE {where}"
        if self.draw.chance(15):
            names = self.draw.some([n for n, kind in TABLES[table].columns.items() if kind in ("Int", "String", "Date", "Timestamp", "BigInt", "DateTime")], 1, 2)
            texts.append(f"distinct_on: {self.document.argument('[String]', [Leaf('String!', n) for n in names])}")
            rows += f" QUALIFY row_number() OVER (PARTITION BY {', '.join(f'{alias}.{n}' for n in names)} ORDER BY {', '.join(sql_order)}) = 1"
            return rows, names
        return rows, []

    def cut(self, texts):
        if not self.draw.chance(40):
            return ""
        limit, offset = self.draw.between(0, 8), self.draw.between(0, 3)
        how = self.draw.below(3)
        if how != 1:
            texts.append(f"limit: {self.document.argument('Int', limit)}")
        if how != 2:
            texts.append(f"offset: {offset}")
        return (f" LIMIT {limit}" if how != 1 else "") + (f" OFFSET {offset}" if how != 2 else "")

    def rows(self):
        table, alias = self.draw.pick(ROOTS), self.alias()
        distinct, self.sortable = self.draw.chance(15), []
        text, struct, inner = self.selection(table, alias, TOP, not distinct)
        texts, where, sql_order = self.arguments(table, alias, inner, self.sortable)
        rows = f"SELECT * FROM {table} {alias} WHERE {where}"
        if distinct:
            rows, names = self.distinct(table, alias, where, sql_order, texts)
            text = "{ " + " ".join(f"d{i}: {n}" for i, n in enumerate(names)) + text[1:] if names else text
            struct = "{" + ", ".join([*(f"'d{i}': {KINDS[TABLES[table].columns[n]].shown.format(f'{alias}.{n}')}" for i, n in enumerate(names)), struct[1:]])
        cut = self.cut(texts)
        order = ", ".join(sql_order)
        sql = f"WITH base AS (SELECT * FROM ({rows}) {alias} ORDER BY {order}{cut}) SELECT to_json({struct})::VARCHAR FROM base {alias} ORDER BY {order}"
        return self.root(table, table, texts, text, sql, False)

    def by_key(self):
        table, alias = self.draw.pick(ROOTS), self.alias()
        data = TABLES[table]
        text, struct, inner = self.selection(table, alias, TOP - 1, False)
        texts, where = [], list(inner)
        for name in data.key:
            value, sql = self.draw.pick(KINDS[data.columns[name]].values)
            if data.columns[name] == "Int":
                value = self.draw.between(0, 8)
                sql = str(value)
            texts.append(f"{name}: {self.document.argument(KINDS[data.columns[name]].type + '!', Leaf(KINDS[data.columns[name]].type + '!', value))}")
            where.append(f"{alias}.{name} = {sql}")
        sql = f"SELECT to_json({struct})::VARCHAR FROM {table} {alias} WHERE {' AND '.join(where)}"
        return self.root(table, f"{table}_by_pk", texts, text, sql, True)

    def root(self, table, field, arguments, selection, sql, one):
        self.keys += 1
        key = f"r{self.keys}"
        return Root(TABLES[table].module, key, f"{key}: {field}({', '.join(arguments)}){DIRECTIVES} {selection}", sql, one)

    def kinds(self):
        return [self.rows, self.rows, self.by_key]

    def request(self):
        """The request, its variables, and its roots."""
        roots = [self.draw.pick(self.kinds())() for _ in range(self.draw.pick([1, 1, 1, 2]))]
        body = "{ " + " ".join(f"{root.module} {{ {root.text} }}" for root in roots) + " }"
        return self.document.request(body), self.document.variables, roots
