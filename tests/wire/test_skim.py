import json
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hexr_autoinst.wire import redact
from hexr_autoinst.wire.skim import MOST, Skim


def skim(text, step=0, most=MOST):
    made = Skim(most)
    step = step or max(1, len(text))
    for start in range(0, len(text), step):
        made.feed(text[start : start + step])
    return made.end()


def said(value, step=0, most=MOST):
    return json.loads(skim(json.dumps(value).encode(), step, most))


def scalars(value):
    if isinstance(value, dict):
        return [x for k, v in value.items() for x in [k, *scalars(v)]]
    if isinstance(value, list):
        return [x for v in value for x in scalars(v)]
    return [value]


def test_what_is_short_stays_as_it_is():
    value = {"id": 'r\n"é\\ud83d', "n": [1, -2.5e10, True, None], "o": {}, "l": [], "s": ""}

    assert said(value) == value


def test_the_end_of_fifty_megabytes_is_told_within_bounded_memory():
    def pieces():
        yield b'{"model": "m", "data": ['
        for n in range(1600):
            yield b'%s{"index": %d, "b64_json": "%s"}' % (b"," if n else b"", n, b"QUJD" * 8192)
        yield b'], "usage": {"input_tokens": 12, "details": {"cached": 3}}, "stop": "end"}'

    tracemalloc.start()
    made = Skim()
    for piece in pieces():
        made.feed(piece)
    kept = made.end()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    value = json.loads(kept)
    assert made.fed > 50 << 20
    assert len(kept) <= MOST
    assert peak < 2 << 20
    assert list(value) == ["model", "data", "usage", "stop"]
    assert value["usage"] == {"input_tokens": 12, "details": {"cached": 3}}
    assert (value["data"][0]["index"], value["data"][-1]["index"]) == (0, 1599)


def test_embeddings_keep_their_place_and_few_of_their_numbers():
    vector = [n / 7 for n in range(1536)]
    value = said({"data": [{"index": i, "embedding": vector} for i in range(500)], "usage": {"total": 9}})

    assert value["usage"] == {"total": 9}
    assert value["data"][-1] == {"index": 499, "embedding": vector[:4]}


@pytest.mark.parametrize(
    "many",
    [
        {str(n): "x" * 50 for n in range(100_000)},
        [{"id": n, "name": "x" * 50} for n in range(50_000)],
        [["deep", {"n": n}] for n in range(50_000)],
        [str(n) for n in range(100_000)],
        ["x" * 900] * 5000,
        {"a" * 300: 1, **{str(n): n for n in range(1000)}},
    ],
    ids=["members", "objects", "arrays", "strings", "texts", "long names"],
)
def test_the_first_and_the_last_are_kept_of_many(many):
    text = json.dumps({"many": many, "usage": {"total": 7}, "id": "r"}).encode()
    whole = skim(text)

    value = json.loads(whole)
    assert len(whole) <= MOST
    assert (value["usage"], value["id"]) == ({"total": 7}, "r")
    parts, kept = (list(x.items()) if isinstance(x, dict) else x for x in (many, value["many"]))
    assert kept[-1] == parts[-1]
    assert kept[0] in parts[:2]
    for step in (1000, 4097, 65_536):
        assert skim(text, step) == whole


def test_a_long_text_is_cut_at_a_word_and_stays_a_text():
    for unit in ("lorem ipsum ", "日本語 ", "é", '\\ " ', "\U0001f600"):
        text = unit * 2000
        for value in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
            (kept,) = json.loads(skim(b'["' + value[1:].encode() + b"]"))

            assert text.startswith(kept)
            assert len(kept.encode()) <= 1024


# A secret, and what of it nobody may see.
SECRETS = [
    ("sk-ant-api03-" + "Ab1" * 20, "Ab1"),
    ("eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIi" * 40 + "." + "c2ln" * 20, "eyJ"),
    ("Bearer " + "tok/en+" * 10, "tok"),
    ("https://user:hunter2-!$&()*+,;=@host/", "hunter2"),
    ("AKIAIOSFODNN7EXAMPLE", "IOS"),
    ('{"api_key": "' + "hunter2" * 9 + '"}', "hunter2"),
    ("https://h/x?sig=" + "hunter2" * 9, "hunter2"),
]


