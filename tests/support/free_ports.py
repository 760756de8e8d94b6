"""Ports for servers that tests start."""

import fcntl
import os
import pathlib
import random
import socket
import tempfile

# Below those that the system gives to outgoing connections (Linux: from 32768 on): such a port may be taken by
# anybody's connection between the look and the start of its server.
FIRST, LAST = 10240, 32000
# Tests run side by side: a port belongs to the process that holds the lock of its file, until that ends.
LOCKS = pathlib.Path(tempfile.gettempdir()) / f"eider_test_ports_{os.getuid()}"
held = set()  # Their locks end with the process.


def claim(port):
    """Whether this process has the port from now on."""
    LOCKS.mkdir(exist_ok=True)
    lock = os.open(LOCKS / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return False
    held.add(port)
    return True


def free_port():
    """A port of 127.0.0.1 that nothing listens on, and that no other test gets meanwhile."""
    for _ in range(1000):
        port = random.randint(FIRST, LAST)
        if port in held or not claim(port):
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port on 127.0.0.1")
