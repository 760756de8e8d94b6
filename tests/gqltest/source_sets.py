"""Source sets: folders of tests/graphql/data with a set.toml, DuckDB files built from SQL, SDL and plain files.

A set.toml lists [[source]] tables with the members of a data source; `database` names an SQL file from which a
DuckDB file is built, whose path becomes the source's `path`; `sqlite` names one for a SQLite file. `script` lists
SQL that is run in the scratch folder to write plain files below the `folders` listed. With `service = true` an HTTP service
of tests/support/web_service.py runs beside the node; `@{service}` is its URL.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import web_service  # noqa: E402

DATA = pathlib.Path(__file__).resolve().parent.parent / "graphql" / "data"
MEMBERS = ("name", "type", "prefix", "path", "description", "as_module", "read_only", "self_defined", "disabled")
BUILD_SECONDS = 120
BUILDER = """
import duckdb, sys
target, script, extensions = sys.argv[1], sys.argv[2], sys.argv[3]
settings = {"threads": 1, "extension_directory": extensions, "storage_compatibility_version": "latest"}
connection = duckdb.connect(target or ":memory:", config=settings)
connection.execute("SET TimeZone = 'UTC'")
connection.execute(open(script).read())
connection.close()
"""


def extension_folder():
    """The folder that ./x setup fills with the engine's extensions."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    return os.environ.get("EXTENSION_DIRECTORY", str(cache / "eider" / "extensions"))


def python_with_duckdb():
    """The interpreter of `x setup` if this one lacks the module."""
    try:
        import duckdb  # noqa: F401
        return sys.executable
    except ImportError:
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
        venv = cache / "eider" / "venv" / "bin" / "python"
        if not venv.exists():
            raise SystemExit("no Python module duckdb: run ./x setup") from None
        return str(venv)


def run_sql(script, folder, target=""):
    subprocess.run([python_with_duckdb(), "-c", BUILDER, str(target), str(script), extension_folder()], cwd=folder,
                   check=True, timeout=BUILD_SECONDS)


class Missing(Exception):
    """What a test needs is not installed here."""


class SourceSet:
    def __init__(self, name):
        self.folder = DATA / name
        self.description = tomllib.loads((self.folder / "set.toml").read_text())
        self.sources = self.description["source"]
        self.service = None

    @property
    def relational(self):
        return any("database" in source for source in self.sources)

    def address(self, name, scratch):
        """Type and path of a source over a database that was built."""
        return "duckdb", str(scratch / f"{name}.duckdb")

    def build(self, scratch, built):
        """Puts the set's files into `scratch`; `built` is a folder that keeps databases between servers."""
        if self.description.get("service"):
            self.service = web_service.Service().__enter__()
        for folder in self.description.get("folders", []):
            (scratch / folder).mkdir(exist_ok=True)
        for script in self.description.get("script", []):
            run_sql(self.folder / script, scratch)
        for source in self.sources:
            if "sqlite" in source:
                with contextlib.closing(sqlite3.connect(scratch / f"{source['name']}.sqlite")) as connection:
                    connection.executescript((self.folder / source["sqlite"]).read_text())
            if "database" in source:
                shutil.copy(self.built_database(source["database"], built), scratch / f"{source['name']}.duckdb")

    def close(self):
        if self.service:
            self.service.__exit__()

    def expand(self, text):
        return text.replace("@{service}", self.service.url) if self.service else text

    def built_database(self, name, built):
        script = self.folder / name
        target = built / f"{hashlib.sha256(script.read_bytes()).hexdigest()[:16]}.duckdb"
        if not target.exists():
            partial = target.with_suffix(f".{os.getpid()}.{id(self)}")
            run_sql(script, built, partial)
            partial.rename(target)
        return target

    def entries(self, scratch):
        """The members of each source as they are registered."""
        for source in self.sources:
            entry = {k: source[k] for k in MEMBERS if k in source}
            path = f"{source['name']}.sqlite" if "sqlite" in source else source.get("path", "")
            is_file = path and not path.startswith((":", "@"))
            entry["path"] = str(scratch / path) if is_file else self.expand(path)
            if "database" in source:
                entry["type"], entry["path"] = self.address(source["name"], scratch)
            entry["catalogs"] = [
                {"name": f"{source['name']}_{number}", "type": "uriFile", "path": str(self.folder / sdl)}
                for number, sdl in enumerate(source.get("sdl", []))]
            yield entry


def config_text(sets, scratch):
    """A configuration file; YAML in its JSON form."""
    return json.dumps({"sources": [entry for s in sets for entry in s.entries(scratch)]}, indent=1)
