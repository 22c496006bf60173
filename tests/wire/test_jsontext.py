import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.wire.jsontext import (
    ELEMENTS,
    INSIDE,
    MANY,
    MEMBER,
    MEMBERS,
    WHOLE,
    is_string,
    snip,
    snip_string,
)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (b'{"a": "}", "b": [1, {"c": "\\""}]} rest', 33),
        (b'["]"] rest', 5),
        (b'"a\\"b" rest', 6),
        (b'"\\\\" rest', 4),
        (b'{"a": 1', None),
        (b'"half', None),
        (b"[[[[[[[1]]]]]]]", 15),
        (b"[[[[[[[[1]]]]]]]]", None),  # deeper than people nest
        (b"12", None),
    ],
)
def test_the_end_of_a_value(text, end):
    found = WHOLE.match(text)

    assert (found and found.end()) == end


def test_many_parts_at_once():
    members = json.dumps({f"k{n}": {"v": [n, "x,"]} for n in range(MANY + 1)})[1:-1].encode()
    many = MEMBERS.match(members)

    assert many[0] + b' "k64": {"v": [64, "x,"]}' == members
    assert MEMBER.findall(many[0])[-1] == (b'"k63"', b'{"v": [63, "x,"]}')
    assert ELEMENTS.match(b'"a", ' * MANY)
    assert not ELEMENTS.match(b"1, " * MANY)  # numbers are passed over otherwise
    assert not MEMBERS.match(members[: len(members) // 2])


@pytest.mark.parametrize("opened", [b"[", b'{"a":', b'["x",', b'[{"a":"\\"",', b'"', b'"\\'])
def test_what_never_ends_costs_its_length(opened):
    text = opened * (400_000 // len(opened))
    begin = time.process_time()
    for pattern in (WHOLE, MEMBERS, ELEMENTS, INSIDE, MEMBER):
        pattern.match(text)

    assert time.process_time() - begin < 5  # quadratic work takes minutes


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (b"some words and ha", b"some words and "),
        (b"", b""),
        (b"oneword", b""),
        ("日本語 日本".encode()[:-1], "日本語 日".encode()),
        (b'"key": "val', b'"key": "'),
        (b"a" * 20_000, b"a" * 3616),
    ],
)
def test_a_cut_text_loses_the_word_that_the_cut_is_in(text, kept):
    assert snip(text) == kept


@given(st.text(alphabet='ab \\"\n\té\U0001f600/', max_size=60), st.integers(0, 80), st.booleans())
def test_a_cut_string_is_a_string_and_a_beginning(text, most, ascii_):
    inside = json.dumps(text, ensure_ascii=ascii_)[1:-1].encode()
    kept = snip_string(inside[:most])

    assert is_string(kept)
    assert text.startswith(json.loads(b'"' + kept + b'"'))


def test_what_may_stand_in_a_string():
    assert is_string(b'a\\n\\u00e9\\"\\\\')
    assert not any(is_string(t) for t in (b'"', b"\n", b"\\", b"\\x", b"\\u12", b"\\\\\\"))
