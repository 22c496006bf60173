"""The second loader on the kernel as it is: the same traffic, heard by both loaders at once, is told as the same facts."""

import pytest

from hexr_autoinst.capture.ebpf import compiler
from hexr_autoinst.model.facts import Chunk, Closed, Exited, Handshake, Health, Opened
from tests.kernel.test_tls import answer, joined, run

pytestmark = pytest.mark.skipif(
    bool(compiler.obstacle()), reason=compiler.obstacle() or "bcc can compile here"
)


def told(seen):
    """What a plane heard, without what is the loader's own: handles, generations, the moment of each fact."""
    return {
        "out": joined(seen.of(Chunk), "out"),
        "in": joined(seen.of(Chunk), "in"),
        "chunks": [(c.direction, c.seq, len(c.data), c.lost_before, c.joined) for c in seen.of(Chunk)],
        "handshakes": [
            (h.conn.key, h.role, h.outcome, h.library, h.alpn, h.sni, h.version, h.mutual)
            for h in seen.of(Handshake)
        ],
        "opened": sorted((o.key, o.local, o.peer, o.role, o.failed) for o in seen.of(Opened)),
        "closed": sorted(c.key for c in seen.of(Closed)),
        "health": [(h.bytes_sent, h.bytes_received, h.retransmits, h.rtt_us) for h in seen.of(Health)],
        "exited": [(e.key, e.code, e.signal) for e in seen.of(Exited)],
        "looks": sorted((x.kind, x.key, x.parent, x.name) for x in seen.looks if x.kind in ("exec", "fork")),
    }


def test_both_loaders_tell_the_same(plane, cage, private_ssl, serve, python):
    second = plane(loader="bcc")
    first = plane()
    refused = [seen.attach(private_ssl.path).refused for seen in (first, second)]
    server = serve(answer)

    for size in (100, 600_000):
        run(cage, private_ssl, python, server.port, size=size)

    assert all(seen.until(lambda seen=seen: len(seen.of(Exited)) == 2) for seen in (first, second))
    assert refused[0] == refused[1]
    assert told(first) == told(second)
    assert b"".join(server.seen) == joined(second.of(Chunk), "out")
    stats = second.objects.stats()
    assert stats["issued.chunk"] == len(second.of(Chunk)) + stats["dropped.chunk"]
    assert stats["muted"] == first.objects.stats()["muted"]
