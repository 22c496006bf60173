"""One model call being read: the request's half at once, the answer's as it comes, the whole at the end."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from hexr_autoinst.dissect import clients, digest, failure, thread
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import HEADERS, MOST_NAMES, Ask, client_hint, limits_left, resend_count
from hexr_autoinst.dissect.content import output_messages
from hexr_autoinst.dissect.lenient import objects, parse, parse_cut, text
from hexr_autoinst.dissect.who import Provider, Who
from hexr_autoinst.model.exchange import Exchange, Frame
from hexr_autoinst.model.operation import Content, Effect, Failure, Kind, ModelCall, Thread, ToolCall

if TYPE_CHECKING:  # a dialogue is made of readings
    from hexr_autoinst.dissect.dialogue import Script

_LAST: Final = (
    "[DONE]"  # OpenAI's end of a stream: https://platform.openai.com/docs/api-reference/chat-streaming
)
KEPT: Final = ("/", f"={_LAST}", *HEADERS, *failure.KEPT)

_SILENT: Final[Mapping[str, str | None]] = MappingProxyType({})
# A frame that is no event but an exception or an error of the stream itself, as `Frame.event` names it.
_BROKEN: Final = re.compile("(?:exception|error):(?P<code>.*)")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one shape is read: whether a body has it, its request, a frame of its stream, its whole answer.

    `kind` and `operation` are what such a call is. `opaque`: a good answer may be something else than JSON (sound, plain text).
    `listed`: how a whole answer that is a list is read; without it, its objects are frames.
    `fetched`: nothing is asked of a model, the answer to an earlier call is looked at; only one that has come to an end is told.
    `script`: it is spoken on a connection that carries many calls, and this tells them apart (see `dissect.dialogue`).
    `heads`: what the header fields of both sides say beside the bodies; asked last. `inner`: a frame holds a piece of
    another framing; the texts that are whole with it.
    `places`: where its request shows which conversation it goes on with.
    `kept` names the members whose texts are read as words or numbers, never as content: see `dissect.veil`.
    """

    name: str
    shaped: Callable[[Any], bool]
    ask: Callable[[Any, bool], Ask]
    frame: Callable[[Answer, str, dict[str, Any], int], None]
    whole: Callable[[Answer, dict[str, Any]], None]
    kind: Kind = "chat"
    operation: str = "chat"
    opaque: bool = False
    listed: Callable[[Answer, list[Any]], None] | None = None
    fetched: bool = False
    heads: Callable[[Answer, Exchange], None] | None = None
    inner: Callable[[Answer, str], Iterable[str]] | None = None
    kept: tuple[str, ...] = ()
    script: "Callable[[Exchange], Script] | None" = None
    places: thread.Places | None = None


