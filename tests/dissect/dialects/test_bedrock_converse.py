import pytest

from hexr_autoinst.dissect.dialects.bedrock_converse import BEDROCK_CONVERSE, shaped, used
from hexr_autoinst.model.operation import Failure, Usage
from tests.dissect.dialects.asking import call


def delta(index=0, **said):
    return ("contentBlockDelta", {"contentBlockIndex": index, "delta": said})


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (("messageStart", {"role": "assistant"}), 0),
        (delta(text="x"), 1),
        (delta(text=""), 0),
        (delta(reasoningContent={"text": "x"}), 1),
        (delta(reasoningContent={"signature": "AA"}), 0),
        (delta(reasoningContent={"redactedContent": "AA"}), 1),
        (delta(citation={"title": "t"}), 1),
        (delta(toolUse={"input": "{"}), 1),
        (("contentBlockStart", {"start": {"toolUse": {"name": "f", "toolUseId": "i"}}}), 1),
        (("contentBlockStart", {"start": {"toolResult": {"toolUseId": "i"}}}), 0),
        (("contentBlockStop", {"contentBlockIndex": 0}), 0),
        (("messageStop", {"stopReason": "end_turn"}), 0),
        ({"contentBlockDelta": {"delta": {"text": "x"}}}, 1),
        ({"messageStart": {"role": "assistant"}}, 0),
    ],
)
def test_only_an_event_with_output_is_an_output_frame(frame, expected):
    assert expected == call(BEDROCK_CONVERSE, {}, frame).output_chunks


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"inputTokens": 5, "outputTokens": 2, "totalTokens": 7}, Usage(5, 2)),
        ({"inputTokens": 5, "outputTokens": 2, "totalTokens": 17, "cacheReadInputTokens": 10}, Usage(15, 2, 10)),
        ({"inputTokens": 5, "outputTokens": 2, "cacheWriteInputTokens": 10}, Usage(15, 2, None, 10)),
        ({"inputTokens": 15, "outputTokens": 2, "totalTokens": 17, "cacheReadInputTokens": 10}, Usage(15, 2, 10)),
        ({"inputTokens": 5, "cacheReadInputTokenCount": 3, "cacheWriteInputTokenCount": 4}, Usage(12, None, 3, 4)),
        ({"outputTokens": 2, "cacheReadInputTokens": 3}, Usage(None, 2, 3)),
        ({}, Usage()),
    ],
)  # fmt: skip
def test_input_includes_what_was_cached_and_the_total_says_whether_it_does_already(said, expected):
    assert expected == used(said)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, True),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, False),
        ({"messages": [{"role": "user", "content": "x"}]}, False),
        ({"messages": []}, False),
        (None, False),
    ],
)
def test_blocks_have_no_type(body, expected):
    assert expected is shaped(body)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"top_k": 3}, 3.0),
        ({"topK": 3}, 3.0),
        ({"k": 0}, 0.0),
        ({"inferenceConfig": {"topK": 4}}, 4.0),
        ({}, None),
    ],
)
def test_top_k_stands_where_each_family_has_it(more, expected):
    assert expected == BEDROCK_CONVERSE.ask({"additionalModelRequestFields": more}, False).sampling.top_k


def test_a_tool_that_the_vendor_runs_is_no_call_of_the_clients():
    blocks = [
        {"toolUse": {"toolUseId": "a", "name": "web", "input": {}, "type": "server_tool_use"}},
        {"toolUse": {"toolUseId": "b", "name": "f", "input": {}, "type": "tool_use"}},
    ]
    found = call(BEDROCK_CONVERSE, {}, whole={"output": {"message": {"content": blocks}}})

    assert [t.id for t in found.tool_calls] == ["b"]


@pytest.mark.parametrize("kind", ["exception", "error"])
def test_a_stream_may_end_with_an_exception(kind):
    frames = [delta(text="x"), (f"{kind}:modelStreamErrorException", {"message": "m"})]

    assert call(BEDROCK_CONVERSE, {}, *frames).failure == Failure("modelStreamErrorException")
    assert call(BEDROCK_CONVERSE, {}, *frames, content=True).failure.message == "m"


def test_an_error_without_json_is_an_error_too():
    found = call(BEDROCK_CONVERSE, {}, ("error:500", "Internal failure"), content=True)

    assert (found.failure, found.missing) == (Failure("500", "Internal failure"), ())
