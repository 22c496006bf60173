"""The data ring in the hands of a process that may nothing: only the descriptor crosses."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

NOBODY = 65534
ROOT = Path(__file__).parent.parent.parent

READER = """
import json, os, select, socket, sys
import hexr_autoinst.capture.ebpf.ring as ring, hexr_autoinst.capture.ebpf.decode as decode
sock = socket.socket(fileno=int(sys.argv[1]))
os.setgroups([]); os.setgid(65534); os.setuid(65534)
_, fds, _, _ = socket.recv_fds(sock, 1, 1)
found, decoder = ring.Ring(fds[0], int(sys.argv[2])), decode.Decoder(0)
poll = select.epoll(); poll.register(found.fileno(), select.EPOLLIN)
sock.send(b"r")
names = []
while "Exited" not in names:
    poll.poll(0.05)
    names += [type(f).__name__ for f in map(decoder.decode, found.read()) if f]
capabilities = [l.split()[1] for l in open("/proc/self/status") if l.startswith("CapEff")]
print(json.dumps({"names": names, "uid": os.getuid(), "capabilities": capabilities}))
"""


def test_an_unprivileged_process_consumes_every_record(plane, cage):
    seen = plane()
    mine, theirs = socket.socketpair()
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(theirs.fileno()), str(seen.objects.ring_size)],
        pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    with mine, theirs:
        socket.send_fds(mine, [b"x"], [seen.objects.data_ring[0]])
        mine.recv(1)
        cage.spawn(["true"]).wait()
        said = json.loads(reader.communicate(timeout=20)[0])

    assert said["uid"] == NOBODY
    assert {0} == {int(c, 16) for c in said["capabilities"]}
    assert said["names"] == ["Exited"]
    assert seen.data.pending == 0


def test_an_end_wakes_the_reader_at_once(plane, cage):
    import select

    seen = plane()
    poll = select.epoll()
    poll.register(seen.data.fileno(), select.EPOLLIN)
    cage.spawn(["true"]).wait()

    assert poll.poll(2)
    poll.close()
