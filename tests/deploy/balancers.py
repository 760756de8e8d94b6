"""The balancers of deploy/ with their own configuration files, where only addresses are exchanged for loopback ones."""

import pathlib
import re
import shutil
import subprocess

import harness

DEPLOY = harness.ROOT / "deploy"


def find(program):
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


class Balancer:
    """A running balancer; a context manager. `port` is where clients come in."""

    def __init__(self, folder):
        self.folder, self.port, self.process = pathlib.Path(folder), harness.free_port(), None
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self):
        raise NotImplementedError

    def __enter__(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        harness.wait_for("the balancer listens", self.is_listening, 10)
        return self

    def is_listening(self):
        if self.process.poll() is not None:
            raise AssertionError("the balancer ended: " + self.log())
        with harness.socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True

    def log(self):
        return (self.folder / "log").read_text(errors="replace")[-3000:]

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(harness.SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(harness.SECONDS)


class Nginx(Balancer):
    def __init__(self, folder, nodes):
        super().__init__(folder)
        text = (DEPLOY / "nginx.conf").read_text()
        servers = iter(nodes)

        def address(match):
            node = next(servers, None)
            return "" if node is None else f"server 127.0.0.1:{node.port}{match.group(1)}"
        text, count = re.subn(r"server [\w-]+:15000([^\n]*)", address, text)
        assert count >= len(nodes), "the sample names fewer nodes than the test has"
        text, count = re.subn(r"listen 80;", f"listen 127.0.0.1:{self.port};", text)
        assert count == 1
        (self.folder / "default.conf").write_text(text)
        paths = "".join(f"{kind}_temp_path {self.folder}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\npid {self.folder}/pid;\nerror_log stderr error;\nworker_processes 1;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{paths}include {self.folder}/default.conf;\n}}\n")

    def command(self):
        return [find("nginx"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]


class Haproxy(Balancer):
    def __init__(self, folder, nodes):
        super().__init__(folder)
        text = (DEPLOY / "haproxy.cfg").read_text()
        servers = iter(nodes)

        def address(match):
            node = next(servers, None)
            if node is None:
                return ""
            return f"server {match.group(1)} 127.0.0.1:{node.port} check port {node.service_port}"
        text, count = re.subn(r"server (\w+) [\w-]+:15000", address, text)
        assert count >= len(nodes)
        text, count = re.subn(r"bind :15000", f"bind 127.0.0.1:{self.port}", text)
        assert count == 1
        (self.folder / "haproxy.cfg").write_text(text)

    def command(self):
        return [find("haproxy"), "-f", str(self.folder / "haproxy.cfg"), "-db"]
