"""A task of Hugging Face's inference API that is neither a generation nor an embedding: what it is, its model's card says and the wire does not.

https://huggingface.co/docs/inference-providers/providers/hf-inference
It is told as a completion, with a word of its own for the operation.
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.lenient import objects
from hexr_autoinst.dissect.reading import Dialect

_SAID: Final = ("generated_text", "summary_text", "translation_text")


def shaped(body: Any) -> bool:
    """Inputs of whatever kind."""
    return isinstance(body, dict) and "inputs" in body


def ask(body: Any, content: bool) -> Ask:
    """The inputs, where they are text."""
    body = body if isinstance(body, dict) else {}
    return Ask(content=prompted(body.get("inputs")) if content else None)


def listed(answer: Answer, values: list[Any]) -> None:
    """A result for each input."""
    answer.found = True
    for index, value in enumerate(objects(values)):
        said = next((value[key] for key in _SAID if isinstance(value.get(key), str)), None)
        choice = answer.choice(index) if said is not None else None
        if choice is not None and said is not None:
            answer.say(choice, "text", said)


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """One result."""
    listed(answer, [value])


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Tasks are never streamed; a list that came in pieces is read at its end."""


HF_TASK: Final = Dialect(
    "hf_task", shaped, ask, frame, whole, kind="completion", operation="inference", opaque=True, listed=listed
)
