"""Ports for servers that tests start."""

import random
import socket

# Below those that the system gives to outgoing connections (Linux: from 32768 on): such a port may be taken by
# anybody's connection between the look and the start of its server.
FIRST, LAST = 10240, 32000


def free_port():
    """A port of 127.0.0.1 that nothing listens on."""
    for _ in range(1000):
        port = random.randint(FIRST, LAST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port on 127.0.0.1")
