"""Source sets over PostgreSQL: the same tables and values as the DuckDB files, copied by postgres_copy.py.

A set.toml may say what differs there: `postgres` of a [[source]] names SQL that is run after the copy, `replace` in a table
[postgres] lists pairs of texts that are replaced in the SDL. Needs a server of tests/support/postgres.py.
"""

import pathlib
import subprocess
import sys
import threading

import source_sets

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import postgres  # noqa: E402


class Databases:
    """One server; a database of each build script is made once and cloned for each node. Owned by the run."""

    def __init__(self):
        try:
            self.server = postgres.Server()
        except postgres.Missing as problem:
            raise source_sets.Missing(str(problem)) from problem
        self.lock, self.templates, self.clones = threading.Lock(), {}, 0

    def clone(self, duckdb_file, script):
        """Returns the DSN of a fresh copy of the tables of `duckdb_file`, after `script` (SQL text) was run."""
        with self.lock:
            key = (duckdb_file.name, script)
            if key not in self.templates:
                name = f"built{len(self.templates)}"
                copied = subprocess.run([source_sets.python_with_duckdb(), str(HERE / "postgres_copy.py"), str(duckdb_file), source_sets.extension_folder()],
                                        check=True, capture_output=True, timeout=source_sets.BUILD_SECONDS).stdout.decode()
                self.server.create_database(name, copied + script)
                self.templates[key] = name
            self.clones += 1
            name = f"node{self.clones}"
            self.server.sql(f"CREATE DATABASE {name} TEMPLATE {self.templates[key]} STRATEGY file_copy")
            return self.server.dsn(name)

    def close(self):
        self.server.close()


class PostgresSet(source_sets.SourceSet):
    """A source set whose DuckDB databases are PostgreSQL databases; other sources stay what they are."""

    def __init__(self, name, databases):
        super().__init__(name)
        self.databases, self.paths = databases, {}
        self.replacements = self.description.get("postgres", {}).get("replace", [])

    def build(self, scratch, built):
        super().build(scratch, built)
        for source in self.sources:
            if "database" in source:
                script = (self.folder / source["postgres"]).read_text() if "postgres" in source else ""
                self.paths[source["name"]] = self.databases.clone(self.built_database(source["database"], built), script)

    def address(self, name, scratch):
        return "postgres", self.paths[name]

    def entries(self, scratch):
        for entry in super().entries(scratch):
            if entry["name"] in self.paths:
                entry["catalogs"] = [self.catalog(catalog, scratch) for catalog in entry["catalogs"]]
            yield entry

    def catalog(self, catalog, scratch):
        text = pathlib.Path(catalog["path"]).read_text()
        for old, new in self.replacements:
            text = text.replace(old, new)
        path = scratch / f"{catalog['name']}.graphql"
        path.write_text(text)
        return catalog | {"path": str(path)}
