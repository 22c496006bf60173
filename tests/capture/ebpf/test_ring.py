import mmap
import struct
import subprocess
import sys

import pytest

from hexr_autoinst.capture.ebpf import ring
from hexr_autoinst.capture.ebpf.ring import Ring

PAGE = mmap.PAGESIZE
BUSY, DISCARD = 1 << 31, 1 << 30


class Kernel:
    """The producer's side, in a file laid out as the kernel lays out its pages (the data once)."""

    def __init__(self, path, size=PAGE):
        self.file = path.open("w+b")
        self.file.truncate(2 * PAGE + 2 * size)
        self.size, self.position = size, 0

    def put(self, data, flags=0):
        at = self.position % self.size
        record = struct.pack("<II", len(data) | flags, 0) + data
        for copy in (0, self.size):  # mapped twice: what passes the end goes on at the start
            for i, byte in enumerate(record):
                self.write(2 * PAGE + (at + i) % self.size + copy, bytes([byte]))
        self.position += (len(record) + 7) & ~7
        self.write(PAGE, struct.pack("<Q", self.position))

    def write(self, at, data):
        self.file.seek(at)
        self.file.write(data)
        self.file.flush()

    def consumed(self):
        self.file.seek(0)
        return struct.unpack("<Q", self.file.read(8))[0]


@pytest.fixture
def kernel(tmp_path):
    made = Kernel(tmp_path / "ring")
    yield made
    made.file.close()


def opened(kernel):
    return Ring(kernel.file.fileno(), kernel.size)


def test_records_come_in_order_and_are_given_back(kernel):
    kernel.put(b"one")
    kernel.put(b"three")

    assert list(opened(kernel).read()) == [b"one", b"three"]
    assert kernel.consumed() == kernel.position


def test_a_record_that_is_still_written_stops_the_reading(kernel):
    kernel.put(b"one")
    kernel.put(b"two", BUSY)

    found = opened(kernel)

    assert list(found.read()) == [b"one"]
    assert found.pending == 16


def test_a_discarded_record_is_skipped_and_given_back(kernel):
    kernel.put(b"one", DISCARD)
    kernel.put(b"two")

    assert list(opened(kernel).read()) == [b"two"]
    assert kernel.consumed() == kernel.position


def test_a_record_over_the_end_is_whole(kernel):
    found = opened(kernel)
    for turn in range(12):
        data = bytes([turn]) * 1000
        kernel.put(data)

        assert list(found.read()) == [data]
    assert kernel.position > 2 * kernel.size


def test_a_reader_that_stops_leaves_the_rest(kernel):
    kernel.put(b"one")
    kernel.put(b"two")
    found = opened(kernel)

    assert next(found.read()) == b"one"
    assert list(found.read()) == [b"two"]


@pytest.mark.parametrize("size", [0, -4096, 100, 3 * PAGE])
def test_a_size_that_no_ring_has_is_refused(size):
    with pytest.raises(ValueError):
        Ring(0, size)


def test_fileno_is_what_was_given(kernel):
    assert opened(kernel).fileno() == kernel.file.fileno()
    assert ring.Ring is Ring


WATCH = """
import mmap, sys
words = memoryview(mmap.mmap(int(sys.argv[1]), mmap.PAGESIZE, prot=mmap.PROT_READ)).cast("Q")
last = back = 0
print("up", flush=True)
while last < int(sys.argv[2]):
    now = words[0]
    back += now < last
    last = max(last, now)
print(back)
"""


def test_the_position_never_goes_back_for_one_who_looks_meanwhile(kernel):
    """The kernel reads it at any moment: a zero in between would make the ring look full."""
    fd, rounds = kernel.file.fileno(), 400
    goal = (1 << 40) + rounds * 256 * 16
    for at in (0, PAGE):
        kernel.write(at, struct.pack("<Q", 1 << 40))
    kernel.position = 1 << 40
    args = [sys.executable, "-c", WATCH, str(fd), str(goal)]
    with subprocess.Popen(args, pass_fds=[fd], stdout=subprocess.PIPE, text=True) as watcher:
        try:
            watcher.stdout.readline()
            for _ in range(256):
                kernel.put(b"8 bytes.")
            ring = opened(kernel)
            for n in range(rounds):
                # the same records again: only the producer's word moves
                kernel.write(PAGE, struct.pack("<Q", (1 << 40) + (n + 1) * 256 * 16))
                assert 256 == sum(1 for _ in ring.read())

            assert watcher.communicate(timeout=30)[0] == "0\n"
        finally:
            watcher.kill()  # it looks for ever where the goal is not reached
