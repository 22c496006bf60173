"""Model calls over gRPC, which the SDKs of some vendors speak where others speak JSON: one call an exchange, read in the dialect of its JSON.

The service's name in the path is sure, on any host; who answers is asked as of any other call.
"""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from hexr_autoinst.dissect.claim import Begun, Claim, Done, Heard, Listener
from hexr_autoinst.dissect.dialects.gemini import GEMINI
from hexr_autoinst.dissect.dialects.gemini_proto import GEMINI_ASKED, GEMINI_SAID, VERTEX_ASKED, VERTEX_SAID
from hexr_autoinst.dissect.dialects.xai_proto import XAI_ASKED, XAI_CHAT, XAI_CHUNK, XAI_SAID
from hexr_autoinst.dissect.protocols.a2a_grpc import failed, unframed
from hexr_autoinst.dissect.protocols.proto_json import Table, message, places
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.dissect.reading import KEPT, Dialect, ModelReading, begin
from hexr_autoinst.dissect.who import who
from hexr_autoinst.model.exchange import Exchange, Frame
from hexr_autoinst.model.operation import Failure

_GRPC: Final = "application/grpc"
# What stands before a model's own name: its collection, or (Vertex AI) project, place and publisher.
_MODEL: Final = re.compile(
    r"(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?(?:models/)?(?P<name>.+)"
)


@dataclass(frozen=True, slots=True)
class Method:
    """A method: the vendor whose it is, the dialect of its JSON, and the numbers of the fields of question and answer."""

    vendor: str
    dialect: Dialect
    asked: Table
    said: Table
    stream: bool = False


_SERVICES: Final[tuple[tuple[re.Pattern[str], Method], ...]] = tuple(
    (re.compile(path), method)
    for path, method in (
        (r"/google\.ai\.generativelanguage\.v1\w*\.GenerativeService/GenerateContent", Method("gemini", GEMINI, GEMINI_ASKED, GEMINI_SAID)),
        (r"/google\.ai\.generativelanguage\.v1\w*\.GenerativeService/StreamGenerateContent", Method("gemini", GEMINI, GEMINI_ASKED, GEMINI_SAID, stream=True)),
        (r"/google\.cloud\.aiplatform\.v1\w*\.PredictionService/GenerateContent", Method("vertex_ai", GEMINI, VERTEX_ASKED, VERTEX_SAID)),
        (r"/google\.cloud\.aiplatform\.v1\w*\.PredictionService/StreamGenerateContent", Method("vertex_ai", GEMINI, VERTEX_ASKED, VERTEX_SAID, stream=True)),
        (r"/xai_api\.Chat/GetCompletion", Method("x_ai", XAI_CHAT, XAI_ASKED, XAI_SAID)),
        (r"/xai_api\.Chat/GetCompletionChunk", Method("x_ai", XAI_CHAT, XAI_ASKED, XAI_CHUNK, stream=True)),
    )
)  # fmt: skip


class Asking:
    """The listener of one call."""

    nested: tuple[str, ...] | None = None

    def __init__(self, question: Question, method: Method, *, content: bool) -> None:
        """`content`: messages may be kept."""
        self._question, self._method, self._content = question, method, content
        self._reading: ModelReading | None = None
        self._framed = False
        for raw in unframed(question.exchange.request.body):
            self._ask(raw)

    @property
    def kept(self) -> tuple[str, ...]:
        """All but what was said."""
        return (*KEPT, *places(self._method.asked, "<"), *places(self._method.said, ">"))

    def begin(self) -> Heard:
        """The call has begun where its message has come with its head."""
        return () if self._reading is None else self._begun(self._reading)

    def frame(self, frame: Frame) -> Heard:
        """A message of either side."""
        if frame.kind != "grpc":
            return ()
        if frame.side == "response":
            self._framed = True
            self._hear(frame.raw, frame.at)
        elif self._reading is None:
            return self._begun(self._ask(frame.raw))
        return ()

    def close(self, exchange: Exchange) -> Heard:
        """What the call was."""
        begun = () if self._reading is not None else self._begun(self._ask(b""))
        reading, answer = self._reading or self._ask(b""), exchange.response
        if answer is not None and not self._framed:
            for raw in unframed(answer.body):
                self._hear(raw, exchange.ended)
        failure, code = failed(exchange, content=self._content)
        if failure is not None:
            reading.answer.failure = reading.answer.failure or Failure(code or failure.type, failure.message)
        # The status is what ends a call, and nothing else does.
        ended = answer is not None and any("grpc-status" in h for h in (answer.trailers, answer.headers))
        reading.answer.done = reading.answer.done or ended
        said = replace(answer, body=b"", streamed=self._method.stream) if answer is not None else None
        operation = reading.close(replace(exchange, response=said))
        return (*begun, Done(replace(exchange, facts=0), operation)) if operation is not None else begun

    def _begun(self, reading: ModelReading) -> Heard:
        return (Begun(replace(self._question.exchange, facts=0), reading.asked),)

    def _ask(self, raw: bytes) -> ModelReading:
        body: dict[str, Any] = message(raw, self._method.asked)
        found = _MODEL.fullmatch(str(body.get("model", "")))
        path = {
            "model": found["name"] if found else None,
            "stream": "stream" if self._method.stream else None,
        }
        body |= {"model": path["model"]}
        answers = who(self._question, self._method.vendor)
        self._reading = begin(self._method.dialect, body, answers=answers, path=path, content=self._content)
        return self._reading

    def _hear(self, raw: bytes, at: int) -> None:
        reading = self._reading or self._ask(b"")
        value = message(raw, self._method.said)
        reading.answer.frames += 1
        if self._method.stream:
            reading.hear(value, at)
        else:
            reading.dialect.whole(reading.answer, value)


class ModelGrpc:
    """The dissector."""

    name = "model_grpc"

    def claim(self, question: Question) -> Claim:
        """Sure by the service's name."""
        return Claim.HOST if _method(question) is not None else Claim.NO

    def open(self, question: Question, *, content: bool) -> Listener:
        """Begin to listen."""
        method = _method(question)
        if method is None:
            raise ValueError("an exchange that was not claimed")
        return Asking(question, method, content=content)


def _method(question: Question) -> Method | None:
    request = question.exchange.request
    if request.method != "POST" or not request.headers.get("content-type").startswith(_GRPC):
        return None
    return next((method for path, method in _SERVICES if path.fullmatch(request.path)), None)


PROTOCOL = ModelGrpc()
