import re

import pytest

from hexr_autoinst.model.facts import Conn, Key
from hexr_autoinst.wire.identity import exchange_id

CONN = Conn(Key(1, 2), 3, 4)


def test_an_id_is_eighty_bits_of_base32():
    assert re.fullmatch(r"[a-z2-7]{16}", exchange_id(b"salt", "ebpf", CONN, 0))


def test_an_id_is_a_function_of_its_place():
    assert exchange_id(b"salt", "ebpf", CONN, 0, 7) == exchange_id(b"salt", "ebpf", CONN, 0, 7)


@pytest.mark.parametrize(
    "other",
    [
        (b"tlas", "ebpf", CONN, 0, 0),
        (b"salt", "ebpf", CONN._replace(handle=9), 0, 0),
        (b"salt", "ebpf", CONN._replace(generation=9), 0, 0),
        (b"salt", "ebpf", CONN._replace(key=Key(1, 9)), 0, 0),
        (b"salt", "ebpf", CONN, 1, 0),
        (b"salt", "ebpf", CONN, 0, 1),
        (b"salt", "proxy", "conn", 0, 0),
    ],
)
def test_another_place_is_another_id(other):
    assert exchange_id(*other) != exchange_id(b"salt", "ebpf", CONN, 0)


def test_an_entry_of_a_har_keeps_its_name():
    assert exchange_id(b"salt", "har", "entry-1", 3) == "entry-1"


def test_a_name_with_half_a_surrogate_has_an_id_too():
    assert len(exchange_id(b"salt", "proxy", "\ud800", 0)) == 16
