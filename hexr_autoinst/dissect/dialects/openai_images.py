"""OpenAI's images: generations, edits, variations. https://platform.openai.com/docs/api-reference/images and /images-streaming

Pictures are counted, never kept. An edit comes as a form, whose numbers are text.
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.content import dumped, message, text_part
from hexr_autoinst.dissect.dialects.openai_usage import KEPT as USAGE
from hexr_autoinst.dissect.dialects.openai_usage import take_usage
from hexr_autoinst.dissect.form import count
from hexr_autoinst.dissect.lenient import mapping, objects, text
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Content, Sampling

# The vendor's own filter: https://platform.openai.com/docs/guides/image-generation#content-moderation, and DALL-E's older word
_REFUSED: Final = frozenset({"moderation_blocked", "content_policy_violation"})
# No text of these is content: see `dissect.veil`.
_KEPT: Final = ("model!", "id", "n", "stream", *USAGE)  # numbers of a form are text


def shaped(body: Any) -> bool:
    """What is to be painted, by text or by a picture that was sent along."""
    return isinstance(body, dict) and (
        isinstance(body.get("prompt"), str) or isinstance(body.get("model"), str)
    )


def ask(body: Any, content: bool) -> Ask:
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    prompt = text(body.get("prompt"), 64 << 10)
    told = Content(input_messages=dumped([message("user", [text_part(prompt)])])) if prompt else None
    return Ask(
        model=text(body.get("model")),
        stream=body.get("stream") in (True, "true"),
        sampling=Sampling(choices=count(body.get("n")), output_type="image"),
        content=told if content else None,
    )


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """A whole answer. It names neither itself nor, mostly, a model."""
    answer.identify(value.get("id"), value.get("model"))
    _failed(answer, value)
    pictures = value.get("data")
    if isinstance(pictures, list):
        answer.found = True
        answer.extras["images"] = sum(1 for _ in objects(pictures))
    if said := mapping(value, "usage"):
        take_usage(answer, said)


def _failed(answer: Answer, value: dict[str, Any]) -> None:
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    if answer.failure and answer.failure.type in _REFUSED:
        answer.extras["guard.prompt_blocked"] = answer.failure.type


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """`image_generation.partial_image`, `image_generation.completed`; of an edit the same with `image_edit`."""
    kind = text(value.get("type")) or event
    _failed(answer, {"error": value} if kind == "error" and "error" not in value else value)
    if kind.endswith((".partial_image", ".completed")):
        answer.found = True
        answer.output(at)
    if kind.endswith(".completed"):
        done = answer.extras.get("images")
        answer.extras["images"] = 1 + (done if isinstance(done, int) else 0)
        answer.done = True
        if said := mapping(value, "usage"):
            take_usage(answer, said)


OPENAI_IMAGES: Final = Dialect(
    "openai_images", shaped, ask, frame, whole, kind="image", operation="generate_content", kept=_KEPT
)
