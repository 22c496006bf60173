import pytest

from hexr_autoinst.capture.ebpf.entries import entry, pushes, reaches, relay

X86 = "x86_64"
ENDBR = "f30f1efa"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (ENDBR + "55 c3", 4),  # push rbp
        (ENDBR + "4157 c3", 4),  # push r15
        (ENDBR + "4883ec08 c3", 0),  # sub rsp, 8: a step is needed there too
        (ENDBR + "55 ebfd c3", 0),  # a loop to the push: it would be told as an entry
        ("55 5d c3", 0),
        ("", 0),
    ],
)
def test_an_entry_is_behind_the_landing_pad_where_a_push_follows(code, expected):
    assert entry(bytes.fromhex(code), X86) == expected
    assert entry(bytes.fromhex(code), "aarch64") == 0


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("55", True),
        ("4157", True),
        ("ff35", False),
        ("4883", False),
        ("6a01", False),
        ("41", False),
        ("", False),
    ],
)
def test_pushes_are_those_that_the_kernel_emulates(code, expected):
    assert pushes(bytes.fromhex(code)) == expected


CALL = "e8fb0f0000"  # to 0x1000 behind its own start
TAIL = "31d2 85c0 0f48c2 4883c408"  # xor edx, edx; test eax, eax; cmovs eax, edx; add rsp, 8
RELAYS = {
    "Debian's SSL_read_ex": ("4883ec08" + CALL + TAIL + "31d2 31c9 31f6 31ff c3", 0x1004),
    "behind a landing pad": (ENDBR + "4883ec08" + CALL + TAIL + "c3", 0x1008),
    "a saved register": ("53" + CALL + "31d2 85c0 0f48c2 5b c3", 0x1001),
    "backwards": ("4883ec08 e8f7feffff" + TAIL + "c3", -0x100),
}
NOT_RELAYS = {
    "an argument is kept": "57" + CALL + "5f c3",
    "an argument is changed": "4883ec08 31f6" + CALL + TAIL + "c3",
    "something is done behind it": "4883ec08" + CALL + "4885c0 7505" + TAIL + "c3",
    "the answer is another": "4883ec08" + CALL + "31c0 4883c408 c3",
    "the answer is turned round": "4883ec08" + CALL + "f7d8 4883c408 c3",
    "a call through a register": "4883ec08 ffd0" + TAIL + "c3",
    "a tail jump": "e9fb0f0000",
    "no call": "4883ec08 4883c408 c3",
    "bytes that are no code": "4883ec08" + CALL + TAIL + "c3 06",
    "nothing": "",
}


@pytest.mark.parametrize("case", RELAYS)
def test_a_relay_says_who_does_its_work(case):
    code, expected = RELAYS[case]
    assert relay(bytes.fromhex(code), X86) == expected
    assert relay(bytes.fromhex(code), "aarch64") is None


@pytest.mark.parametrize("case", NOT_RELAYS)
def test_what_is_not_proven_is_no_relay(case):
    assert relay(bytes.fromhex(NOT_RELAYS[case]), X86) is None


def test_whether_a_function_reaches_a_place():
    code = bytes.fromhex("4883ec08" + CALL + "c3")
    assert reaches(code, X86, 0x1004)
    assert not reaches(code, X86, 0x1000)
