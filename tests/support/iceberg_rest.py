"""An Iceberg REST catalogue for tests: as much of the protocol as DuckDB speaks, over a folder of the local disk.

    with iceberg_rest.Catalog(folder) as catalog:                    # or Catalog(folder, client="id", secret="…")
        catalog.fill(["CREATE TABLE ice.shop.items (id INTEGER)"])   # by the Python module of DuckDB
        catalog.path                                                  # iceberg+http://127.0.0.1:PORT/warehouse
"""

import base64
import http.server
import json
import pathlib
import threading
import time
import uuid


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, kind):
        self.answer({"error": {"message": kind, "type": kind, "code": status}}, status)

    def respond(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        catalog, path = self.server.catalog, self.path.split("?")[0].strip("/").split("/")
        if path[-1] == "tokens":
            return self.give_token()
        if catalog.secret and self.headers.get("Authorization") != f"Bearer {catalog.token}":
            return self.refuse(401, "NotAuthorizedException")
        with catalog.lock:
            catalog.requests.append(f"{self.command} {self.path}")
            body = json.loads(text) if text else {}
            if path == ["v1", "config"]:
                return self.answer({"defaults": {}, "overrides": {}})
            if path == ["v1", "transactions", "commit"]:
                for change in body["table-changes"]:
                    name = change["identifier"]
                    catalog.apply((name["namespace"][0], name["name"]), change)
                return self.answer({})
            return self.namespace(catalog, path[2:], body)

    def give_token(self):
        catalog = self.server.catalog
        given = base64.b64encode(f"{catalog.client}:{catalog.secret}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {given}":
            return self.refuse(401, "NotAuthorizedException")
        return self.answer({"access_token": catalog.token, "token_type": "bearer", "expires_in": 3600})

    def namespace(self, catalog, path, body):
        if not path:
            if self.command == "POST":
                catalog.namespaces.append(body["namespace"][0])
                return self.answer({"namespace": body["namespace"], "properties": {}})
            return self.answer({"namespaces": [[name] for name in catalog.namespaces]})
        if path[0] not in catalog.namespaces:
            return self.refuse(404, "NoSuchNamespaceException")
        if len(path) == 1:
            return self.answer({"namespace": [path[0]], "properties": {}})
        if len(path) == 2 and self.command == "POST":
            return self.answer(catalog.create(path[0], body))
        if len(path) == 2:
            names = [name for space, name in catalog.tables if space == path[0]]
            return self.answer({"identifiers": [{"namespace": [path[0]], "name": name} for name in names]})
        key = (path[0], path[2])
        if self.command == "POST":
            catalog.apply(key, body)
        if key not in catalog.tables:
            return self.refuse(404, "NoSuchTableException")
        return self.answer(catalog.description(key))

    do_GET = do_POST = do_HEAD = respond


class Catalog:
    def __init__(self, folder, client="", secret=""):
        self.folder, self.client, self.secret, self.token = pathlib.Path(folder), client, secret, uuid.uuid4().hex
        self.namespaces, self.tables, self.staged, self.requests = [], {}, {}, []
        self.lock = threading.Lock()

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.catalog = self
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        self.path = f"iceberg+{self.endpoint}/warehouse"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def fill(self, statements, extensions):
        """Runs statements on the catalogue, attached as `ice`; answers with the rows of the last one."""
        import duckdb

        with duckdb.connect(":memory:", config={"extension_directory": extensions}) as connection:
            for name in ("httpfs", "avro", "iceberg"):
                connection.execute(f"LOAD {name}")
            access = "AUTHORIZATION_TYPE none"
            if self.secret:
                connection.execute(f"CREATE SECRET s (TYPE iceberg, CLIENT_ID '{self.client}', CLIENT_SECRET "
                                   f"'{self.secret}', OAUTH2_SERVER_URI '{self.endpoint}/v1/oauth/tokens')")
                access = "SECRET s"
            connection.execute(f"ATTACH 'warehouse' AS ice (TYPE iceberg, ENDPOINT '{self.endpoint}', {access})")
            connection.execute("SET TimeZone = 'UTC'")
            for statement in statements:
                rows = connection.execute(statement).fetchall()
            return rows

    def create(self, namespace, body):
        schema = body["schema"]
        metadata = {
            "format-version": 2, "table-uuid": str(uuid.uuid4()),
            "location": body.get("location") or str(self.folder / namespace / body["name"]),
            "last-sequence-number": 0, "last-updated-ms": int(time.time() * 1000),
            "last-column-id": max(field["id"] for field in schema["fields"]),
            "current-schema-id": 0, "schemas": [schema | {"schema-id": 0}],
            "default-spec-id": 0, "partition-specs": [{"spec-id": 0, "fields": []}], "last-partition-id": 999,
            "default-sort-order-id": 0, "sort-orders": [{"order-id": 0, "fields": []}],
            "properties": body.get("properties", {}), "current-snapshot-id": -1, "refs": {}, "snapshots": [],
            "statistics": [], "snapshot-log": [], "metadata-log": []}
        key, entry = (namespace, body["name"]), {"version": 0, "metadata": metadata}
        if body.get("stage-create"):
            self.staged[key] = entry
            return {"metadata": metadata, "config": {}}
        self.tables[key] = entry
        return self.description(key)

    def apply(self, key, change):
        entry = self.tables.get(key) or self.staged.pop(key)
        self.tables[key] = entry
        metadata = entry["metadata"]
        entry["version"] += 1
        for update in change["updates"]:
            if update["action"] == "add-snapshot":
                snapshot = update["snapshot"]
                metadata["snapshots"].append(snapshot)
                metadata["last-sequence-number"] = snapshot["sequence-number"]
                metadata["last-updated-ms"] = snapshot["timestamp-ms"]
            elif update["action"] == "set-snapshot-ref":
                metadata["refs"][update["ref-name"]] = {"snapshot-id": update["snapshot-id"], "type": update["type"]}
                metadata["current-snapshot-id"] = update["snapshot-id"]
                metadata["snapshot-log"].append(
                    {"snapshot-id": update["snapshot-id"], "timestamp-ms": metadata["last-updated-ms"]})
        self.description(key)

    def description(self, key):
        """What the protocol tells of a table; its metadata file is written as well."""
        entry = self.tables[key]
        file = self.folder / key[0] / key[1] / "metadata" / f"v{entry['version']}.metadata.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(entry["metadata"]))
        return {"metadata-location": str(file), "metadata": entry["metadata"], "config": {}}
