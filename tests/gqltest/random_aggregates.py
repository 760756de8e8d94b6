"""Random aggregations and bucket aggregations, like random_requests.py."""

from random_document import Leaf
from random_filters import sql_of
from random_requests import Maker, label_of, truncated
from random_tables import KINDS, ROOTS, TABLES, TIMES, TRUNCATED

OF_ONE = ("count", "min", "max", "bool_and", "bool_or")  # What does not change when a row is met several times.
SUB_FUNCTIONS = ("sum", "min", "max")
JSON_FUNCTIONS = {"sum": "sum", "avg": "avg", "min": "min", "max": "max"}


def call(function, column, kind, condition=""):
    """SQL of one aggregate; counts are of distinct values."""
    if function == "count":
        return f"count(DISTINCT {column}){condition}"
    sql = f"{function}({column}){condition}"
    return sql if function == "avg" else KINDS[kind].shown.format(sql)


class AggregateMaker(Maker):
    def some_aggregates(self, table, alias, allowed=None, condition=""):
        """Selections and struct members of `_rows_count` and a few columns."""
        chosen = []
        if allowed is None and self.draw.chance(70):
            chosen.append(("_rows_count", f"'_rows_count': count(*){condition}"))
        data = TABLES[table]
        names = [n for n, kind in data.columns.items() if KINDS[kind].functions]
        for name in self.draw.some(names, 1, 2):
            chosen.append(self.column_aggregate(name, data.columns[name], alias, allowed, condition))
        if data.structures and self.draw.chance(20):
            chosen.append(self.structure_aggregate(table, alias, allowed, condition))
        if "facts" in data.columns and allowed is None and self.draw.chance(20):
            chosen.append(self.json_aggregate(alias, condition))
        return self.distinct_keys(chosen)

    def functions(self, kind, column, allowed, condition):
        functions = self.draw.some([f for f in KINDS[kind].functions if allowed is None or f in allowed], 1, 3)
        return "{ " + " ".join(functions) + " }", "{" + ", ".join(f"'{f}': {call(f, column, kind, condition)}" for f in functions) + "}"

    def column_aggregate(self, name, kind, alias, allowed, condition):
        column, key, prefix, argument = f"{alias}.{name}", *self.key(name), ""
        if kind in TIMES and self.draw.chance(30):
            unit = self.draw.pick(TRUNCATED[2:])
            argument, column = f"(bucket: {unit})", truncated(unit, column, kind)
        text, struct = self.functions(kind, column, allowed, condition)
        return f"{prefix}{name}{argument} {text}", f"'{key}': {struct}"

    def structure_aggregate(self, table, alias, allowed, condition):
        column, members = self.draw.pick(list(TABLES[table].structures.items()))
        member, kind = self.draw.pick([(m, kind) for m, kind in members.items() if isinstance(kind, str)])
        text, struct = self.functions(kind, f"{alias}.{column}.{member}", OF_ONE if kind == "Float" else allowed, condition)
        return f"{column} {{ {member} {text} }}", f"'{column}': {{'{member}': {struct}}}"

    def json_aggregate(self, alias, condition):
        function = self.draw.pick(list(JSON_FUNCTIONS))
        number = f"CASE WHEN json_type({alias}.facts, '$.rating') IN ('DOUBLE', 'BIGINT', 'UBIGINT') THEN CAST({alias}.facts->>'$.rating' AS DOUBLE) END"
        return f'facts {{ {function}(path: "rating") }}', f"'facts': {{'{function}': {JSON_FUNCTIONS[function]}({number}){condition}}}"

    def type(self, table):
        return f"_{TABLES[table].prefix}_{table}_aggregation"

    def aggregation(self):
        table, alias = self.draw.pick(ROOTS), self.alias()
        texts, where, sql_order = self.arguments(table, alias, [])
        rows, _ = self.distinct(table, alias, where, sql_order, texts)
        cut = self.cut(texts)
        source = f"({rows} ORDER BY {', '.join(sql_order)}{cut}) {alias}"
        fields, members = self.some_aggregates(table, alias)
        members = [self.scalar_member(m, source) for m in members]
        if TABLES[table].relations:
            for relation in self.draw.some(TABLES[table].relations, 0, 2):
                self.related_aggregate(relation, table, alias, source, fields, members)
        text = self.document.selection(self.type(table), fields)
        sql = f"SELECT to_json({{{', '.join(members)}}})::VARCHAR"
        return self.root(table, f"{table}_aggregation", texts, text, sql, True)

    @staticmethod
    def scalar_member(member, rest):
        name, expression = member.split(": ", 1)
        return f"{name}: (SELECT {expression} FROM {rest})"

    def related_aggregate(self, relation, table, alias, source, fields, members):
        target, child = relation.target, self.alias()
        where, arguments = "true", ""
        if relation.many and self.draw.chance(30):
            value, sql = self.filter(target, child, 1)
            where, arguments = sql_of(sql), f"(filter: {self.document.argument(f'{TABLES[target].prefix}_{target}_filter', value)})"
        rest = f"{source} JOIN {target} {child} ON {relation.on.format(child=child, parent=alias)} WHERE {where}"
        if relation.many and self.draw.chance(40):
            name = self.draw.pick([n for n, kind in TABLES[target].columns.items() if kind in ("Int", "Float")] or [None])
            if name:
                return self.aggregate_of_aggregates(relation, table, alias, name, arguments, rest, child, fields, members)
        selected, structs = self.some_aggregates(target, child, None if relation.many else OF_ONE)
        fields.append(f"{relation.field}{arguments} {self.document.selection(self.type(target), selected)}")
        members.append(f"'{relation.field}': (SELECT {{{', '.join(structs)}}} FROM {rest})")
        return None

    def aggregate_of_aggregates(self, relation, table, alias, name, arguments, rest, child, fields, members):
        inner, outer = self.draw.pick(SUB_FUNCTIONS), self.draw.some(SUB_FUNCTIONS, 1, 2)
        fields.append(f"{relation.field}_aggregation{arguments} {{ {name} {{ {inner} {{ {' '.join(outer)} }} }} }}")
        values = ", ".join(f"'{f}': {f}(v)" for f in outer)
        keys = ", ".join(f"{alias}.{k}" for k in TABLES[table].key)
        members.append(f"'{relation.field}_aggregation': (SELECT {{'{name}': {{'{inner}': {{{values}}}}}}} "
                       f"FROM (SELECT {inner}({child}.{name}) AS v FROM {rest} GROUP BY {keys}))")

    def related_values(self, relation, alias, child, fields, members, is_top):
        """Aggregates or buckets of the related rows of each parent row."""
        target = relation.target
        where, arguments = relation.on.format(child=child, parent=alias), []
        if self.draw.chance(40):
            value, sql = self.filter(target, child, 1)
            where += f" AND {sql_of(sql)}"
            arguments.append(f"filter: {self.document.argument(f'{TABLES[target].prefix}_{target}_filter', value)}")
        if self.draw.chance(40):
            return self.related_buckets(relation, child, where, arguments, fields, members)
        selected, structs = self.some_aggregates(target, child)
        key, prefix = self.key(f"{relation.field}_aggregation")
        given = f"({', '.join(arguments)})" if arguments else ""
        fields.append(f"{prefix}{relation.field}_aggregation{given} {self.document.selection(self.type(target), selected)}")
        members.append(f"'{key}': (SELECT CASE WHEN count(*) > 0 THEN {{{', '.join(structs)}}} END FROM {target} {child} WHERE {where})")
        if is_top and "_rows_count" in selected:
            self.sortable.append((f"{key}._rows_count", f"(SELECT nullif(count(*), 0) FROM {target} {child} WHERE {where})"))
        return None

    def related_buckets(self, relation, child, where, arguments, fields, members):
        target = relation.target
        selected, structs = self.some_aggregates(target, child)
        key_text, key_struct, groups = self.group_key(target, child, False)
        arguments.append("order_by: " + self.document.argument("[OrderByField]", [{"field": Leaf("String!", path)} for path, _ in groups if path]))
        key, prefix = self.key(f"{relation.field}_bucket_aggregation")
        fields.append(f"{prefix}{relation.field}_bucket_aggregation({', '.join(arguments)}) {{ key {{ {key_text} }} aggregations {{ {' '.join(selected)} }} }}")
        names = [f"g{i}" for i in range(len(groups))]
        inner = (f"SELECT {{'key': {key_struct}, 'aggregations': {{{', '.join(structs)}}}}} AS v, {', '.join(f'{g} AS {n}' for n, (_, g) in zip(names, groups))} "
                 f"FROM {target} {child} WHERE {where} GROUP BY {', '.join(g for _, g in groups)}")
        members.append(f"'{key}': (SELECT list(v ORDER BY {', '.join(f'{n} NULLS LAST' for n in names)}) FROM ({inner}))")

    def group_key(self, table, alias, forward=True):
        """Selections, struct members and group expressions of a key."""
        data, fields, members, groups = TABLES[table], [], [], []
        names = [n for n, kind in data.columns.items() if kind not in ("JSON", "Document", "Wild", "Real") and kind[0] != "["]
        for name in self.draw.some([n for n in names if n not in data.key] or names, 1, 2):
            kind, column = data.columns[name], f"{alias}.{name}"
            argument = ""
            if kind in TIMES and self.draw.chance(70):
                unit = self.draw.pick(TRUNCATED[2:])
                argument, column = f"(bucket: {unit})", truncated(unit, column, kind)
            fields.append(f"{name}{argument}")
            members.append(f"'{name}': {KINDS[kind].shown.format(column)}")
            groups.append((f"key.{name}", column))
        relation = next((r for r in data.relations if not r.many), None)
        if forward and relation and self.draw.chance(30):
            target = TABLES[relation.target]
            name = label_of(target)
            fields.append(f"{relation.field} {{ {name} }}")
            shown = KINDS[target.columns[name]].shown.format(f"f.{name}")
            members.append(f"'{relation.field}': CASE WHEN f.{target.key[0]} IS NOT NULL THEN {{'{name}': {shown}}} END")
            groups.append((f"key.{relation.field}.{name}", f"f.{name}"))
            groups += [(None, f"f.{k}") for k in target.key if k != name]
            self.forward = f" LEFT JOIN {relation.target} f ON {relation.on.format(child='f', parent=alias)}"
        return " ".join(fields), "{" + ", ".join(members) + "}", groups

    def buckets(self):
        table, alias = self.draw.pick(ROOTS), self.alias()
        data, self.forward = TABLES[table], ""
        value, condition = self.filter(table, alias, 2)
        texts = [f"filter: {self.document.argument(f'{data.prefix}_{table}_filter', value)}"]
        key, key_struct, groups = self.group_key(table, alias)
        order, sql_order = [], []
        fields, members = self.some_aggregates(table, alias)
        if "_rows_count" in fields and self.draw.chance(30):
            direction = self.draw.pick(["ASC", "DESC"])
            order.append({"field": Leaf("String!", "aggregations._rows_count"), "direction": Leaf("OrderDirection", direction, True)})
            sql_order.append(f"count(*) {direction}")
        number = next((n for n in ("price", "pages", "qty", "i32", "number", "id") if f"{n} {{" in " ".join(fields) and f"{n}(" not in " ".join(fields)), None)
        for function in ("sum", "max", "count"):
            if number and any(f.startswith(f"{number} {{") and f" {function} " in f for f in fields) and self.draw.chance(30):
                order.append({"field": Leaf("String!", f"aggregations.{number}.{function}")})
                sql_order.append(f"{call(function, f'{alias}.{number}', data.columns[number])} NULLS LAST")
        order += [{"field": Leaf("String!", path)} for path, _ in groups if path]
        sql_order += [f"{g} NULLS LAST" for _, g in groups]
        texts.append(f"order_by: {self.document.argument('[OrderByField]', order)}")
        cut = self.cut(texts) if all(path for path, _ in groups) else ""
        structs = [f"'key': {key_struct}", f"'aggregations': {{{', '.join(members)}}}"]
        selections = [f"key {{ {key} }}", "aggregations " + self.document.selection(self.type(table), fields)]
        for number in range(self.draw.pick([0, 0, 1, 2])):
            only, predicate = self.condition(table, alias)
            predicate = sql_of(predicate)
            chosen, filtered = self.some_aggregates(table, alias, None, f" FILTER (WHERE {predicate})")
            selections.append(f"some{number}: aggregations(filter: {self.document.argument(f'{data.prefix}_{table}_filter', only)}) " + self.document.selection(self.type(table), chosen))
            structs.append(f"'some{number}': CASE WHEN count(*) FILTER (WHERE {predicate}) > 0 THEN {{{', '.join(filtered)}}} END")
        sql = (f"SELECT to_json({{{', '.join(structs)}}})::VARCHAR FROM {table} {alias}{self.forward} WHERE {sql_of(condition)} "
               f"GROUP BY {', '.join(g for _, g in groups)} ORDER BY {', '.join(sql_order)}{cut}")
        return self.root(table, f"{table}_bucket_aggregation", texts, "{ " + " ".join(selections) + " }", sql, False)

    def kinds(self):
        return [*super().kinds(), self.aggregation, self.buckets]
