"""Loads the BPF objects, attaches their programs, and holds what must be closed again.

The objects share their maps: the first one makes them, the others are given the same descriptors.
Nothing is watched before `filter.install` has written the rules.
"""

import ctypes
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from hexr_autoinst.capture.ebpf import btf, layout, libbpf, points, probes, runs
from hexr_autoinst.capture.ebpf import clear as cleartext
from hexr_autoinst.capture.ebpf.clear import Clear
from hexr_autoinst.capture.ebpf.libbpf import libbpf_version as libbpf_version  # noqa: PLC0414 - `doctor` asks the loader
from hexr_autoinst.capture.ebpf.symbols import Plan
from hexr_autoinst.errors import CaptureUnavailable, LayoutMismatch

_FIRST: Final = ("process", "socket", "tls", "ask", "use")
_STAND_IN: Final = "carried"  # for kernels that have no tracepoint for what a socket carried
OBJECTS: Final = (*_FIRST, *cleartext.OBJECTS, _STAND_IN)
CONTROL_SIZE: Final = 256 << 10
_LABEL: Final = 32
_LABELS: Final = 1024


class Settings(Protocol):
    """What of the configuration is the kernel's."""

    @property
    def ring_mb(self) -> int:
        """Size of the data ring in MiB."""
        ...

    @property
    def bpf_stats(self) -> bool:
        """Whether the kernel is to count the runs of our programs."""
        ...

    @property
    def cleartext(self) -> bool:
        """Whether what is said without TLS is to be read."""
        ...


