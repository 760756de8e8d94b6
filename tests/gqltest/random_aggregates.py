"""Random aggregations and bucket aggregations, like random_requests.py."""

from random_requests import TABLES, Maker

FUNCTIONS = {"Int": ["count", "sum", "avg", "min", "max"], "Float": ["count", "sum", "avg", "min", "max"], "String": ["count"],
             "Date": ["count", "min", "max"], "Timestamp": ["count", "min", "max"]}
OF_ONE = ("count", "min", "max")  # What does not change when a row is met several times.
SUB_FUNCTIONS = ("sum", "min", "max")
BUCKETS = ("day", "month", "quarter", "year")


def call(function, column, scalar, condition=""):
    """SQL of one aggregate; counts are of distinct values."""
    inner = f"DISTINCT {column}" if function == "count" else column
    sql = f"{function}({inner}){condition}"
    return f"ts({sql})" if scalar == "Timestamp" and function != "count" else sql


class AggregateMaker(Maker):
    def some_aggregates(self, table, alias, allowed=None, condition=""):
        """Selections and struct members of `_rows_count` and a few columns."""
        fields, members = [], []
        if allowed is None and self.random.random() < 0.7:
            fields.append("_rows_count")
            members.append(f"'_rows_count': count(*){condition}")
        for name, scalar, _ in self.random.sample(TABLES[table]["columns"], self.random.randint(1, 2)):
            functions = [f for f in FUNCTIONS[scalar] if allowed is None or f in allowed]
            chosen = self.random.sample(functions, self.random.randint(1, len(functions)))
            fields.append(f"{name} {{ {' '.join(chosen)} }}")
            inner = ", ".join(f"'{f}': {call(f, f'{alias}.{name}', scalar, condition)}" for f in chosen)
            members.append(f"'{name}': {{{inner}}}")
        return " ".join(fields), members

    def aggregation(self):
        table, alias = self.random.choice(list(TABLES)), self.alias()
        condition, where = self.filter(table, alias, 2)
        fields, members = self.some_aggregates(table, alias)
        fields, members = [fields], [self.scalar_member(m, f"{table} {alias} WHERE {where}") for m in members]
        for relation in self.random.sample(TABLES[table]["relations"], self.random.randint(0, len(TABLES[table]["relations"]))):
            self.related_aggregate(relation, table, alias, where, fields, members)
        request = f"{{ lib {{ {table}_aggregation(filter: {condition}) {{ {' '.join(fields)} }} }} }}"
        return f"lib.{table}_aggregation", request, f"SELECT to_json({{{', '.join(members)}}})::VARCHAR"

    @staticmethod
    def scalar_member(member, rest):
        name, expression = member.split(": ", 1)
        return f"{name}: (SELECT {expression} FROM {rest})"

    def related_aggregate(self, relation, table, alias, where, fields, members):
        field, target, many, on = relation
        child = self.alias()
        rest = f"{table} {alias} JOIN {target} {child} ON {on.format(child=child, parent=alias)} WHERE {where}"
        if many and self.random.random() < 0.4:
            numbers = [c for c in TABLES[target]["columns"] if c[1] in ("Int", "Float")]
            name = self.random.choice(numbers)[0]
            inner, outer = self.random.choice(SUB_FUNCTIONS), self.random.sample(SUB_FUNCTIONS, 2)
            fields.append(f"{field}_aggregation {{ {name} {{ {inner} {{ {' '.join(outer)} }} }} }}")
            values = ", ".join(f"'{f}': {f}(v)" for f in outer)
            members.append(f"'{field}_aggregation': (SELECT {{'{name}': {{'{inner}': {{{values}}}}}}} "
                           f"FROM (SELECT {inner}({child}.{name}) AS v FROM {rest} GROUP BY {alias}.id))")
            return
        selected, structs = self.some_aggregates(target, child, None if many else OF_ONE)
        fields.append(f"{field} {{ {selected} }}")
        members.append(f"'{field}': (SELECT {{{', '.join(structs)}}} FROM {rest})")

    def key(self, table, alias):
        """Selections, struct members and group expressions of a key; a forward relation only from books."""
        fields, members, groups = [], [], []
        for name, scalar, _ in self.random.sample([c for c in TABLES[table]["columns"] if c[0] != "id"], self.random.randint(1, 2) if table != "genres" else 1):
            column = f"{alias}.{name}"
            if scalar in ("Date", "Timestamp"):
                bucket = self.random.choice(BUCKETS)
                fields.append(f"{name}(bucket: {bucket})")
                column = f"date_trunc('{bucket}', {column})" + ("::DATE" if scalar == "Date" else "")
            else:
                fields.append(name)
            members.append(f"'{name}': " + (f"ts({column})" if scalar == "Timestamp" else column))
            groups.append((f"key.{name}", column))
        if table == "books" and self.random.random() < 0.4:
            fields.append("author { name }")
            members.append("'author': CASE WHEN f.id IS NOT NULL THEN {'name': f.name} END")
            groups += [("key.author.name", "f.name"), (None, "f.id")]
        return " ".join(fields), "{" + ", ".join(members) + "}", groups

    def buckets(self):
        table, alias = self.random.choice(list(TABLES)), self.alias()
        condition, where = self.filter(table, alias, 2)
        fields, members = self.some_aggregates(table, alias)
        key, key_struct, groups = self.key(table, alias)
        order = ", ".join(f'{{field: "{path}"}}' for path, _ in groups if path)
        selections, structs = [f"key {{ {key} }}", f"aggregations {{ {fields} }}"], [f"'key': {key_struct}", f"'aggregations': {{{', '.join(members)}}}"]
        if self.random.random() < 0.4:
            only, predicate = self.condition(table, alias, False)
            chosen, filtered = self.some_aggregates(table, alias, None, f" FILTER (WHERE {predicate})")
            selections.append(f"some: aggregations(filter: {{{only}}}) {{ {chosen} }}")
            structs.append(f"'some': CASE WHEN count(*) FILTER (WHERE {predicate}) > 0 THEN {{{', '.join(filtered)}}} END")
        request = f"{{ lib {{ {table}_bucket_aggregation(filter: {condition}, order_by: [{order}]) {{ {' '.join(selections)} }} }} }}"
        join = f" LEFT JOIN authors f ON f.id = {alias}.author_id" if "f.id" in key_struct else ""
        sql = (f"SELECT to_json({{{', '.join(structs)}}})::VARCHAR FROM {table} {alias}{join} WHERE {where} "
               f"GROUP BY {', '.join(g for _, g in groups)} ORDER BY {', '.join(f'{g} NULLS LAST' for _, g in groups)}")
        return f"lib.{table}_bucket_aggregation", request, sql
