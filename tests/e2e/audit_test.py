"""What is written down of what clients do, against the real binary: records, sinks, the chain, a sink that fails."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import re
import stat
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cli_test  # noqa: E402

SECRET = "a secret of sufficient length"
ADMIN = {"x-hugr-secret-key": SECRET}
FIELDS = ["ts", "node", "request_id", "client_ip", "protocol", "principal", "user_id", "user_name", "role", "auth_provider",
          "impersonated_by", "action", "object", "outcome", "code", "rows", "duration_ms", "detail"]
SDL = """
type notes @table(name: "notes") { id: Int! @pk  owner: String  text: String }
type endless @view(name: "endless", sql: "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range + b.range <> 7")
{ n: BigInt }
"""
ENDLESS = "{ s { endless { n } } }"
GRANT = ("mutation($d: [core_role_permissions_mut_input_data!]!) "
         "{ core { insert_many_role_permissions(data: $d, return_rows: false) { role } } }")
INSERT = "mutation add($d: s_notes_mut_input_data!) { s { insert_notes(data: $d) { id } } }"


class AuditTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="eider-audit-")))
        self.nodes = self.stack.enter_context(contextlib.ExitStack())
        self.file = self.folder / "audit.jsonl"

    def node(self, **environment):
        config = {"sources": [{"name": "s", "type": "duckdb", "path": str(self.folder / "s.duckdb"), "prefix": "s",
                               "as_module": True, "catalogs": [{"name": "s", "type": "text", "path": SDL}]}]}
        if not (self.folder / "s.duckdb").exists():
            import duckdb
            with duckdb.connect(str(self.folder / "s.duckdb")) as made:
                made.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, owner VARCHAR, text VARCHAR)")
        environment = {"SECRET_KEY": SECRET, "ALLOWED_ANONYMOUS": "true", "ANONYMOUS_ROLE": "public",
                       "AUDIT_SINK": f"file:{self.file}", "CLUSTER_NODE_NAME": "n1"} | environment
        return self.nodes.enter_context(cli_test.Node(self.folder, config, **environment))

    def send(self, node, query, headers=(), path="/query", method="POST", **members):
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
        try:
            connection.request(method, path, json.dumps({"query": query} | members), dict(headers))
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def ask(self, node, query, headers=(), **variables):
        status, text = self.send(node, query, headers, variables=variables)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def records(self, least=1, **members):
        """The records with those members, once there are so many."""
        deadline = time.monotonic() + 10
        while True:
            lines = [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []
            found = [line for line in lines if all(line[name] == value for name, value in members.items())]
            if len(found) >= least or time.monotonic() > deadline:
                self.assertGreaterEqual(len(found), least, (members, lines))
                return found
            time.sleep(0.02)

    def record(self, **members):
        found = self.records(**members)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def test_a_change_is_recorded_with_everything(self):
        node = self.node()
        answer = self.ask(node, INSERT, ADMIN | {"x-request-id": "r-1"}, d={"id": 1, "owner": "ada", "text": "the plain text"})
        self.assertEqual(answer["data"]["s"]["insert_notes"]["id"], 1)
        got = self.record(request_id="r-1")
        self.assertEqual(list(got), FIELDS)
        self.assertRegex(got["ts"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertEqual({name: got[name] for name in FIELDS[1:] if name not in ("request_id", "duration_ms", "detail")},
                         {"node": "n1", "client_ip": "127.0.0.1", "protocol": "http", "principal": "secret", "user_id": "api",
                          "user_name": "api", "role": "admin", "auth_provider": "x-hugr-secret", "impersonated_by": "",
                          "action": "mutation", "object": "s_notes", "outcome": "ok", "code": "", "rows": 1})
        self.assertGreater(got["duration_ms"], 0)
        self.assertRegex(got["detail"], r"^field=insert_notes operation=add variables_hmac=[0-9a-f]{64}$")
        self.assertNotIn("the plain text", self.file.read_text())
        # The same variables have the same hash, others another.
        self.ask(node, INSERT, ADMIN | {"x-request-id": "r-2"}, d={"id": 1, "owner": "ada", "text": "the plain text"})
        again = self.record(request_id="r-2")
        self.assertEqual((again["outcome"], again["code"], again["detail"]), ("error", "CONSTRAINT", got["detail"]))
        self.ask(node, "mutation { s { update_notes(filter: {id: {eq: 1}}, data: {text: \"x\"}) { affected_rows } } }",
                 ADMIN | {"x-request-id": "r-3"})
        self.assertEqual(self.record(request_id="r-3")["rows"], 1)
        self.ask(node, "{ s { notes { id } } }", ADMIN | {"x-request-id": "r-4"})
        self.ask(node, "mutation { a: s { delete_notes(filter: {id: {eq: 1}}) { success } } b: s { delete_notes(filter: {id: {eq: 7}}) "
                       "{ success } } }", ADMIN | {"x-request-id": "r-5"})
        self.assertEqual([line["rows"] for line in self.records(least=2, request_id="r-5")], [1, 0])
        self.assertNotIn('"r-4"', self.file.read_text())

    def test_failed_authentication(self):
        node = self.node()
        self.assertEqual(self.send(node, "{ __typename }", {"x-hugr-secret-key": "a wrong key of much length"})[0], 401)
        got = self.record(action="authenticate")
        self.assertEqual((got["outcome"], got["code"], got["object"], got["client_ip"], got["role"], got["detail"]),
                         ("denied", "UNAUTHENTICATED", "/query", "127.0.0.1", "", "unauthorized"))
        self.assertNotIn("a wrong key", self.file.read_text())
        for _ in range(20):
            self.send(node, "{ __typename }", {"authorization": "Bearer nothing"})
        self.assertEqual(self.records(action="authenticate", code="RATE_LIMITED")[0]["outcome"], "denied")

    def test_denials_name_what_the_answer_hides(self):
        node = self.node()
        forbidden = {"errors": [{"message": "forbidden"}]}
        row = {"role": "public", "disabled": True}
        self.ask(node, GRANT, ADMIN, d=[row | {"type_name": "s_notes", "field_name": "text"},
                                        row | {"type_name": "data-object:insert", "field_name": "s_notes"},
                                        row | {"type_name": "s_notes_mut_input_data", "field_name": "owner"},
                                        row | {"type_name": "_endpoints", "field_name": "/jq-query"}])
        cases = {"d-1": ("{ s { notes { id text } } }", {}, "s_notes.text"),
                 "d-2": ("{ core { roles { name } } }", {}, "core_roles"),
                 "d-3": ("mutation { s { insert_notes(data: {id: 9}) { id } } }", {}, "s_notes"),
                 "d-4": (INSERT, {"d": {"id": 9, "owner": "me"}}, "s_notes_mut_input_data.owner"),
                 "d-5": ('mutation { function { core { load_data_source(name: "s") { success } } } }', {}, "core.load_data_source"),
                 "d-6": ("{ s { notes(order_by: [{field: \"text\"}]) { id } } }", {}, "s_notes.text")}
        for name, (query, variables, hidden) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.ask(node, query, {"x-request-id": name}, **variables), forbidden)
                got = self.record(request_id=name)
                self.assertEqual((got["outcome"], got["code"], got["role"]), ("denied", "FORBIDDEN", "public"))
                self.assertIn(hidden, got["object"])
        self.assertEqual(self.send(node, "{ __typename }", {"x-request-id": "d-9"}, path="/jq-query")[0], 403)
        got = self.record(request_id="d-9")
        self.assertEqual((got["action"], got["object"], got["role"], got["principal"]), ("access", "/jq-query", "public", "anon:127.0.0.1"))

    def test_who_acts_as_somebody_else(self):
        node = self.node()
        headers = ADMIN | {"x-hugr-impersonated-role": "public", "x-hugr-impersonated-user-id": "u17", "x-hugr-user-id": "root"}
        self.ask(node, "{ s { notes { id } } }", headers | {"x-request-id": "i-1"})
        self.ask(node, INSERT, headers | {"x-request-id": "i-2"}, d={"id": 1})
        got = self.record(request_id="i-1")
        self.assertEqual((got["action"], got["user_id"], got["role"], got["impersonated_by"], got["principal"], got["object"]),
                         ("impersonate", "u17", "public", "admin:root", "secret", "/query"))
        self.assertEqual({line["action"]: line["impersonated_by"] for line in self.records(2, request_id="i-2")},
                         {"impersonate": "admin:root", "mutation": "admin:root"})
        self.assertEqual(self.send(node, "{ __typename }", {"x-hugr-impersonated-role": "admin", "x-request-id": "i-3"})[0], 403)
        got = self.record(request_id="i-3")
        self.assertEqual((got["action"], got["outcome"], got["role"]), ("access", "denied", "public"))

    def test_changes_of_the_node_itself(self):
        node = self.node(ALLOW_MANAGED_API_KEYS="true", AUDIT_VARIABLES="true")
        key = "a-plain-api-key-0123456789"
        made = ("mutation($d: core_api_keys_mut_input_data!) { core { insert_api_keys(data: $d) { key } } }")
        self.ask(node, made, ADMIN | {"x-request-id": "n-1"}, d={"name": "k", "description": "", "key": key, "default_role": "public"})
        got = self.record(request_id="n-1")
        self.assertEqual((got["action"], got["object"], got["rows"]), ("key_change", "core_api_keys", 1))
        self.ask(node, GRANT, ADMIN | {"x-request-id": "n-2"}, d=[{"role": "public", "type_name": "a", "field_name": "b"}])
        self.assertEqual(self.record(request_id="n-2")["action"], "permission_change")
        source = {"name": "pg", "type": "postgres", "prefix": "pg", "path": "postgres://me:the-password@localhost/x"}
        self.ask(node, cli_test.INSERT, ADMIN | {"x-request-id": "n-3"}, d=source)
        self.assertEqual(self.record(request_id="n-3")["action"], "lifecycle")
        self.ask(node, 'mutation { function { core { unload_data_source(name: "s") { success } } } }', ADMIN | {"x-request-id": "n-4"})
        got = self.record(request_id="n-4")
        self.assertEqual((got["action"], got["object"]), ("lifecycle", "core.unload_data_source"))
        self.assertIn("name=s", got["detail"])
        storage = ('mutation { function { core { storage { register_object_storage(type: "S3", name: "x", scope: "s3://b", '
                   'key: "the-access-key", secret: "the-secret-key-of-it", region: "r", endpoint: "e", use_ssl: true, url_style: "path") '
                   '{ success } } } } }')
        self.send(node, storage, ADMIN)
        self.ask(node, "{ function { core { cache { invalidate { success } } } } }", ADMIN | {"x-request-id": "n-5"})
        self.assertEqual(self.record(request_id="n-5")["action"], "cache")
        text = self.file.read_text()
        for secret in (key, "the-password", "the-secret-key-of-it", "the-access-key"):
            self.assertNotIn(secret, text)

    def test_variables_that_are_asked_for_come_without_secrets(self):
        node = self.node(AUDIT_VARIABLES="true")
        query = ("mutation($id: Int!, $text: String, $password: String) "
                 "{ s { insert_notes(data: {id: $id, text: $text, owner: $password}) { id } } }")
        self.ask(node, query, ADMIN | {"x-request-id": "v-1"}, id=1, text="see postgres://u:hidden-pw@h/d", password="hunter2hunter2")
        detail = self.record(request_id="v-1")["detail"]
        self.assertIn('variables={"id":1,', detail)
        self.assertIn('"password":"***"', detail)
        self.assertNotIn("hidden-pw", detail)
        self.assertNotIn("hunter2", detail)

    def test_kills(self):
        node = self.node()
        pool = self.stack.enter_context(concurrent.futures.ThreadPoolExecutor(2))
        cancel = 'mutation { function { core { queries { cancel(id: "%s", reason: "too heavy") { success } } } } }'
        for i, kill in enumerate((lambda: self.ask(node, cancel % "victim-0", ADMIN | {"x-request-id": "k-0"}),
                                  lambda: self.send(node, "", ADMIN | {"x-request-id": "k-1"}, "/api/queries/victim-1", "DELETE"))):
            victim = pool.submit(self.ask, node, ENDLESS, ADMIN | {"x-request-id": f"victim-{i}"})
            deadline = time.monotonic() + 10
            while f"victim-{i}" not in self.send(node, "", ADMIN, "/api/queries", "GET")[1]:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            kill()
            self.assertEqual(victim.result()["errors"][0]["message"], "query cancelled")
            got = self.record(request_id=f"k-{i}")
            self.assertEqual((got["action"], got["object"], got["rows"], got["outcome"]), ("kill", f"victim-{i}", 1, "ok"))
        self.ask(node, cancel % "nobody", ADMIN | {"x-request-id": "k-2"})
        got = self.record(request_id="k-2")
        self.assertEqual((got["object"], got["rows"], got["outcome"]), ("nobody", 0, "error"))
        self.assertIn("reason=too heavy", got["detail"])

    def test_reads_on_demand(self):
        node = self.node(AUDIT_READS="true")
        self.ask(node, "query mine { s { notes { id } } }", {"x-request-id": "q-1"})
        got = self.record(request_id="q-1")
        self.assertEqual((got["action"], got["object"], got["outcome"], got["rows"], got["detail"], got["role"]),
                         ("query", "s_notes", "ok", 0, "operation=mine", "public"))
        self.ask(node, ENDLESS, {"x-request-id": "q-2", "x-eider-timeout": "100ms"})
        got = self.record(request_id="q-2")
        self.assertEqual((got["outcome"], got["code"]), ("error", "TIMEOUT"))
        self.ask(node, "{ s { notes_by_pk(id: 1) { id } } }", {"x-request-id": "q-3"})
        self.assertEqual(self.record(request_id="q-3")["rows"], 0)

    def test_changes_made_by_programs(self):
        node = self.node()
        self.send(node, {"query": "{ s { notes { id } } }"}, ADMIN | {"x-request-id": "j-1"}, "/jq-query",
                  jq='queryHugr("mutation { s { insert_notes(data: {id: 5}) { id } } }")')
        got = self.record(request_id="j-1")
        self.assertEqual((got["action"], got["object"], got["role"]), ("mutation", "s_notes", "admin"))

    def test_table_of_the_core_database(self):
        node = self.node(AUDIT_SINK=f"core,file:{self.file}", AUDIT_RETENTION="1h", CORE_DB_PATH=str(self.folder / "core.duckdb"))
        self.ask(node, INSERT, ADMIN | {"x-request-id": "t-1"}, d={"id": 1, "text": "it's"})
        row = self.record(request_id="t-1")
        listed = "{ core { audit_log(filter: {action: {eq: \"mutation\"}}) { " + " ".join(FIELDS) + " } } }"
        deadline = time.monotonic() + 10
        while not (rows := self.ask(node, listed, ADMIN)["data"]["core"]["audit_log"]):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        got, = rows
        self.assertEqual(got.pop("ts")[:23], row.pop("ts")[:23])
        self.assertEqual(got, row)
        self.assertEqual(self.ask(node, listed), {"errors": [{"message": "forbidden"}]})
        names = self.ask(node, '{ __type(name: "_module_core_mutation") { fields { name } } }', ADMIN)["data"]["__type"]["fields"]
        self.assertEqual([f["name"] for f in names if "audit" in f["name"]], [])
        self.nodes.close()
        import duckdb
        with duckdb.connect(str(self.folder / "core.duckdb")) as core:
            core.execute("UPDATE eider.audit_log SET ts = now() - INTERVAL 2 HOUR")
        node = self.node(AUDIT_SINK="core", AUDIT_RETENTION="1h", CORE_DB_PATH=str(self.folder / "core.duckdb"))
        self.ask(node, INSERT, ADMIN | {"x-request-id": "t-2"}, d={"id": 2})
        deadline = time.monotonic() + 10
        ids = "{ core { audit_log { request_id } } }"
        while (rows := self.ask(node, ids, ADMIN)["data"]["core"]["audit_log"]) != [{"request_id": "t-2"}]:
            self.assertLess(time.monotonic(), deadline, rows)
            time.sleep(0.05)

    def test_standard_output(self):
        node = self.node(AUDIT_SINK="stdout")
        self.ask(node, INSERT, ADMIN | {"x-request-id": "o-1"}, d={"id": 1})
        deadline = time.monotonic() + 10
        while '"request_id":"o-1"' not in (self.folder / "node.log").read_text():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        line, = [json.loads(text) for text in (self.folder / "node.log").read_text().splitlines() if '"o-1"' in text]
        self.assertEqual((line["action"], list(line)), ("mutation", FIELDS))

    # --- files and their chain ---

    def verify(self, *files):
        return cli_test.run("audit", "verify", *map(str, files))

    def test_chain_survives_restarts_and_shows_every_change(self):
        for i in range(2):
            node = self.node(AUDIT_CHAIN="true")
            for n in range(3):
                self.ask(node, INSERT, ADMIN | {"x-request-id": f"c-{i}-{n}"}, d={"id": 10 * i + n})
            self.nodes.close()
        lines = self.file.read_bytes().splitlines(keepends=True)
        self.assertEqual(len(lines), 6)
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
        done = self.verify(self.file)
        self.assertEqual((done.returncode, done.stdout), (0, "6 lines in order\n"))
        changed = self.folder / "changed.jsonl"
        edited = lines[2].replace(b'"role":"admin"', b'"role":"bdmin"')
        self.assertNotEqual(edited, lines[2])
        for name, content, at in (("edited", lines[:2] + [edited] + lines[3:], 4), ("removed", lines[:2] + lines[3:], 3),
                                  ("added", lines[:3] + [lines[2]] + lines[3:], 4), ("swapped", [lines[1], lines[0]] + lines[2:], 2),
                                  ("foreign", lines[:4] + [b"{}\n"] + lines[4:], 5), ("cut off", lines[:5] + [lines[5][:-9]], 6)):
            with self.subTest(name):
                changed.write_bytes(b"".join(content))
                done = self.verify(changed)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertTrue(done.stderr.startswith(f"{changed}:{at}: "), done.stderr)
        changed.write_bytes(b"".join(lines[2:]))
        done = self.verify(changed)
        self.assertEqual((done.returncode, done.stdout), (0, "4 lines in order; the first one follows a line of an earlier file\n"))
        self.assertEqual(self.verify().returncode, 2)
        self.assertEqual(self.verify(self.folder / "nothing").returncode, 3)

    def test_rotation_keeps_the_chain(self):
        node = self.node(AUDIT_CHAIN="true", AUDIT_FILE_SIZE="2KB")
        for i in range(20):
            self.ask(node, INSERT, ADMIN | {"x-request-id": f"f-{i}"}, d={"id": i})
            time.sleep(0.01)
        self.nodes.close()
        files = sorted(self.folder.glob("audit.jsonl.*Z"))
        self.assertGreater(len(files), 3)
        done = self.verify(*files, self.file)
        self.assertEqual((done.returncode, done.stdout), (0, "20 lines in order\n"), done.stderr)
        self.assertEqual(self.verify(*files[:1], *files[2:], self.file).returncode, 1)

    def test_what_cannot_be_written_does_not_happen(self):
        """The file is a pipe that nobody reads: it takes 64 KiB, then blocks as a full disk would."""
        fifo = self.folder / "pipe"
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        node = self.node(AUDIT_SINK=f"file:{fifo}", AUDIT_READS="true", MAX_CONCURRENT_REQUESTS="8")
        try:
            many = "{ " + " ".join(f"a{i}: s {{ notes {{ id }} }}" for i in range(1)) + " }"
            deadline = time.monotonic() + 40
            dropped = 0
            connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=cli_test.SECONDS)
            while dropped == 0:
                self.assertLess(time.monotonic(), deadline)
                for _ in range(1000):
                    connection.request("POST", "/query", json.dumps({"query": "{ s { notes_by_pk(id: 1) { id } } }"}))
                    self.assertEqual(connection.getresponse().read(), b'{"data":{"s":{"notes_by_pk":null}}}')
                metrics = node.send("GET", "/metrics")[1]
                dropped = float(re.search(r"^eider_audit_dropped (\S+)", metrics, re.M).group(1))
            started = time.monotonic()
            answer = self.ask(node, INSERT, ADMIN | {"x-eider-timeout": "500ms"}, d={"id": 1})
            self.assertEqual(answer["errors"][0]["extensions"]["code"], "TIMEOUT")
            self.assertIn("audit log", answer["errors"][0]["message"])
            self.assertLess(time.monotonic() - started, 3)
            self.assertEqual(self.ask(node, many)["data"]["a0"]["notes"], [])
        finally:
            threading.Thread(target=self.drain, args=(reader,), daemon=True).start()
        deadline = time.monotonic() + 20
        while "errors" in self.ask(node, INSERT, ADMIN | {"x-eider-timeout": "5s"}, d={"id": 2}):
            self.assertLess(time.monotonic(), deadline)

    def drain(self, reader):
        os.set_blocking(reader, True)
        with contextlib.suppress(OSError):
            while os.read(reader, 1 << 20):
                pass

    def test_options_that_fit_nothing(self):
        for environment, said in (({"AUDIT_SINK": "syslog"}, "AUDIT_SINK"), ({"AUDIT_SINK": "file:/nowhere/at/all"}, "/nowhere/at/all"),
                                  ({"AUDIT_SINK": "stdout", "AUDIT_CHAIN": "true"}, "AUDIT_CHAIN")):
            done = cli_test.run("serve", "--bind", "127.0.0.1:0", env=environment)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
