"""What real peers have said, as facts: the files of tests/streams (see record.py there)."""

import base64
import json
import random
from pathlib import Path

from hexr_autoinst.model.facts import Chunk, Closed, Conn
from tests.wire.stage import KEY

FOLDER = Path(__file__).parent.parent / "streams"
PLANTED = "sk-planted-0123456789abcdefghij"


def load(name):
    """(the reads of each connection, what the client has told)."""
    found = json.loads((FOLDER / f"{name}.json").read_text())
    connections = [[(d, base64.b64decode(data)) for d, data in c] for c in found["connections"]]
    return connections, found["told"]


def cuts(reads, how):
    """The same bytes in other reads: as they came, merged, byte by byte, or at random."""
    if how == "whole":
        merged = []
        for direction, data in reads:
            if merged and merged[-1][0] == direction:
                merged[-1] = (direction, merged[-1][1] + data)
            else:
                merged.append((direction, data))
        return merged
    if how == "bytes":
        return [(d, data[n : n + 1]) for d, data in reads for n in range(len(data))]
    if how == "as they came":
        return reads
    rng, cut = random.Random(how), []
    for direction, data in reads:
        place = 0
        while place < len(data):
            size = rng.choice((1, 2, 5, 9, 17, 100, 4000))
            cut.append((direction, data[place : place + size]))
            place += size
    return cut


def facts(reads, *, handle=1, medium="socket", at=1000, first=0):
    """Chunks of one connection, and its end."""
    conn = Conn(KEY, handle, 0)
    seq = {"out": first, "in": first}
    for direction, data in reads:
        at += 10
        yield Chunk(at, "ebpf", conn, direction, seq[direction], data, medium=medium)
        seq[direction] += 1
    yield Closed(at + 10, "ebpf", conn, KEY)


HOWS = ["as they came", "whole", "bytes", 1, 2, 3]
