from hexr_autoinst.dissect.dialects.bedrock_knowledge import BEDROCK_KNOWLEDGE, BEDROCK_ORDER
from tests.dissect.dialects.asking import call


def test_files_of_ones_own_are_no_knowledge_base():
    config = {"externalSourcesConfiguration": {"modelArn": "m", "sources": []}}
    found = BEDROCK_KNOWLEDGE.ask({"retrieveAndGenerateConfiguration": config}, False)

    assert (found.model, found.extras) == ("m", ())


def test_the_session_that_the_answer_opens_is_the_conversation():
    assert call(BEDROCK_KNOWLEDGE, {}, whole={"sessionId": "s", "output": {}}).conversation == "s"


def test_a_guardrail_may_speak_at_the_end_of_a_stream():
    found = call(
        BEDROCK_KNOWLEDGE,
        {},
        ("output", {"text": "x"}),
        ("citation", {}),
        ("guardrail", {"action": "INTERVENED"}),
    )

    assert (found.output_chunks, found.failure.type) == (1, "content_filter")


def test_bodies_show_what_is_asked():
    assert BEDROCK_KNOWLEDGE.shaped(
        {"input": {"text": "x"}, "retrieveAndGenerateConfiguration": {"type": "T"}}
    )
    assert not BEDROCK_KNOWLEDGE.shaped({"input": {"text": "x"}})
    assert BEDROCK_ORDER.shaped({"queries": [], "sources": []})
    assert not BEDROCK_ORDER.shaped({"queries": "q"})
