import pytest

from hexr_autoinst.dissect import DISSECTORS
from hexr_autoinst.dissect.claim import Claim
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.dissect.vendor import Vendor, anywhere, get, one_of, post
from tests.dissect.asked import asked

BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
ONE = Vendor(
    name="openai",
    provider="openai",
    endpoints=(post("/v1/chat/completions", OPENAI_CHAT), post("/m/(?P<model>[^/]+)/chat", OPENAI_CHAT)),
    elsewhere=anywhere(
        post("/chat/completions", OPENAI_CHAT), get("/seen/(?P<model>.+)", OPENAI_CHAT), unless="/not/"
    ),
    loose=(OPENAI_CHAT,),
)


@pytest.mark.parametrize(
    ("host", "path", "body", "expected"),
    [
        ("api.openai.com", "/v1/chat/completions", b"nonsense", Claim.HOST),
        ("api.openai.com", "/v1/chat/completions/", BODY, Claim.HOST),
        ("api.openai.com", "/v1/chat/completions/x", BODY, Claim.NO),
        ("api.openai.com", "/beta/chat/completions", BODY, Claim.PATH),
        ("api.anthropic.com", "/v1/chat/completions", BODY, Claim.PATH),
        ("api.anthropic.com", "/v1/chat", BODY, Claim.NO),
        ("localhost", "/a/b/chat/completions", BODY, Claim.PATH),
        ("localhost", "/a/not/chat/completions", BODY, Claim.SHAPE),
        ("localhost", "/chat/completions", b"nonsense", Claim.NO),
        ("localhost", "/whatever", BODY, Claim.SHAPE),
        ("localhost", "/whatever", {"messages": BODY["messages"]}, Claim.NO),
    ],
)
def test_on_its_host_the_path_is_enough_elsewhere_the_body_has_a_say(host, path, body, expected):
    assert expected is ONE.claim(asked(host, path, body))


def test_the_method_is_part_of_an_endpoint():
    assert ONE.claim(asked("api.openai.com", "/v1/chat/completions", BODY, "GET")) is Claim.NO
    assert ONE.claim(asked("localhost", "/seen/m", BODY, "GET")) is Claim.PATH


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/m/a%20b/chat", {}, "a b"),
        ("/m/x/chat", {"model": None}, "x"),
        ("/m/x/chat", {"model": "said"}, "said"),
        ("/v1/chat/completions", {}, None),
    ],
)
def test_a_path_names_the_model_where_the_body_does_not(path, body, expected):
    assert expected == ONE.open(asked("api.openai.com", path, body), content=False).ask.model


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.openai.com", ("openai", False)),
        ("api.anthropic.com", ("anthropic", False)),
        ("127.0.0.1", ("openai", True)),
    ],
)
def test_the_hosts_owner_is_told_and_where_nobody_owns_it_the_shape_is_and_marked(host, expected):
    found = ONE.open(asked(host, "/v1/chat/completions", BODY), content=False).answers.provider

    assert expected == (found.name, found.inferred)


def test_where_several_shapes_share_a_path_the_body_says_which():
    several = one_of(
        post("/invoke/(?P<model>.+)", OPENAI_CHAT), post("/invoke/(?P<model>.+)", OPENAI_EMBEDDINGS)
    )
    vendor = Vendor(name="openai", provider="openai", endpoints=several, extras=(("a", "b"),))
    questions = [asked("api.openai.com", "/invoke/m", body) for body in (BODY, {"input": "x"}, {"rows": []})]

    assert [vendor.claim(q) for q in questions] == [Claim.HOST, Claim.HOST, Claim.NO]
    readings = [vendor.open(q, content=False) for q in questions[:2]]
    assert [r.dialect for r in readings] == [OPENAI_CHAT, OPENAI_EMBEDDINGS]
    assert [r.answer.extras for r in readings] == [{"a": "b"}] * 2


def test_what_is_true_on_its_hosts_is_not_true_elsewhere():
    vendor = Vendor(
        name="openai", provider="openai", elsewhere=anywhere(post("/chat", OPENAI_CHAT)), extras=(("a", "b"),)
    )

    assert vendor.open(asked("localhost", "/chat", BODY), content=False).answer.extras == {}


def test_a_path_may_name_the_conversation_and_ask_for_a_stream():
    path = "/t/(?P<conversation>[^/]+)/(?:run|(?P<stream>runStream))"
    vendor = Vendor(name="openai", provider="openai", endpoints=(post(path, OPENAI_CHAT),))
    asks = [
        vendor.open(asked("api.openai.com", f"/t/c1/{p}", BODY), content=False).ask
        for p in ("run", "runStream")
    ]

    assert [(a.conversation, a.stream) for a in asks] == [("c1", False), ("c1", True)]


def test_what_was_not_claimed_cannot_be_opened():
    with pytest.raises(ValueError, match="not claimed"):
        ONE.open(asked("localhost", "/", b""), content=False)


@pytest.mark.parametrize("vendor", DISSECTORS, ids=lambda v: v.name)
def test_no_pattern_takes_long_on_a_hostile_path(vendor):
    path = "/openai/deployments/" * 5000 + "chat"

    assert vendor.claim(asked("localhost", path, BODY)) in (Claim.NO, Claim.REST, Claim.SHAPE, Claim.PATH)


def test_shapes_that_share_a_path_are_told_apart_by_the_body():
    path = "/x/(?P<model>[^/]+)/ask(?P<stream>-stream)?"
    vendor = Vendor(
        name="openai",
        provider="openai",
        endpoints=(*one_of(post(path, OPENAI_CHAT)), post(path, OPENAI_RESPONSES)),
    )

    for body, expected in ((BODY, OPENAI_CHAT), ({"input": "x"}, OPENAI_RESPONSES)):
        reading = vendor.open(asked("api.openai.com", "/x/a%2Fb/ask-stream", body), content=False)
        assert expected is reading.dialect
        assert (reading.ask.model, reading.ask.stream) == (body.get("model") or "a/b", True)


def test_a_shape_among_others_does_not_claim_a_body_without_it():
    vendor = Vendor(name="openai", provider="openai", endpoints=one_of(post("/ask", OPENAI_CHAT)))

    assert vendor.claim(asked("api.openai.com", "/ask", BODY)) is Claim.HOST
    assert vendor.claim(asked("api.openai.com", "/ask", {})) is Claim.NO
