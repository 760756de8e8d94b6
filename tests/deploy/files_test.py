"""The files of deploy/ as they stand: well-formed, of known kinds, and with options that the node has."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cluster"))
import harness  # noqa: E402

DEPLOY = harness.ROOT / "deploy"
# Metrics that Prometheus makes itself.
FOREIGN_METRICS = {"up"}


def options():
    """Environment names of the node's options."""
    text = subprocess.run([harness.BINARY, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\b[A-Z][A-Z0-9_]{3,}\b", text))


def documented_metrics():
    text = (harness.ROOT / "docs" / "operations.md").read_text() + (harness.ROOT / "docs" / "caching.md").read_text()
    return set(re.findall(r"\beider_\w+", text))


def metrics_in(expression):
    names = set(re.findall(r"\beider_\w+", expression))
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in names}


def manifests():
    for path in sorted((DEPLOY / "k8s").glob("*.yaml")):
        for manifest in yaml.safe_load_all(path.read_text()):
            yield path.name, manifest


class ComposeTest(unittest.TestCase):
    def setUp(self):
        self.compose = yaml.safe_load((DEPLOY / "compose" / "cluster.yaml").read_text())
        self.services = self.compose["services"]
        self.nodes = {name: service for name, service in self.services.items()
                      if service.get("image", "").startswith("eider")}

    def test_two_management_nodes_and_two_workers(self):
        roles = sorted(node["environment"]["CLUSTER_ROLE"] for node in self.nodes.values())
        self.assertEqual(roles, ["management", "management", "worker", "worker"])

    def test_options_exist_and_names_fit(self):
        known = options()
        for name, node in self.nodes.items():
            environment = node["environment"]
            self.assertLessEqual(set(environment), known)
            self.assertEqual(environment["CLUSTER_NODE_NAME"], name)
            self.assertEqual(environment["CLUSTER_NODE_URL"], f"http://{name}:15000/ipc")
            self.assertEqual(node["stop_grace_period"], "45s")
            self.assertEqual(node["healthcheck"]["test"][:3], ["CMD", "eider", "cluster"])

    def test_nothing_secret_is_written_down(self):
        for node in self.nodes.values():
            for name in ("CORE_DB_ENCRYPTION_KEY", "CLUSTER_SECRET", "SECRET_KEY"):
                self.assertRegex(node["environment"][name], r"^\$\{\w+:\?\}$")

    def test_services_depend_on_services_and_volumes_exist(self):
        for service in self.services.values():
            self.assertLessEqual(set(service.get("depends_on", {})), set(self.services))
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((DEPLOY / "compose" / source).is_file(), source)
                else:
                    self.assertIn(source, self.compose["volumes"])

    def test_balancers_name_the_nodes(self):
        for path in ("nginx.conf", "haproxy.cfg"):
            named = set(re.findall(r"\b([\w-]+):15000", (DEPLOY / path).read_text()))
            self.assertEqual(named, set(self.nodes), path)


class KubernetesTest(unittest.TestCase):
    def test_manifests_fit_the_schemas_of_kubernetes(self):
        import kubernetes_validate
        kinds = []
        for name, manifest in manifests():
            kinds.append(manifest["kind"])
            if manifest["kind"] == "ServiceMonitor":
                continue  # Of the Prometheus operator.
            try:
                kubernetes_validate.validate(manifest, "1.29", strict=True)
            except kubernetes_validate.ValidationError as error:
                self.fail(f"{name}: {error}")
        for kind in ("StatefulSet", "Deployment", "Service", "Ingress", "Secret", "ConfigMap", "PodDisruptionBudget",
                     "HorizontalPodAutoscaler", "NetworkPolicy", "ServiceMonitor"):
            self.assertIn(kind, kinds)

    def test_references_lead_somewhere(self):
        secrets, config, ports, labels = set(), set(), set(), []
        workloads = []
        for _, manifest in manifests():
            if manifest["kind"] == "Secret":
                secrets |= set(manifest["stringData"])
            if manifest["kind"] == "ConfigMap":
                config |= set(manifest["data"])
            if manifest["kind"] in ("Deployment", "StatefulSet"):
                workloads.append(manifest["spec"]["template"])
                labels.append(manifest["spec"]["template"]["metadata"]["labels"])
        known = options()
        self.assertLessEqual(config, known)
        for template in workloads:
            container = template["spec"]["containers"][0]
            ports |= {port["name"] for port in container["ports"]}
            names = [entry["name"] for entry in container["env"]]
            self.assertLessEqual(set(names) - {"POD_IP"}, known)
            for entry in container["env"]:
                key = entry.get("valueFrom", {}).get("secretKeyRef")
                if key:
                    self.assertIn(key["key"], secrets)
            # $(POD_IP) is replaced only by what stands before it.
            self.assertLess(names.index("POD_IP"), names.index("CLUSTER_NODE_URL"))
            self.assertGreaterEqual(template["spec"]["terminationGracePeriodSeconds"], 5 + 30)
        for name, manifest in manifests():
            if manifest["kind"] == "Service":
                self.assertTrue(any(manifest["spec"]["selector"].items() <= pod.items() for pod in labels), name)
                for port in manifest["spec"]["ports"]:
                    self.assertIn(port["targetPort"], ports)

    def test_metrics_are_scraped_at_the_service_port(self):
        monitor = next(manifest for _, manifest in manifests() if manifest["kind"] == "ServiceMonitor")
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        matched = [manifest for _, manifest in manifests()
                   if manifest["kind"] == "Service" and wanted <= manifest["metadata"]["labels"].items()]
        self.assertEqual([port["port"] for service in matched for port in service["spec"]["ports"]], [13000])
        self.assertEqual(monitor["spec"]["endpoints"][0]["port"], "service")


class ChartTest(unittest.TestCase):
    """The chart gives the manifests of deploy/k8s, with other names and values where they are asked for."""

    def render(self, release, **changes):
        chart = DEPLOY / "helm" / "eider"
        values = yaml.safe_load((chart / "values.yaml").read_text()) | changes
        templates = sorted(str(path) for path in (chart / "templates").glob("*.yaml"))
        with tempfile.TemporaryDirectory(prefix="eider_chart_") as folder:
            path = pathlib.Path(folder) / "values.json"
            path.write_text(json.dumps(values))
            done = subprocess.run(["go", "run", "main.go", str(path), release, *templates], capture_output=True, text=True,
                                  cwd=pathlib.Path(__file__).parent / "render")
        self.assertEqual(done.returncode, 0, done.stderr)
        return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]

    @staticmethod
    def sorted(manifests):
        return sorted(manifests, key=lambda manifest: (manifest["kind"], manifest["metadata"]["name"]))

    def test_default_values_give_the_manifests(self):
        plain = [manifest for _, manifest in manifests() if manifest["kind"] != "Secret"]
        self.assertEqual(self.sorted(self.render("eider")), self.sorted(plain))

    def test_another_release_stands_beside_it(self):
        other = self.render("blue", ingress={"enabled": False, "host": ""}, management={"replicas": 3})
        self.assertFalse([manifest for manifest in other if not manifest["metadata"]["name"].startswith("blue")])
        self.assertNotIn("Ingress", [manifest["kind"] for manifest in other])
        workers = next(manifest for manifest in other if manifest["kind"] == "StatefulSet")
        self.assertEqual(workers["spec"]["replicas"], 3)
        self.assertEqual(workers["spec"]["serviceName"], "blue-nodes")
        self.assertEqual(workers["spec"]["template"]["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"], "blue")


class PrometheusTest(unittest.TestCase):
    def test_alerts_use_documented_metrics(self):
        rules = [rule for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]
        self.assertGreaterEqual(len(rules), 6)
        for rule in rules:
            self.assertIn("summary", rule["annotations"])
            self.assertLessEqual(metrics_in(rule["expr"]) - FOREIGN_METRICS, documented_metrics(), rule["alert"])

    def test_dashboards_use_documented_metrics(self):
        dashboard = json.loads((DEPLOY / "grafana" / "eider.json").read_text())
        expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
        self.assertGreaterEqual(len(expressions), 8)
        for expression in expressions:
            self.assertLessEqual(metrics_in(expression), documented_metrics(), expression)
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))


if __name__ == "__main__":
    unittest.main()
