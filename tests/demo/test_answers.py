import pytest

from hexr_autoinst.demo import answers

TOOL = {"type": "function", "function": {"name": "get_weather"}}
ASK = {"model": "m", "messages": [{"role": "user", "content": "hello there words: 5"}]}


def test_a_chat_has_as_many_tokens_as_words_were_asked_for():
    whole = answers.chat(ASK)

    assert whole["usage"]["completion_tokens"] == 5
    assert len(whole["choices"][0]["message"]["content"].split()) == 5
    assert whole["model"] == "m-2026-01-01"


def test_a_tool_is_asked_for_once():
    first = answers.chat({**ASK, "tools": [TOOL]})
    again = answers.chat(
        {**ASK, "tools": [TOOL], "messages": [*ASK["messages"], {"role": "tool", "content": "ok"}]}
    )

    assert [x["choices"][0]["finish_reason"] for x in (first, again)] == ["tool_calls", "stop"]


@pytest.mark.parametrize(
    ("stream", "whole"),
    [
        (answers.chat_stream, answers.chat),
        (answers.responses_stream, answers.responses),
        (answers.messages_stream, answers.messages),
    ],
)
def test_a_stream_is_the_same_answer_and_the_same_request_has_the_same_id(stream, whole):
    request = {**ASK, "input": "words: 5"}
    events = list(stream(request))

    assert whole(request)["id"] in str(events)
    assert whole(request) == whole(request)
    assert len(events) >= 5


def test_usage_is_streamed_only_when_asked_for():
    silent = [d for _, d in answers.chat_stream(ASK) if isinstance(d, dict) and d.get("usage")]
    told = [
        d
        for _, d in answers.chat_stream({**ASK, "stream_options": {"include_usage": True}})
        if isinstance(d, dict) and d.get("usage")
    ]

    assert (silent, len(told)) == ([], 1)


def test_a_call_that_shall_fail_is_refused():
    with pytest.raises(answers.Refused) as refused:
        answers.messages({"messages": [{"role": "user", "content": "fail: 429"}]})

    assert refused.value.status == 429