@dataclass(frozen=True, slots=True)
class Attached:
    """What became of one plan: links to close, how many probes, which functions were refused and why."""

    links: tuple[probes.Link, ...]
    entries: int
    refused: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Objects:
    """The loaded objects. `close` takes every probe away."""

    library: ctypes.CDLL
    multi: bool
    handles: list[int] = field(default_factory=list)
    links: list[probes.Link] = field(default_factory=list)
    traced: dict[int, probes.Link] = field(default_factory=dict)
    programs: dict[str, int] = field(default_factory=dict)
    maps: dict[str, int] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    carried: str = "tracepoints"
    clear: Clear = field(init=False)
    labels: dict[str, int] = field(default_factory=dict)
    ring_size: int = 0
    counting: int = -1
    uncounted: str = ""

    def __post_init__(self) -> None:
        self.clear = Clear(self)

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> "Objects":
        """Check the layout, load, attach the tracepoints; CaptureUnavailable says what is in the way."""
        paths = [folder / f"{name}.bpf.o" for name in OBJECTS]
        for path in paths:
            if not path.exists():
                raise CaptureUnavailable(detail=f"{path} does not exist; build the objects with `make bpf`")
        layout.check(paths)
        library = libbpf.open_library()
        objects = cls(library, multi=False, ring_size=settings.ring_mb << 20)
        if settings.bpf_stats:
            objects._count_runs()
        try:
            objects._load(folder)
            objects.clear.load(folder, wanted=settings.cleartext)
            # Streams are counted from this moment on, so that none bears the name of one that a camera before us saw.
            begun = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            objects.update("generations", bytes(4), begun.to_bytes(8, "little"))
        except BaseException:
            objects.close()
            raise
        return objects

    def _load(self, folder: Path) -> None:
        opened = {self._open(path): path for path in (folder / f"{name}.bpf.o" for name in _FIRST)}
        programs = {p: s for handle in opened for p, s in libbpf.programs(self.library, handle).items()}
        known = libbpf.kernel_types(self.library, *points.asked(programs.values()))
        found = points.choose(programs.values(), known)
        self.multi = points.MULTI in known
        self.absent = sorted(found.lacking)
        for handle, path in opened.items():
            self._prepare(handle, path, found)
        for program, section in programs.items():
            if points.is_trace(section) and found.chosen(section):
                self.trace(program)
        if found.silent:
            # TCP's own functions say it too, but not every kernel lets its functions be traced.
            why = self.add(folder / f"{_STAND_IN}.bpf.o", trace=True)
            self.carried = f"nothing: {why}" if why else "functions"

    def add(self, path: Path, *, trace: bool) -> str:
        """Load one more object, and attach its tracepoints if `trace`; "" if it is done, else what is in the way."""
        before = len(self.links)
        try:
            handle = self._open(path)
            programs = libbpf.programs(self.library, handle)
            known = libbpf.kernel_types(self.library, *points.asked(programs.values()))
            found = points.choose(programs.values(), known, points.NONE)
            if found.absent - points.NEWER:
                return f"this kernel has no tracepoint {', '.join(sorted(found.absent))}"
            self._prepare(handle, path, found)
            for program, section in programs.items():
                if trace and points.is_trace(section) and found.chosen(section):
                    self.trace(program)
        except CaptureUnavailable as error:
            while len(self.links) > before:
                self.links.pop().destroy(self.library)
            return str(error.facts["detail"])
        return ""

    def _count_runs(self) -> None:
        try:
            self.counting = runs.switch_on(self.library)
        except OSError as error:
            self.uncounted = error.strerror or str(error)

    def _open(self, path: Path) -> int:
        handle = self.library.bpf_object__open_file(os.fsencode(path), None)
        if not handle:
            raise CaptureUnavailable(detail=f"{path} cannot be opened as a BPF object: {libbpf.said()}")
        self.handles.append(handle)
        return int(handle)

    def _prepare(self, handle: int, path: Path, found: points.Points) -> None:
        for program, section in libbpf.programs(self.library, handle).items():
            self.library.bpf_program__set_autoload(program, found.chosen(section))
            if self.multi and "/" not in section:
                self.library.bpf_program__set_expected_attach_type(program, libbpf.UPROBE_MULTI)
            self.programs[self.library.bpf_program__name(program).decode()] = program
        mine = libbpf.maps(self.library, handle)
        self._share(mine)
        self._set_pid_namespace(mine, path)
        if code := self.library.bpf_object__load(handle):
            raise CaptureUnavailable(detail=_why(code, path))
        for name, one in mine.items():
            if not self.library.bpf_map__is_internal(one):
                self.maps.setdefault(name, self.library.bpf_map__fd(one))

    def _share(self, mine: dict[str, int]) -> None:
        for name, found in mine.items():
            if self.library.bpf_map__is_internal(found):
                continue
            if name in self.maps:
                self.library.bpf_map__reuse_fd(found, self.maps[name])
            elif name == "data":
                self.library.bpf_map__set_max_entries(found, self.ring_size)

    def _set_pid_namespace(self, mine: dict[str, int], path: Path) -> None:
        """Pids are told at our own level: the kernel's side is given our namespace's inode."""
        rodata = next((m for name, m in mine.items() if name.endswith(".rodata")), None)
        try:
            offset = btf.offset(path, "pid_ns")
        except ValueError as error:
            raise LayoutMismatch(struct=path.name, field="pid_ns", detail=str(error)) from None
        if rodata is None:
            raise LayoutMismatch(struct=path.name, field=".rodata", detail="the object has none")
        size = ctypes.c_size_t()
        image = self.library.bpf_map__initial_value(rodata, ctypes.byref(size))
        ctypes.memmove(image + offset, libbpf.pid_namespace().to_bytes(4, "little"), 4)

    def trace(self, program: int) -> None:
        """Attach a program to its tracepoint."""
        link = self.library.bpf_program__attach(program)
        if not link:
            name = self.library.bpf_program__name(program).decode()
            raise CaptureUnavailable(detail=f"the program {name} cannot be attached: {libbpf.said()}")
        self.traced[program] = probes.Link(pointer=link)
        self.links.append(self.traced[program])

    def untrace(self, name: str) -> None:
        """Take one away again, if it is attached."""
        if link := self.traced.pop(self.programs.get(name, 0), None):
            self._detach(link)

    def attach(self, plan: Plan, pid: int = -1) -> Attached:
        """Attach every function of the plan that a program is for; what the kernel refuses is named."""
        target = probes.Target(plan.path, self._label(plan.label), pid, self.multi)
        links: list[probes.Link] = []
        refused: list[tuple[str, str]] = []
        entries = 0
        for wanted in probes.wanted(plan, self.programs):
            if wanted.refusal:
                refused.append((wanted.function, wanted.refusal))
                continue
            try:
                made = self._link(wanted, target)
            except OSError as error:
                refused += ((f, error.strerror or str(error)) for f in (wanted.function, *wanted.through))
                continue
            links += made
            entries += wanted.probes
        self.links += links
        return Attached(tuple(links), entries, tuple(refused))

    def _link(self, wanted: probes.Wanted, target: probes.Target) -> list[probes.Link]:
        return probes.attach(self.library, wanted, target)

    def detach(self, attached: Attached) -> None:
        """Take the probes of one file away again."""
        for link in attached.links:
            self._detach(link)

    def _detach(self, link: probes.Link) -> None:
        self.links.remove(link)
        link.destroy(self.library)

    def _label(self, text: str) -> int:
        """The number under which the kernel knows this library; the last one is for all that are too many."""
        number = self.labels.setdefault(text, min(len(self.labels), _LABELS - 1))
        name = text.encode()[: _LABEL - 1].ljust(_LABEL, b"\0")
        self.update("libraries", number.to_bytes(4, "little"), name)
        return number

    def map(self, name: str) -> int:
        """The descriptor of a map."""
        return self.maps[name]

    @property
    def data_ring(self) -> tuple[int, int]:
        """Descriptor and size of the ring that the teller consumes."""
        return self.maps["data"], self.ring_size

    @property
    def control_ring(self) -> tuple[int, int]:
        """Descriptor and size of the ring that the camera consumes."""
        return self.maps["control"], CONTROL_SIZE

    def update(self, name: str, key: bytes, value: bytes) -> None:
        """Write one element of a map."""
        if self.library.bpf_map_update_elem(self.maps[name], key, value, 0):
            code = ctypes.get_errno()
            raise CaptureUnavailable(detail=f"the kernel map {name} cannot be written: {os.strerror(code)}")

    def lookup(self, name: str, key: bytes, size: int) -> bytes | None:
        """Read one element of a map."""
        value = ctypes.create_string_buffer(size)
        found = self.library.bpf_map_lookup_elem(self.maps[name], key, value)
        return None if found else value.raw

    def stats(self) -> dict[str, int]:
        """The kernel's own counts, summed over processors: issued and dropped by kind, and the single ones."""
        cpus = self.library.libbpf_num_possible_cpus()
        sums = []
        for slot in range(layout.SLOTS):
            raw = self.lookup("counts", slot.to_bytes(4, "little"), cpus * 8) or b""
            sums.append(sum(int.from_bytes(raw[i : i + 8], "little") for i in range(0, len(raw), 8)))
        found = {f"issued.{name}": sums[layout.ISSUED + kind] for kind, name in layout.KINDS.items()}
        found |= {f"dropped.{name}": sums[layout.DROPPED + kind] for kind, name in layout.KINDS.items()}
        return found | {name: sums[slot] for slot, name in layout.SINGLE.items()}

    def runs(self) -> dict[str, runs.Runs]:
        """What the kernel counted of each program; nothing where it was not asked to, or would not."""
        return runs.read(self.library, self.programs) if self.counting >= 0 else {}

    def close(self) -> None:
        """Detach and unload everything."""
        if self.counting >= 0:
            os.close(self.counting)
        for link in self.links:
            link.destroy(self.library)
        self.links.clear()
        for handle in self.handles:
            self.library.bpf_object__close(handle)
        for kept in (self.handles, self.maps, self.programs, self.traced):
            kept.clear()
        self.counting = -1


def _why(code: int, path: Path) -> str:
    if code == -1:  # what the verifier finds wrong is -EACCES or -EINVAL
        return f"the kernel lets us load no BPF program (lockdown, or not root): {os.strerror(-code)}"
    return f"{path.name} does not load on this kernel: {os.strerror(abs(code))} ({libbpf.said()})"
