"""Where a function returns: its RET instructions, and only if control can leave it no other way.

A probe on each RET is cheaper than a return probe and safe under seccomp, but a function that ends in
a tail jump returns from somebody else's RET (Debian's SSL_do_handshake does): there, nothing is answered.
"""

from typing import Final

from hexr_autoinst.capture.ebpf.disassembler import disassemble

_INDIRECT: Final = frozenset({"br", "braa", "brab", "braaz", "brabz"})


def returns(code: bytes, machine: str) -> tuple[int, ...]:
    """Offsets in `code` of every RET; empty where a jump leaves the function or the code is not understood."""
    found = []
    end = 0
    for offset, size, name, operands in disassemble(code, machine):
        end = offset + size
        if _is_return(name):
            found.append(offset)
        elif _is_jump(name, machine) and not _stays(operands, len(code)):
            return ()
    # The disassembler stops at what it cannot read: a RET behind that would be missed.
    return tuple(found) if end == len(code) else ()


def _is_return(name: str) -> bool:
    return name.rsplit(maxsplit=1)[-1].startswith("ret")  # ret, `bnd ret`, `repz ret`, retaa, retab


def _is_jump(name: str, machine: str) -> bool:
    last = name.rsplit(maxsplit=1)[-1]  # `notrack jmp`, `bnd jmp`
    if machine == "aarch64":
        return last == "b" or last.startswith(("b.", "cbz", "cbnz", "tbz", "tbnz")) or last in _INDIRECT
    return last.startswith(("j", "loop", "xbegin"))


def _stays(operands: str, length: int) -> bool:
    """Whether the target is a known place inside. An indirect jump may go anywhere, so it does not stay."""
    target = operands.rsplit(",", maxsplit=1)[-1].strip().lstrip("#")
    try:
        return 0 <= int(target, 0) < length
    except ValueError:
        return False
