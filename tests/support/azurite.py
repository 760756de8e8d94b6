"""Azure's storage emulator Azurite with an account of its own, in memory, on a free port of 127.0.0.1."""

import base64
import datetime
import email.utils
import hashlib
import hmac
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

from free_ports import free_port

MAIN = pathlib.Path(__file__).resolve().parent.parent / "azurite/node_modules/azurite/dist/src/blob/main.js"
SECONDS = 60
VERSION = "2021-08-06"  # Of the protocol.


def available():
    return shutil.which("node") is not None and MAIN.exists()


class Azurite:
    def __init__(self, account="eiderstore", certificate=None, certificate_key=None):
        """With the files of a certificate and its key it speaks HTTPS."""
        self.account, self.key = account, base64.b64encode(os.urandom(64)).decode()
        self.port = free_port()
        self.endpoint, self.scheme, secure, self.trust = f"127.0.0.1:{self.port}", "http", [], None
        if certificate:
            self.scheme, secure = "https", ["--cert", str(certificate), "--key", str(certificate_key)]
            self.trust = ssl.create_default_context(cafile=certificate)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="eider_azurite_"))
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            ["node", str(MAIN), "--blobHost", "127.0.0.1", "--blobPort", str(self.port),
             "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", *secure],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={"PATH": os.environ["PATH"], "AZURITE_ACCOUNTS": f"{account}:{self.key}"})
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        text = (self.folder / "log").read_text(errors="replace")[-2000:]
        self.close()
        raise RuntimeError(f"Azurite did not start: {text}")

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def signed(self, text):
        return base64.b64encode(hmac.new(base64.b64decode(self.key), text.encode(), hashlib.sha256).digest()).decode()

    def _put(self, path, query, body, headers):
        """https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key"""
        headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": VERSION} | headers
        lines = ["PUT", "", "", str(len(body) or ""), "", "application/octet-stream", "", "", "", "", "", ""]
        lines += [f"{name}:{headers[name]}" for name in sorted(headers)]
        # The emulator has the account in the path as well.
        lines += [f"/{self.account}/{self.account}{path}"] + [f"{name}:{value}" for name, value in sorted(query.items())]
        headers |= {"Content-Type": "application/octet-stream",
                    "Authorization": f"SharedKey {self.account}:" + self.signed("\n".join(lines))}
        url = f"{self.scheme}://{self.endpoint}/{self.account}{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(url, body, headers, method="PUT")
        urllib.request.urlopen(request, timeout=SECONDS, context=self.trust).close()

    def create_container(self, name, public=False):
        self._put(f"/{name}", {"restype": "container"}, b"", {"x-ms-blob-public-access": "container"} if public else {})

    def put(self, container, name, content):
        self._put(f"/{container}/{name}", {}, content, {"x-ms-blob-type": "BlockBlob"})

    def signature(self):
        """A shared access signature: who has it may read and list the account's blobs for an hour."""
        ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines = [self.account, "rl", "b", "sco", "", ends, "", "", "2020-08-04", ""]
        return urllib.parse.urlencode({"sv": "2020-08-04", "ss": "b", "srt": "sco", "sp": "rl", "se": ends,
                                       "sig": self.signed("\n".join(lines))})
