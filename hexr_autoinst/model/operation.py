"""Operations: what an exchange meant, in nobody's vocabulary but ours. No wire words, no OTel words."""

from dataclasses import dataclass
from typing import Literal

from hexr_autoinst.model.facts import Role

Kind = Literal["chat", "completion", "embeddings", "image", "audio", "moderation", "rerank"]
Extra = str | int | float | bool | tuple[str, ...] | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the answer states them. None: not stated (never 0, never computed offline).

    `input` includes cached tokens, `output` includes reasoning tokens, whatever the vendor's own sum is.
    `modalities` is the breakdown where one is stated: (modality, side, tokens), text left out where it is the only one;
    a side is "input", "output", or "cached_input" for those of the input that came from a cache.
    """

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    modalities: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sampling:
    """Parameters as the request sent them; None: not sent."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    choices: int | None = None
    stop: tuple[str, ...] = ()
    output_type: str | None = None
    reasoning_level: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the model asked for. `arguments` is JSON text, kept only while content is allowed.

    `digest` stands for the arguments, `words` for the texts among them: equal ones are recognized elsewhere, none is told.
    """

    name: str
    id: str | None = None
    arguments: str | None = None
    digest: bytes = b""
    words: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a request brings in answer to a tool call: by the call's id; by the tool's name where the API has no ids.

    `failed`: the wire says that the tool did. `content` is its text, kept only while content is allowed.
    """

    id: str | None = None
    name: str | None = None
    failed: bool = False
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """Which conversation a request goes on with, as far as it shows that itself. Digests stand for texts.

    `ids`: (kind, id) as the client names its conversation: two ids of one kind are two conversations, one id may still be several.
    `after`: the id of the answer that it goes on from. `history`: a digest of each beginning of its list of messages, the longest last,
    so that a conversation that goes on begins with what it was. `head`: of instructions and tools, which stand before all messages.
    `tools`: tools were offered; `forced`: the answer must be a call of a certain one, which is how an answer's shape is asked for; `must`: of whichever, so that
    the last answer is a call as well. `fresh`: the newest message is a person's or a caller's, not a tool's. `words`: the texts of that message.
    `results`: what it brings of tools.
    """

    ids: tuple[tuple[str, str], ...] = ()
    after: str | None = None
    history: tuple[bytes, ...] = ()
    head: bytes = b""
    tools: bool = False
    forced: bool = False
    must: bool = False
    fresh: bool = False
    words: tuple[bytes, ...] = ()
    results: tuple[ToolResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the call failed. `type` is the provider's own code, else the HTTP status as text."""

    type: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Messages in the convention's schema (JSON text), only when the daemon was told to keep content."""

    input_messages: str | None = None
    output_messages: str | None = None
    system_instructions: str | None = None
    tool_definitions: str | None = None


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One attempt at a model API. Absent facts are None or empty.

    `provider` is the convention's well-known value where one applies; `inferred` says it was
    deduced from the shape alone. `operation` is the convention's operation word. `first_output_at`
    is the arrival of the first frame that carried output; `output_chunks` counts those frames and
    `last_output_at` is the arrival of the last. `ended`: the vendor's own end of the stream was seen. `fetched`: nothing
    was asked of a model, the answer to an earlier call was looked at. `cost_usd`: by the vendor's price list, where it is known; `window`: tokens that its
    model's context holds, by the same list. `scan`: what a moderation was besides, told as its child.
    `extras` are provider-specific facts that semconv
    knows how to name: a tuple of (neutral name, value).
    """

    kind: Kind
    operation: str
    provider: str
    inferred: bool = False
    stream: bool = False
    request_model: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    finish_reasons: tuple[str, ...] = ()
    usage: Usage = Usage()
    sampling: Sampling = Sampling()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_results: tuple[str, ...] = ()
    tool_definitions: tuple[str, ...] = ()
    tool_definition_count: int = 0
    conversation: str | None = None
    resend_count: int | None = None
    client_hint: str = ""
    first_output_at: int | None = None
    last_output_at: int | None = None
    output_chunks: int = 0
    failure: Failure | None = None
    content: Content | None = None
    missing: tuple[str, ...] = ()
    ended: bool = False
    cost_usd: float | None = None
    window: int | None = None
    fetched: bool = False
    scan: "Effect | None" = None
    extras: tuple[tuple[str, Extra], ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened within a call, at `at` (ns, epoch): a task's new state, progress, a notification."""

    at: int
    name: str
    facts: tuple[tuple[str, Extra], ...] = ()


@dataclass(frozen=True, slots=True)
class AgentCall:
    """One call of an agent protocol: MCP or A2A. Absent facts are None or empty.

    `method` is the protocol's own name for it (MCP: `tools/call`; A2A: the operation of version 1.0, `SendMessage`),
    `operation` the short word that its span is named by (`call` of a gateway, `send`, `get_task`). `backwards`: the server
    of the exchange asks its client (sampling, elicitation, a push notification's sender excepted). `target`: the tool, prompt or agent
    that is called. `facts` are what semconv knows how to name: neutral name → value. `moments` are told as span events.
    `join`: what both ends of the call can see of it and nobody else has (a message's id; a session's and a request's). `parent` is a
    `traceparent` that the message itself carries. `content`: arguments and result as JSON text, only where content may be kept.
    `digest` stands for the arguments: those of the tool call that it carries out are equal.
    """

    protocol: Literal["mcp", "a2a"]
    method: str
    operation: str
    backwards: bool = False
    target: str | None = None
    request_id: str | None = None
    conversation: str | None = None
    failure: Failure | None = None
    facts: tuple[tuple[str, Extra], ...] = ()
    moments: tuple[Moment, ...] = ()
    join: tuple[str, ...] = ()
    parent: str | None = None
    arguments: str | None = None
    result: str | None = None
    digest: bytes = b""
    client_hint: str = ""
    missing: tuple[str, ...] = ()
    ended: bool = False

    def serves(self, role: Role) -> bool:
        """Whether the end of the exchange in this role is the one that is called."""
        return (role == "server") != self.backwards


EffectKind = Literal["tool", "credential", "vault", "cache", "browser", "sandbox", "guard"]


@dataclass(frozen=True, slots=True)
class Effect:
    """Something an agent does in the world besides asking a model, a tool server or another agent. Absent facts are None or empty.

    `verb` is what is done, in the last word of its span's name (`exchange`, `get`, `lookup`). `service`: what it is done to, bounded: the
    name of an API, a host's registrable domain; it may label a metric. `facts` are what semconv knows how to name: neutral name → value.
    `sealed` is of the same form, its texts told as a keyed hash only. `uses`: the kind of credential that it shows (`aws`), where the wire
    says so; of a credential exchange, the kind that it has brought. `inferred`: deduced, not said on the wire. `counted`: it moves metrics and
    makes no span: what is worth a number and not a line, as a write to a cache.
    """

    kind: EffectKind
    verb: str
    service: str | None = None
    failure: Failure | None = None
    facts: tuple[tuple[str, Extra], ...] = ()
    sealed: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    uses: str = ""
    inferred: bool = False
    counted: bool = False
    client_hint: str = ""
    missing: tuple[str, ...] = ()
    ended: bool = False


Operation = ModelCall | AgentCall | Effect
# What the request alone may say of a call.
Asked = AgentCall | Effect | Thread
