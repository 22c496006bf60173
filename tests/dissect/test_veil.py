import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect import quoted
from hexr_autoinst.dissect.form import fields
from hexr_autoinst.dissect.lenient import parse, parse_cut
from hexr_autoinst.dissect.veil import is_veiled, mark, veiled, veiled_frame
from hexr_autoinst.model.exchange import Exchange, Frame, Headers, Request, Response
from hexr_autoinst.model.sample import SHORTEST

KEPT = ("model!", "id", "choices.finish_reason", "choices.*.calls.name", "usage.*.*", "stop!", "/", "?v", "x-sdk:", "=[DONE]", "either", "either.id", "sized#")  # fmt: skip
FORM = Headers((("Content-Type", "application/x-www-form-urlencoded"),))


def frame(data, kept=KEPT):
    return veiled_frame(Frame(1, "sse", "delta", data), kept).data


def value(given, kept=KEPT):
    return json.loads(frame(json.dumps(given), kept))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"id": "a-1", "model": "My Model", "said": "Hello"}, {"id": "a-1", "model": "My Model", "said": "~ 16"}),
        ({"id": "no id"}, {"id": "~ 16"}),
        ({"id": "x" * 257}, {"id": "~ 512"}),
        ({"stop": ["\n\n", "END"], "id": ["a"]}, {"stop": ["\n\n", "END"], "id": ["a"]}),
        ({"n": 3, "on": True, "none": None, "said": ""}, {"n": 3, "on": True, "none": None, "said": ""}),
        ({"usage": {"in": 3, "why": "x", "more": {"a": 1, "b": "c"}}}, {"usage": {"in": 3, "why": "~ 16", "more": {"a": 1, "b": "c"}}}),
        ({"data": {"pin": 4711, "ok": True, "x": 1.5}}, {"data": {"~0": 0, "~1": False, "~2": 0.0}}),
        ({"tokens": [15, 19.5], "deep": [[1]]}, {"tokens": [0, 0.0], "deep": [[0]]}),
        (
            {"choices": [{"finish_reason": "stop", "delta": {"text": "yes", "calls": [{"name": "f", "args": {"city": "Oslo"}}]}}]},
            {"choices": [{"finish_reason": "stop", "delta": {"text": "~ 16", "calls": [{"name": "f", "args": {"~0": "~ 16"}}]}}]},
        ),
        ({"said#": "Hello", "sized": "Hello"}, {"said#": "~ 16", "sized": "~~~~~"}),
        ({"either": "conv_1"}, {"either": "conv_1"}),
        ({"either": {"id": "conv_1", "note": "Hello"}}, {"either": {"id": "conv_1", "note": "~ 16"}}),
        ({"stop": {"Hello": "Hello"}}, {"stop": {"~0": "~ 16"}}),
        ({"": "Hello", "!": "Hello", "#": "Hello", "k" * 65: "Hello"}, {"": "~ 16", "!": "~ 16", "#": "~ 16", "~3": "~ 16"}),
        ("Hello", "~ 16"),
        ([1, "Hello", {"id": "a"}], [0, "~ 16", {"id": "a"}]),
    ],
)  # fmt: skip
def test_only_what_is_named_stays(given, expected):
    assert expected == value(given)


def test_a_member_that_is_named_itself_is_also_what_any_name_is():
    kept = ("choices.*.calls.id", "choices.message.error.code", "choices.message")
    given = {"choices": [{"message": {"calls": [{"id": "c-1", "x": "y"}], "error": {"code": "e"}}}]}

    assert value(given, kept) == {
        "choices": [{"message": {"calls": [{"id": "c-1", "x": "~ 16"}], "error": {"code": "e"}}}]
    }


def sealed(given, seal):
    return json.loads(veiled_frame(Frame(1, "sse", "delta", json.dumps(given)), KEPT, seal=seal).data)


def test_with_a_key_the_same_text_has_the_same_mark_and_another_key_another():
    one, two, three = sealed(
        {"a": "Find the report", "b": " Find the report\n", "c": "Find no report!"}, b"key"
    ).values()

    assert (one == two, one == three) == (True, False)
    assert one.startswith("~ 16 ")
    assert is_veiled(one)
    assert one != sealed({"a": "Find the report"}, b"other")["a"]


@given(st.text(max_size=40))
def test_a_mark_is_as_long_as_may_be_recognized_only_where_its_text_is(text):
    assert (len(mark(text, b"key")) >= SHORTEST) == (len(text) >= SHORTEST)