@dataclass(slots=True)
class ModelReading:
    """The reading of one exchange in one dialect."""

    dialect: Dialect
    answers: Who
    ask: Ask
    answer: Answer
    asked: Thread | None = None
    nested: tuple[str, ...] | None = None

    @property
    def kept(self) -> tuple[str, ...]:
        """The places of the dialect, of who tells who answers, and those that every model call is read by."""
        return KEPT + self.dialect.kept + self.answers.kept

    def frame(self, frame: Frame) -> None:
        """Take one frame of the answer."""
        self.answer.frames += 1
        if ":" in frame.event and (broken := _BROKEN.fullmatch(frame.event)):
            self._break(broken["code"], frame.data)
        elif self.dialect.inner is None:
            self._take(frame, frame.data)
        else:
            self.nested = tuple(self.dialect.inner(self.answer, frame.data))
            for data in self.nested:
                self._take(frame, data)

    def _take(self, frame: Frame, data: str) -> None:
        if data[:1] != "{" and data.strip() == _LAST:
            self.answer.done = True
            return
        value = parse(data)
        if value is None:
            self.answer.unparsed += 1
            value = parse_cut(data.encode("utf-8", "replace"))
        if isinstance(value, dict):
            self.hear(value, frame.at, frame.event)

    def hear(self, value: dict[str, Any], at: int, event: str = "") -> None:
        """Take what a frame says."""
        self.answers.hear(value)
        self.dialect.frame(self.answer, event, value, at)

    def _break(self, code: str, data: str) -> None:
        """The stream ends with an error that its framing names."""
        said = parse(data)
        message = said.get("message") if isinstance(said, dict) else data
        answer = self.answer
        answer.failure = answer.failure or failure.coded(code, message, content=answer.content)

    def close(self, exchange: Exchange) -> ModelCall | None:
        """What the exchange meant; None where only a shape was seen and the answer has another, or where nothing has come to an end yet."""
        answer, value = self.answer, self._body(exchange)
        if isinstance(value, dict):
            self.dialect.whole(answer, value)
        elif isinstance(value, list) and self.dialect.listed:
            self.dialect.listed(answer, value)
            answer.done = True
        elif isinstance(value, list) and not answer.frames:  # else each of them was heard already
            for one in objects(value):
                if self.ask.stream:  # one that was too short to be one on the wire
                    self.dialect.frame(answer, "", one, exchange.ended)
                else:
                    self.dialect.whole(answer, one)
        if self.dialect.fetched and not _over(exchange, answer):
            return None
        self._judge(exchange, value)
        provider = self.answers.close(exchange, value)
        if provider.inferred and _meaningless(exchange, answer):
            return None
        return self._told(exchange, provider)

    def _judge(self, exchange: Exchange, value: Any) -> None:
        """Whether it failed, by what the header fields and the status say beside the body."""
        answer = self.answer
        if self.dialect.heads is not None:
            self.dialect.heads(answer, exchange)
        if answer.failure is None or answer.failure.type == failure.UNKNOWN:  # the status may know better
            answer.failure = failure.of_exchange(exchange, value, content=answer.content) or answer.failure
        refused = bool(answer.failure and answer.failure.type == failure.FILTERED)
        if refused and not answer.choices and "guard.output_blocked" not in answer.extras:
            answer.extras.setdefault("guard.prompt_blocked", failure.FILTERED)  # before there was an answer

    def _body(self, exchange: Exchange) -> Any:
        answer = exchange.response
        if answer is None or not answer.body:
            return None
        value = parse(answer.body)
        if value is None and self.dialect.opaque and answer.status < 400:
            self.answer.found = not answer.headers.get("content-type").startswith("text/html")
        elif value is None:
            self.answer.unparsed += 1
            value = parse_cut(answer.body)
        return value

    def _told(self, exchange: Exchange, provider: Provider) -> ModelCall:
        ask, answer = self.ask, self.answer
        ordered = [choice for _, choice in sorted(answer.choices.items())]
        finishes = tuple(c.finish for c in ordered if c.finish)
        left = limits_left(exchange.response.headers) if exchange.response else ()
        return ModelCall(
            kind=self.dialect.kind,
            operation=self.dialect.operation,
            provider=provider.name,
            inferred=provider.inferred,
            stream=ask.stream or bool(exchange.response and exchange.response.streamed),
            request_model=ask.model,
            response_model=answer.model,
            response_id=answer.id,
            finish_reasons=finishes,
            usage=answer.usage,
            sampling=ask.sampling,
            tool_calls=tuple(self._calls()),
            tool_results=ask.tool_results,
            tool_definitions=ask.tool_definitions[:MOST_NAMES],
            tool_definition_count=len(ask.tool_definitions),
            conversation=answer.conversation
            or ask.conversation
            or clients.conversation(exchange.request.headers),
            resend_count=resend_count(exchange.request.headers),
            client_hint=client_hint(exchange.request.headers),
            first_output_at=answer.first_output_at,
            last_output_at=answer.last_output_at,
            output_chunks=answer.output_chunks,
            failure=answer.failure or _cut_short(exchange, answer),
            content=self._content(),
            missing=_missing(exchange, answer),
            ended=answer.done,
            fetched=self.dialect.fetched,
            scan=self._scan(provider),
            extras=tuple({**dict(ask.extras), **answer.extras, **dict(left)}.items()),
        )

    def _scan(self, provider: Provider) -> Effect | None:
        """A moderation is a guard's scan as well, whatever became of it."""
        if self.dialect.kind != "moderation":
            return None
        found = self.answer.scan or Effect("guard", "scan")
        return replace(found, service=provider.name, failure=self.answer.failure)

    def _calls(self) -> list[ToolCall]:
        answer = self.answer
        asked = (c for _, choice in sorted(answer.choices.items()) for c in choice.calls() if not c.server)
        return [
            ToolCall(
                c.name,
                c.id,
                c.arguments if answer.content else None,
                *(digest.of_arguments("".join(c.said)) if not c.lost else (b"", ())),
            )
            for c in asked
            if c.name or c.id
        ]

    def _content(self) -> Content | None:
        if not self.answer.content:
            return None
        return replace(self.ask.content or Content(), output_messages=output_messages(self.answer))


