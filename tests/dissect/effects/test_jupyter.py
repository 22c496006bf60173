import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.effects.jupyter import EFFECT
from hexr_autoinst.model.exchange import Frame
from tests.dissect.effects.doors import AGENT, SECRET, by_bytes, facts, play, socket, tell
from tests.dissect.protocols.asking import any_json, asked

RUN = ("service", "language", "exit_code", "error.type", "hexr.capture.missing")
URL = "ws://127.0.0.1:8888/api/kernels/0d5c-1/channels"


def message(kind, id_, parent=None, **content):
    return {
        "channel": "shell",
        "header": {"msg_id": id_, "msg_type": kind, "session": "s", "version": "5.3"},
        "parent_header": {"msg_id": parent} if parent else {},
        "metadata": {},
        "content": content,
    }


def run(id_):
    return "request", message("execute_request", id_, code=f"key = '{SECRET}'", silent=False)


def reply(parent, **content):
    return "response", message("execute_reply", f"r-{parent}", parent, execution_count=1, **content)


def info(name="python"):
    return "response", message(
        "kernel_info_reply", "i", "q", status="ok", language_info={"name": name, "version": "3"}
    )


def pieces(said):
    """The same in pieces, as the newer protocol has it."""
    side, value = said
    parts = [
        b"shell",
        *(json.dumps(value[k]).encode() for k in ("header", "parent_header", "metadata", "content")),
    ]
    offsets, at = [], 8 * (len(parts) + 2)
    for part in [*parts, b""]:
        offsets.append(at)
        at += len(part)
    return side, b"".join(n.to_bytes(8, "little") for n in (len(offsets), *offsets)) + b"".join(parts)


@pytest.mark.parametrize("how", [lambda one: one, pieces])
def test_each_run_is_a_span_that_ends_with_its_reply(how):
    said = (
        info(),
        run("a"),
        run("b"),
        reply("a", status="ok"),
        reply("b", status="error", ename="ZeroDivisionError", evalue="x"),
    )
    told = tell(socket(URL, *map(how, said)), veil=how is not pieces)

    assert ["hexr.sandbox.exec"] * 2 == [name for name, _, _ in told]
    assert [
        (False, {"service": "jupyter", "language": "python"}),
        (True, {"service": "jupyter", "language": "python", "error.type": "ZeroDivisionError"}),
    ] == [(failed, facts(said, *RUN)) for _, failed, said in told]


def test_what_was_asked_behind_an_error_is_aborted():
    ((_, failed, said),) = tell(socket(URL, run("a"), reply("a", status="aborted")))

    assert (True, "aborted") == (failed, said["error.type"])
    assert "language" not in said


def test_a_run_that_is_never_answered_is_told_when_the_connection_ends():
    told = tell(socket(URL, run("a"), run("a"), reply("unknown", status="ok")))

    assert [{"service": "jupyter", "hexr.capture.missing": ("truncated:response",)}] == [
        facts(s, *RUN) for _, _, s in told
    ]


def test_its_time_is_that_of_the_run_and_its_language_that_of_the_kernel():
    runs = (socket(URL, info("R")), socket(URL, ("request", {"x": 1}), run("a"), reply("a", status="ok")))
    (span,) = play([AGENT, *by_bytes(runs, 1 << 16)])

    assert "R" == span.attributes["language"]
    assert 0 < span.end_time - span.start_time < 1_000_000


def test_only_so_many_runs_wait_and_outputs_cost_nothing():
    picture = ("response", message("display_data", "d", "0", data={"image/png": "A" * (1 << 19)}))
    told = tell(socket(URL, *(run(str(n)) for n in range(300)), picture), sizes=(1 << 16,), veil=False)

    assert 300 == len(told)
    assert all(said["hexr.capture.missing"] == ("truncated:response",) for _, _, said in told)


def test_other_messages_are_none():
    said = (("request", "no json"), ("request", b"\1\2"), ("request", b"\xff" * 99), ("request", {"header": {"msg_type": 1}}),
            ("request", message("execute_request", "x" * 129)), ("request", message("complete_request", "c")),
            ("response", {"header": {"msg_type": "execute_reply"}, "parent_header": {"msg_id": ["a"]}}))  # fmt: skip

    assert [] == tell(socket(URL, *said))
    assert [] == tell(socket("ws://h.test/api/terminals/websocket/1", run("a")))


@given(said=any_json, raw=st.binary(max_size=200))
def test_no_message_is_too_strange(said, raw):
    kernel = EFFECT.open(asked(method="GET", url=URL), content=False)
    kernel.frame(Frame(1, "ws", "", json.dumps(message("execute_request", "a"))))
    for side in ("request", "response"):
        kernel.frame(Frame(1, "ws", "", json.dumps(said), side=side))
        kernel.frame(Frame(1, "ws", "", "", side=side, raw=raw))
        kernel.frame(
            Frame(
                1,
                "ws",
                "",
                json.dumps(
                    {
                        "header": {"msg_type": "execute_reply"},
                        "parent_header": {"msg_id": "a"},
                        "content": said,
                    }
                ),
                side=side,
            )
        )
