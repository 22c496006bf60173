"""Where a function is entered at little cost: on an instruction that the kernel emulates, with every argument still in place.

A breakpoint is one exception. What stood there is then run out of line in single step, which is a second one, and a
hypervisor takes every #DB for itself: 0.8 against 6 to 8 µs, measured. The kernel emulates `push` and needs no step
(arch/x86/kernel/uprobes.c, push_setup_xol_ops); it does not emulate `endbr64` nor `sub $n,%rsp`. x86_64 only.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from hexr_autoinst.capture.ebpf.disassembler import Instruction, disassemble

_MACHINE: Final = "x86_64"
_PUSHES: Final = frozenset(range(0x50, 0x58))
_REX_B: Final = 0x41
# Saved by who is called (System V ABI 3.2.1): pushing them keeps no argument for later. `rax` only aligns the stack.
_SAVED: Final = frozenset({"rbx", "rbp", "r12", "r13", "r14", "r15", "rax"})
_LANDING: Final = "endbr64"


def entry(code: bytes, machine: str) -> int:
    """How far behind its first instruction a function is better watched: behind an endbr64 that a push follows."""
    if machine != _MACHINE or not pushes(code[4:]):
        return 0
    found = tuple(disassemble(code, machine))
    landing = found[0].name == _LANDING if found else False
    return 4 if landing and not any(_goes_to(one, 4) for one in found) else 0


def pushes(code: bytes) -> bool:
    """Whether these bytes begin with a push that the kernel emulates."""
    bare = code[1:2] if code[:1] == bytes([_REX_B]) else code[:1]
    return bool(bare) and bare[0] in _PUSHES


def relay(code: bytes, machine: str) -> int | None:
    """Offset of the function to which this one hands all its arguments as they came, and whose answer it gives.

    Before the call it moves the stack pointer alone, so that nothing of the arguments outlives the call: what is
    called does the whole work. Behind the call an error below zero becomes zero at most.
    """
    found = tuple(disassemble(code, machine)) if machine == _MACHINE else ()
    before = tuple(takewhile(_moves_the_stack_alone, found))
    call, *behind = found[len(before) :] or (None,)
    whole = bool(found) and found[-1].offset + found[-1].size == len(code)
    if call is None or call.name != "call" or not whole or not _gives_the_answer(behind):
        return None
    return _target(call)


def reaches(code: bytes, machine: str, target: int) -> bool:
    """Whether a function calls (or ends in) the place `target`, counted from its own start."""
    found = disassemble(code, machine)
    return any(one.name in ("call", "jmp") and _target(one) == target for one in found)


def _moves_the_stack_alone(one: Instruction) -> bool:
    if one.name == "push":
        return one.operands in _SAVED
    return one.name == _LANDING or (one.name == "sub" and one.operands.startswith("rsp, 0x")) or _aligns(one)


def _aligns(one: Instruction) -> bool:
    return one.name == "sub" and one.operands.removeprefix("rsp, ").isdigit()


def _gives_the_answer(behind: Sequence[Instruction]) -> bool:
    return bool(behind) and behind[-1].name == "ret" and all(_keeps(one) for one in behind)


def _keeps(one: Instruction) -> bool:
    """Leaves eax as it is, or turns what is below zero into zero."""
    first, _, second = one.operands.partition(", ")
    match one.name:
        case "xor":  # also of -fzero-call-used-regs
            return first == second and first not in ("eax", "rax")
        case "test":
            return first == second == "eax"
        case "cmovs":
            return first == "eax"
        case "add":
            return first == "rsp"
        case "pop":
            return first in _SAVED - {"rax"}
        case name:
            return name in ("ret", "nop")


def _goes_to(one: Instruction, target: int) -> bool:
    return one.name.startswith(("j", "loop")) and _target(one) == target


def _target(one: Instruction) -> int | None:
    """Where a direct call or jump leads, counted from the code's start; capstone prints it modulo 2^64."""
    try:
        place = int(one.operands, 0)
    except ValueError:
        return None
    return place - (1 << 64) if place >> 63 else place
