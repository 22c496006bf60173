"""Which of the two loaders: libbpf where the kernel has BTF, bcc where it has none or where it was asked for. `why` says it in a line."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from hexr_autoinst.capture.ebpf import compiler
from hexr_autoinst.capture.ebpf.bcc import Compiled
from hexr_autoinst.capture.ebpf.loader import Objects, Settings
from hexr_autoinst.errors import CaptureUnavailable

LIBBPF: Final = "libbpf"
BCC: Final = "bcc"
_MAGIC: Final = (0xEB9F).to_bytes(2, sys.byteorder)
BTF: Final = Path("/sys/kernel/btf/vmlinux")


class Choice(NamedTuple):
    """A loader and why it; `obstacle` is what it lacks, "" if nothing is seen."""

    loader: str
    why: str
    obstacle: str = ""

    @property
    def fallen_back(self) -> bool:
        """Whether it was chosen for want of the first."""
        return self.loader == BCC and self.why != _ASKED


FIRST: Final = Choice(LIBBPF, "")
_ASKED: Final = "asked for by `loader`"
_NO_BTF: Final = "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)"


def choose(asked: str, *, btf: bool, obstacle: Callable[[], str] = compiler.obstacle) -> Choice:
    """What to load with; `btf`: the kernel describes its types."""
    if asked == BCC:
        return Choice(BCC, _ASKED, obstacle())
    if btf:
        return Choice(LIBBPF, _ASKED if asked == LIBBPF else "this kernel has BTF")
    if asked == LIBBPF:
        return Choice(LIBBPF, _ASKED, f"{_NO_BTF}; use `--loader bcc`, or `--door proxy`")
    if lacks := obstacle():
        return Choice(BCC, _NO_BTF, f"{_NO_BTF}, and {lacks}; or use `--door proxy`")
    return Choice(BCC, _NO_BTF)


def chosen(asked: str) -> Choice:
    """The choice on this machine."""
    return choose(asked, btf=described())


def described(path: Path = BTF) -> bool:
    """Whether the running kernel describes its types: the file is there and is BTF."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def load(choice: Choice, objects: Path, sources: Path, settings: Settings) -> Objects:
    """Load by it: libbpf the built objects, bcc the sources. CaptureUnavailable says what is in the way."""
    if choice.obstacle:
        raise CaptureUnavailable(detail=choice.obstacle)
    return Compiled.load(sources, settings) if choice.loader == BCC else Objects.load(objects, settings)


def objects_folder() -> Path:
    """Where the built objects are: where HEXR_BPF_DIR says, in the package as installed, or in the tree that was built."""
    if named := os.environ.get("HEXR_BPF_DIR"):
        return Path(named)
    return _installed("objects", "build/bpf")


def sources_folder() -> Path:
    """Where the sources for bcc are: in the package as installed, or in the tree."""
    return _installed("sources", "bpf")


def _installed(name: str, in_tree: str) -> Path:
    here = Path(__file__).parent
    return here / name if (here / name).is_dir() else here.parents[2] / in_tree
