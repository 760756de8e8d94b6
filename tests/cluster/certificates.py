"""Certificates of nodes, issued by the openssl command."""

import pathlib
import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


class Authority:
    """Whoever signs the certificates of nodes; everything lies in files of `folder`."""

    def __init__(self, folder, name="ca"):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir(parents=True)
        self.certificate, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        openssl("req", "-x509", *KEY, "-keyout", self.key, "-out", self.certificate, "-subj", f"/CN={name}", "-days", 2)

    def issue(self, node, alternatives=None, file=None):
        """The files of a certificate and its key, with `alternatives` as its subject's alternative names."""
        stem = file or node
        made, key = self.folder / f"{stem}.pem", self.folder / f"{stem}.key"
        request, extensions = self.folder / f"{stem}.csr", self.folder / f"{stem}.ext"
        extensions.write_text(f"subjectAltName={alternatives or f'DNS:{node},IP:127.0.0.1'}\n"
                              "extendedKeyUsage=serverAuth,clientAuth\n")
        openssl("req", "-new", *KEY, "-keyout", key, "-out", request, "-subj", f"/CN={node}")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-out", made, "-days", 2, "-extfile", extensions)
        return made, key

    def settings(self, node, alternatives=None):
        """The options of a node that has a certificate."""
        made, key = self.issue(node, alternatives)
        return {"CLUSTER_TLS_CA": str(self.certificate), "CLUSTER_TLS_CERT": str(made), "CLUSTER_TLS_KEY": str(key)}
