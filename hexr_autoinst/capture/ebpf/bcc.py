"""The second loader: bcc, for kernels without BTF. Same sources, same maps, same records; no cleartext.

Descriptors come from `compiler`; here they are attached and held. The data ring goes to the teller as the first loader's does.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hexr_autoinst.capture.ebpf import clear, compiler, dialect, libbpf, perf, probes, runs
from hexr_autoinst.capture.ebpf.loader import Objects, Settings
from hexr_autoinst.capture.ebpf.points import NEEDED
from hexr_autoinst.errors import CaptureUnavailable

_NO_CLEARTEXT: Final = "the loader bcc sees TLS alone"
_TRACEPOINT: Final = "tp_btf/"
_KPROBE, _KRETPROBE = "kprobe/", "kretprobe/"


@dataclass(slots=True)
class Compiled(Objects):
    """What bcc has compiled, under the interface of the first loader."""

    held: list[int] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> "Compiled":
        """Compile the sources in `folder`, load, attach the tracepoints; CaptureUnavailable says what is in the way."""
        if why := compiler.obstacle():
            raise CaptureUnavailable(detail=why)
        objects = cls(libbpf.open_library(), multi=False, ring_size=settings.ring_mb << 20)
        if settings.bpf_stats:
            objects._count_runs()
        try:
            objects._compile(folder)
            begun = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            objects.update("generations", bytes(4), begun.to_bytes(8, "little"))
        except BaseException:
            objects.close()
            raise
        objects.clear.why = dict.fromkeys(clear.OBJECTS, _NO_CLEARTEXT if settings.cleartext else clear.OFF)
        return objects

    def _compile(self, folder: Path) -> None:
        said = compiler.says_carried()
        try:
            sources = dialect.read(folder, says_carried=said)
        except OSError as error:
            raise CaptureUnavailable(detail=f"{error.filename} does not exist; bcc compiles it") from None
        made = compiler.make(sources, {"data": self.ring_size})
        self.programs, self.maps = dict(made.programs), dict(made.maps)
        self.held = [*self.programs.values(), *self.maps.values()]
        self.carried = "tracepoints" if said else "functions"
        for name, section in made.sections.items():
            self._begin(name, section)

    def _begin(self, name: str, section: str) -> None:
        """Attach what is attached once for all: tracepoints, and the kernel's functions that stand in for one."""
        program = self.programs[name]
        if section.startswith(_TRACEPOINT):
            point = section.removeprefix(_TRACEPOINT)
            fd = int(self.library.bpf_raw_tracepoint_open(point.encode(), program))
            if fd < 0 and point in NEEDED:
                raise CaptureUnavailable(detail=f"this kernel has no tracepoint {point}")
            if fd < 0:
                self.absent.append(point)
            else:
                self.links.append(probes.Link(fd=fd))
        elif section.startswith((_KPROBE, _KRETPROBE)):
            self._stand_in(program, section)

    def _stand_in(self, program: int, section: str) -> None:
        kind, _, function = section.partition("/")
        try:
            fd = perf.link(program, perf.Spot("kprobe", function.encode(), 0, returns=kind == "kretprobe"))
        except OSError as error:
            self.carried = f"nothing: {function} cannot be probed ({error.strerror or error})"
            return
        self.links.append(probes.Link(fd=fd))

    def _link(self, wanted: probes.Wanted, target: probes.Target) -> list[probes.Link]:
        """Both sides of one function, or none; OSError with the kernel's reason."""
        made: list[probes.Link] = []
        path = os.fsencode(target.path)
        try:
            for place in wanted.places:
                for offset in place.offsets:
                    spot = perf.Spot("uprobe", path, offset, place.returns)
                    made.append(
                        probes.Link(fd=perf.link(place.program, spot, cookie=target.cookie, pid=target.pid))
                    )
        except OSError:
            for link in made:
                link.destroy(self.library)
            raise
        return made

    def runs(self) -> dict[str, runs.Runs]:
        """What the kernel counted of each program."""
        return runs.read_fds(self.library, self.programs) if self.counting >= 0 else {}

    def close(self) -> None:
        """Detach and unload everything."""
        Objects.close(self)
        for fd in self.held:
            os.close(fd)
        self.held.clear()
