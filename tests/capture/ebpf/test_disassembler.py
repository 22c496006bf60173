import subprocess
import sys

import pytest

from hexr_autoinst.capture.ebpf import disassembler
from hexr_autoinst.capture.ebpf.disassembler import Instruction, disassemble
from hexr_autoinst.capture.ebpf.elf import Elf
from hexr_autoinst.capture.ebpf.lookup import code, exported


def test_x86_64():
    assert list(disassemble(bytes.fromhex("f30f1efa 7402 31c0 c3"), "x86_64")) == [
        Instruction(0, 4, "endbr64", ""),
        Instruction(4, 2, "je", "8"),
        Instruction(6, 2, "xor", "eax, eax"),
        Instruction(8, 1, "ret", ""),
    ]


def test_aarch64():
    assert list(disassemble(bytes.fromhex("00008052 c0035fd6"), "aarch64")) == [
        Instruction(0, 4, "mov", "w0, #0"),
        Instruction(4, 4, "ret", ""),
    ]


@pytest.mark.parametrize("data", [b"", b"\x06", b"\xff" * 40])
def test_bytes_that_are_no_code_end_it(data):
    assert list(disassemble(data, "x86_64")) == []


def test_the_library_and_the_package_read_a_real_function_alike(libssl):
    with Elf.open(libssl) as elf:
        data, machine = code(elf, exported(elf, ["SSL_ctrl"])["SSL_ctrl"]), elf.machine

    assert disassembler._library() is not None
    assert list(disassemble(data, machine)) == list(disassembler._by_package(data, machine))
    assert sum(i.size for i in disassemble(data, machine)) == len(data)


def test_another_version_is_left_to_the_package(monkeypatch):
    monkeypatch.setattr(disassembler, "_VERSION", 99)
    monkeypatch.setattr(disassembler, "_loaded", {})

    assert disassembler._library() is None
    assert list(disassemble(b"\xc3", "x86_64")) == [Instruction(0, 1, "ret", "")]


def test_the_package_is_not_imported():
    program = "import sys; from hexr_autoinst.capture.ebpf.returns import returns; assert returns(b'\\xc3', 'x86_64') == (0,); print('capstone' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
