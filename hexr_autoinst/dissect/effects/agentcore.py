"""Amazon Bedrock AgentCore's code interpreter. https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_InvokeCodeInterpreter.html

One method carries many tools: of them those run something that take code or a command; files that are read and written are calls of the
cloud. The answer is a stream of one result, which ends what is waited for: of a command that is only started there is no exit code yet.
"""

import re
from typing import Any, Final

from hexr_autoinst.dissect.effects.run import Asked, Outcome, Sandbox, Way, code, word
from hexr_autoinst.dissect.effects.said import AGENTCORE
from hexr_autoinst.dissect.lenient import mapping
from hexr_autoinst.model.exchange import Exchange

_RUN: Final = {"executeCode": "code", "executeCommand": "command", "startCommandExecution": "command"}


def _shaped(body: dict[str, Any]) -> bool:
    told = _RUN.get(str(body.get("name")))
    return told is not None and isinstance(mapping(body, "arguments").get(told), str)


def _asks(body: dict[str, Any], exchange: Exchange) -> Asked:  # noqa: ARG001 - the body says all
    return Asked(word(mapping(body, "arguments").get("language")))


def _says(said: dict[str, Any]) -> Outcome:
    """A result that is an error without an exit code has no name of its own."""
    ended = code(mapping(said, "structuredContent").get("exitCode"))
    return Outcome(ended, "tool_error" if said.get("isError") is True and not ended else None)


EFFECT: Final = Sandbox(
    "agentcore",
    (Way(re.compile(r"(?:/.*)?/code-interpreters/[^/]+/tools/invoke"), _shaped, _asks, _says),),
    hosts=AGENTCORE,
    kept=("name", "arguments.language", "structuredContent.exitCode", "structuredContent.taskStatus"),
)  # fmt: skip
