from datetime import UTC, datetime

import pytest

from hexr_autoinst import prices
from hexr_autoinst.model.operation import ModelCall, Usage
from hexr_autoinst.prices import Prices

AT = 1_780_000_000_000_000_000


def call(provider="openai", model="gpt-4o-2024-08-06", usage=None, **more):
    return ModelCall("chat", "chat", provider, response_model=model, usage=usage or Usage(1000, 100), **more)


def library(provider, model, **tokens):
    from genai_prices import Usage as Used
    from genai_prices import calc_price

    when = datetime.fromtimestamp(AT / 1e9, UTC)
    return float(
        calc_price(
            Used(**tokens), model_ref=model, provider_id=provider, genai_request_timestamp=when
        ).total_price
    )


@pytest.mark.parametrize(
    ("provider", "named", "model"),
    [
        ("openai", "openai", "gpt-4o-2024-08-06"),
        ("anthropic", "anthropic", "claude-sonnet-4-20250514"),
        ("gcp.gemini", "google", "gemini-2.5-pro"),
        ("aws.bedrock", "aws", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("mistral_ai", "mistral", "mistral-large-latest"),
        ("azure.ai.openai", "azure", "gpt-4o-mini-2024-07-18"),
    ],
)
@pytest.mark.parametrize(("read", "write"), [(0, 0), (400, 0), (300, 100)])
@pytest.mark.parametrize("scale", [1, 7, 300])
def test_a_cost_is_the_librarys_at_any_length(provider, named, model, read, write, scale):
    told = Prices().cost(
        call(provider, model, Usage(1000 * scale, 70 * scale, read * scale, write * scale)), AT
    )
    want = library(
        named,
        model,
        input_tokens=1000 * scale,
        output_tokens=70 * scale,
        cache_read_tokens=read * scale,
        cache_write_tokens=write * scale,
    )

    assert want > 0
    assert told == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize(
    ("provider", "model"), [("anthropic", "claude-sonnet-4-5"), ("google", "gemini-2.5-pro")]
)
@pytest.mark.parametrize("length", [1, 199_999, 200_000, 200_001, 5_000_000])
def test_a_tier_of_length_has_rates_of_its_own(provider, model, length):
    listed = prices._list(provider, model, AT // 1_000_000_000 // 900)
    counts = (length - length // 3, length // 3, 0, 700)
    want = library(provider, model, input_tokens=length, output_tokens=700, cache_read_tokens=length // 3)

    assert listed.tiers == (200_000,)
    assert [rates.ask for rates in listed.rates] == [None, None]
    assert listed.cost(counts) == pytest.approx(want, rel=1e-6)


def test_what_is_not_linear_is_asked_for_each_call():
    odd = prices._rates(lambda counts: float(counts[0] ** 2), 1, 1000)

    assert odd.cost((30, 0, 0, 0)) == 900


def test_cached_input_is_priced_at_its_own_rate():
    prices = Prices()

    assert prices.cost(call(usage=Usage(1000, 0, cache_read=1000)), AT) < prices.cost(
        call(usage=Usage(1000, 0)), AT
    )


@pytest.mark.parametrize(
    "unknown",
    [
        call(model="no-such-model-of-anybody"),
        call(provider="nobody"),
        call(model=None),
        call(usage=Usage()),
        call(inferred=True),
    ],
)
def test_what_is_not_known_has_no_price(unknown):
    assert Prices().cost(unknown, AT) is None


def test_the_model_asked_for_is_priced_where_the_one_that_answered_is_not_listed():
    assert Prices().cost(call(model="unlisted-snapshot", request_model="gpt-4o"), AT) > 0


def test_the_window_of_a_model_is_the_librarys():
    assert Prices().window(call(model="gpt-4o-2024-08-06", usage=Usage(10, 1))) == 128_000
    assert Prices().window(call(model="unlisted", request_model="gpt-4o", usage=Usage(10, 1))) == 128_000
    for unknown in (
        call(model="nobodys", usage=Usage(1)),
        call(provider="nobody", usage=Usage(1)),
        call(usage=Usage()),
    ):
        assert Prices().window(unknown) is None
