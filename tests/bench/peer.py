"""PostGraphile as a peer for side-by-side runs: fetched once from npm, run on a Node.js that it supports."""

import os
import pathlib
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests" / "gqltest"))
from node import free_port  # noqa: E402

PACKAGES = ["node@22.23.3", "postgraphile@5.1.5"]
START_SECONDS = 60


def folder():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "eider" / "postgraphile"
    if not (cache / "node_modules" / "postgraphile").exists():
        cache.mkdir(parents=True, exist_ok=True)
        print("fetching PostGraphile", flush=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(cache), *PACKAGES], check=True)
    return cache / "node_modules"


class PostGraphile:
    def __init__(self, dsn, log):
        modules = folder()
        self.port = free_port()
        command = [modules / ".bin" / "node", modules / "postgraphile" / "dist" / "cli-run.js", "--preset", "postgraphile/presets/amber",
                   "-c", dsn, "-n", "127.0.0.1", "-p", str(self.port)]
        environment = {**os.environ, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
        self.process = subprocess.Popen(command, cwd=modules.parent, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait()

    def wait(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/graphql", b'{"query":"{__typename}"}', {"Content-Type": "application/json"})
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(request, timeout=5).read()
                return
            except OSError:
                time.sleep(0.2)
        self.close()
        raise RuntimeError("PostGraphile did not start")

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
