"""Where the bodies of model APIs hold text, and how each says that a request is refused. Data for the guard step; tells nothing, keeps nothing.

A prompt is what was said since the model spoke last: what came before has been looked at already.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

_MODELS: Final = frozenset({"assistant", "model"})


def prompt(body: Any) -> str:
    """The new text of a model request, empty where the body is none."""
    if not isinstance(body, dict):
        return ""
    for history, parts in (("messages", "content"), ("contents", "parts")):
        if isinstance(body.get(history), list):
            return "\n".join(_texts(m.get(parts)) for m in _latest(body[history]))
    if "model" not in body:
        return ""
    said = body.get("input", body.get("prompt"))
    if isinstance(said, list) and any(isinstance(x, dict) for x in said):
        return "\n".join(_texts(m.get("content", m.get("output"))) for m in _latest(said))
    return _texts(said)


def _latest(history: list[Any]) -> list[dict[str, Any]]:
    messages = [m for m in history if isinstance(m, dict)]
    since = max((n for n, m in enumerate(messages, 1) if m.get("role") in _MODELS), default=0)
    return [m for m in messages[since:] if m.get("role") != "system"]


def _texts(said: Any) -> str:
    """A text, or the texts of parts: `text`, or `content` of what a tool has brought."""
    if isinstance(said, str):
        return said
    if isinstance(said, list):
        return "\n".join(t for one in said if (t := _texts(one)))
    if isinstance(said, dict):
        return _texts(said["text"] if "text" in said else said.get("content"))
    return ""


def output(content_type: str, body: bytes) -> str:
    """The text of an answer, whole or streamed; empty where it is no model's."""
    if "event-stream" not in content_type:
        return _answer(parsed(body))
    return "".join(_delta(parsed(line[5:])) for line in body.splitlines() if line.startswith(b"data:"))


def parsed(body: bytes) -> Any:
    """The JSON of a body; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _answer(body: Any) -> str:
    """Chat completions, Messages, Responses, Gemini, Converse."""
    if not isinstance(body, dict):
        return ""
    found: list[str] = [
        _texts(_at(c, "message", "content") or _at(c, "text")) for c in _listed(body, "choices")
    ]
    found += [_texts(_at(c, "content", "parts")) for c in _listed(body, "candidates")]
    found += [_texts(_at(c, "content")) for c in _listed(body, "output")]
    found += [
        _texts(body.get("content")),
        _texts(_at(body, "message", "content")),
        _texts(_at(body, "output", "message", "content")),
    ]
    return "\n".join(t for t in found if t)


def _delta(event: Any) -> str:
    if not isinstance(event, dict):
        return ""
    found = "".join(_texts(_at(c, "delta", "content") or _at(c, "text")) for c in _listed(event, "choices"))
    found += "".join(_texts(_at(c, "content", "parts")) for c in _listed(event, "candidates"))
    if event.get("type") == "content_block_delta":
        return found + _texts(_at(event, "delta", "text"))
    if event.get("type") == "response.output_text.delta":
        return found + _texts(event.get("delta"))
    return found


def _listed(body: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    said = body.get(name)
    return (x for x in said if isinstance(x, dict)) if isinstance(said, list) else iter(())


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


Refusal = tuple[dict[str, str], dict[str, Any]]
_JSON: Final = {"Content-Type": "application/json"}


def _anthropic(why: str) -> Refusal:
    return _JSON, {"type": "error", "error": {"type": "invalid_request_error", "message": why}}


def _gemini(why: str) -> Refusal:
    return _JSON, {"error": {"code": 400, "message": why, "status": "INVALID_ARGUMENT"}}


def _bedrock(why: str) -> Refusal:
    return {**_JSON, "x-amzn-ErrorType": "ValidationException"}, {"message": why}


def _openai(why: str) -> Refusal:
    return _JSON, {
        "error": {"message": why, "type": "invalid_request_error", "param": None, "code": "content_filter"}
    }


_REFUSALS: Final[tuple[tuple[Callable[[str, Any, Iterable[str]], bool], Callable[[str], Refusal]], ...]] = (
    (lambda path, _, headers: "anthropic-version" in headers or path.endswith("/v1/messages"), _anthropic),
    (lambda path, _, __: path.startswith("/model/"), _bedrock),
    (lambda _, body, __: isinstance(body, dict) and "contents" in body, _gemini),
)  # fmt: skip


def refusal(path: str, body: Any, headers: Iterable[str], why: str) -> Refusal:
    """Headers and body of a 400 as this API would answer it; OpenAI's where nothing shows another. `headers`: names in lower case.

    https://docs.anthropic.com/en/api/errors · https://cloud.google.com/apis/design/errors · Bedrock: ValidationException of its service model.
    """
    names = frozenset(headers)
    return next((shape(why) for fits, shape in _REFUSALS if fits(path, body, names)), _openai(why))
