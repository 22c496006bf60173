"""Vertex AI's predict: embeddings, images, and what text models behind an endpoint of one's own take and give.

https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api, …/imagen-api and
…/model-garden. A list of instances is answered by a list of predictions; a request of any other model
(a table, an image to classify) has none of these shapes and is no model call.
"""

from typing import Any, Final

from hexr_autoinst.dissect import failure
from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import MOST_STOPS, Ask
from hexr_autoinst.dissect.dialects.google_json import field, inside, some, total
from hexr_autoinst.dissect.lenient import elements, integer, mapping, number, objects, signed, text, words
from hexr_autoinst.dissect.reading import Dialect
from hexr_autoinst.model.operation import Extra, Sampling, Usage

# No text of these is content: see `dissect.veil`.
_KEPT: Final = (
    "instances.-", "instances.stop!", "parameters.-", "parameters.stop!", "predictions.-", "predictions.embeddings.statistics.-",
    "modelDisplayName!",
)  # fmt: skip


def _instances(body: Any) -> list[dict[str, Any]]:
    return some(body.get("instances")) if isinstance(body, dict) else []


def _dimensions(body: Any) -> int | None:
    parameters = inside(body, "parameters")
    return next(
        (
            n
            for k in ("outputDimensionality", "dimension")
            if (n := integer(field(parameters, k))) is not None
        ),
        None,
    )


def embeds(body: Any) -> bool:
    """Texts as `content`; of the multimodal models texts, images or videos."""
    return any(
        isinstance(i.get("content"), str)
        or isinstance(i.get("image"), dict)
        or isinstance(i.get("video"), dict)
        or (isinstance(i.get("text"), str) and _dimensions(body) is not None)
        for i in _instances(body)[:4]
    )


def ask_embeddings(body: Any, _content: bool) -> Ask:
    """How many, and how long their vectors shall be; the model stands in the path."""
    found: list[tuple[str, Extra]] = [("inputs", len(_instances(body)))]
    if (size := _dimensions(body)) is not None:
        found.append(("embeddings.dimensions", size))
    return Ask(extras=tuple(found))


def take_embeddings(answer: Answer, value: dict[str, Any]) -> None:
    """Each prediction counts its own tokens."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    told = list(objects(value.get("predictions")))
    answer.found = bool(told)
    statistics = [mapping(p, "embeddings", "statistics") for p in told]
    answer.usage = Usage(input=total(*(integer(s.get("token_count")) for s in statistics)))


def draws(body: Any) -> bool:
    """A prompt, or images to change, with parameters that only images have."""
    parameters = inside(body, "parameters")
    wanted = ("sampleCount", "aspectRatio", "editMode", "personGeneration", "outputOptions", "upscaleConfig")
    asked = any("prompt" in i or "referenceImages" in i for i in _instances(body)[:4])
    return asked and any(field(parameters, name) is not None for name in wanted)


def ask_images(body: Any, _content: bool) -> Ask:
    """How many are wanted."""
    parameters = inside(body, "parameters")
    sampling = Sampling(
        choices=integer(field(parameters, "sampleCount")),
        seed=signed(parameters.get("seed")),
        output_type="image",
    )
    return Ask(sampling=sampling)


def take_images(answer: Answer, value: dict[str, Any]) -> None:
    """An image each; what the filter took away has a reason in its place."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    told = list(objects(value.get("predictions")))
    kept = sum(1 for p in told if "bytesBase64Encoded" in p or "gcsUri" in p)
    answer.found = bool(told)
    if kept:
        answer.extras["images"] = kept
    if not kept and any("raiFilteredReason" in p for p in told):
        answer.extras["guard.output_blocked"] = failure.FILTERED
        answer.failure = answer.failure or failure.coded(failure.FILTERED, None, content=False)


def prompts(body: Any) -> bool:
    """A prompt with a limit of tokens, as the containers of Model Garden take it."""
    return any("prompt" in i and _limit(body, i) is not None for i in _instances(body)[:4])


def _limit(body: Any, instance: dict[str, Any]) -> int | None:
    places = (instance, inside(body, "parameters"))
    said = (integer(field(p, k)) for p in places for k in ("maxTokens", "maxOutputTokens", "maxNewTokens"))
    return next((n for n in said if n is not None), None)


def ask_text(body: Any, _content: bool) -> Ask:
    """The first instance, and what holds for all of them."""
    first, others = next(iter(_instances(body)), {}), inside(body, "parameters")

    def said(name: str) -> Any:
        found = field(first, name)
        return field(others, name) if found is None else found

    return Ask(
        sampling=Sampling(
            max_tokens=_limit(body, first),
            temperature=number(said("temperature")),
            top_p=number(said("topP")),
            top_k=number(said("topK")),
            stop=words(said("stop"), MOST_STOPS),
        )
    )


def take_text(answer: Answer, value: dict[str, Any]) -> None:
    """A text each."""
    answer.failure = answer.failure or failure.stated(value, content=answer.content)
    answer.identify(None, value.get("modelDisplayName"))
    for index, prediction in enumerate(elements(value.get("predictions"))):
        choice = answer.choice(index)
        said = prediction if isinstance(prediction, str) else text(mapping(prediction).get("content"))
        if choice is not None and said:
            answer.say(choice, "text", said)


def _embeddings(answer: Answer, _event: str, value: dict[str, Any], _at: int) -> None:
    take_embeddings(answer, value)


def _images(answer: Answer, _event: str, value: dict[str, Any], _at: int) -> None:
    take_images(answer, value)


def _text(answer: Answer, _event: str, value: dict[str, Any], at: int) -> None:
    take_text(answer, value)
    answer.output(at)


VERTEX_EMBEDDINGS: Final = Dialect(
    "vertex_embeddings",
    embeds,
    ask_embeddings,
    _embeddings,
    take_embeddings,
    "embeddings",
    "embeddings",
    kept=_KEPT,
)
VERTEX_IMAGES: Final = Dialect(
    "vertex_images", draws, ask_images, _images, take_images, "image", "generate_content", kept=_KEPT
)
VERTEX_TEXT: Final = Dialect(
    "vertex_text", prompts, ask_text, _text, take_text, "completion", "text_completion", kept=_KEPT
)
