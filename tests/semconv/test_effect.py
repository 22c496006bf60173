from dataclasses import replace

from hexr_autoinst.model.operation import Effect, Failure
from hexr_autoinst.model.story import Placed
from hexr_autoinst.semconv.effect import effect_attributes, effect_name, seconds
from tests.semconv.told_for_tests import AGENT, EXCHANGE, PLACE


def said(effect):
    return dict(effect_attributes(Placed(AGENT, PLACE, EXCHANGE, effect), effect))


def test_a_tool_is_told_in_both_vocabularies():
    found = said(Effect("tool", "invoke", "aws_s3", facts=(("region", "eu-west-1"), ("unheard_of", "x"))))

    assert {
        "service": "aws_s3",
        "region": "eu-west-1",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "aws_s3",
        "gen_ai.tool.type": "extension",
        "server.address": "api.example",
        "http.response.status_code": 200,
        "hexr.exchange.id": "xid",
    }.items() <= found.items()
    assert "x" not in found.values()
    assert "hexr.inferred" not in found


def test_a_failure_an_inference_and_what_is_missing_are_said():
    effect = Effect("tool", "invoke", failure=Failure("404"), inferred=True, missing=("truncated:request",))

    assert {
        "error.type": "404",
        "hexr.inferred": True,
        "hexr.capture.complete": False,
        "hexr.capture.missing": ("lost_events", "truncated:request"),
    }.items() <= said(effect).items()


def test_a_vault_names_the_tenant_and_a_cache_its_time():
    assert "acme" == said(Effect("vault", "get"))["tenant"]
    assert 250.0 == said(Effect("cache", "lookup"))["duration_ms"]
    assert "tenant" not in said(Effect("cache", "lookup"))


def test_the_name_is_of_the_kind_and_the_verb():
    assert "hexr.credential.exchange" == effect_name(Effect("credential", "exchange"))
    assert "hexr.vault.list" == effect_name(Effect("vault", "list"))


def test_a_time_that_runs_backwards_is_none():
    late = replace(EXCHANGE, response=None, request=replace(EXCHANGE.request, ended=0))

    assert 0 == seconds(Placed(AGENT, PLACE, late, Effect("tool", "invoke")))


def test_a_lookup_in_memory_names_no_exchange_and_no_server():
    found = said(Effect("cache", "lookup", "aws", facts=(("tier", "L1"), ("hit", True)), inferred=True))

    assert {"tier": "L1", "hit": True, "service": "aws", "hexr.inferred": True}.items() <= found.items()
    assert not {"hexr.exchange.id", "server.address", "http.response.status_code"} & found.keys()
