import pytest

from hexr_autoinst.semconv.instruments import INSTRUMENTS


@pytest.mark.parametrize("spec", INSTRUMENTS.values(), ids=lambda s: s.name)
def test_an_instrument_says_what_it_counts_in_which_unit(spec):
    assert spec.description.endswith(".")
    assert spec.unit
    assert (spec.kind == "histogram") is bool(spec.buckets)
    assert sorted(spec.buckets) == list(spec.buckets)


def test_the_contract_of_the_agent_and_model_metrics_is_there():
    contract = {
        "hexr.agent.invocations", "hexr.agent.active", "hexr.agent.duration", "hexr.llm.calls", "hexr.llm.call_errors",
        "hexr.llm.call.duration", "hexr.llm.input_tokens", "hexr.llm.output_tokens", "gen_ai.client.operation.duration",
        "gen_ai.client.token.usage", "gen_ai.client.operation.time_to_first_chunk", "hexr.tls.handshakes",
        "hexr.tls.handshake.duration", "hexr.connection.opened", "hexr.connection.active", "hexr.connection.failed",
        "hexr.connection.connect.duration", "hexr.connection.duration", "hexr.connection.io",
        "hexr.connection.retransmits", "hexr.connection.rtt",
    }  # fmt: skip

    assert set() == contract - set(INSTRUMENTS)
