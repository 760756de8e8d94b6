"""Object storages of type azure on the nodes of a cluster, over the emulator Azurite."""

import base64
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import duckdb
import harness
from members_test import ADMIN, ThreeNodes

import azurite

SDL = "type items @view(name: \"items\", sql: \"SELECT * FROM read_parquet('az://box/shop/items.parquet')\") { id: Int! @pk name: String }"
INSERT = ('mutation($sdl: String!) { core { insert_data_sources(data: {name: "lake", type: "duckdb", prefix: "lake", path: "", '
          'as_module: true, catalogs: [{name: "lake", type: "uri", path: $sdl}]}) { name } } }')
ITEMS = "{ lake { items(order_by: [{field: \"id\"}]) { id name } } }"
KNOWN = ('{ core { storage { registered_object_storages { name type scope parameters } } meta { secrets(filter: {type: '
         '{eq: "azure"}}) { name provider scope } } } }')
UNREGISTER = 'unregister_storage(name: "the store")'
ROWS = [{"id": 1, "name": "ax"}, {"id": 2, "name": "saw"}]


class Storages(ThreeNodes):
    def leader_of(self, *names):
        nodes = [self.cluster.start(names[0], "management"), *(self.cluster.start(name) for name in names[1:])]
        harness.wait_for("it leads", lambda: self.leader(nodes[-1]) == names[0], 15)
        return nodes

    def register(self, node, **arguments):
        given = {"name": "the store", "type": "azure", "scope": "box", "key": "", "secret": "", "endpoint": "",
                 "url_style": ""} | arguments
        values = {name: value for name, value in given.items() if not isinstance(value, bool)}
        text = ", ".join([f"{name}: ${name}" for name in values] +
                         [f"{name}: {str(value).lower()}" for name, value in given.items() if name not in values])
        declared = ", ".join(f"${name}: String!" for name in values)
        answer = node.ask(f"mutation({declared}) {{ function {{ core {{ cluster {{ register_storage({text}) {{ success message "
                          "affected_rows last_id } } } } }", ADMIN, **values)
        return answer["function"]["core"]["cluster"]["register_storage"]

    def files(self, node, path):
        """Names below a URL, or the message of the error."""
        answer = node.answer("query($p: String!) { core { storage { ls(args: {path: $p}) { name } } } }", ADMIN, p=path)
        if answer.get("errors"):
            return answer["errors"][0]["message"]
        return [row["name"] for row in answer["data"]["core"]["storage"]["ls"]]


