"""What verifiers older than this kernel's demand of the objects, read from their instructions: `make bpf` cannot ask them."""

import re
import shutil
import subprocess

import pytest

STACK = 512  # of all frames together: MAX_BPF_STACK, include/linux/filter.h
ROUNDED = 32  # each frame, before 6.8 (kernel/bpf/verifier.c, check_max_stack_depth)
DUMPS = [f"llvm-objdump{version}" for version in ("", "-19", "-18", "-14")]


def functions(path):
    """name -> (bytes of stack, names that it calls or has called), of every function of an object."""
    dump = next((found for found in map(shutil.which, DUMPS) if found), None)
    if not dump:
        pytest.skip("needs llvm-objdump")
    text = subprocess.run(
        [dump, "-dr", "--no-show-raw-insn", path], capture_output=True, text=True, check=True
    )
    return {
        m[1]: read(m[2])
        for m in re.finditer(
            r"^\w+ <(?!LBB)(\w+)>:\n(.*?)(?=^\w+ <(?!LBB)|\Z)", text.stdout, re.MULTILINE | re.DOTALL
        )
    }


def read(code):
    depth, bases, called = 0, set(), set()
    for line in code.splitlines():
        depth = max([depth, *map(int, re.findall(r"r10 - (\d+)\)", line))])
        if moved := re.search(r"\t(r\d) = r10$", line):
            bases.add(moved[1])
        elif (down := re.search(r"\t(r\d) \+= -(\d+)$", line)) and down[1] in bases:
            depth = max(depth, int(down[2]))
            bases.remove(down[1])
        elif reference := re.search(r"R_BPF_64_(?:32|64)\s+(\S+)$", line):
            called.add(
                "one_chunk" if reference[1] == ".text" else reference[1]
            )  # the one that is static: bpf_loop's
    return depth, called


def deepest(name, found):
    depth, called = found[name]
    rounded = -(-max(depth, 1) // ROUNDED) * ROUNDED
    return rounded + max((deepest(one, found) for one in called if one in found), default=0)


def test_the_frames_of_every_program_fit_together(objects):
    deep = {}
    for path in objects:
        found = functions(path)
        assert found
        deep |= {(path.name, name): deepest(name, found) for name in found}

    assert max(deep.values()) > STACK / 2
    assert {one: depth for one, depth in deep.items() if depth > STACK} == {}
