"""A real PostgreSQL server for tests: its own data folder and port, nothing durable, gone at the end.

    with postgres.Server() as server:
        server.sql("CREATE TABLE t (id int PRIMARY KEY)")
        server.create_database("other")
        server.dsn("other")            # postgres://eider:eider@127.0.0.1:PORT/other

`python3 tests/support/postgres.py [--port PORT] [--database NAME] [--file FILE.sql …]` starts one, prints its DSN and
runs until it is interrupted.
"""
import argparse
import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from free_ports import free_port

USER = PASSWORD = "eider"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off",
        "max_connections": "60", "shared_buffers": "64MB", "timezone": "UTC", "log_timezone": "UTC"}


class Missing(Exception):
    """There is no PostgreSQL here."""


def binaries():
    """The folder of initdb and postgres, newest version first; EIDER_POSTGRES_BIN names another."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), reverse=True)
    for folder in [os.environ.get("EIDER_POSTGRES_BIN", "")] + found:
        if folder and os.path.exists(os.path.join(folder, "initdb")):
            return folder
    raise Missing("PostgreSQL is not installed; run ./x setup --all")


def is_installed():
    try:
        return bool(binaries())
    except Missing:
        return False


def unprivileged():
    """Arguments of subprocess that run a program as somebody who is not root: the server refuses to be root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        except KeyError:
            continue
    return {}


class Server:
    def __init__(self, port=None, settings=None):
        self.bin = binaries()
        self.port = port or free_port()
        self.settings = {**FAST, **(settings or {})}
        self.folder = tempfile.mkdtemp(prefix="eider-pg-")
        self.data = os.path.join(self.folder, "data")
        self.process = None
        self.identity = unprivileged()
        if self.identity:
            os.chown(self.folder, self.identity["user"], self.identity["group"])
        try:
            self._init()
            self.start()
        except BaseException:
            self.close()
            raise

    def _init(self):
        password = os.path.join(self.folder, "password")
        with open(password, "w", encoding="utf-8") as out:
            out.write(PASSWORD)
        if self.identity:
            os.chown(password, self.identity["user"], self.identity["group"])
        command = [os.path.join(self.bin, "initdb"), "-D", self.data, "-U", USER, "--pwfile", password, "--no-sync",
                   "--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **self.identity)
        if done.returncode != 0:
            raise RuntimeError("initdb failed: " + done.stderr)

    def start(self):
        """Starts the server; it answers when this returns."""
        command = [os.path.join(self.bin, "postgres"), "-D", self.data, "-p", str(self.port), "-k", self.folder,
                   "-c", "listen_addresses=127.0.0.1"]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, **self.identity)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("PostgreSQL did not start:\n" + self.log())
            if self._psql("SELECT 1", "postgres").returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError("PostgreSQL does not answer:\n" + self.log())

    def stop(self, how=signal.SIGINT):
        """Stops the server and keeps its data: SIGINT ends sessions, SIGQUIT is a crash."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)

    def freeze(self, frozen=True):
        """Makes the server hang with all its processes, or go on."""
        for process in [self.process.pid, *self._children()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP if frozen else signal.SIGCONT)

    def _children(self):
        for stat in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(stat, encoding="utf-8", errors="replace") as text:
                    parent = text.read().rsplit(")", 1)[1].split()[1]
            except OSError:
                continue
            if int(parent) == self.process.pid:
                yield int(stat.split("/")[2])

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as text:
            return text.read()

    def dsn(self, database="postgres", user=USER, password=PASSWORD):
        return f"postgres://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def _psql(self, sql, database):
        command = [os.path.join(self.bin, "psql"), "-h", self.folder, "-p", str(self.port), "-U", USER, "-d", database,
                   "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        return subprocess.run(command, input=sql, capture_output=True, text=True, check=False)

    def sql(self, sql, database="postgres"):
        """Runs statements and returns what they print, unaligned and without headings."""
        done = self._psql(sql, database)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout

    def run(self, sql, database="postgres"):
        """Begins statements that last, in a session of their own, and gives its process."""
        command = [os.path.join(self.bin, "psql"), "-h", self.folder, "-p", str(self.port), "-U", USER, "-d", database,
                   "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def create_database(self, name, sql=""):
        """Creates a database and runs `sql` in it; returns its DSN."""
        self.sql(f'CREATE DATABASE "{name}"')
        if sql:
            self.sql(sql, name)
        return self.dsn(name)


class Standby(Server):
    """A server that follows another one and takes no writes, until it is promoted."""

    def __init__(self, primary):
        self.primary = primary
        super().__init__(settings=primary.settings)

    def _init(self):
        command = [os.path.join(self.bin, "pg_basebackup"), "-D", self.data, "-d", self.primary.dsn(), "-R", "-X", "stream",
                   "-c", "fast", "--no-sync"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **self.identity)
        if done.returncode != 0:
            raise RuntimeError("pg_basebackup failed: " + done.stderr)

    def promote(self):
        self.sql("SELECT pg_promote()")


def main():
    parser = argparse.ArgumentParser(description="Runs a PostgreSQL server for tests.")
    parser.add_argument("--port", type=int)
    parser.add_argument("--database", default="postgres")
    parser.add_argument("--file", action="append", default=[])
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server(port=options.port) as server:
        if options.database != "postgres":
            server.create_database(options.database)
        for path in options.file:
            with open(path, encoding="utf-8") as text:
                server.sql(text.read(), options.database)
        print(server.dsn(options.database), flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