def test_json_within_a_text_is_veiled_as_json():
    (said,) = sealed({"arguments": '{"task": "Find the report", "n": 3}'}, b"key").values()

    assert json.loads(said) == {"~0": mark("Find the report", b"key"), "~1": 0}


def test_of_a_text_that_quotes_ids_of_calls_these_stay():
    text = "Calling tools: [{'id': 'call_1b9fe0d21f61', 'name': 'secret'}]"

    assert quoted.ids(mark(text, b"key")) == quoted.ids(text)
    assert "secret" not in mark(text, b"key")


def test_yes_and_no_are_of_one_length_and_long_texts_of_their_power_of_two():
    assert value(["yes", "no", "x" * 17, "x" * 32, "x" * 33]) == ["~ 16", "~ 16", "~ 32", "~ 32", "~ 64"]


@pytest.mark.parametrize(("text", "expected"), [("[DONE]", "[DONE]"), (" [DONE]", " [DONE]"), ("Hello", "~ 16"), ("", ""), ("null", "~ 16")])  # fmt: skip
def test_a_frame_that_is_no_json_is_kept_only_where_it_is_named(text, expected):
    assert expected == frame(text)


def test_what_is_nested_without_end_is_cut():
    deep = json.loads("[" * 500 + "]" * 500)

    assert frame(json.dumps(deep)).count("[") < 100


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text() | st.sampled_from(["id", "usage"]), x), max_leaves=20), st.integers(0, 200))  # fmt: skip
def test_a_cut_text_stays_cut_where_it_was_and_has_the_same_shape(said, place):
    text = json.dumps(said)[:place]
    veil = frame(text)

    assert (parse(text) is None) == (parse(veil) is None)
    assert type(parse_cut(text.encode())) is type(parse_cut(veil.encode()))


def asked(**more):
    return Exchange("id", "ebpf", None, "c", 0, "client", Request(1, "POST", "https", "h", 0, "/v1/Hello", "v=2&q=Hello&Hello", size=9, **more),
                    Response(2, 200, headers=Headers((("Date", "now"), ("X-Note", "Hello"))), body=b'{"id": "r", "t": "Hello"}'))  # fmt: skip


def test_of_a_head_only_what_http_says_and_what_is_named_stays():
    headers = Headers(
        (("User-Agent", "sdk/1"), ("X-SDK", "py"), ("X-Title", "Hello"), ("traceparent", "00-a"))
    )
    found = veiled(asked(headers=headers), KEPT)

    assert found.request.headers.fields == (("User-Agent", "sdk/1"), ("X-SDK", "py"), ("X-Title", "~ 16"), ("traceparent", "00-a"))  # fmt: skip
    assert found.response.headers.fields == (("Date", "now"), ("X-Note", "~ 16"))
    assert (found.request.path, found.request.query, found.request.size) == (
        "/v1/Hello",
        "v=2&q=~ 16&Hello",
        9,
    )
    assert found.response.body == b'{"id":"r","t":"~ 16"}'


def test_a_path_that_nobody_names_is_veiled_and_of_what_nobody_reads_no_body_stays():
    assert veiled(asked(), ()).request.path == "/~/~"
    none = veiled(asked(headers=FORM, body=b"a=Hello"), None)
    assert (none.request.path, none.request.body, none.response.body, none.request.query) == ("/~/~", b"", b"", "v=~ 16&q=~ 16&Hello")  # fmt: skip


def test_a_form_keeps_the_values_that_are_named():
    assert veiled(asked(headers=FORM, body=b"id=a&said=Hello"), KEPT).request.body == b"id=a&said=~ 16"


def test_a_form_of_parts_keeps_the_fields_that_are_named_and_no_file():
    kind = Headers((("Content-Type", "multipart/form-data; boundary=B"),))
    part = "--B\r\nContent-Disposition: form-data; name={}\r\n\r\n{}\r\n"
    fields_ = (("id", "a"), ("said", "Hello"), ('file; filename="Hello.wav"', "Hello"))
    body = "".join(part.format(*f) for f in fields_).encode() + b"--B--\r\n"

    found = veiled(asked(headers=kind, body=body), KEPT).request.body
    assert b"Hello" not in found
    assert fields("multipart/form-data; boundary=B", found) == {"id": "a", "said": "~ 16"}


