import pytest

from hexr_autoinst.dissect.claim import question
from tests.dissect.asked import asked, chosen


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("cloudcode-pa.googleapis.com", "/v1internal:generateContent", False),
        ("daily-cloudcode-pa.sandbox.googleapis.com", "/v1internal:streamGenerateContent", True),
        ("cloudcode-pa.googleapis.com", "/v1internal:countTokens", None),
        ("cloudcode-pa.googleapis.com", "/v1internal:loadCodeAssist", None),
        ("cloudcode-pa.googleapis.com", "/v1internal:onboardUser", None),
    ],
)
def test_only_what_generates_is_claimed_and_the_path_asks_for_a_stream(host, path, expected):
    about = question(asked(host, path, {"model": "m", "request": {}}).exchange)
    found = chosen(about)

    assert expected == (found and found.open(about, content=False).ask.stream)
