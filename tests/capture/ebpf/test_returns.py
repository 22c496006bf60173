import pytest

from hexr_autoinst.capture.ebpf.returns import returns

X86 = {
    "one return": ("31c0 c3", (2,)),
    "two returns and a jump between": ("85ff 7401 c3 31c0 c3", (4, 7)),
    "endbr64 first": ("f30f1efa c3", (4,)),
    "a prefix on the return": ("f3c3", (0,)),
    "a call is no way out": ("e800000000 c3", (5,)),
    "a tail jump": ("85ff 7401 c3 e9f0ffff7f", ()),
    "a conditional jump out": ("7480 c3", ()),
    "an indirect jump": ("ffe0 c3", ()),
    "a jump through the table": ("ff2500000000 c3", ()),
    "no return at all": ("ebfe", ()),
    "bytes that are no code": ("c3 06", ()),
    "nothing": ("", ()),
}
ARM = {
    "one return": ("00008052 c0035fd6", (4,)),
    "authenticated return": ("ff0b5fd6", (0,)),
    "a branch inside": ("40000034 c0035fd6 c0035fd6", (4, 8)),
    "a branch out": ("00010014 c0035fd6", ()),
    "a register branch": ("00001fd6 c0035fd6", ()),
    "a call is no way out": ("00010094 c0035fd6", (4,)),
    "test-and-branch out": ("001f0036 c0035fd6", ()),
}


@pytest.mark.parametrize("case", X86)
def test_x86_64(case):
    code, expected = X86[case]
    assert returns(bytes.fromhex(code), "x86_64") == expected


@pytest.mark.parametrize("case", ARM)
def test_aarch64(case):
    code, expected = ARM[case]
    assert returns(bytes.fromhex(code), "aarch64") == expected
