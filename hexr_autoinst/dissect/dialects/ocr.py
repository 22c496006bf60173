"""Reading documents: pages in, text out. https://docs.mistral.ai/api/endpoint/ocr https://docs.cohere.com/v2/reference/parse

There is no conversation and no guard, and what comes out is text that a model has written: it is told as a completion whose
operation is its own word. It is billed by the page.
"""

from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.cohere_bill import KEPT as BILL
from hexr_autoinst.dissect.dialects.cohere_bill import bill, ended
from hexr_autoinst.dissect.dialects.openai_chat import output_type
from hexr_autoinst.dissect.lenient import integer, mapping, objects, text, word
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Sampling

_PAGE: Final = 1 << 20  # characters
# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "id",
    "model!",
    "finish_reason",
    "error_type",
    "document.type",
    "document_annotation_format.type",
    "usage_info.-",
    "pages.-",
    *BILL,
)


def shaped(body: Any) -> bool:
    """A model and a document: too plain to be known anywhere but on the vendors' own hosts."""
    return isinstance(body, dict) and "model" in body and isinstance(body.get("document"), dict)


def ask(body: Any, content: bool) -> Ask:  # noqa: ARG001 - a document is not kept
    """The request's facts."""
    body = body if isinstance(body, dict) else {}
    wanted = output_type(mapping(body, "document_annotation_format").get("type"))
    documents = (("documents", 1),) if "document" in body else ()
    return Ask(model=text(body.get("model")), sampling=Sampling(output_type=wanted), extras=documents)


def whole(answer: Answer, value: dict[str, Any]) -> None:
    """The pages, and how many of them are billed."""
    answer.identify(value.get("id"), value.get("model"))
    bill(answer, mapping(value, "meta"))
    if (pages := integer(mapping(value, "usage_info").get("pages_processed"))) is not None:
        answer.extras["pages"] = pages
    choice = answer.choice(0) if isinstance(value.get("pages"), list) else None
    if choice is None:
        return
    choice.finish = word(value.get("finish_reason"))
    ended(answer, choice.finish, value)
    for page in objects(value.get("pages")):
        answer.say(choice, "text", text(page.get("markdown"), _PAGE) or "")


def frame(answer: Answer, event: str, value: dict[str, Any], at: int) -> None:
    """Never streamed."""


OCR: Final = Dialect("ocr", shaped, ask, frame, whole, kind="completion", operation="ocr", kept=_KEPT)