def begin(
    dialect: Dialect, body: Any, *, answers: Who, path: Mapping[str, str | None] = _SILENT, content: bool
) -> ModelReading:
    """Read the request, whose JSON is `body`, and wait for the answer. `path`: what its parts `model`, `stream` and `conversation` say."""
    ask = dialect.ask(body, content)
    if path:
        ask = _named(ask, path)
    return ModelReading(
        dialect, answers, ask, Answer(content=content), _thread(dialect, body, ask, answers, content=content)
    )


def _thread(dialect: Dialect, body: Any, ask: Ask, answers: Who, *, content: bool) -> Thread | None:
    """Which conversation it is of; None of what is none."""
    if dialect.kind != "chat" or dialect.fetched:
        return None
    found = thread.of_request(body, dialect.places or thread.Places(), ask.tool_definitions, content=content)
    ids = [*clients.ids(answers.exchange.request.headers)]
    if ask.conversation:
        ids.append(("thread", ask.conversation))
    return thread.also(found, ids)


def _named(ask: Ask, path: Mapping[str, str | None]) -> Ask:
    """What the path says besides."""
    said = {name: text(unquote(path.get(name) or "")) for name in ("model", "conversation")}
    return replace(
        ask,
        model=ask.model or said["model"],
        stream=ask.stream or bool(path.get("stream")),
        conversation=ask.conversation or said["conversation"],
    )


def _meaningless(exchange: Exchange, answer: Answer) -> bool:
    """A good answer in which nothing of the dialect was found: the path was a coincidence."""
    something = answer.found or answer.id or answer.model or answer.choices or answer.failure
    return _good(exchange) and exchange.complete and not something


def _good(exchange: Exchange) -> bool:
    return exchange.response is not None and 200 <= exchange.response.status < 300


def _over(exchange: Exchange, answer: Answer) -> bool:
    """Whether what was fetched has come to an end, good or bad. That it could not be fetched is no failure of a model."""
    ended = answer.done or answer.failure or any(c.finish for c in answer.choices.values())
    return _good(exchange) and bool(answer.id and ended)


def _unfinished(answer: Answer) -> bool:
    ended = answer.done or answer.failure or any(c.finish for c in answer.choices.values())
    return bool(answer.frames) and not ended


def _cut_short(exchange: Exchange, answer: Answer) -> Failure | None:
    """A stream that the server broke off has failed; one that its reader left has not."""
    broken = _unfinished(answer) and "closed_by_server" in exchange.missing
    return Failure("closed_by_server") if broken else None


def _missing(exchange: Exchange, answer: Answer) -> tuple[str, ...]:
    found = [f"truncated:{what}" for what in sorted(answer.cut)]
    if answer.unparsed:
        found.append("unparsed:response")
    if exchange.complete and _unfinished(answer):
        found.append("unfinished:response")
    return tuple(found)
