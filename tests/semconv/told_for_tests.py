"""A model call with every fact there can be, and one with none."""

from hexr_autoinst.model.exchange import Exchange, Phases, Request, Response
from hexr_autoinst.model.facts import Address, Key
from hexr_autoinst.model.operation import AgentCall, Content, ModelCall, Moment, Sampling, ToolCall, Usage
from hexr_autoinst.model.story import Agent, Invocation, Place, Placed

MS = 1_000_000
T0 = 1_767_225_600_000_000_000
AGENT = Agent(
    "analyst",
    "acme",
    "langgraph",
    "inst-1",
    Key(77, 1),
    "/usr/bin/python3.11",
    "cpython",
    "host-1",
    "c0ffee",
    "pod-1",
    "ns-1",
)
PLACE = Place("ab" * 16, "cd" * 8, "ef" * 8, (("12" * 16, "34" * 8),))
EXCHANGE = Exchange(
    "xid", "proxy", Key(77, 1), "c", 0, "client",
    Request(T0, "POST", "https", "api.example", 0, "/v1/secret-path", ended=T0 + 2 * MS),
    Response(T0 + 50 * MS, 200, ended=T0 + 250 * MS, streamed=True),
    missing=("lost_events",),
)  # fmt: skip
CALL = ModelCall(
    "chat", "chat", "mistral_ai", inferred=True, stream=True, request_model="m", response_model="m-1", response_id="r",
    finish_reasons=("stop", "length"), usage=Usage(10, 5, 4, 3, 2, (("audio", "input", 6),)),
    sampling=Sampling(99, 0.5, 0.9, 40.0, 0.1, 0.2, 7, 2, ("END",), "json", "low"),
    tool_calls=(ToolCall("f", "t1", "{}"), ToolCall("g")), tool_results=("t0",), tool_definitions=("f", "g"), conversation="conv",
    resend_count=1, first_output_at=T0 + 100 * MS, last_output_at=T0 + 200 * MS, output_chunks=5,
    content=Content('["in"]', '["out"]', '["sys"]', '["def"]'), missing=("truncated:content",),
    extras=(("openai.api_type", "chat_completions"), ("openai.request_tier", "flex"), ("openai.response_tier", "default"),
            ("openai.fingerprint", "fp"), ("previous_response", "r0"), ("guard.output_blocked", "content_filter"), ("ratelimit.tokens", 70)),
    cost_usd=0.002, tool_definition_count=3,
)  # fmt: skip
PLACED = Placed(AGENT, PLACE, EXCHANGE, CALL, Phases(3 * MS, 4 * MS), ("ebpf", "proxy"))
BARE = Placed(
    Agent(""),
    Place("ab" * 16, "cd" * 8),
    Exchange("xid", "har", None, "c", 0, "client", Request(T0, "POST", "http", "", 0, "/")),
    ModelCall("chat", "chat", "openai"),
)
INVOCATION = Invocation(
    AGENT, Place("ab" * 16, "cd" * 8), "process", T0, T0 + MS, exit_code=0, model_calls=2, tool_calls=1, input_tokens=10,
    output_tokens=5, cost_usd=0.0125, conversation="conv", sources=("ebpf", "proxy"),
)  # fmt: skip
TOOL = AgentCall(
    "mcp", "tools/call", "call", target="read", request_id="7", conversation="conv",
    facts=(("tool", "read"), ("tool.argument_keys", ("path", "lines")), ("mcp.session", "s-1"), ("mcp.version", "2025-11-25"),
           ("transport", "tcp"), ("protocol.name", "http"), ("protocol.version", "1.1"), ("unheard_of", "x")),
    moments=(Moment(T0 + 60 * MS, "notifications/progress", (("mcp.progress", 0.5),)),), arguments='{"path":"a"}', result='{"ok":1}',
)  # fmt: skip
SEND = AgentCall(
    "a2a", "SendStreamingMessage", "send", target="10.0.0.9:8000", request_id="r-1", conversation="ctx",
    facts=(("a2a.task", "t-1"), ("a2a.state", "input_required"), ("a2a.state.enum", "TASK_STATE_INPUT_REQUIRED"), ("a2a.message", "m-1"),
           ("a2a.events", 3), ("a2a.source", "claimed")),
    moments=(Moment(T0 + 60 * MS, "task_state", (("a2a.state", "working"), ("a2a.state.enum", "TASK_STATE_WORKING"))),),
)  # fmt: skip
TALK = Exchange(
    "xid", "ebpf", Key(77, 1), "c", 0, "client",
    Request(T0, "POST", "http", "10.0.0.9", 8000, "/secret-path", ended=T0 + 2 * MS),
    Response(T0 + 50 * MS, 200, ended=T0 + 250 * MS, streamed=True),
    local=Address("10.0.0.1", 40000), peer=Address("10.0.0.9", 8000), part="c1",
)  # fmt: skip
SERVED = Exchange(
    "yid", "ebpf", Key(88, 1), "c", 0, "server", TALK.request, TALK.response,
    local=Address("10.0.0.9", 8000), peer=Address("10.0.0.1", 40000),
)  # fmt: skip
