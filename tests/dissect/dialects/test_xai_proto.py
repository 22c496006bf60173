from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects.xai_proto import XAI_CHAT


def test_parts_and_tools_are_named_by_the_member_that_they_hold():
    body = {
        "model": "grok-4",
        "messages": [{"role": "user", "content": [{"text": "hi"}, {"image_url": {}}]}],
        "tools": [{"function": {"name": "f"}}, {"web_search": {}}],
    }
    ask = XAI_CHAT.ask(body, True)

    assert ask.tool_definitions == ("f", "web_search")
    assert ask.content is not None
    assert '"content":"hi"' in (ask.content.input_messages or "").replace(" ", "")


def test_calls_that_it_runs_itself_are_no_tool_calls():
    answer = Answer()
    calls = [{"id": "a", "type": t, "function": {"name": t}} for t in ("client_side_tool", "mcp_tool", "10")]
    XAI_CHAT.whole(answer, {"choices": [{"message": {"tool_calls": calls}}], "usage": {"ticks": 20_000_000}})

    assert [c.name for c in answer.choices[0].calls()] == ["client_side_tool"]
    assert answer.extras["cost"] == 0.002
