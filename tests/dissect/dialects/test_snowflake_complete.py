from hexr_autoinst.dissect.dialects.snowflake_complete import SNOWFLAKE_COMPLETE
from tests.dissect.dialects.asking import call

ASKED = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


def piece(**delta):
    return {"id": "s", "model": "m", "choices": [{"delta": delta}], "usage": {}}


def test_a_tool_use_is_named_once_and_argued_in_pieces():
    found = call(
        SNOWFLAKE_COMPLETE,
        ASKED,
        piece(
            type="tool_use",
            tool_use_id="t1",
            name="f",
            content_list=[{"type": "tool_use", "tool_use_id": "t1", "name": "f"}],
        ),
        piece(type="tool_use", input='{"a":'),
        piece(type="tool_use", input="1}"),
        {**piece(type="text"), "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
        content=True,
    )

    assert [(t.name, t.id, t.arguments) for t in found.tool_calls] == [("f", "t1", '{"a":1}')]
    assert (found.usage.output, found.missing, found.finish_reasons) == (2, (), ())


def test_an_older_answer_calls_its_text_messages():
    found = call(SNOWFLAKE_COMPLETE, ASKED, whole={"choices": [{"messages": " Hi"}]}, content=True)

    assert " Hi" in found.content.output_messages


def test_a_stream_that_is_cut_is_unfinished():
    assert call(SNOWFLAKE_COMPLETE, ASKED, piece(content="x")).missing == ("unfinished:response",)
