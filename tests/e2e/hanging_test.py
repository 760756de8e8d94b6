"""A source whose server accepts connections and never says a word: whoever does not ask for it does not wait for it."""

import contextlib
import pathlib
import socket
import sys
import tempfile
import threading
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import cli_test  # noqa: E402

SECONDS = 3  # Far below what a connection waits.


class SilentServer:
    """Takes every connection and keeps it; a context manager."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self.socket.accept()[0])

    def __exit__(self, *_):
        self.socket.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


class HangingTest(unittest.TestCase):
    def check(self, kind, path):
        import duckdb
        with tempfile.TemporaryDirectory(prefix="eider_hanging_") as scratch, SilentServer() as server:
            folder = pathlib.Path(scratch)
            for name in ("own", "other"):
                with duckdb.connect(str(folder / f"{name}.duckdb")) as connection:
                    connection.execute("CREATE TABLE t (a INTEGER)")
            with cli_test.Node(folder) as node:
                node.insert("own", path=str(folder / "own.duckdb"))
                self.assertEqual(node.load("own"), (True, "Datasource was loaded"))
                node.insert("other", path=str(folder / "other.duckdb"), prefix="other")
                node.insert("silent", type=kind, path=path.format(port=server.port))
                outcome = []
                loading = threading.Thread(target=lambda: outcome.append(node.load("silent")))
                loading.start()
                deadline = time.monotonic() + SECONDS
                while not server.connections and time.monotonic() < deadline:
                    time.sleep(0.02)
                self.assertTrue(server.connections, "nobody connected")
                started = time.monotonic()
                self.assertEqual(node.ask("{ own { t { a } } }"), {"own": {"t": []}})
                self.assertEqual(node.load("other"), (True, "Datasource was loaded"))
                self.assertEqual(node.ask("{ other { t { a } } }"), {"other": {"t": []}})
                self.assertEqual(node.load("own"), (True, "Datasource was loaded"))
                self.assertEqual(node.unload("other"), (True, "Datasource was unloaded"))
                self.assertLess(time.monotonic() - started, SECONDS)
                self.assertEqual(outcome, [], "the load has not waited")
                server.__exit__()
                loading.join(60)
                self.assertFalse(outcome[0][0])

    def test_postgres(self):
        self.check("postgres", "postgres://u:p@127.0.0.1:{port}/db")

    def test_mysql(self):
        self.check("mysql", "mysql://u:p@127.0.0.1:{port}/db")

    def test_iceberg(self):
        self.check("iceberg", "iceberg+http://127.0.0.1:{port}/warehouse")


if __name__ == "__main__":
    unittest.main()
