from pathlib import Path

import pytest

from hexr_autoinst.capture.ebpf import clear, libbpf


class Objects:
    """Keeps what was asked of it; refuses the objects that it is told to refuse."""

    def __init__(self, **refused):
        self.library, self.links, self.programs = object(), ["sends", "receives"], {"returns": 5, "found": 6}
        self.refused, self.added, self.written = refused, {}, []

    def add(self, path, *, trace):
        self.added[path.name] = trace
        return self.refused.get(path.name.split(".")[0], "")

    def trace(self, program):
        self.links.append(program)

    def untrace(self, name):
        self.links.remove(self.programs.get(name, name))

    def update(self, name, key, value):
        self.written.append((name, int.from_bytes(value, "little")))


@pytest.fixture
def loaded():
    def load(*, wanted=True, **refused):
        objects = Objects(**refused)
        found = clear.Clear(objects)
        found.load(Path("/objects"), wanted=wanted)
        return objects, found

    return load


def test_sockets_are_watched_at_once_and_pipes_when_asked(loaded):
    objects, found = loaded()

    assert objects.added == {"stdio.bpf.o": True, "clear.bpf.o": True, "pipe.bpf.o": False}
    assert set(found.why.values()) == {""}
    assert objects.links == []  # its programs do what those of `use` did
    assert not found.pipes


def test_pipes_are_watched_from_a_moment_on_that_the_kernel_knows(loaded):
    objects, found = loaded()

    found.watch_pipes(on=True)
    found.watch_pipes(on=True)
    assert (found.pipes, objects.links) == (True, [5])
    ((name, since),) = objects.written
    assert name == "watching"
    assert since > 0

    found.watch_pipes(on=False)
    assert (found.pipes, objects.links, objects.written[-1]) == (False, [], ("watching", 0))


def test_switched_off_nothing_is_loaded_or_asked(loaded):
    objects, found = loaded(wanted=False)
    found.search()
    found.watch_pipes(on=True)

    assert (objects.added, objects.links, set(found.why.values())) == ({}, ["sends", "receives"], {"off"})


def test_what_the_kernel_does_not_take_is_left_out_and_named(loaded, monkeypatch):
    monkeypatch.setattr(libbpf, "iterate", lambda *_: "no iterators here")
    objects, found = loaded(pipe="no tracepoint sys_exit")
    found.watch_pipes(on=True)
    found.search()

    assert objects.links == []
    assert found.why == {"stdio": "no iterators here", "clear": "", "pipe": "no tracepoint sys_exit"}
