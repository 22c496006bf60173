"""Of a message in bytes the fields that are named stay, and no other byte."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.protocols import protobuf
from hexr_autoinst.dissect.veil_raw import numbers, pruned, pruned_text

MESSAGE = bytes.fromhex(
    "0a0474656e6112070a056d2d69643210071a03686579"
)  # 1: tena, 2: {1: m-id2}, 2: 7, 3: hey


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((), ""),
        (("1",), "0a0474656e61"),
        (("2.1",), "12070a056d2d6964321007"),
        (("2.9",), "12001007"),
        (("3",), "1a03686579"),
        (("1", "2", "3"), MESSAGE.hex()),
    ],
)
def test_what_is_named_stays(places, expected):
    assert expected == pruned(MESSAGE, numbers(places)).hex()


def test_a_text_is_cut_and_a_place_is_of_numbers():
    long = b"\x0a\x80\x20" + b"x" * 4096

    assert 1024 == len(protobuf.message(pruned(long, numbers(["1"])), 1))
    with pytest.raises(ValueError, match="invalid literal"):
        numbers(["a.b"])


def test_a_header_in_base64_padded_or_not():
    said = base64.b64encode(MESSAGE).decode()
    kept = numbers(["1"])

    assert pruned_text(said, kept) == pruned_text(said.rstrip("="), kept) == "CgR0ZW5h"
    assert ("", "") == (pruned_text("é", kept), pruned_text("", kept))


@given(st.binary(), st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=3), max_size=4))
def test_any_bytes_are_survived_and_what_stays_reads_as_before(data, places):
    kept = numbers(".".join(map(str, p)) for p in places)
    told = pruned(data, kept)

    assert pruned(told, kept) == told
    for path in places:
        if all(len(p) == 1 for p in places):
            assert protobuf.message(told, *path) == (protobuf.message(data, *path) or b"")[:1024] or not protobuf.message(data, *path)  # fmt: skip
