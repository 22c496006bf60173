import random
import re

import pytest

from hexr_autoinst.wire import redact
from hexr_autoinst.wire.looks import Looks

A, B, BYTE = re.compile(b"a+b"), re.compile(b"(?i:key)="), re.compile(b"\xff.")
LOOKS = Looks(((rb"a+b", A), (rb"(?i:key)=", B), (rb"\xff", BYTE)))


def test_a_text_is_worth_the_patterns_whose_looks_are_in_it_each_once_and_in_their_order():
    assert LOOKS.worth(b"KEY=1 aab aab key=2") == [A, B]
    assert LOOKS.worth(b"nothing of it") == []
    assert LOOKS.worth(b"") == []


def test_bytes_that_are_no_text_are_bytes():
    assert LOOKS.worth(b"\xc3\x28\xff\0ab") == [A, BYTE]


def test_a_look_that_is_none_is_a_mistake():
    with pytest.raises(ValueError, match="no look"):
        Looks(((b"(?<=a)b", A),))


def test_a_long_text_of_ever_new_states_is_read_to_its_end():
    rng = random.Random(7)
    words = [
        b"sk-",
        b"eyJ",
        b"_KEY",
        b"bearer ",
        b"--",
        b"://",
        b"xoxb-",
        b'"',
        b"\\",
        b"value",
        b"?",
        b"cookie",
    ]
    text = b"".join(rng.choice(words) + rng.randbytes(rng.randrange(1, 9)) for _ in range(400_000))
    secret = b" sk-ant-0123456789abcdefghij "

    assert secret.strip() not in redact.text(text + secret)
