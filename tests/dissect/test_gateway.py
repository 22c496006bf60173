import json

import pytest

from hexr_autoinst.dissect.gateway import answered, asked_model, at, before_slash, named
from hexr_autoinst.dissect.who import Provider
from tests.dissect.asked import asked


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("openai", "openai"),
        ("azure-openai", "azure.ai.openai"),
        ("x-ai", "x_ai"),
        ("together_ai", "together_ai"),
        ("perplexity-ai", "perplexity"),
        ("@team-prod", None),
        ("", None),
        (None, None),
        ("o" * 100, None),
    ],
)
def test_a_word_is_a_vendors_or_nobodys(word, expected):
    assert (Provider(expected) if expected else None) == named(word)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.groq.com/openai/v1", "groq"),
        ("unit.openai.azure.com", "azure.ai.openai"),
        ("http://127.0.0.1:11434/v1", None),
        ("https://ai-gateway.vercel.sh/v1", None),
        ("https://[broken", None),
        ("", None),
    ],
)
def test_an_address_is_its_owners(url, expected):
    assert (Provider(expected) if expected else None) == at(url)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("anthropic/claude", "anthropic"),
        ("claude", None),
        ("nobody/claude", None),
        (None, None),
        ("groq/", "groq"),
    ],
)
def test_what_stands_before_a_models_name(model, expected):
    assert (Provider(expected, inferred=True) if expected else None) == before_slash(model, inferred=True)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (json.dumps({"model": "a/b"}).encode(), "a/b"),
        (b'{"model": "a/b", "messages": [', "a/b"),
        (b"[]", None),
        (b"", None),
    ],
)
def test_the_model_that_was_asked(body, expected):
    assert expected == asked_model(asked("localhost", "/", body).exchange)


def test_before_there_is_an_answer_it_says_nothing():
    assert answered(asked("localhost", "/", {}).exchange).fields == ()
