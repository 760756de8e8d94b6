"""Who comes in, against the real binary: keys, tokens of PyJWT, a key set behind HTTP, an OpenID provider, and attacks as data."""

import base64
import contextlib
import datetime
import hashlib
import hmac
import http.client
import http.server
import json
import pathlib
import re
import signal
import socket
import string
import sys
import tempfile
import threading
import time
import unittest

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import cli_test  # noqa: E402

ME = "{ function { core { auth { me { user_id user_name role auth_type auth_provider impersonated_by_user_role } } } } }"
SECRET = "the-secret-key-of-this-test"
ISSUER = "https://id.example.net"
KEY, OTHER_KEY = "grafana-key-0123456789abcdef", "reports-key-0123456789abcdef"

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
EC384 = ec.generate_private_key(ec.SECP384R1())
EC521 = ec.generate_private_key(ec.SECP521R1())
ED = ed25519.Ed25519PrivateKey.generate()


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "id.example.net")])
    now = datetime.datetime.now(datetime.timezone.utc)
    hashed = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashed))
    return made.public_bytes(serialization.Encoding.PEM).decode()


def jwk(key, kid, algorithm):
    made = jwt.algorithms.get_default_algorithms()[algorithm].to_jwk(key.public_key(), as_dict=True)
    return {**made, "kid": kid, "use": "sig", "alg": algorithm}