@unittest.skipUnless(azurite.available(), "Azurite is missing: ./x test installs it")
class AzureTest(Storages):
    @classmethod
    def setUpClass(cls):
        cls.azure = azurite.Azurite()
        cls.addClassCleanup(cls.azure.close)
        cls.azure.create_container("box")
        with tempfile.TemporaryDirectory(prefix="eider_azure_") as folder:
            path = pathlib.Path(folder) / "items.parquet"
            duckdb.execute(f"COPY (SELECT * FROM (VALUES (1, 'ax'), (2, 'saw')) t(id, name)) TO '{path}'")
            cls.azure.put("box", "shop/items.parquet", path.read_bytes())
        cls.azure.put("box", "shop/sdl/items.graphql", SDL.encode())
        cls.azure.create_container("open", public=True)
        cls.azure.put("open", "a.txt", b"for everybody")

    def at(self, **arguments):
        return {"key": self.azure.account, "secret": self.azure.key, "endpoint": "http://" + self.azure.endpoint,
                "use_ssl": False, "url_style": "path"} | arguments

    def known(self, node):
        data = node.ask(KNOWN, ADMIN)["core"]
        return data["storage"]["registered_object_storages"], data["meta"]["secrets"]

    def refusal(self, node):
        return node.answer(ITEMS, ADMIN)["errors"][0]["message"]

    def assert_nowhere(self, *secrets):
        dump = subprocess.run([str(pathlib.Path(self.cluster.core.bin) / "pg_dump"), self.cluster.core.dsn()],
                              capture_output=True, text=True, check=True).stdout
        self.assertIn("the store", dump)
        for secret in secrets:
            self.assertNotIn(secret, dump)
            for path in self.cluster.folder.rglob("*"):
                if path.is_file():
                    self.assertNotIn(secret.encode(), path.read_bytes(), path)

    def test_a_container_is_read_on_all_nodes(self):
        a, b = nodes = self.leader_of("a", "b")
        self.assertEqual(self.register(b, **self.at(type="Azure")),
                         {"success": True, "message": "forwarded to management", "affected_rows": 1, "last_id": 0})
        first = self.known(a)
        self.assertEqual([(row["name"], row["type"], row["scope"]) for row in first[0]], [("the store", "azure", "azure://box")])
        self.assertEqual((first[0][0]["parameters"]["key"], first[0][0]["parameters"]["secret"]), ("***", "***"))
        self.assertEqual(first[1], [{"name": "the store", "provider": "config", "scope": ["azure://box", "az://box"]}])
        self.assertEqual(self.known(b), first)
        a.ask(INSERT, ADMIN, sdl="az://box/shop/sdl/")
        loaded = self.operate(a, 'load_source(name: "lake")')
        self.assertTrue(loaded["success"], loaded)
        for node in nodes:
            self.assertEqual(node.ask(ITEMS, ADMIN)["lake"]["items"], ROWS)
            for scheme in ("az", "azure"):
                self.assertEqual(self.files(node, f"{scheme}://box/shop/*"), [f"{scheme}://box/shop/items.parquet"])
        # At start, before any source is attached.
        self.assertEqual(b.stop(), 0)
        b.start()
        self.assertEqual(b.ask(ITEMS, ADMIN)["lake"]["items"], ROWS)
        self.assert_nowhere(self.azure.key)

    def test_a_wrong_key_and_none(self):
        a, b = nodes = self.leader_of("a", "b")
        self.assertTrue(self.register(a, **self.at())["success"])
        a.ask(INSERT, ADMIN, sdl="az://box/shop/sdl/")
        loaded = self.operate(a, 'load_source(name: "lake")')
        self.assertTrue(loaded["success"], loaded)
        self.cluster.expect("AzureStorageFileSystem")
        self.cluster.expect("type azure is registered")
        wrong = base64.b64encode(b"wrong" * 12).decode()
        self.assertEqual(self.register(a, **self.at(secret=wrong))["message"], "register_storage: all workers ok")
        for node in nodes:
            self.assertIn("Server failed to authenticate the request", self.refusal(node))
            self.assertNotIn(wrong, self.refusal(node))
        self.assertTrue(self.register(b, **self.at())["success"])
        for node in nodes:
            self.assertEqual(node.ask(ITEMS, ADMIN)["lake"]["items"], ROWS)
        self.assertEqual(self.operate(b, UNREGISTER)["message"], "forwarded to management")
        for node in nodes:
            self.assertIn("no object storage of type azure is registered for this URL", self.refusal(node))
            self.assertEqual(self.known(node), ([], []))

    def test_all_kinds_of_credentials(self):
        (node,) = self.leader_of("a")
        place = f"http://{self.azure.endpoint}/{self.azure.account}"
        signature = self.azure.signature()
        whole = f"AccountName={self.azure.account};AccountKey={self.azure.key};BlobEndpoint={place}"
        given = [("signature", "box", self.at(secret="?" + signature)),
                 ("address", "box", self.at(endpoint=place, url_style="")),
                 ("connection string", "box", {"secret": whole}),
                 ("signature in a string", "box", {"secret": f"BlobEndpoint={place};SharedAccessSignature={signature}"}),
                 ("public", "open", self.at(secret="", scope="az://open"))]
        for what, container, arguments in given:
            path = "a.txt" if container == "open" else "shop/items.parquet"
            with self.subTest(what):
                self.assertTrue(self.register(node, **arguments)["success"])
                self.assertEqual(self.files(node, f"az://{container}/{path}"), [f"az://{container}/{path}"])
        self.assertIn("type azure is registered", self.files(node, "az://box/**"))
        self.cluster.expect("authenticate")
        wrong = signature.replace("sig=", "sig=AAAA")
        self.assertTrue(self.register(node, **self.at(secret=wrong))["success"])
        self.assertIn("authenticate", self.files(node, "az://box/**"))
        self.assertTrue(self.register(node, secret=whole)["success"])
        self.assert_nowhere(self.azure.key, signature, wrong, signature.rpartition("sig=")[2])

    @unittest.skipUnless(shutil.which("openssl"), "openssl is needed")
    def test_certificates_are_checked(self):
        (node,) = self.leader_of("a")
        key, certificate = self.cluster.folder / "key.pem", self.cluster.folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        secure = azurite.Azurite(certificate=certificate, certificate_key=key)
        self.addCleanup(secure.close)
        secure.create_container("box")
        secure.put("box", "a.txt", b"x")
        self.assertTrue(self.register(node, key=secure.account, secret=secure.key, endpoint=secure.endpoint,
                                      url_style="path")["success"])
        self.cluster.expect("Azure")
        # The authorities of the system were found, and this is none of them.
        self.assertIn("self-signed certificate", self.files(node, "az://box/a.txt"))
        self.assertEqual(node.stop(), 0)
        node.start(CURL_CA_INFO=str(certificate))
        self.assertEqual(self.files(node, "az://box/a.txt"), ["az://box/a.txt"])


class RefusalTest(Storages):
    def test_what_cannot_be_applied(self):
        (node,) = self.leader_of("a")
        for message, arguments in (("needs the account's name as key", {}),
                                   ("takes no region", {"key": "acc", "region": "eu"}),
                                   ("the account's key in base64", {"key": "acc", "secret": "hush hush"}),
                                   ("takes a scope at azure://", {"key": "acc", "scope": "s3://box"})):
            outcome = self.register(node, **arguments)
            self.assertEqual((outcome["success"], outcome["message"].split(": ", 1)[0]), (False, "register storage locally"))
            self.assertIn(message, outcome["message"])
            self.assertNotIn("hush", outcome["message"])
        self.assertEqual(node.ask(KNOWN, ADMIN)["core"]["storage"]["registered_object_storages"], [])
        self.assertNotIn("hush", node.log())


del ThreeNodes, Storages

if __name__ == "__main__":
    unittest.main()
