import pytest

from hexr_autoinst.dissect.dialects.ernie import ERNIE
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"result": "x", "is_end": False}, 1),
        ({"result": "", "is_end": True}, 0),
        ({"result": "", "function_call": {"name": "f", "arguments": "{}"}}, 1),
        ({"error_code": 18, "error_msg": "m"}, 0),
    ],
)
def test_only_a_piece_with_output_is_an_output_frame(frame, expected):
    assert expected == call(ERNIE, {}, frame).output_chunks


def test_a_function_is_called_without_an_id():
    whole = {
        "id": "a",
        "result": "",
        "finish_reason": "function_call",
        "function_call": {"name": "f", "arguments": "{}"},
    }
    found = call(ERNIE, {"functions": [{"name": "f"}]}, whole=whole, content=True)

    assert [(t.name, t.id, t.arguments) for t in found.tool_calls] == [("f", None, "{}")]
    assert (found.tool_definitions, found.finish_reasons) == (("f",), ("function_call",))


def test_an_error_has_a_good_status():
    assert call(ERNIE, {}, whole={"error_code": 336003, "error_msg": "m"}).failure.type == "336003"