def claims(**changes):
    now = int(time.time())
    made = {"iss": ISSUER, "aud": "eider", "sub": "u17", "name": "Ada", "x-hugr-role": "public", "tenant": "acme",
            "exp": now + 300, "iat": now}
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider:
    """A small HTTP server with a key set, an OpenID configuration and a userinfo endpoint; counts what is asked."""

    def __init__(self):
        self.keys, self.asked, self.broken, self.users = [], {}, False, {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked[self.path] = outer.asked.get(self.path, 0) + 1
                body = None if outer.broken else outer.answer(self.path, self.headers.get("authorization", ""))
                self.send_response(200 if body is not None else 503)
                data = json.dumps(body or {}).encode()
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path, authorization):
        if path == "/keys":
            return {"keys": self.keys}
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": self.url + "/keys", "userinfo_endpoint": self.url + "/userinfo"}
        return self.users.get(authorization.removeprefix("Bearer ")) if path == "/userinfo" else None

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class IdentityTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="eider-identity-")))

    def provider(self):
        return self.stack.enter_context(contextlib.closing(Provider()))

    def node(self, auth=None, **environment):
        if auth is not None:
            (self.folder / "auth.json").write_text(json.dumps(auth))
            environment["AUTH_CONFIG_FILE"] = str(self.folder / "auth.json")
        return self.stack.enter_context(cli_test.Node(self.folder, {}, **environment))

    def send(self, node, headers=(), query=ME, path="/query", method="POST"):
        """Status, headers and text of one request over a connection of its own; headers may repeat."""
        body = json.dumps({"query": query}).encode()
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        with socket.create_connection(("127.0.0.1", node.port), timeout=cli_test.SECONDS) as client:
            client.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}"
                           f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            response = http.client.HTTPResponse(client)
            response.begin()
            return response.status, response.headers, response.read().decode()

    def me(self, node, *headers):
        status, _, text = self.send(node, headers)
        self.assertEqual(status, 200, text)
        return json.loads(text)["data"]["function"]["core"]["auth"]["me"]

    def bearer(self, token):
        return "Authorization", "Bearer " + token

    def refused(self, node, *headers, status=401, text="unauthorized"):
        got, answer, body = self.send(node, headers)
        self.assertEqual(got, status, body)
        self.assertTrue(answer["X-Eider-Error-Code"])
        if status == 401:
            self.assertEqual((body, answer["WWW-Authenticate"]), (text, "Bearer"))

    # --- keys ---

    def test_secret_key(self):
        node = self.node(SECRET_KEY=SECRET)
        self.refused(node)
        self.assertEqual(self.me(node, ("X-Hugr-Secret-Key", SECRET)),
                         {"user_id": "api", "user_name": "api", "role": "admin", "auth_type": "apiKey",
                          "auth_provider": "x-hugr-secret", "impersonated_by_user_role": None})
        got = self.me(node, ("x-hugr-secret-key", SECRET), ("x-hugr-role", "public"), ("x-hugr-user-id", "7"),
                      ("x-hugr-user-name", "Bo"))
        self.assertEqual((got["role"], got["user_id"], got["user_name"]), ("public", "7", "Bo"))

    def test_secret_key_of_a_file(self):
        (self.folder / "secret").write_text(SECRET + "\n")
        node = self.node(SECRET_KEY_FILE=str(self.folder / "secret"))
        self.assertEqual(self.me(node, ("x-hugr-secret-key", SECRET))["role"], "admin")

    def test_static_keys(self):
        node = self.node({"api_keys": {
            "grafana": {"key": KEY, "default_role": "readonly", "allowed_roles": ["readonly", "public"],
                        "headers": {"role": "x-hugr-role", "user-id": "x-hugr-user-id", "user_name": "x-hugr-user-name"}},
            "plain": {"key-sha256": hashlib.sha256(OTHER_KEY.encode()).hexdigest(), "header": "X-Reports-Key"}}})
        got = self.me(node, ("x-hugr-api-key", KEY))
        self.assertEqual((got["role"], got["user_id"], got["auth_type"], got["auth_provider"]),
                         ("readonly", "api", "apiKey", "grafana"))
        got = self.me(node, ("Authorization", "ApiKey " + KEY), ("x-hugr-role", "public"), ("x-hugr-user-id", "u1"))
        self.assertEqual((got["role"], got["user_id"]), ("public", "u1"))
        self.assertEqual(self.me(node, ("x-reports-key", OTHER_KEY))["role"], "public")
        self.refused(node, ("x-hugr-api-key", KEY), ("x-hugr-role", "admin"), text="forbidden")
        self.refused(node, ("x-hugr-api-key", "unknown"), text="forbidden")

    def test_impersonation(self):
        node = self.node({"api_keys": {"k": {"key": KEY, "default_role": "public"}}}, SECRET_KEY=SECRET)
        got = self.me(node, ("x-hugr-secret-key", SECRET), ("x-hugr-impersonated-role", "readonly"),
                      ("x-hugr-impersonated-user-id", "u5"), ("x-hugr-impersonated-user-name", "Eve"))
        self.assertEqual(got, {"user_id": "u5", "user_name": "Eve", "role": "readonly", "auth_type": "impersonation",
                               "auth_provider": "x-hugr-secret", "impersonated_by_user_role": "admin"})
        status, _, text = self.send(node, [("x-hugr-api-key", KEY), ("x-hugr-impersonated-role", "readonly")])
        self.assertEqual((status, json.loads(text)),
                         (403, {"errors": [{"message": 'role "public" is not authorized to impersonate: forbidden'}]}))
        status, _, text = self.send(node, [("x-hugr-secret-key", SECRET), ("x-hugr-impersonated-role", "x")])
        self.assertEqual((status, json.loads(text)), (403, {"errors": [
            {"message": 'impersonation failed: target role "x" not found: forbidden'}]}))

    # --- tokens ---

    def test_algorithms(self):
        secret = "0123456789abcdef0123456789abcdef"
        keys = {"RS": RSA, "PS": RSA, "ES256": EC, "ES384": EC384, "ES512": EC521, "EdDSA": ED}
        auth = {"jwt": {name.lower(): {"issuer": name, "audience": "eider", "public_key": pem(key)} for name, key in keys.items()}}
        auth["jwt"]["hs"] = {"issuer": "HS", "audience": "eider", "hs_secret": secret}
        node = self.node(auth)
        for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256",
                     "HS384", "HS512"):
            issuer = name if name in keys else name[:2]
            token = jwt.encode(claims(iss=issuer), keys.get(issuer, secret), algorithm=name)
            got = self.me(node, self.bearer(token))
            self.assertEqual((got["user_id"], got["auth_type"], got["auth_provider"]), ("u17", "jwt", issuer), name)

    def test_forms_of_public_keys(self):
        ssh = RSA.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
        pkcs1 = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1).decode()
        ssh_ec = EC.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
        ssh_ed = ED.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
        forms = {"pkix": (pem(RSA), RSA, "RS256"), "pkcs1": (pkcs1, RSA, "RS256"), "ssh": (ssh, RSA, "PS256"),
                 "ssh_ec": (ssh_ec, EC, "ES256"), "ssh_ed": (ssh_ed + " ada@example", ED, "EdDSA"),
                 "base64": (base64.b64encode(pem(EC).encode()).decode(), EC, "ES256")}
        forms |= {"certificate": (certificate(RSA), RSA, "RS512"), "certificate_ec": (certificate(EC), EC, "ES256"),
                  "certificate_base64": (base64.b64encode(certificate(ED).encode()).decode(), ED, "EdDSA")}
        node = self.node({"jwt": {name: {"issuer": name, "public_key": form[0]} for name, form in forms.items()}})
        for name, (_, key, algorithm) in forms.items():
            self.assertEqual(self.me(node, self.bearer(jwt.encode(claims(iss=name), key, algorithm=algorithm)))["role"],
                             "public", name)
        self.refused(node, self.bearer(jwt.encode(claims(iss="certificate"), OTHER, algorithm="RS512")))

    def test_settings_of_a_login_page_that_there_is_not(self):
        for name, value in (("OIDC_CLIENT_SECRET", "a-secret-of-the-client"), ("OIDC_SCOPES", "openid offline_access")):
            ended = cli_test.run("serve", env={"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": "eider", name: value, "BIND": "127.0.0.1:0"},
                                 cwd=self.folder)
            self.assertNotEqual(ended.returncode, 0)
            self.assertIn(name, ended.stdout + ended.stderr)
            self.assertNotIn("a-secret-of-the-client", ended.stdout + ended.stderr)
        node = self.node({"redirect_login_paths": ["/admin"], "login_url": "https://portal.example.net/login"}, OIDC_ISSUER=ISSUER,
                         OIDC_CLIENT_ID="eider", OIDC_REDIRECT_URL="https://data.example.net/back")
        status, headers, _ = self.send(node, path="/admin")
        self.assertEqual((status, headers["Location"]),
                         (302, "https://portal.example.net/login?redirect_uri=https%3A%2F%2Fdata.example.net%2Fadmin"))

    def test_claims_scopes_and_cookie(self):
        node = self.node({"jwt": {"p": {
            "issuer": ISSUER, "audience": ["eider"], "public_key": pem(RSA), "cookie_name": "portal_session",
            "claims": {"role": "realm.access.role", "user_id": "sub", "user_name": "name"}}}})
        token = jwt.encode(claims(realm={"access": {"role": "readonly"}}, sub="42"), RSA, algorithm="RS256")
        self.assertEqual(self.me(node, self.bearer(token))["role"], "readonly")
        self.assertEqual(self.me(node, ("Cookie", "a=b; portal_session=" + token))["user_id"], "42")
        literal = jwt.encode(claims(**{"realm.access.role": "public", "realm": {"access": {"role": "readonly"}}}), RSA,
                             algorithm="RS256")
        self.assertEqual(self.me(node, self.bearer(literal))["role"], "public")
        scoped = jwt.encode(claims(scope="openid hugr:public hugr:readonly"), RSA, algorithm="RS256")
        self.assertEqual(self.me(node, self.bearer(scoped))["role"], "public")
        self.assertEqual(self.me(node, self.bearer(scoped), ("x-hugr-role", "readonly"))["role"], "readonly")
        self.assertEqual(self.me(node, self.bearer(scoped), ("x-hugr-role", "admin"))["role"], "public")
        payload = json.dumps({**claims(realm={"access": {"role": "public"}}), "sub": 17}).encode()
        number = b64(b'{"alg":"RS256"}') + "." + b64(payload)
        signature = jwt.algorithms.get_default_algorithms()["RS256"].sign(number.encode(), RSA)
        self.assertEqual(self.me(node, self.bearer(number + "." + b64(signature)))["user_id"], "17")
        self.assertEqual(self.send(node, [("Cookie", "portal_session=")])[0], 401)

    def test_key_set_is_fetched_once_and_renewed_for_new_keys(self):
        provider = self.provider()
        provider.keys = [jwk(RSA, "one", "RS256")]
        node = self.node({"jwt": {"p": {"issuer": ISSUER, "audience": ["eider"], "jwks_url": provider.url + "/keys"}}})
        for user in range(5):
            token = jwt.encode(claims(sub=str(user)), RSA, algorithm="RS256", headers={"kid": "one"})
            self.assertEqual(self.me(node, self.bearer(token))["user_id"], str(user))
        self.assertEqual(provider.asked["/keys"], 1)
        for attempt in range(5):
            token = jwt.encode(claims(sub=str(attempt)), EC, algorithm="ES256", headers={"kid": f"unknown{attempt}"})
            self.refused(node, self.bearer(token))
        self.assertLessEqual(provider.asked["/keys"], 2)
        provider.broken = True
        token = jwt.encode(claims(sub="later"), RSA, algorithm="RS256", headers={"kid": "one"})
        self.assertEqual(self.me(node, self.bearer(token))["user_id"], "later")

    def test_openid_provider(self):
        provider = self.provider()
        provider.keys = [jwk(RSA, "one", "RS256")]
        provider.users = {"opaque-token": {"sub": "u9", "name": "Zoe", "x-hugr-role": "readonly"}}
        node = self.node(OIDC_ISSUER=provider.url, OIDC_CLIENT_ID="eider", OIDC_USERINFO="true")
        token = jwt.encode(claims(iss=provider.url), RSA, algorithm="RS256", headers={"kid": "one"})
        got = self.me(node, self.bearer(token))
        self.assertEqual((got["user_id"], got["auth_type"], got["auth_provider"]), ("u17", "oidc", "oidc"))
        self.refused(node, self.bearer(jwt.encode(claims(iss=provider.url, aud="x"), RSA, algorithm="RS256",
                                                  headers={"kid": "one"})))
        for _ in range(3):
            self.assertEqual(self.me(node, self.bearer("opaque-token"))["user_name"], "Zoe")
        self.assertEqual(provider.asked["/userinfo"], 1)
        self.refused(node, self.bearer("another-opaque-token"))
        status, _, text = self.send(node, path="/auth/config", method="GET")
        self.assertEqual((status, json.loads(text)), (200, {"issuer": provider.url, "client_id": "eider"}))

    def test_openid_provider_that_is_away(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{closed.getsockname()[1]}"
            node = self.node(OIDC_ISSUER=url, OIDC_CLIENT_ID="eider", SECRET_KEY=SECRET)
            token = jwt.encode(claims(iss=url), RSA, algorithm="RS256")
            self.refused(node, self.bearer(token), text="identity provider unavailable")
            self.assertEqual(self.me(node, ("x-hugr-secret-key", SECRET))["role"], "admin")

    # --- keys of the core database, and what is stored ---

    def admin(self, node, query):
        status, _, text = self.send(node, [("x-hugr-secret-key", SECRET)], query)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def data(self, node, query):
        answer = self.admin(node, query)
        self.assertNotIn("errors", answer)
        return answer["data"]["core"]

    def core_node(self, **environment):
        return self.node(SECRET_KEY=SECRET, ALLOW_MANAGED_API_KEYS="true", CORE_DB_PATH="core.duckdb", AUTH_FAIL_LIMIT="0",
                         **environment)

    def stored(self):
        return b"".join(path.read_bytes() for path in self.folder.glob("core.duckdb*"))

    def test_managed_keys(self):
        node = self.core_node()
        insert = 'mutation { core { insert_api_keys(data: {name: "a", description: "", default_role: "readonly"%s}) { name key key_hint } } }'
        made = self.data(node, insert % "")["insert_api_keys"]
        key = made["key"]
        self.assertRegex(key, r"^eid_[A-Za-z0-9_-]{43}$")
        self.assertEqual(made["key_hint"], key[-4:])
        self.assertEqual(self.data(node, "{ core { api_keys { key created_at } } }")["api_keys"][0]["key"], "****" + key[-4:])
        got = self.me(node, ("x-hugr-api-key", key))
        self.assertEqual((got["role"], got["auth_type"], got["auth_provider"], got["user_id"]),
                         ("readonly", "db-api-key", "managed-api-keys", "anonymous"))
        self.assertEqual(self.me(node, ("Authorization", "ApiKey " + key))["role"], "readonly")
        self.refused(node, ("x-hugr-api-key", key + "x"), text="forbidden")
        self.assertEqual(self.data(node, '{ core { api_keys_by_key(key: "%s") { name } } }' % key)["api_keys_by_key"]["name"], "a")
        self.assertIsNone(self.data(node, '{ core { api_keys_by_key(key: "another-long-key") { name } } }')["api_keys_by_key"])
        for operator, value in (("like", '"%"'), ("in", '["a"]'), ("regex", '"."')):
            answer = self.admin(node, "{ core { api_keys(filter: {key: {%s: %s}}) { name } } }" % (operator, value))
            self.assertEqual(answer["errors"][0]["message"], "api key can only be compared by eq")
        for query in ('{ core { api_keys(order_by: [{field: "key"}]) { name } } }',
                      "{ core { api_keys_aggregation { key { max } } } }"):
            self.assertIn("errors", self.admin(node, query), query)
        answer = self.admin(node, insert.replace('"a"', '"b"') % ', key: "too-short"')
        self.assertIn("api key is too short", answer["errors"][0]["message"])

    def test_managed_keys_change(self):
        node = self.core_node()
        first, second = "first-key-0123456789abcdef", "second-key-0123456789abcdef"
        self.data(node, 'mutation { core { insert_api_keys(data: {name: "a", description: "", key: "%s", default_role: "public", '
                        'headers: {role: "x-hugr-role"}, claims: {user_id: "u1", region: "north"}}) { key } } }' % first)
        self.assertEqual(self.me(node, ("x-hugr-api-key", first))["user_id"], "u1")
        self.assertEqual(self.me(node, ("x-hugr-api-key", first), ("x-hugr-role", "readonly"))["role"], "readonly")
        self.refused(node, ("x-hugr-api-key", first), ("x-hugr-role", "admin"), text="forbidden")
        update = 'mutation { core { update_api_keys(filter: {name: {eq: "a"}}, data: {%s}) { affected_rows } } }'
        self.data(node, update % f'key: "{second}", grace: "1h"')
        for key in (first, second):
            self.assertEqual(self.me(node, ("x-hugr-api-key", key))["user_id"], "u1")
        self.data(node, update % f'key: "{first}"')
        self.refused(node, ("x-hugr-api-key", second), text="forbidden")
        self.data(node, update % "is_temporal: true")
        self.refused(node, ("x-hugr-api-key", first), text="token expired")
        self.data(node, update % 'expires_at: "2999-01-01T00:00:00Z"')
        self.assertEqual(self.me(node, ("x-hugr-api-key", first))["user_id"], "u1")
        self.data(node, update % "disabled: true")
        self.refused(node, ("x-hugr-api-key", first), text="forbidden")
        self.data(node, update % "disabled: false")
        self.assertEqual(self.me(node, ("x-hugr-api-key", first))["user_id"], "u1")
        self.data(node, 'mutation { core { delete_api_keys(filter: {name: {eq: "a"}}) { affected_rows } } }')
        self.refused(node, ("x-hugr-api-key", first), text="forbidden")

    def test_nothing_readable_is_stored(self):
        password, key = "pass-4711-word", "stored-key-0123456789abcdef"
        path = f"postgres://ada:{password}@db.example/x?sslmode=require"
        first = self.folder / "first"
        with contextlib.ExitStack() as stack:
            node = stack.enter_context(cli_test.Node(self.folder, {}, SECRET_KEY=SECRET, ALLOW_MANAGED_API_KEYS="true",
                                                     CORE_DB_PATH="core.duckdb"))
            insert = ('mutation { core { insert_data_sources(data: {name: "s", type: "postgres", prefix: "", path: "%s"%s}) '
                      '{ name path } insert_api_keys(data: {name: "k", description: "", key: "%s"}) { name } } }')
            nested = ', catalogs: [{name: "c", type: "uriFile", path: "https://u:%s@h/f.graphql?token=%s"}]' % (password, password)
            got = self.data(node, insert % (path, nested, key))["insert_data_sources"]
            self.assertEqual(got["path"], path.replace(password, "***"))
            self.assertEqual(self.data(node, "{ core { catalog_sources { path } } }")["catalog_sources"][0]["path"],
                             "https://u:***@h/f.graphql?token=***")
            update = 'mutation { core { update_data_sources(filter: {name: {eq: "s"}}, data: {%s}) { affected_rows } } }'
            self.data(node, update % 'path: "postgres://ada:***@other.example/x"')
            answer = self.admin(node, update % 'path: "host=h password=***"')
            self.assertIn("redacted value cannot be stored", answer["errors"][0]["message"])
            self.data(node, update % 'name: "t"')
            self.assertEqual(self.data(node, "{ core { data_sources { name path } } }")["data_sources"],
                             [{"name": "t", "path": "postgres://ada:***@other.example/x"}])
            load = 'mutation { function { core { load_data_source(name: "t") { success message } } } }'
            text = self.send(node, [("x-hugr-secret-key", SECRET)], load)[2]
            self.assertIn('"success":false', text)
            self.assertNotIn(password, text)
        stored = self.stored() + (self.folder / "node.log").read_bytes()
        for secret in (password, key, SECRET):
            self.assertNotIn(secret.encode(), stored)
        self.assertEqual((self.folder / "eider.key").stat().st_mode & 0o777, 0o600)
        first.write_bytes((self.folder / "eider.key").read_bytes())
        (self.folder / "eider.key").unlink()
        ended = cli_test.run("serve", env={"CORE_DB_PATH": "core.duckdb", "BIND": "127.0.0.1:0"}, cwd=self.folder)
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn("core encryption key does not match", ended.stdout + ended.stderr)
        (self.folder / "eider.key").write_bytes(first.read_bytes())
        node = self.core_node()
        self.assertEqual(self.me(node, ("x-hugr-secret-key", SECRET), ("x-hugr-role", "public"))["role"], "public")

    # --- roles and endpoints ---

    def test_roles_are_looked_up(self):
        node = self.core_node()
        self.data(node, 'mutation { core { insert_roles(data: {name: "narrow", description: "", permissions: ['
                        '{type_name: "_endpoints", field_name: "/jq-query", disabled: true}]}) { name } } }')
        narrow = [("x-hugr-secret-key", SECRET), ("x-hugr-role", "narrow")]
        self.assertEqual(self.send(node, narrow)[0], 200)
        for path in ("/jq-query", "//jq-query", "/%6aq-query", "/x/../jq-query"):
            status, headers, text = self.send(node, narrow, path=path)
            self.assertEqual((status, json.loads(text)), (403, {"errors": [{"message": "forbidden"}]}), path)
            self.assertEqual(headers["X-Eider-Error-Code"], "FORBIDDEN")
        self.data(node, 'mutation { core { update_roles(filter: {name: {eq: "narrow"}}, data: {disabled: true}) { affected_rows } } }')
        self.assertEqual(self.send(node, narrow)[0], 403)

    # --- attacks ---

    def hostile_token(self, case):
        header = {"alg": "RS256", "typ": "JWT", **case.get("header", {})}
        if header.get("jwk") == "${other_jwk}":
            header["jwk"] = jwk(OTHER, "x", "RS256")
        made = claims(**case.get("claims", {}))
        for name, value in list(made.items()):
            if isinstance(value, str) and re.fullmatch(r"[+-]\d+", value):
                made[name] = int(time.time()) + int(value)
            if isinstance(value, str) and value.startswith("@"):
                made[name] = "x" * int(value[1:])
        payload = json.dumps(made)
        if case.get("twice"):
            payload = payload[:-1] + ', "x-hugr-role": "admin"}'
        header = {name: value for name, value in header.items() if value is not None}
        text = b64(json.dumps(header).encode()) + "." + b64(payload.encode())
        algorithms = jwt.algorithms.get_default_algorithms()
        der = RSA.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

        def hs(secret):
            return hmac.new(secret, text.encode(), hashlib.sha256).digest()

        sign = case["sign"]
        if sign == "none":
            return text + "."
        if sign == "padded":
            return text + "." + base64.urlsafe_b64encode(algorithms["RS256"].sign(text.encode(), RSA)).decode()
        if sign == "fourth":
            return text + "." + b64(algorithms["RS256"].sign(text.encode(), RSA)) + ".x"
        signature = {"rsa": lambda: algorithms["RS256"].sign(text.encode(), RSA),
                     "rsa512": lambda: algorithms["RS512"].sign(text.encode(), RSA),
                     "other": lambda: algorithms["RS256"].sign(text.encode(), OTHER),
                     "other_claims": lambda: algorithms["RS256"].sign(text.encode() + b"x", RSA),
                     "hs_public_pem": lambda: hs(pem(RSA).encode()), "hs_public_der": lambda: hs(der),
                     "hs_empty": lambda: hs(b"")}[sign]()
        return text + "." + b64(signature)

    def test_no_attack_succeeds(self):
        auth = {"api_keys": {"grafana": {"key": KEY, "default_role": "public", "allowed_roles": ["public"],
                                         "headers": {"role": "x-hugr-role"}},
                             "reports": {"key": OTHER_KEY, "header": "x-reports-key"}},
                "jwt": {"p": {"issuer": ISSUER, "audience": ["eider"], "public_key": pem(RSA), "algorithms": ["RS256"],
                              "cookie_name": "portal_session", "required_claims": {"tenant": "acme"}}}}
        node = self.node(auth, SECRET_KEY=SECRET, ALLOWED_ANONYMOUS="true", ANONYMOUS_ROLE="public", AUTH_FAIL_LIMIT="0")
        good = jwt.encode(claims(), RSA, algorithm="RS256")
        self.assertEqual(self.me(node, self.bearer(good))["user_id"], "u17")
        self.assertEqual(self.me(node)["auth_type"], "anonymous")
        values = {"secret": SECRET, "key": KEY, "other_key": OTHER_KEY, "good": good,
                  "key_digest": hashlib.sha256(KEY.encode()).hexdigest()}
        cases = json.loads((HERE / "hostile_identity.json").read_text())
        self.assertGreaterEqual(len(cases), 30)
        for case in cases:
            headers = [(name, string.Template(value).substitute(values)) for name, value in case.get("headers", [])]
            if "token" in case:
                headers.append(self.bearer(self.hostile_token(case["token"])))
            with self.subTest(case["name"]):
                status, answer, text = self.send(node, headers)
                self.assertEqual(status, case.get("status", 401), text)
                self.assertNotIn('"data"', text)
                self.assertTrue(answer["X-Eider-Error-Code"])
                if "text" in case:
                    self.assertEqual(text, case["text"])

    def test_empty_credentials_are_none(self):
        node = self.node(SECRET_KEY=SECRET, ALLOWED_ANONYMOUS="true", ANONYMOUS_ROLE="public")
        for name in ("x-hugr-secret-key", "x-hugr-api-key", "Authorization", "Cookie", "x-hugr-impersonated-role"):
            self.assertEqual(self.me(node, (name, ""))["auth_type"], "anonymous", name)

    # --- limits ---

    def test_too_many_failures(self):
        node = self.node(SECRET_KEY=SECRET, AUTH_FAIL_LIMIT="3", ALLOWED_ANONYMOUS="true", ANONYMOUS_ROLE="public")
        # The count may begin anew once, when a minute ends.
        answers = [self.send(node, [("x-hugr-secret-key", f"guess{i}")]) for i in range(9)]
        self.assertEqual([answer[0] for answer in answers[:3]], [401, 401, 401])
        self.assertIn(429, [answer[0] for answer in answers])
        late = next(answer for answer in answers if answer[0] == 429)
        self.assertTrue(1 <= int(late[1]["Retry-After"]) <= 60)
        self.assertEqual(late[1]["X-Eider-Error-Code"], "RATE_LIMITED")
        self.assertEqual(self.me(node, ("x-hugr-secret-key", SECRET))["role"], "admin")

    def test_rate_of_a_principal(self):
        node = self.node(SECRET_KEY=SECRET, RATE_LIMIT_RPM="60", RATE_LIMIT_BURST="3")
        answers = [self.send(node, [("x-hugr-secret-key", SECRET)]) for _ in range(6)]
        self.assertEqual([answer[0] for answer in answers[:3]], [200, 200, 200])
        self.assertEqual(answers[0][1]["RateLimit-Limit"], "60")
        self.assertEqual(answers[0][1]["RateLimit-Remaining"], "2")
        refused = next(answer for answer in answers if answer[0] == 429)
        self.assertEqual(json.loads(refused[2])["errors"][0]["extensions"], {"code": "RATE_LIMITED"})
        self.assertGreaterEqual(int(refused[1]["Retry-After"]), 1)

    def test_clients_behind_a_proxy_are_told_apart(self):
        node = self.node(SECRET_KEY=SECRET, AUTH_FAIL_LIMIT="2", TRUSTED_PROXIES="127.0.0.0/8")
        wrong = ("x-hugr-secret-key", "wrong")
        statuses = [self.send(node, [wrong, ("X-Forwarded-For", f"6.6.6.{i}"), ("X-Forwarded-For", f"7.7.7.{i}, 192.0.2.7")])[0]
                    for i in range(8)]
        self.assertIn(429, statuses)
        self.assertEqual(self.send(node, [wrong, ("X-Forwarded-For", "192.0.2.7, 192.0.2.8")])[0], 401)

    # --- starting, files, edges ---

    def test_start_without_any_provider(self):
        node = self.node()
        self.assertEqual((self.me(node)["role"], self.me(node)["auth_type"]), ("admin", "anonymous"))

    def test_auth_file_is_read_again(self):
        node = self.node({"api_keys": {"a": {"key": KEY}}}, AUTH_FAIL_LIMIT="0")
        self.assertEqual(self.me(node, ("x-hugr-api-key", KEY))["auth_provider"], "a")
        (self.folder / "auth.json").write_text(json.dumps({"api_keys": {"b": {"key": OTHER_KEY}}}))
        node.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while self.send(node, [("x-hugr-api-key", OTHER_KEY)])[0] != 200:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(self.send(node, [("x-hugr-api-key", KEY)])[0], 401)
        (self.folder / "auth.json").write_text('{"api_keys": {"c": {"kee": "x"}}}')
        node.process.send_signal(signal.SIGHUP)
        time.sleep(1.5)
        self.assertEqual(self.me(node, ("x-hugr-api-key", OTHER_KEY))["auth_provider"], "b")

    def test_login_redirect(self):
        node = self.node({"secret_key": SECRET, "redirect_login_paths": ["/admin"],
                          "login_url": "https://portal.example.net/login", "redirect_url": "https://data.example.net/x"})
        status, headers, _ = self.send(node, path="/admin?a=1", method="GET")
        self.assertEqual((status, headers["Location"]), (302, "https://portal.example.net/login?redirect_uri="
                                                              "https%3A%2F%2Fdata.example.net%2Fadmin%3Fa%3D1"))
        self.assertEqual(self.send(node, path="/query", method="GET")[0], 401)

    def test_what_needs_no_identity(self):
        node = self.node(SECRET_KEY=SECRET)
        self.assertEqual(self.send(node, path="/health", method="GET")[0], 200)
        self.assertEqual(self.send(node, path="/auth/config", method="GET")[0], 404)
        self.assertEqual(self.send(node, method="OPTIONS")[0], 204)
        for path in ("/metrics", "/admin", "/nowhere", "/jq-query"):
            self.assertEqual(self.send(node, path=path)[0], 401, path)


if __name__ == "__main__":
    unittest.main()
