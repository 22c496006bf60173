import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.capture import entries as module
from hexr_autoinst.capture.entries import entries


def read(text):
    return list(entries(io.StringIO(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"log": {"entries": []}}', []),
        (
            '\ufeff {"log" : {"version": "1.2", "pages": [{"a": {}}], "entries": [1, {"b": [2]} , "x"], "after": 1}}',
            [1, {"b": [2]}, "x"],
        ),
        ('{"before": null, "log": {"entries": [12345]}}', [12345]),
    ],
)
def test_every_entry_comes_in_order(text, expected):
    assert expected == read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "`{` expected at character 0"),
        ("[]", "`{` expected at character 0"),
        ("{}", "there is no `log`"),
        ('{"log": {"pages": []}}', "there is no `entries`"),
        ('{"log": {"entries": {}}}', r"`\[` expected at character 20"),
        ('{"log": {"entries": [{"a": 1}', "expected at character 29"),
        ('{"log": {"entries": [{"a": nope}]}}', "Expecting value at character 27"),
        ('{"log": {"entries": [' + "[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, reason):
    with pytest.raises(ValueError, match=reason):
        read(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4),
    max_leaves=10,
)


@given(st.lists(JSON, max_size=6), st.integers(1, 9), st.booleans())
def test_any_entries_read_in_pieces_of_any_size_are_what_the_standard_reader_reads(values, piece, ascii_only):
    text = json.dumps({"log": {"entries": values}}, ensure_ascii=ascii_only)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PIECE", piece)

        assert values == read(text)


def test_memory_holds_one_entry_and_not_the_file():
    class Endless(io.StringIO):
        """A file of a hundred million entries; nobody can hold it."""

        def __init__(self):
            super().__init__()
            self.given = 0

        def read(self, size):
            self.given += size
            return '{"log":{"entries":[{}' if self.given == size else ',{"a":1}' * (size // 8)

    file = Endless()
    found = entries(file)
    for _ in range(100_000):
        next(found)

    assert file.given < 2_000_000
