"""A real Redis for a test, on a port of its own."""

import contextlib
import shutil
import socket
import subprocess
import time

import pytest

needed = pytest.mark.skipif(not shutil.which("redis-server"), reason="redis-server is not here")


@contextlib.contextmanager
def serving(folder):
    """Its port, while it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    args = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(args, stdout=subprocess.DEVNULL) as process:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
        process.terminate()