@pytest.mark.parametrize(("secret", "core"), SECRETS)
def test_no_half_of_a_secret_is_left_wherever_a_text_is_cut(secret, core):
    seen = set()
    for before in range(1024 - len(json.dumps(secret)) - 4, 1030):
        text = ("x " * 520)[:before] + " " + secret + " and more" * 200
        kept = json.loads(redact.text(skim(json.dumps({"text": text, "n": 1}).encode())))

        assert core not in kept["text"]
        assert kept["n"] == 1
        seen.add(redact.MARK in kept["text"])
    assert seen == {True, False}  # both were tried: a cut behind it, and one before or within


@pytest.mark.parametrize("name", ["api_key", "Authorization", "client_secret"])
@pytest.mark.parametrize("length", [20, 1000, 5000, 100_000])
def test_a_long_secret_keeps_its_name_and_loses_its_value(name, length):
    value = {"messages": ["x " * 3000], name: "hunter2 " * (length // 8), "after": 1}
    kept = json.loads(redact.text(skim(json.dumps(value).encode())))

    assert kept[name] in (redact.MARK, "")
    assert kept["after"] == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", b""),
        (b"  ", b""),
        (b'{"a": 1', b"{}"),  # 1 may be the beginning of 12
        (b'{"a": 1,', b'{"a":1}'),
        (b'{"a": {"b": "hal', b'{"a":{}}'),
        (b'{"a": 1, "b" 2, "c": 3}', b'{"a":1}'),
        (b'{"a": NaN, "b": -Infinity, "c": 2}', b'{"c":2}'),
        (b'{"a": nope, "b": 2}', b"{}"),
        (b'{"a": "raw\nline", "b": 2}', b'{"b":2}'),
        (b'{"a": "\\x", "b": 2}', b'{"b":2}'),
        (b'{"a": "\xff", "b": 2}', b'{"a":"\xef\xbf\xbd","b":2}'),
        (b"[1 2,,3]", b"[1,2,3]"),
        (b'{"a": [1}, "b": 2}', b'{"a":[1]}'),
        (b'{"a": 1} {"b": 2}', b'{"a":1}'),
        (b"[" * 5000 + b"]" * 5000 + b",1]", b"[" * 10 + b"]" * 10),
        (b'{"a": 01, "b": 2}', b"{}"),
        (b'{"a": %s, "b": 2}' % (b"9" * 5000), b"{}"),
    ],
)
def test_what_is_broken_is_told_as_far_as_it_goes(text, expected):
    for step in (0, 1, 3):
        assert skim(text, step) == expected


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12) | st.text(alphabet='ab \\"\nzé', min_size=900, max_size=1300),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=8), inner, max_size=8),
    max_leaves=60,
)  # fmt: skip
MANY = st.tuples(st.lists(VALUES, min_size=1, max_size=3), st.integers(1, 400)).map(lambda x: x[0] * x[1])


@settings(max_examples=150, deadline=None)
@given(VALUES | MANY, st.integers(1, 300), st.sampled_from([64, 500, 8000, MOST]), st.booleans())
def test_of_any_json_less_is_left_and_the_same_in_any_pieces(value, step, most, spaced):
    text = json.dumps([value], indent=1 if spaced else None, ensure_ascii=spaced).encode()
    kept = skim(text, 0, most)

    assert kept == skim(text, step, most)
    assert len(kept) <= most
    wholes = scalars(value)
    words = [w for w in wholes if isinstance(w, str)]
    for one in scalars(json.loads(kept)):
        assert one in wholes or (isinstance(one, str) and any(w.startswith(one) for w in words))


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b'"a"', b"12", b"true", b"\xff", b" ", b"e", b"-", b'"k":'])
        | st.binary(max_size=4),
        max_size=60,
    ),
    st.integers(1, 7),
)  # fmt: skip
@example([b'{"k":', b"1", b"e", b"}"], 1)
def test_any_bytes_give_json_or_nothing(parts, step):
    text = b"".join(parts)
    for kept in (skim(text), skim(text, step)):
        assert not kept or json.loads(kept) is not Ellipsis
