"""Signs calls between nodes by another hand than Eider's own, from the text of the specification."""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time


def _hmac(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


def key_of(secret):
    extracted = _hmac(bytes(32), secret.encode())
    return _hmac(extracted, b"eider internal v1" + b"\x01")


def on_behalf_text(identity):
    return base64.b64encode(json.dumps(identity).encode()).decode()


def headers_of(secret, node, target, body, path="/ipc", method="POST", when=None, nonce=None, on_behalf=""):
    """The headers of a call. `when` is in milliseconds since 1970."""
    when = str(int(time.time() * 1000) if when is None else when)
    nonce = nonce or secrets.token_hex(16)
    covered = f"{on_behalf}\n{body}" if on_behalf else body
    digest = hashlib.sha256(covered.encode()).hexdigest()
    text = "\n".join([method, path, digest, node, target, when, nonce])
    headers = {"X-Eider-Node": node, "X-Eider-Target": target, "X-Eider-Time": when, "X-Eider-Nonce": nonce,
               "X-Eider-Signature": "v1=" + _hmac(key_of(secret), text.encode()).hex(),
               "Accept": "application/json", "Content-Type": "application/json"}
    return headers | ({"X-Eider-On-Behalf": on_behalf} if on_behalf else {})


def is_signed(secret, nonce, status, body, signature):
    """Whether an answer was signed for the call with `nonce`."""
    text = f"{status}\n{hashlib.sha256(body).hexdigest()}\n{nonce}"
    return signature == "v1=" + _hmac(key_of(secret), text.encode()).hex()


def send(port, headers, body, path="/ipc", method="POST"):
    """Sends a request as it is; gives status, headers in small letters, and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body.encode(), headers)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()
