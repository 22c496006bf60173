import re

import pytest

from hexr_autoinst.semconv import names

WORDS = [
    v
    for k, v in vars(names).items()
    if k.isupper() and isinstance(v, str) and "." in v and not v.startswith("http")
]


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("openai", "openai"),
        ("anthropic", "anthropic"),
        ("cohere", "cohere"),
        ("gcp.gemini", "google_genai"),
        ("gcp.vertex_ai", "google_genai"),
        ("mistral_ai", "mistral"),
        ("x_ai", "xai"),
        ("aws.bedrock", "aws.bedrock"),
        ("azure.ai.openai", "azure.ai.openai"),
        ("openrouter", "openrouter"),
    ],
)
def test_the_older_word_of_a_provider(provider, expected):
    assert expected == names.system_of(provider)


def test_every_word_is_spelled_once_and_as_conventions_spell():
    assert len(WORDS) == len(set(WORDS))
    assert [
        w
        for w in WORDS
        if w != names.CONVENTIONS and not re.fullmatch(r"[a-z0-9_]+(\.([a-z0-9_]+|\{\}(_[a-z]+)?))+", w)
    ] == []


def test_the_convention_is_pinned():
    assert names.SCHEMA_URL == "https://opentelemetry.io/schemas/1.41.1"
