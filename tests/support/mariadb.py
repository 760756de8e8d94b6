"""A MariaDB server for tests: a free port of 127.0.0.1 and a scratch folder, both gone at the end."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from free_ports import free_port

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"
SECONDS = 60


def available():
    return shutil.which("mariadbd", path=PATH) is not None


class MariaDb:
    """A context manager; `run` executes SQL as the server's own administrator."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="eider_mariadb_"))
        self.port = free_port()
        data, self.socket = self.folder / "data", self.folder / "socket"
        environment = {"PATH": PATH}
        owner = ["--user=root"] if os.getuid() == 0 else []
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
                        "--auth-root-authentication-method=normal", *owner], check=True, timeout=SECONDS,
                       capture_output=True, env=environment)
        self.log = open(self.folder / "log", "wb")
        self.command = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--port={self.port}",
                        "--bind-address=127.0.0.1", f"--socket={self.socket}", "--skip-log-bin",
                        f"--pid-file={self.folder / 'pid'}", *owner]
        self.start()
        return self

    def start(self):
        """Also after kill()."""
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log, env={"PATH": PATH})
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.ask("SELECT 1").returncode == 0:
                return
            time.sleep(0.1)
        self.stop()
        raise AssertionError("MariaDB did not come up")

    def __exit__(self, *_):
        self.stop()

    def ask(self, sql):
        user = ["--user=root"]
        return subprocess.run(["mariadb", "--no-defaults", *user, f"--socket={self.socket}"], input=sql, text=True,
                              capture_output=True, timeout=SECONDS, env={"PATH": PATH})

    def run(self, sql):
        result = self.ask(sql)
        assert result.returncode == 0, result.stderr

    def kill(self):
        self.process.kill()
        self.process.wait(SECONDS)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(SECONDS)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
