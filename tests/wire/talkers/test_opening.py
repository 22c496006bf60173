from hexr_autoinst.wire.framing.blocks import Block
from hexr_autoinst.wire.framing.http2 import CONTINUATION, HEADERS, PUSH, Frame
from hexr_autoinst.wire.talkers.opening import Fields, Opening


def test_a_block_from_its_frames():
    opening = Opening.of(Frame(HEADERS, 1, 3, b""), 7)
    opening.add(Frame(HEADERS, 1, 3, b"one"), 100)
    opening.add(Frame(CONTINUATION, 4, 3, b"two"), 100)

    assert (opening.stream, opening.at, opening.ends, opening.pushed, bytes(opening.data), opening.cut) == (
        3,
        7,
        True,
        False,
        b"onetwo",
        False,
    )


def test_more_than_is_kept_is_cut_and_never_held():
    opening = Opening.of(Frame(PUSH, 1, 3, b""), 7)
    for _ in range(50):
        opening.add(Frame(CONTINUATION, 0, 3, b"x" * 7), 20)

    assert (len(opening.data), opening.cut, opening.pushed, opening.ends) == (20, True, True, False)


def test_a_head_as_a_plane_that_parses_would_tell_it():
    said = Fields.of(Block(((":method", "GET"), (":path", "/a?b"), ("host", "h:1"), ("x", "y"))))

    head = said.head("request", 5, "https")
    assert (head.method, head.scheme, head.authority, head.target, head.version, head.headers) == (
        "GET",
        "https",
        "h:1",
        "/a?b",
        "HTTP/2",
        (("host", "h:1"), ("x", "y")),
    )
    answer = Fields.of(Block(((":status", "204"),))).head("response", 6)
    assert (answer.status, answer.headers) == (204, ())
    assert Fields.of(Block(((":status", "what"),))).head("response", 6).status == 0
    assert Fields.of(Block(((":protocol", "websocket"),))).head("request", 6).headers == (
        (":protocol", "websocket"),
    )
