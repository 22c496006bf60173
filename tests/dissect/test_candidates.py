import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hexr_autoinst.dissect
from hexr_autoinst.dissect import CANDIDATES, DISSECTORS, EFFECTS, PROTOCOLS, VENDORS
from hexr_autoinst.dissect.candidates import Candidates, words
from hexr_autoinst.dissect.claim import Claim, choose, question
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.vendor import Vendor, anywhere, post
from tests.dissect.asked import asked
from tests.dissect.cases import all_cases, exchange_of

MESSAGES = [{"role": "user", "content": "hi"}]
BODIES = (
    {},
    b"nonsense",
    {"model": "m", "messages": MESSAGES},
    {"model": "m", "messages": MESSAGES, "max_tokens": 1},
    {"model": "m", "input": "x"},
    {"model": "m", "prompt": "x"},
    {"input": ["x"], "inputs": "x", "texts": ["x"], "query": "q", "documents": ["d"]},
    {"contents": [{"parts": [{"text": "x"}]}]},
    {"input": {"messages": MESSAGES}, "model": "m", "message": "x", "model_id": "m"},
)
OWNED = sorted(
    h if h[0] not in ".~" else f"a{h}" if h[0] == "." else "bedrock-runtime.us-east-1.amazonaws.com"
    for v in VENDORS
    for h in v.hosts
)
HOSTS = st.sampled_from(["localhost", "10.0.0.1:8000", "llm.internal", *OWNED])
METHODS = st.sampled_from(["POST", "GET", "PUT"])
ENDPOINTS = [(v, e) for v in VENDORS for e in (*v.elsewhere, *v.endpoints)]
ELSEWHERE = [(v, e) for v in VENDORS for e in v.elsewhere]
PREFIX = st.sampled_from(["", "/a", "/v1", "/x%3A", "/openai/deployments/d", "/chat", "/generateContent"])
WORDS = sorted({w for v in VENDORS for e in v.elsewhere for w in words(e.path.pattern)})
PATHS = st.one_of(
    st.sampled_from(ENDPOINTS).flatmap(lambda found: st.from_regex(found[1].path, fullmatch=True)),
    st.lists(st.sampled_from(["/", ":", "%3A", "_", "-", "v1", "resp_", *WORDS]), max_size=12).map("".join),
    st.text(max_size=30),
)


class Everybody:
    """All are asked, in an order that means nothing."""

    def __init__(self, dissectors):
        self._dissectors = dissectors

    def of(self, _):
        return random.sample(self._dissectors, len(self._dissectors))


def by_all(one):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hexr_autoinst.dissect, "CANDIDATES", Everybody(DISSECTORS))
        return choose(one)


@given(HOSTS, METHODS, PREFIX, PATHS, st.sampled_from(BODIES))
def test_the_index_answers_as_asking_everybody_does(host, method, prefix, path, body):
    one = asked(host, prefix + path, body, method)

    assert by_all(one) is choose(one)


@pytest.mark.parametrize("case", all_cases(), ids=lambda c: f"{c.parent.name}/{c.name}")
def test_it_does_so_for_every_fixture(case):
    one = question(exchange_of(case)[0])

    assert by_all(one) is choose(one)


@pytest.mark.parametrize(("vendor", "endpoint"), ELSEWHERE, ids=lambda v: getattr(v, "name", None))
@given(data=st.data())
def test_a_path_that_an_endpoint_matches_leads_to_its_vendor(data, vendor, endpoint):
    path = data.draw(st.from_regex(endpoint.path, fullmatch=True))
    one = asked("localhost", path, {}, endpoint.method)

    assert endpoint.match(one) is None or vendor in CANDIDATES.of(one)


def test_a_path_without_a_known_word_asks_no_vendor_on_a_host_that_is_owned():
    assert CANDIDATES.of(asked("api.openai.com", "/v1/files", {})) == (*PROTOCOLS, *EFFECTS)


def test_a_vendor_that_is_sure_is_the_only_one_asked():
    found = CANDIDATES.of(asked("api.groq.com", "/openai/v1/chat/completions", {}))

    assert found == (VENDORS.named("groq"), *PROTOCOLS)


def test_who_is_no_vendor_is_always_asked():
    class Protocol:
        name = "protocol"

        def claim(self, _):
            return Claim.NO

    one = Protocol()
    candidates = Candidates(VENDORS, (*DISSECTORS, one))

    assert candidates.of(asked("localhost", "/", {}))[-1] is one
    assert candidates.of(asked("api.openai.com", "/v1/responses", {}))[-1] is one


def test_a_path_of_which_nothing_is_known_is_a_mistake():
    vendor = Vendor("x", "x", elsewhere=anywhere(post("/[a-z]+/(?P<model>[^/]+)", OPENAI_CHAT)))
    with pytest.raises(ValueError, match="no word"):
        Candidates((vendor,), (vendor,))
