"""What a request shows of its conversation, in the documented shapes of several vendors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.dissect.claim import choose, question
from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.bedrock_agent import BEDROCK_AGENT
from hexr_autoinst.dissect.dialects.bedrock_converse import BEDROCK_CONVERSE
from hexr_autoinst.dissect.dialects.code_assist import CODE_ASSIST
from hexr_autoinst.dissect.dialects.cohere_chat_v1 import COHERE_CHAT_V1
from hexr_autoinst.dissect.dialects.dashscope import DASHSCOPE
from hexr_autoinst.dissect.dialects.gemini import GEMINI
from hexr_autoinst.dissect.dialects.gemini_interactions import GEMINI_INTERACTIONS
from hexr_autoinst.dissect.dialects.mistral_conversations import MISTRAL_CONVERSATIONS
from hexr_autoinst.dissect.dialects.ollama_chat import OLLAMA_CHAT
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSES
from hexr_autoinst.dissect.dialects.openai_runs import OPENAI_RUNS
from hexr_autoinst.dissect.dialects.prompt_text import PROMPT_CHAT
from hexr_autoinst.dissect.dialects.snowflake_complete import SNOWFLAKE_COMPLETE
from hexr_autoinst.dissect.dialects.yandex import YANDEX
from hexr_autoinst.dissect.thread import BEGINNINGS, Places, of_request
from hexr_autoinst.model.operation import ToolResult
from hexr_autoinst.model.sample import SIZE, of_text
from tests.dissect.cases import all_cases, exchange_of

ASKED = "What is the weather in Oslo today?"
USER = {"role": "user", "content": ASKED}


def read(dialect, body, *, content=False):
    return of_request(body, dialect.places, dialect.ask(body, False).tool_definitions, content=content)


def grows(dialect, first, second):
    """Whether the second request goes on with the first."""
    one, two = read(dialect, first), read(dialect, second)
    assert one.history
    assert one.head == two.head
    return one.history[-1] in two.history


def test_openai_chat():
    asked = {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]}
    first = {"model": "m", "messages": [{"role": "system", "content": "be kind"}, USER]}
    second = {
        **first,
        "messages": [*first["messages"], asked, {"role": "tool", "tool_call_id": "c", "content": "3"}],
    }

    assert grows(OPENAI_CHAT, first, second)
    assert read(OPENAI_CHAT, second).results == (ToolResult("c"),)
    assert read(OPENAI_CHAT, second, content=True).results == (ToolResult("c", content='"3"'),)
    assert (read(OPENAI_CHAT, first).fresh, read(OPENAI_CHAT, second).fresh) == (True, False)
    assert read(OPENAI_CHAT, first).words == (of_text(ASKED),)
    assert read(OPENAI_CHAT, first).head != read(OPENAI_CHAT, {"messages": [USER]}).head


def test_anthropic_with_the_marks_that_its_clients_move():
    mark = {"cache_control": {"type": "ephemeral"}}
    first = {
        "system": "be kind",
        "messages": [{"role": "user", "content": [{"type": "text", "text": ASKED, **mark}]}],
    }
    thought = {"type": "thinking", "thinking": "hm", "signature": "x"}
    use = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "t", "is_error": True, "content": "no", **mark}
    turn = [{"role": "assistant", "content": [thought, use]}, {"role": "user", "content": [result]}]
    second = {**first, "messages": [USER, *turn]}
    third = {**first, "messages": [USER, {"role": "assistant", "content": [use]}, turn[1],
                                   {"role": "assistant", "content": "so"}, USER]}  # fmt: skip

    assert grows(ANTHROPIC_MESSAGES, first, second)
    assert grows(ANTHROPIC_MESSAGES, second, third)
    assert read(ANTHROPIC_MESSAGES, second).results == (ToolResult("t", failed=True),)
    assert read(ANTHROPIC_MESSAGES, {**first, "metadata": {"user_id": "u_session_s"}}).ids == (
        ("user", "u_session_s"),
    )
    assert read(ANTHROPIC_MESSAGES, {**first, "tool_choice": {"type": "tool", "name": "f"}}).forced
    assert not read(ANTHROPIC_MESSAGES, {**first, "tool_choice": {"type": "any"}}).forced


def test_responses_by_history_and_by_the_answer_before():
    first = {"input": ASKED, "instructions": "be kind"}
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    done = {"type": "function_call_output", "call_id": "c", "output": "3"}
    second = {**first, "input": [USER, call, done]}

    assert grows(OPENAI_RESPONSES, first, second)
    assert read(OPENAI_RESPONSES, second).results == (ToolResult("c"),)
    later = read(
        OPENAI_RESPONSES, {"input": [done], "previous_response_id": "resp_1", "prompt_cache_key": "k"}
    )
    assert (later.after, later.ids, later.fresh) == ("resp_1", (("cache", "k"),), False)


def test_gemini_has_ids_only_lately_and_says_an_error_by_its_key():
    first = {
        "contents": [{"role": "user", "parts": [{"text": ASKED}]}],
        "system_instruction": {"parts": [{"text": "k"}]},
    }
    call = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "x"}]}
    done = {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"error": "no"}}},
                                      {"functionResponse": {"name": "g", "id": "7", "response": {"output": 3}}}]}  # fmt: skip
    second = {**first, "contents": [*first["contents"], call, done]}

    assert grows(GEMINI, first, second)
    assert read(GEMINI, second).results == (ToolResult(None, "f", True), ToolResult("7", "g"))
    assert read(CODE_ASSIST, {"model": "m", "request": second}).results == read(GEMINI, second).results
    old = {
        **second,
        "contents": [*second["contents"], {"role": "model", "parts": [{"text": "so"}]}, first["contents"][0]],
    }
    assert read(GEMINI, old).results == (ToolResult("7", "g"),)
    assert read(GEMINI, old).fresh


@pytest.mark.parametrize(
    ("dialect", "body", "results"),
    [
        (
            BEDROCK_CONVERSE,
            {"messages": [{"role": "user", "content": [{"toolResult": {"toolUseId": "t", "status": "error"}}]}]},
            (ToolResult("t", failed=True),),
        ),
        (
            BEDROCK_AGENT,
            {"sessionState": {"invocationId": "i", "returnControlInvocationResults": [
                {"functionResult": {"function": "f", "responseState": "FAILURE"}}]}},
            (ToolResult("i", "f", True),),
        ),
        (
            BEDROCK_AGENT,
            {"sessionState": {"invocationId": "i", "returnControlInvocationResults": [
                {"functionResult": {"function": "f"}}, {"apiResult": {"apiPath": "/g"}}]}},
            (ToolResult(None, "f"), ToolResult(None, "/g")),
        ),
        (
            COHERE_CHAT_V1,
            {"message": "", "tool_results": [{"call": {"name": "f"}, "outputs": [{}]}]},
            (ToolResult(None, "f"),),
        ),
        (PROMPT_CHAT, {"message": "", "tool_results": [{"call": {"name": "f"}}]}, (ToolResult(None, "f"),)),
        (
            DASHSCOPE,
            {"input": {"messages": [USER, {"role": "tool", "tool_call_id": "c", "content": "3"}]}},
            (ToolResult("c"),),
        ),
        (
            OLLAMA_CHAT,
            {"messages": [USER, {"role": "tool", "tool_name": "f", "content": "3"}, {"role": "tool", "content": "4"}]},
            (ToolResult(None, "f"), ToolResult()),
        ),
        (
            MISTRAL_CONVERSATIONS,
            {"inputs": [{"type": "function.result", "tool_call_id": "c", "result": "3"}]},
            (ToolResult("c"),),
        ),
        (
            GEMINI_INTERACTIONS,
            {"model": "m", "input": [{"type": "function_result", "call_id": "c", "name": "f", "is_error": True}]},
            (ToolResult("c", "f", True),),
        ),
        (OPENAI_RUNS, {"tool_outputs": [{"tool_call_id": "c", "output": "3"}]}, (ToolResult("c"),)),
        (
            SNOWFLAKE_COMPLETE,
            {"messages": [{"role": "user", "content_list": [{"type": "tool_results", "tool_results": {"tool_use_id": "c"}}]}]},
            (ToolResult("c"),),
        ),
        (
            YANDEX,
            {"modelUri": "m", "messages": [{"role": "user", "toolResultList": {"toolResults": [{"functionResult": {"name": "f"}}]}}]},
            (ToolResult(None, "f"),),
        ),
    ],
)  # fmt: skip
def test_where_results_stand(dialect, body, results):
    found = read(dialect, body)

    assert found.results == results
    assert not found.fresh


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda i: st.lists(i, max_size=3) | st.dictionaries(st.sampled_from(["messages", "role", "content", "system", "type", "tool_call_id"]), i, max_size=4),
        max_leaves=15,
    )
)  # fmt: skip
def test_any_body_is_read(body):
    for places in (
        Places(),
        OPENAI_CHAT.places,
        ANTHROPIC_MESSAGES.places,
        GEMINI.places,
        COHERE_CHAT_V1.places,
    ):
        of_request(body, places, (), content=True)


def test_a_long_conversation_keeps_its_newest_beginnings():
    body = {"messages": [{"role": "user", "content": f"m{n}"} for n in range(1000)]}
    found = read(OPENAI_CHAT, body)

    assert len(found.history) == BEGINNINGS
    assert found.history[-1] == read(OPENAI_CHAT, body).history[-1]


@pytest.mark.parametrize("case", all_cases(), ids=lambda c: f"{c.parent.name}/{c.name}")
def test_no_word_of_a_request_is_in_its_thread(case):
    asked, _, _ = (*exchange_of(case), None)[:3]
    about = question(asked)
    found = choose(about).open(about, content=False).asked

    assert found is None or all(
        isinstance(d, bytes) and len(d) in (0, SIZE) for d in (*found.history, found.head, *found.words)
    )
    assert found is None or all(r.content is None for r in found.results)


@pytest.mark.parametrize(
    ("dialect", "choice", "says"),
    [(OPENAI_CHAT, "required", True), (OPENAI_CHAT, "auto", False), (OPENAI_RESPONSES, "required", True), (OPENAI_RESPONSES, None, False),
     (ANTHROPIC_MESSAGES, {"type": "any"}, True), (ANTHROPIC_MESSAGES, {"type": "tool", "name": "f"}, False)],
)  # fmt: skip
def test_a_request_may_ask_for_a_call_whichever_it_is(dialect, choice, says):
    assert read(dialect, {"messages": [USER], "input": [USER], "tool_choice": choice}).must is says


def test_a_call_that_the_models_own_message_quotes_is_answered_by_what_follows():
    """As smolagents tells the model of its tools: in words, by the ids that it was given."""
    told = {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Calling tools:\n[{'id': 'call_1b9fe0d21f61', 'type': 'function'}]"}
        ],
    }
    seen = {"role": "user", "content": "Observation:\n3"}

    assert read(OPENAI_CHAT, {"messages": [USER, told, seen]}).results == (ToolResult("call_1b9fe0d21f61"),)
    assert read(OPENAI_CHAT, {"messages": [USER, told]}).results == ()
    assert read(OPENAI_CHAT, {"messages": [{**told, "role": "user"}, seen]}).results == ()
