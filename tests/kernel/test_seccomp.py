"""Who runs under seccomp, as in most containers, does not notice: whichever way this kernel comes back from a return probe."""

import platform

import pytest

from hexr_autoinst.model.facts import Chunk, Exited
from tests.kernel.test_tls import CLIENT, answer, joined

# linux/filter.h, linux/seccomp.h: the system call that return probes come back by since 6.11 kills, as whatever a list does not know may.
CONFINE = """
import ctypes, struct
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 335), (0x06, 0, 0, 0x80000000), (0x06, 0, 0, 0x7FFF0000)]
filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(filters)))
libc = ctypes.CDLL(None)
assert not libc.prctl(38, 1, 0, 0, 0) and not libc.prctl(22, 2, program)
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="no such system call on this architecture")
def test_a_client_under_seccomp_lives_and_is_told(plane, cage, private_ssl, serve, python):
    seen = plane()
    seen.attach(private_ssl.path)
    server = serve(answer)

    child = cage.spawn([python, "-c", CONFINE + CLIENT, str(server.port), "100"], env=private_ssl.env)
    child.communicate(timeout=30)

    assert child.returncode == 3  # its own
    assert seen.until(lambda: seen.of(Exited))
    assert server.seen[0] == joined(seen.of(Chunk), "out")
