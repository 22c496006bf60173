from dataclasses import replace

import pytest

from hexr_autoinst.model.exchange import Phases, Response
from hexr_autoinst.model.operation import Failure, Sampling
from hexr_autoinst.semconv.call import call_attributes
from tests.semconv.told_for_tests import BARE, CALL, EXCHANGE, PLACED, T0


def attributes(told):
    return dict(call_attributes(told, told.operation))


def test_every_fact_has_its_key():
    assert attributes(PLACED) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "mistral_ai",
        "gen_ai.system": "mistral",
        "gen_ai.conversation.id": "conv",
        "gen_ai.request.model": "m",
        "gen_ai.request.stream": True,
        "gen_ai.request.max_tokens": 99,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 0.9,
        "gen_ai.request.top_k": 40.0,
        "gen_ai.request.frequency_penalty": 0.1,
        "gen_ai.request.presence_penalty": 0.2,
        "gen_ai.request.stop_sequences": ("END",),
        "gen_ai.request.seed": 7,
        "gen_ai.request.choice.count": 2,
        "gen_ai.output.type": "json",
        "hexr.llm.reasoning.level": "low",
        "gen_ai.response.id": "r",
        "gen_ai.response.model": "m-1",
        "gen_ai.response.finish_reasons": ("stop", "length"),
        "gen_ai.response.time_to_first_chunk": 0.1,
        "hexr.llm.output_chunks": 5,
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.cache_read.input_tokens": 4,
        "gen_ai.usage.cache_creation.input_tokens": 3,
        "gen_ai.usage.reasoning.output_tokens": 2,
        "hexr.llm.tool_call.names": ("f", "g"),
        "hexr.llm.tool_call.ids": ("t1",),
        "hexr.llm.tool_result.ids": ("t0",),
        "hexr.llm.tool_definition.names": ("f", "g"),
        "hexr.llm.tool_definition.count": 3,
        "hexr.llm.cost_usd": 0.002,
        "hexr.llm.usage.audio.input_tokens": 6,
        "hexr.llm.ratelimit.remaining_tokens": 70,
        "openai.api.type": "chat_completions",
        "openai.request.service_tier": "flex",
        "openai.response.service_tier": "default",
        "openai.response.system_fingerprint": "fp",
        "hexr.llm.previous_response.id": "r0",
        "hexr.guard.output_blocked": True,
        "hexr.guard.output_scanners": ("content_filter",),
        "server.address": "api.example",
        "server.port": 443,
        "http.response.status_code": 200,
        "http.request.resend_count": 1,
        "hexr.llm.phase.connect_ms": 3.0,
        "hexr.llm.phase.tls_ms": 4.0,
        "hexr.llm.phase.request_ms": 2.0,
        "hexr.llm.phase.wait_ms": 48.0,
        "hexr.llm.phase.stream_ms": 200.0,
        "hexr.capture.source": "proxy",
        "hexr.capture.seen_by": ("ebpf", "proxy"),
        "hexr.capture.complete": False,
        "hexr.capture.missing": ("lost_events", "truncated:content"),
        "hexr.exchange.id": "xid",
        "hexr.inferred": True,
        "gen_ai.input.messages": '["in"]',
        "gen_ai.output.messages": '["out"]',
        "gen_ai.system_instructions": '["sys"]',
        "gen_ai.tool.definitions": '["def"]',
    }


def test_what_was_not_said_is_not_told():
    assert attributes(BARE) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.system": "openai",
        "hexr.capture.source": "har",
        "hexr.capture.seen_by": ("har",),
        "hexr.capture.complete": True,
        "hexr.exchange.id": "xid",
    }


def test_no_path_and_no_argument_is_told_without_content():
    found = attributes(replace(PLACED, operation=replace(CALL, content=None)))

    assert "secret-path" not in str(found)
    assert [
        k
        for k in found
        if k.startswith(("url.", "gen_ai.input", "gen_ai.output.m", "gen_ai.tool.d", "gen_ai.system_"))
    ] == []


@pytest.mark.parametrize(("count", "expected"), [(1, None), (None, None), (3, 3)])
def test_one_choice_needs_no_word(count, expected):
    found = attributes(replace(PLACED, operation=replace(CALL, sampling=Sampling(choices=count))))

    assert expected == found.get("gen_ai.request.choice.count")


def test_a_failure_is_named():
    assert (
        attributes(replace(BARE, operation=replace(CALL, failure=Failure("rate_limit"))))["error.type"]
        == "rate_limit"
    )


def test_a_zero_is_a_fact():
    from hexr_autoinst.model.operation import Usage

    found = attributes(replace(BARE, operation=replace(CALL, usage=Usage(0, 0))))

    assert (found["gen_ai.usage.input_tokens"], found["gen_ai.usage.output_tokens"]) == (0, 0)


def test_what_the_handshake_agreed_on_is_told_where_it_was_asked():
    def tls(**phases):
        found = attributes(replace(PLACED, phases=Phases(**phases)))
        return {key: value for key, value in found.items() if key.startswith("tls.")}

    assert tls(tls_version="TLSv1.3", alpn="h2") == {
        "tls.protocol.name": "tls",
        "tls.protocol.version": "1.3",
        "tls.next_protocol": "h2",
    }
    assert tls(tls_version="SSLv3", alpn="") == {"tls.protocol.name": "ssl", "tls.protocol.version": "3"}
    assert tls(tls_ns=3) == {}


def test_a_phase_whose_end_came_before_its_beginning_is_not_told():
    early = replace(EXCHANGE, response=Response(T0, 200, ended=T0 + 1))

    assert "hexr.llm.phase.wait_ms" not in attributes(replace(PLACED, exchange=early))
