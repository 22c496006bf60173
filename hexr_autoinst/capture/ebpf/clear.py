"""Loads what sees cleartext, and attaches and takes away what sees pipes.

Sockets cost only those who use them: what sees them is always attached. A kernel that takes either not is watched without it.
"""

import time
from ctypes import CDLL
from pathlib import Path
from typing import Final, Protocol

from hexr_autoinst.capture.ebpf import libbpf

PAIRS: Final = "stdio"
SOCKETS: Final = "clear"
PIPES: Final = "pipe"
OBJECTS: Final = (PAIRS, SOCKETS, PIPES)
OFF: Final = "off"
_PIPE_PROGRAM: Final = "returns"
_SEARCH: Final = "found"
_REPLACED: Final = ("sends", "receives")  # of use.bpf.c, whose work is done by those of clear.bpf.c too


class Loaded(Protocol):
    """What of the loaded objects is needed here."""

    library: CDLL
    programs: dict[str, int]

    def add(self, path: Path, *, trace: bool) -> str:
        """Load one more object; "" or why not."""
        ...

    def trace(self, program: int) -> None:
        """Attach one program."""
        ...

    def update(self, name: str, key: bytes, value: bytes) -> None:
        """Write one element of a map."""
        ...

    def untrace(self, name: str) -> None:
        """Take one away."""
        ...


class Clear:
    """`why` says of each part what keeps it from being watched, "" if nothing does; `pipes` whether they are watched now."""

    def __init__(self, objects: Loaded) -> None:
        """Nothing is loaded."""
        self.why: dict[str, str] = {}
        self._objects = objects
        self.pipes = False

    def load(self, folder: Path, *, wanted: bool) -> None:
        """Sockets are watched from now on."""
        for name in OBJECTS:
            path = folder / f"{name}.bpf.o"
            self.why[name] = self._objects.add(path, trace=name != PIPES) if wanted else OFF
        if not self.why[SOCKETS]:
            for program in _REPLACED:
                self._objects.untrace(program)

    def search(self) -> None:
        """Find who talks to its parent by what, of all that were there before us. Their beginnings are told as missing."""
        if not self.why.get(PAIRS, OFF):
            self.why[PAIRS] = libbpf.iterate(self._objects.library, self._objects.programs[_SEARCH])

    def watch_pipes(self, *, on: bool) -> None:
        """Attach what sees pipes, or take it away. What was said before is told as missing."""
        if on == self.pipes or self.why.get(PIPES, OFF):
            return
        self.pipes = on
        if on:
            self._objects.trace(self._objects.programs[_PIPE_PROGRAM])
            self._since(time.clock_gettime_ns(time.CLOCK_BOOTTIME))
        else:
            self._since(0)
            self._objects.untrace(_PIPE_PROGRAM)

    def _since(self, at: int) -> None:
        self._objects.update("watching", bytes(4), at.to_bytes(8, "little"))
