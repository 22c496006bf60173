"""Pictures from text, of vendors that are known for nothing else. They are counted where the answer has them, never kept.

https://platform.stability.ai/docs/api-reference https://docs.bfl.ai/api-reference https://docs.fal.ai/model-apis https://developer.ideogram.ai/api-reference
Some answer with a number under which the picture is fetched later.
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import prompted
from hexr_autoinst.dissect.dialects.openai_chat import blocked
from hexr_autoinst.dissect.form import count
from hexr_autoinst.dissect.lenient import elements, mapping, objects, signed, text, word
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling

_HOW_MANY: Final = ("n", "num_images", "samples")
_PICTURES: Final = ("data", "images", "artifacts")
_FILTERED: Final = "CONTENT_FILTERED"
_FINISH: Final = ("finish_reason", "finishReason")
# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "model!", "image_request.model!", "id", "request_id", "text_prompts.-", *_HOW_MANY, *(f"image_request.{n}" for n in _HOW_MANY),
    *(f"{place}{finish}" for place in ("", *(f"{p}." for p in _PICTURES)) for finish in _FINISH),
)  # fmt: skip


def shaped(body: Any) -> bool:
    """A prompt: too plain to be known anywhere but on the vendors' own hosts."""
    return isinstance(body, dict)


def ask(body: Any, content: bool) -> Ask:
    """The request's facts; numbers are text where they come in a form."""
    body = body if isinstance(body, dict) else {}
    body = mapping(body, "image_request") or body  # Ideogram's older API
    return Ask(
        model=text(body.get("model")),
        sampling=Sampling(
            choices=next((n for key in _HOW_MANY if (n := count(body.get(key))) is not None), None),
            seed=signed(body.get("seed")),
            output_type="image",
        ),
        content=prompted(_prompt(body)) if content else None,
    )


def _prompt(body: dict[str, Any]) -> Any:
    parts = [p.get("text") for p in objects(body.get("text_prompts"))]
    return body.get("prompt") or [p for p in parts if isinstance(p, str)]


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """Pictures, one picture, or a number for later."""
    answer.identify(word(value.get("id")) or text(value.get("request_id")), None)
    places = (
        *(value.get(key) for key in _PICTURES),
        *mapping(value, "data").values(),
    )  # MiniMax's are one deeper
    found = next((elements(place) for place in places if isinstance(place, list)), None)
    if found is None and value.get("image"):
        found = [value]
    if found is None:
        return
    answer.found = True
    answer.extras["images"] = len(found)
    for index, one in enumerate(objects(found)):
        finish = next((f for key in _FINISH if (f := word(one.get(key)))), None)
        choice = answer.choice(index) if finish else None
        if choice is not None:
            choice.finish = finish
    if answer.choices and all(c.finish == _FILTERED for c in answer.choices.values()):
        blocked(answer)


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Pictures are not streamed here."""


PICTURES: Final = Dialect(
    "pictures", shaped, ask, frame, whole, kind="image", operation="generate_content", opaque=True, kept=_KEPT
)
