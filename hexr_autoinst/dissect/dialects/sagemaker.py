"""A model behind an endpoint of SageMaker: OpenAI's messages, or a prompt. The endpoint's name is the model's.

A stream is the container's own (events or lines), cut into payload parts anywhere.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointWithResponseStream.html
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.ask import Ask
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.prompt_text import PROMPT_TEXT
from hexr_autoinst.dissect.lenient import parse
from hexr_autoinst.dissect.reading import Dialect

_MOST: Final = 256 << 10  # characters of a line that is not whole


def lines(answer: Answer, piece: str) -> Iterator[str]:
    """The JSON texts that are whole with this piece, without the name of their field."""
    *whole, rest = (answer.rest + piece).split("\n")
    if rest.endswith("}") and parse(_value(rest)) is not None:  # a container that ends no line
        whole, rest = [*whole, rest], ""
    if len(rest) > _MOST:
        answer.cut.add("response")
        rest = ""
    answer.rest = rest
    return (said for line in whole if (said := _value(line))[:1] in ("{", "["))


def _value(line: str) -> str:
    return line.strip().removeprefix("data:").strip()


def _hosted(dialect: Dialect, name: str) -> Dialect:
    def ask(body: Any, content: bool) -> Ask:
        return replace(dialect.ask(body, content), model=None)

    return replace(dialect, name=name, ask=ask, inner=lines)


SAGEMAKER_CHAT: Final = _hosted(OPENAI_CHAT, "sagemaker_chat")
SAGEMAKER_TEXT: Final = _hosted(PROMPT_TEXT, "sagemaker_text")
