"""Which protocol a JSON-RPC request speaks, decided once so that no two dissectors claim it.

In order: a header field that only one protocol has, a method that only one has, the form of the parameters where both
have the method (`tasks/get`), what the address was used for before. Other JSON-RPC (LSP, ACP, Ethereum) is nobody's.
"""

import re
from typing import Any, Final, Literal

from hexr_autoinst.dissect.lenient import parse
from hexr_autoinst.dissect.memory import Memory
from hexr_autoinst.dissect.protocols.a2a_cards import served_at
from hexr_autoinst.dissect.protocols.a2a_words import METHODS as A2A_METHODS
from hexr_autoinst.dissect.protocols.jsonrpc import Message, messages
from hexr_autoinst.dissect.protocols.mcp_words import METHODS as MCP_METHODS
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Request

Whose = Literal["mcp", "a2a"]
_HEADERS: Final[tuple[tuple[str, Whose], ...]] = (
    ("mcp-session-id", "mcp"),
    ("mcp-protocol-version", "mcp"),
    ("mcp-method", "mcp"),
    ("a2a-version", "a2a"),
    ("a2a-extensions", "a2a"),
    ("x-a2a-extensions", "a2a"),
)
_SHARED: Final = frozenset({"tasks/get", "tasks/list", "tasks/cancel"})
# MCP's revisions are dates; ACP's are numbers, LSP and Codex have none.
_REVISION: Final = re.compile(r"(?:20\d\d-\d\d-\d\d|DRAFT-[\w\-]{1,32})")
_BOOK: Final = "protocols.addresses"


def by_header(request: Request) -> Whose | None:
    """What a header field says, or A2A's query parameter of that name."""
    there = {name.lower() for name, _ in request.headers.fields}
    for name, whose in _HEADERS:
        if name in there:
            return whose
    return "a2a" if "a2a-version=" in request.query.lower() else None


def by_message(message: Message) -> Whose | None:
    """What a message alone says."""
    method, params = message.method, message.params
    if method is None:
        return None
    if method == "initialize":
        said = params.get("protocolVersion")
        return "mcp" if isinstance(said, str) and _REVISION.fullmatch(said) else None
    if method in _SHARED:
        if "taskId" in params:
            return "mcp"
        return "a2a" if "id" in params else None
    if method in A2A_METHODS:
        return "a2a"
    return "mcp" if method in MCP_METHODS and method != "ping" else None


def whose(question: Question) -> Whose | None:
    """Whose a posted body is; None if it is nobody's that we know."""
    request = question.exchange.request
    if request.method != "POST":
        return None
    found = tuple(messages(question.body))
    if not found and not _meant(request, question.body):
        return None
    said = by_header(request) or next((w for m in found if (w := by_message(m))), None)
    known = said or remembered(question.memory, request)
    if known is None and served_at(question.memory, request):
        known = "a2a"
    # What cannot be read may still be told as an error, where it is known whose it is.
    return known if found or known == "a2a" else None


def _meant(request: Request, found: Any) -> bool:
    """Whether a body without a message was meant as one: JSON that cannot be read, an envelope of another version. `found`: what is whole in it."""
    if isinstance(found, dict) and "jsonrpc" in found:
        return True
    if found or not request.body:  # what has members was read, or says enough
        return False
    return "json" in request.headers.get("content-type").lower() and parse(request.body) is None


def remember(memory: Memory, request: Request, whose: Whose) -> None:
    """This address speaks that protocol: what is not told by itself may be told by that."""
    memory.book(_BOOK).put(_address(request), whose)


def remembered(memory: Memory, request: Request) -> Whose | None:
    """What an address was used for before."""
    known: Whose | None = memory.book(_BOOK).get(_address(request))
    return known


def _address(request: Request) -> tuple[str, int, str]:
    return request.host.lower(), request.port, request.path.rstrip("/")
