"""The compiler of bcc at work, in a child that ends when it is done: compiles for the running kernel, loads, and hands over descriptors.

So the camera never holds a compiler (some 100 MB), and nothing of bcc outlives the start. bcc is Debian's and Ubuntu's
python3-bpfcc, read from its own folder alone: no other package of the system's Python comes into our environment.
"""

import ctypes
import importlib.util
import json
import os
import platform
import socket
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from hexr_autoinst.capture.ebpf import btf, dialect, layout, libbpf
from hexr_autoinst.errors import CaptureUnavailable, HexrError, LayoutMismatch

HOME: Final = Path("/usr/lib/python3/dist-packages/bcc")
_INSTALL: Final = "on Debian and Ubuntu: `apt install python3-bpfcc linux-headers-$(uname -r)`"
_KPROBE, _RAW_TRACEPOINT = 2, 17  # enum bpf_prog_type
_TARGETS: Final = {"x86_64": "x86", "aarch64": "arm64"}
_SPOKEN: Final = "__traceiter_sock_send_length"  # the kernel's function behind the tracepoint, since 6.3
_LONGEST: Final = 1 << 16
_MOST_FDS: Final = 253  # SCM_MAX_FD


@dataclass(frozen=True, slots=True)
class Made:
    """What the child has made: descriptors by name, and the section of each program."""

    programs: Mapping[str, int]
    maps: Mapping[str, int]
    sections: Mapping[str, str]


def obstacle(home: Path = HOME, root: Path = Path("/")) -> str:
    """What keeps bcc from compiling on this machine, in one sentence; "" if nothing is seen."""
    if not (home / "__init__.py").exists():
        if importlib.util.find_spec("bcc") is not None:
            return f"the installed Python package `bcc` is not bcc but another's of that name: remove it; {_INSTALL}"
        return f"bcc is not installed; {_INSTALL}"
    release = platform.release()
    places = (root / "lib/modules" / release / "build", root / "sys/kernel/kheaders.tar.xz")
    if "BCC_KERNEL_SOURCE" not in os.environ and not any(place.exists() for place in places):
        return f"the headers of this kernel ({release}) are not installed; {_INSTALL}"
    return ""


def explained(said: str) -> str:
    """What bcc raised, in one sentence with what to do."""
    if "super-user" in said or "not permitted" in said:
        return "the kernel lets us load no BPF program (lockdown, or not root)"
    if "compile" in said:
        return f"bcc cannot compile for this kernel ({platform.release()}): its headers are incomplete or another's; {_INSTALL}"
    return f"bcc: {said}"[:1000]


def says_carried(symbols: Path = Path("/proc/kallsyms")) -> bool:
    """Whether the kernel has the tracepoints that say what a socket carried."""
    with symbols.open(encoding="ascii", errors="replace") as lines:
        return any(_SPOKEN in line for line in lines)


def make(sources: dialect.Sources, rings: Mapping[str, int]) -> Made:
    """Compile and load in a child; CaptureUnavailable or LayoutMismatch with its reason."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        _work(sources, rings, theirs)
    theirs.close()
    with ours:
        data, fds, _, _ = socket.recv_fds(ours, _LONGEST, _MOST_FDS)
    os.waitpid(pid, 0)
    try:
        said = json.loads(data)
    except ValueError:
        raise CaptureUnavailable(detail="bcc ended without a word; its own words are above") from None
    if why := said.get("layout"):
        raise LayoutMismatch(**why)
    if why := said.get("why"):
        raise CaptureUnavailable(detail=why)
    for fd in fds:
        os.set_inheritable(fd, False)
    programs = dict(zip(said["programs"], fds, strict=False))
    maps = dict(zip(said["maps"], fds[len(programs) :], strict=True))
    return Made(programs, maps, sources.programs)


def _work(sources: dialect.Sources, rings: Mapping[str, int], out: socket.socket) -> NoReturn:
    warnings.simplefilter("ignore")  # bcc's own, for its authors
    try:
        programs, maps = _compiled(sources, rings)
        said: dict[str, Any] = {"programs": list(programs), "maps": list(maps)}
        socket.send_fds(out, [json.dumps(said).encode()], [*programs.values(), *maps.values()])
    except LayoutMismatch as error:
        out.send(json.dumps({"layout": {k: str(v) for k, v in error.facts.items()}}).encode())
    except HexrError as error:
        out.send(json.dumps({"why": str(error.facts.get("detail"))}).encode())
    except BaseException as error:  # noqa: BLE001 - whatever bcc raises is the reason that is told
        out.send(json.dumps({"why": explained(str(error))}).encode())
    finally:
        sys.stderr.flush()
        os._exit(0)  # the descriptors live on in the camera; bcc's own exit would take programs away


def _compiled(sources: dialect.Sources, rings: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    bcc = _library()
    target = _TARGETS.get(platform.machine(), platform.machine())
    flags = ["-w", f"-D__TARGET_ARCH_{target}", f"-DPID_NS={libbpf.pid_namespace()}"]
    names = [*(record.name for record in layout.RECORDS), *layout.WITHIN]
    first = bcc.BPF(text=dialect.maps_text(sources, names, rings).encode(), cflags=flags)
    layout.compare({name: _struct(bcc, first, name) for name in names})
    maps = {name: first[(dialect.TABLE + name).encode()].map_fd for name in sources.maps}
    flags += [f"-DFD_{name}={fd}" for name, fd in maps.items()]
    second = bcc.BPF(text=dialect.programs_text(sources, sources.programs).encode(), cflags=flags)
    programs = {
        name: second.load_func(
            (dialect.RUN + name).encode(), _RAW_TRACEPOINT if "tp_btf/" in section else _KPROBE
        ).fd
        for name, section in sources.programs.items()
    }
    return programs, maps


def _library(home: Path = HOME) -> Any:
    """The module bcc from its own folder, and from nowhere else."""
    spec = importlib.util.spec_from_file_location(
        "bcc", home / "__init__.py", submodule_search_locations=[str(home)]
    )
    if spec is None or spec.loader is None:
        raise CaptureUnavailable(detail=f"bcc is not installed; {_INSTALL}")
    found = importlib.util.module_from_spec(spec)
    sys.modules["bcc"] = found
    try:
        spec.loader.exec_module(found)
    except (ImportError, OSError) as error:
        raise CaptureUnavailable(detail=f"bcc cannot be loaded ({error}); {_INSTALL}") from None
    return found


def _struct(bcc: Any, module: Any, name: str) -> btf.Struct:
    """How bcc's compiler laid a struct out, by its size and the ctypes class that bcc made of its description."""
    table = (dialect.LAYOUT + name).encode()
    measure = bcc.lib.bpf_table_leaf_size
    measure.argtypes, measure.restype = (ctypes.c_void_p, ctypes.c_char_p), ctypes.c_size_t
    size = int(measure(module.module, table))
    kind = module[table].Leaf
    fields = ((field, getattr(kind, field)) for field, *_ in kind._fields_)
    # what stands behind the end is an array without a length, of which bcc makes one element
    return btf.Struct(
        name, size, tuple(btf.Field(n, at.offset, at.size) for n, at in fields if at.offset < size)
    )
