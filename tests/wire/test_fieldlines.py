import pytest

from hexr_autoinst.model.exchange import Headers
from hexr_autoinst.wire import fieldlines, redact

LINES = b"B: 1\r\na:2\r\nB:  3 \r\nno field\r\n: nameless\r\n"
TOKEN = "sk-ant-0123456789abcdefghij"


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(fieldlines, "_KNOWN", {})


def test_fields_keep_order_case_and_repeats():
    said = (("B", "1"), ("a", "2"), ("B", "3"))

    assert fieldlines.split(LINES) == said
    assert fieldlines.read(LINES) == fieldlines.read(LINES) == Headers(said)
    assert fieldlines.read(LINES).get("b") == "1"


def test_a_line_may_go_on_in_the_next():
    lines = b"Fold: x\r\n\t y\r\nAuthorization: Bearer\r\n abc\r\n"

    assert fieldlines.split(lines) == (("Fold", "x y"), ("Authorization", "Bearer abc"))
    assert fieldlines.read(lines).fields == (("Fold", "x y"), ("Authorization", "Bearer [redacted]"))


@pytest.mark.parametrize("line", [f"X-Any: {TOKEN}", f"Authorization: Bearer {TOKEN}", "Cookie: a=b"])
def test_what_held_a_secret_is_not_remembered(line):
    for _ in range(2):
        found = fieldlines.read(f"Accept: */*\r\n{line}\r".encode())

        assert found.get("accept") == "*/*"
        assert found.fields == redact.fields((("Accept", "*/*"), tuple(line.split(": "))))
    assert list(fieldlines._KNOWN) == [b"Accept: */*\r"]


def test_a_secret_beside_a_known_line_is_still_found():
    fieldlines.read(b"X-Any: yes\r\nX-More: 1\r")

    assert fieldlines.read(f"X-Any: {TOKEN}\r\nX-More: 1\r".encode()).get("x-any") == redact.MARK


def test_what_is_remembered_is_bounded():
    for n in range(fieldlines._REMEMBERED + 2):
        fieldlines.read(b"X-Request-Id: %d\r" % n)
    fieldlines.read(b"X-Long: " + b"x" * 600 + b"\r")

    assert len(fieldlines._KNOWN) == 2
