import pytest

from hexr_autoinst.dissect.dialects.prompt_text import PROMPT_CHAT, PROMPT_TEXT, shaped
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import call


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"prompt": "x", "max_gen_len": 9}, True),
        ({"inputText": "x", "textGenerationConfig": {"maxTokenCount": 9}}, True),
        ({"inputs": "x", "parameters": {"max_new_tokens": 9}}, True),
        ({"inputs": [[{"role": "user", "content": "x"}]], "parameters": {"max_new_tokens": 9}}, True),
        ({"inputs": "x"}, False),  # to be classified, or embedded
        ({"inputs": "x", "parameters": {"top_k": 3}}, False),
        ({"instances": [[1, 2]]}, False),
        ({"max_tokens": 9}, False),
        ("1,2,3", False),
    ],
)
def test_a_prompt_has_a_limit(body, expected):
    assert expected is shaped(body)


@pytest.mark.parametrize(
    ("whole", "reason", "usage"),
    [
        ({"generation": "x", "stop_reason": "stop", "prompt_token_count": 1, "generation_token_count": 2}, ("stop",), Usage(1, 2)),
        ({"results": [{"outputText": "x", "tokenCount": 2, "completionReason": "FINISH"}, {"outputText": "y", "tokenCount": 3, "completionReason": "LENGTH"}], "inputTextTokenCount": 1}, ("FINISH", "LENGTH"), Usage(1, 5)),
        ({"outputs": [{"text": "x", "stop_reason": "length"}]}, ("length",), Usage()),
        ({"completions": [{"data": {"text": "x"}, "finishReason": {"reason": "endoftext"}}]}, ("endoftext",), Usage()),
        ({"choices": [{"text": "x", "index": 0, "finish_reason": "length"}], "usage": {"prompt_tokens": 6, "completion_tokens": 7}}, ("length",), Usage(6, 7)),
        ({"message": "x", "finishReason": "stop"}, ("stop",), Usage()),
        ({"generated_text": "x", "details": {"finish_reason": "length", "generated_tokens": 4}}, ("length",), Usage(None, 4)),
        ({"generated_text": "x"}, (), Usage()),
    ],
    ids=str,
)  # fmt: skip
def test_every_familys_answer_is_read(whole, reason, usage):
    found = call(PROMPT_TEXT, {}, whole=whole, content=True)

    assert (reason, usage) == (found.finish_reasons, found.usage)
    assert '"content": "x"' in found.content.output_messages


@pytest.mark.parametrize(
    "body",
    [
        {"max_tokens": 9, "p": 0.5, "k": 3, "stop": ["E"]},
        {"maxTokens": 9, "topP": 0.5, "topK": 3, "stopSequences": ["E"]},
        {"max_gen_len": 9, "top_p": 0.5, "top_k": 3, "stop_sequences": ["E"]},
        {"textGenerationConfig": {"maxTokenCount": 9, "topP": 0.5, "topK": 3, "stopSequences": ["E"]}},
        {"parameters": {"max_new_tokens": 9, "top_p": 0.5, "top_k": 3, "stop": ["E"]}},
    ],
)
def test_every_familys_words_for_the_same_are_read(body):
    found = PROMPT_TEXT.ask(body, False).sampling

    assert (found.max_tokens, found.top_p, found.top_k, found.stop) == (9, 0.5, 3.0, ("E",))


def test_a_stream_of_tokens_is_one_answer():
    frames = [
        {"index": 1, "token": {"text": "a"}, "generated_text": None, "details": None},
        {"index": 2, "token": {"text": "b"}, "generated_text": None, "details": None},
    ]
    found = call(PROMPT_TEXT, {}, *frames, content=True)

    assert found.output_chunks == 2
    assert found.content.output_messages.count('"role"') == 1
    assert '"ab"' in found.content.output_messages


def test_what_the_last_event_of_command_r_says_again_is_said_once():
    frames = [
        {"event_type": "text-generation", "text": "ab"},
        {
            "event_type": "stream-end",
            "finish_reason": "COMPLETE",
            "text": "ab",
            "response": {"response_id": "r"},
        },
    ]
    found = call(PROMPT_CHAT, {"message": "x"}, *frames, content=True)

    assert (found.response_id, found.finish_reasons, found.output_chunks) == ("r", ("COMPLETE",), 1)
    assert '"ab"' in found.content.output_messages


@pytest.mark.parametrize("reason", ["CONTENT_FILTERED", "ERROR_TOXIC", "content_filter"])
def test_a_filters_reason_is_an_error(reason):
    found = call(PROMPT_TEXT, {}, whole={"results": [{"outputText": "", "completionReason": reason}]})

    assert (found.failure.type, dict(found.extras)) == (
        "content_filter",
        {"guard.output_blocked": "content_filter"},
    )


def test_one_message_is_command_r():
    assert PROMPT_CHAT.shaped({"message": "x"})
    assert not PROMPT_CHAT.shaped({"message": {"role": "user"}})
