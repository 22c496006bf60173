"""E2B: code in an interpreter, and processes in a sandbox. https://e2b.dev/docs, its SDKs and https://connectrpc.com/docs/protocol

The interpreter answers in lines of JSON. Processes are started by Connect in JSON: each message behind a flag and a length of four
bytes; what is compressed there is not read. An exit code of 0 is left out, as protobuf's JSON leaves out every zero.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from hexr_autoinst.dissect.effects.run import Asked, Outcome, Sandbox, Way, code, seconds, word
from hexr_autoinst.dissect.lenient import mapping, parse, text
from hexr_autoinst.model.exchange import Exchange

_MILLI: Final = 1000
_FLAGS: Final = frozenset((0, 2))  # a message, the end of the stream; 1 would be compressed
_HEAD: Final = 5
_MOST: Final = 10_000
_DIGITS: Final = re.compile(r"[0-9]{1,10}", re.ASCII)
# The interpreters that a command line names by itself.
_LANGUAGES: Final = {"bash": "bash", "sh": "sh", "node": "javascript", "deno": "typescript", "ruby": "ruby", "Rscript": "r"}  # fmt: skip
_PYTHON: Final = re.compile(r"python[0-9.]{0,5}", re.ASCII)


def messages(body: bytes) -> Iterator[Any]:
    """The messages of a stream."""
    at = count = 0
    while at + _HEAD <= len(body) and body[at] in _FLAGS and count < _MOST:
        end = at + _HEAD + int.from_bytes(body[at + 1 : at + _HEAD], "big")
        value = parse(body[at + _HEAD : end]) if end <= len(body) else None
        if value is None:
            return
        yield value
        at, count = end, count + 1


def _interprets(body: dict[str, Any]) -> bool:
    return isinstance(body.get("code"), str) and body.keys() >= {"context_id", "language", "env_vars"}


def _interpreter(body: dict[str, Any], exchange: Exchange) -> Asked:  # noqa: ARG001 - the body says all
    return Asked(word(body.get("language")))


def _line(said: dict[str, Any]) -> Outcome:
    return Outcome(error=text(said.get("name"), 128)) if said.get("type") == "error" else Outcome()


def _starts(body: dict[str, Any]) -> bool:
    return isinstance(mapping(body, "process").get("cmd"), str)


def _process(body: dict[str, Any], exchange: Exchange) -> Asked:
    program = str(mapping(body, "process").get("cmd")).rpartition("/")[2]
    language = "python" if _PYTHON.fullmatch(program) else _LANGUAGES.get(program)
    limit = exchange.request.headers.get("connect-timeout-ms")
    return Asked(language, seconds(int(limit), _MILLI) if _DIGITS.fullmatch(limit) else None)


def _event(said: dict[str, Any]) -> Outcome:
    """The end of a process, or of a stream that failed."""
    end = mapping(said, "event", "end")
    if end:
        found = code(end.get("exitCode"))
        return Outcome(0 if found is None and end.get("exited") is True else found)
    failed = mapping(said, "error").get("code")
    return Outcome(error=text(failed, 64))


EFFECT: Final = Sandbox(
    "e2b",
    (
        Way(re.compile(r"(?:/.*)?/execute"), _interprets, _interpreter, _line),
        Way(re.compile(r"(?:/.*)?/process\.Process/Start"), _starts, _process, _event, messages=messages),
    ),
    hosts=re.compile(r"[0-9]+-[a-z0-9-]+\.(?:[a-z0-9-]+\.)*e2b\.(?:app|dev)"),
    kept=("language", "context_id", "type", "name", "connect-timeout-ms:"),
)