def test_of_a_piece_of_another_framing_stay_the_texts_that_it_made_whole():
    piece = Frame(1, "sse", "PayloadPart", 'lo"}\n\ndata: {"id": "Hel')

    assert veiled_frame(piece, KEPT, ('{"said": "Hello"}',)).data == '{"said":"~ 16"}\n'
    assert veiled_frame(piece, KEPT, ()).data == ""


def test_of_a_binary_message_no_byte_stays_and_of_trailers_the_code():
    frame = veiled_frame(Frame(1, "grpc", "", "", raw=b"words"), ())
    answer = Response(1, 200, trailers=Headers((("grpc-status", "5"), ("grpc-message", "words"))))
    veiled_answer = veiled(
        Exchange("x", "har", None, "c", 0, "client", Request(1, "POST", "https", "h", 0, "/"), answer), ()
    ).response

    assert frame.raw == b""
    assert veiled_answer.trailers.get("grpc-status") == "5"
    assert "words" not in repr(veiled_answer)


def test_a_seal_tells_values_apart_and_nothing_else():
    kept = ("id", "state^")
    one, same, other = (
        json.loads(veiled_frame(Frame(1, "sse", "", json.dumps(v)), kept, seal=b"key").data)["state"]
        for v in ({"state": {"a": 1, "b": "Hello"}}, {"state": {"b": "Hello", "a": 1}}, {"state": "Hello"})
    )
    under_another = json.loads(veiled_frame(Frame(1, "sse", "", '{"state": "Hello"}'), kept, seal=b"x").data)

    assert one == same
    assert len({one, other, under_another["state"]}) == 3
    assert json.loads(frame('{"state": "", "id": "a"}', kept)) == {"state": "", "id": "a"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"args": {"city": "Oslo", "n": 5, "deep": {"x": 1}, "k" * 70: 1}},
            {"args": {"city": "~ 16", "n": 0, "deep": {"~0": 0}, "k" * 65: 0}},
        ),
        (
            {"meta": {"age": 42, "token": 7, "trace": "00-a b"}},
            {"meta": {"age": 0, "token": 7, "trace": "00-a b"}},
        ),
        ({"a.b": {"c": "1.0"}, "a": {"b": {"c": "Hello"}}}, {"a.b": {"c": "1.0"}, "a": {"b": {"c": "~ 16"}}}),
    ],
)
def test_names_without_values_and_names_with_dots(given, expected):
    kept = ("args~", "meta~", "meta.token!", "meta.trace!", "a\\.b.c", "a.b.-")

    assert expected == value(given, kept)


def test_an_events_data_stays_where_it_is_named_and_is_a_word():
    kept = ("@endpoint",)
    data = [veiled_frame(Frame(1, "sse", e, d), kept).data for e, d in (("endpoint", "/m?s=1"), ("endpoint", "a b"), ("message", "/m"))]  # fmt: skip

    assert data == ["/m?s=1", "~ 16", "~ 16"]


def test_of_a_close_the_code_stays():
    data = [veiled_frame(Frame(1, "ws", "close", d), ()).data for d in ("", "1000", "1008 no money")]

    assert data == ["", "1000", "1008 ~ 16"]


def test_fields_by_number_are_those_of_their_side_and_of_a_header():
    kept = ("<1", ">2", "x-bin:1")
    raw = bytes.fromhex("0a0161120162")  # 1: a, 2: b
    sides = [veiled_frame(Frame(1, "grpc", "", "", side=s, raw=raw), kept).raw.hex() for s in ("request", "response")]  # fmt: skip
    answer = Response(1, 200, trailers=Headers((("X-Bin", "CgFhEgFi"), ("y-bin", "CgFhEgFi"))))
    found = veiled(
        Exchange("x", "har", None, "c", 0, "client", Request(1, "POST", "https", "h", 0, "/"), answer), kept
    )

    assert sides == ["0a0161", "120162"]
    assert found.response.trailers.fields == (("X-Bin", "CgFh"), ("y-bin", "~ 16"))


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://u:p@a.test:81/x?q=1", "http://a.test/"),
        ("http://[::1]/x", "http://[::1]/"),
        ("about:blank", "~ 16"),
        ("http://" + "x" * 300, "~ 512"),
        ("", ""),
    ],
)
def test_of_a_url_the_host_stays(url, left):
    veil = value({"url": url, "text": url}, ("url@",))

    assert left == veil["url"]
    assert "test" not in veil["text"]
