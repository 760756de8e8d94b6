"""Random conditions, each as the filter's input object and as a predicate. A predicate of None is a condition that a read drops."""

from random_document import Leaf
from random_tables import JSON_CONDITIONS, KINDS, OPERATORS, TABLES


def all_of(predicates, joiner=" AND "):
    kept = [p for p in predicates if p is not None]
    return "(" + joiner.join(kept) + ")" if kept else None


def sql_of(predicate):
    return "true" if predicate is None else predicate


class Filters:
    """Needs `self.draw` and `self.alias()`."""

    def condition(self, table, alias, known=False):
        """One operator of one column; `known` asks for a column that is never null."""
        data = TABLES[table]
        names = [n for n in data.columns if n in data.required or not known]
        name = self.draw.pick(names)
        if data.structures and not known and self.draw.chance(15):
            return self.structure_condition(table, alias)
        if data.columns[name] in ("JSON", "Document"):
            inner, sql = self.draw.pick(JSON_CONDITIONS[name])
            return {name: {k: Leaf("JSON", v) if k == "contains" else v for k, v in inner.items()}}, sql.format(f"{alias}.{name}")
        operand, sql = self.operand(data.columns[name], f"{alias}.{name}", name not in data.required)
        return {name: operand}, sql

    def structure_condition(self, table, alias):
        column, members = self.draw.pick(list(TABLES[table].structures.items()))
        member = self.draw.pick([m for m, kind in members.items() if isinstance(kind, str)])
        operand, sql = self.operand(members[member], f"{alias}.{column}.{member}", True)
        return {column: {member: operand}}, sql

    def operand(self, name, column, nullable):
        kind = KINDS[name]
        operator = self.draw.pick(kind.operators)
        if nullable and self.draw.chance(4):
            return {operator: Leaf("Boolean" if operator == "is_null" else f"[{kind.type}!]" if operator == "in" or name[0] == "[" else kind.type, None)}, None
        if operator == "is_null":
            yes = self.draw.chance(50)
            return {operator: Leaf("Boolean!", yes)}, f"{column} IS {'' if yes else 'NOT '}NULL"
        if operator == "in" or name[0] == "[":
            return self.many_values(kind, operator, column, name[0] == "[")
        if operator in ("like", "ilike"):
            value, sql = self.draw.pick(kind.patterns)
            return {operator: Leaf("String!", value)}, f"{column} {operator.upper()} {sql}"
        value, sql = self.draw.pick(kind.values)
        return {operator: Leaf(kind.type + "!", value)}, f"{column} {OPERATORS[operator]} {sql}"

    def many_values(self, kind, operator, column, is_list):
        chosen = self.draw.some(kind.values, 1 if is_list else 0, 3)
        values = Leaf(f"[{kind.type}!]!", [v for v, _ in chosen])
        items = ", ".join(s for _, s in chosen)
        if not is_list:
            return {operator: values}, f"{column} IN ({items})" if chosen else "false"
        sql = {"eq": f"{column} = [{items}]", "contains": f"list_has_all({column}, [{items}])", "intersects": f"list_has_any({column}, [{items}])"}
        return {operator: values}, sql[operator]

    def related(self, table, alias, depth):
        relation = self.draw.pick(TABLES[table].relations)
        child = self.alias()
        value, sql = self.filter(relation.target, child, depth - 1)
        on = relation.on.format(child=child, parent=alias)
        if not relation.many:
            return {relation.field: value}, sql and f"EXISTS (FROM {relation.target} {child} WHERE {on} AND {sql})"
        quantifier = self.draw.pick(["any_of", "none_of", "all_of"])
        if sql is None:
            return {relation.field: {quantifier: value}}, None
        exists = f"EXISTS (FROM {relation.target} {child} WHERE {on}"
        conditions = {"any_of": f"{exists} AND {sql})", "none_of": f"NOT {exists} AND {sql})",
                      "all_of": f"({exists}) AND NOT {exists} AND NOT coalesce({sql}, false)))"}
        return {relation.field: {quantifier: value}}, conditions[quantifier]

    def filter(self, table, alias, depth):
        """An input object and a predicate."""
        members, predicates = {}, []
        for _ in range(self.draw.between(1, 2)):
            member, sql = self.part(table, alias, depth)
            if not set(member) & set(members):
                members |= member
                predicates.append(sql)
        return members, all_of(predicates)

    def part(self, table, alias, depth):
        kind = self.draw.below(100)
        if depth <= 0 or kind < 50:
            return self.condition(table, alias)
        if kind < 75 and TABLES[table].relations:
            return self.related(table, alias, depth)
        if kind < 85:
            value, sql = self.condition(table, alias, True)
            return {"_not": value}, sql and f"NOT ({sql})"
        inner = [self.filter(table, alias, depth - 1) for _ in range(self.draw.between(1, 3))]
        word, joiner = self.draw.pick([("_and", " AND "), ("_or", " OR ")])
        return {word: [value for value, _ in inner]}, all_of([sql for _, sql in inner], joiner)
