import pytest

from hexr_autoinst.dissect.dialects.gemini import GEMINI, shaped
from hexr_autoinst.model.operation import Failure, Usage
from tests.dissect.dialects.asking import call


def chunk(*parts, finish=None, **more):
    one = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish}
    return {"candidates": [one], **more}


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (chunk({"text": "x"}), 1),
        (chunk({"text": "x", "thought": True}), 1),
        (chunk({"text": ""}, finish="STOP"), 0),
        (chunk({"text": "", "thoughtSignature": "AA"}), 0),
        (chunk({"functionCall": {"name": "f"}}), 1),
        (chunk({"functionCall": {}}), 0),
        (chunk({"executableCode": {"code": "1"}}), 1),
        (chunk({"codeExecutionResult": {"output": "1"}}), 0),
        (chunk({"inlineData": {"data": "AA"}}), 1),
        ({"usageMetadata": {"promptTokenCount": 1}}, 0),
        ({"candidates": [{"content": {"parts": {"text": "x"}}}]}, 1),
    ],
)
def test_only_a_chunk_with_output_is_an_output_frame(frame, expected):
    assert expected == call(GEMINI, {}, frame).output_chunks


def test_a_chunk_that_counts_nothing_takes_nothing_back():
    found = call(
        GEMINI,
        {},
        {"usageMetadata": {"promptTokenCount": 7, "cachedContentTokenCount": 3}},
        {"usageMetadata": {"trafficType": "ON_DEMAND"}},
        {"usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 2, "thoughtsTokenCount": 1}},
    )

    assert found.usage == Usage(7, 3, cache_read=3, reasoning=1)


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([{"finishReason": "STOP"}, {"finishReason": "SAFETY", "index": 1}], ("STOP", "SAFETY")),
        ([{"finishReason": "MAX_TOKENS", "index": 1}, {"finishReason": "STOP"}], ("STOP", "MAX_TOKENS")),
        ([{"finishReason": "STOP"}, {"finishReason": "MAX_TOKENS"}], ("STOP", "MAX_TOKENS")),
    ],
)
def test_candidates_stand_by_index_and_the_first_says_none(candidates, expected):
    assert expected == call(GEMINI, {}, whole={"candidates": candidates}).finish_reasons


@pytest.mark.parametrize(
    ("reason", "blocked"),
    [
        ("STOP", False), ("MAX_TOKENS", False), ("OTHER", False), ("MALFORMED_FUNCTION_CALL", False),
        ("SAFETY", True), ("RECITATION", True), ("BLOCKLIST", True), ("PROHIBITED_CONTENT", True), ("SPII", True),
        ("IMAGE_SAFETY", True), ("MODEL_ARMOR", True),
        (1, False), (2, False), (3, True), (4, True), (5, False), (6, False), (7, True), (8, True), (9, False), (11, True),
    ],
)  # fmt: skip
def test_a_filters_reason_is_an_error_by_word_and_by_the_numbers_that_are_sure(reason, blocked):
    found = call(GEMINI, {}, whole={"candidates": [{"finishReason": reason}]})

    assert found.finish_reasons == (str(reason),)
    assert blocked == ("guard.output_blocked" in dict(found.extras))
    assert (Failure("content_filter") if blocked else None) == found.failure


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"responseMimeType": "application/json"}, "json"),
        ({"response_mime_type": "text/plain"}, "text"),
        ({"responseModalities": ["TEXT"]}, None),
        ({"responseModalities": ["AUDIO"]}, "speech"),
        ({"responseModalities": ["text", "image"], "responseMimeType": "text/plain"}, "image"),
        ({"responseFormat": [{"text": {"mimeType": "APPLICATION/JSON"}}]}, "json"),
        ({}, None),
    ],
)
def test_what_is_wanted_is_told_in_the_conventions_words(config, expected):
    assert expected == GEMINI.ask({"generationConfig": config}, False).sampling.output_type


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"contents": [{"parts": [{"text": "x"}]}]}, True),
        ({"contents": {"parts": {"text": "x"}}}, True),
        ({"contents": "x"}, False),
        ({"contents": []}, False),
        ({"contents": [{"text": "x"}]}, False),
        ([], False),
    ],
)
def test_contents_have_parts(body, expected):
    assert expected is shaped(body)


def test_calls_of_the_same_function_are_as_many_as_were_asked_for():
    parts = [{"functionCall": {"name": "f", "args": {"n": n}}} for n in range(3)]
    with_ids = [{"functionCall": {"name": "f", "id": f"i{n}", "args": {}}} for n in range(2)]

    assert [t.id for t in call(GEMINI, {}, whole=chunk(*parts)).tool_calls] == [None] * 3
    assert [t.id for t in call(GEMINI, {}, chunk(with_ids[0]), chunk(with_ids[1])).tool_calls] == ["i0", "i1"]


def test_a_blocked_prompt_says_why_and_a_number_says_only_that():
    for said, expected in (("JAILBREAK", "JAILBREAK"), (4, "content_filter")):
        found = call(GEMINI, {}, whole={"promptFeedback": {"blockReason": said}})
        assert dict(found.extras) == {"guard.prompt_blocked": expected}
        assert found.failure.type == "content_filter"
    assert call(GEMINI, {}, whole={"promptFeedback": {"safetyRatings": []}, "candidates": []}).failure is None


def test_an_answer_with_its_sources_is_a_candidate_too():
    found = call(
        GEMINI, {}, whole={"answer": {"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}}
    )

    assert found.finish_reasons == ("STOP",)
