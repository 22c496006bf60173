"""What of MCP is no content, by its places (see `dissect.veil`): methods, ids, names, versions, codes. Arguments, results and texts are."""

from typing import Final

from hexr_autoinst.dissect.failure import KEPT as FAILURE
from hexr_autoinst.dissect.protocols.mcp_words import CLIENT_META, SERVER_META, VERSION_META

_META: Final = tuple(m.replace(".", "\\.") for m in (VERSION_META, CLIENT_META, SERVER_META))
_VERSION, _CLIENT, _SERVER = _META
_ASKED: Final = (
    "name!", "uri!", "ref.name!", "ref.uri!", "arguments~", "protocolVersion!", "clientInfo.name!", "clientInfo.version!", "progressToken!",
    "requestId!", "taskId!", "id!", "level!", "logger!", "requestState^", "_meta~", "_meta.progressToken!", "_meta.traceparent!", f"_meta.{_VERSION}!",
    f"_meta.{_CLIENT}.name!", f"_meta.{_CLIENT}.version!",
)  # fmt: skip
_ANSWERED: Final = (
    "protocolVersion!", "serverInfo.name!", "serverInfo.version!", "resultType!", "inputRequests.*.method!", "requestState^", "_meta~",
    f"_meta.{_SERVER}.name!", f"_meta.{_SERVER}.version!",
)  # fmt: skip
MESSAGE: Final = (
    "jsonrpc!", "id!", "method!", "error.code!", *FAILURE, *(f"params.{p}" for p in _ASKED), *(f"result.{p}" for p in _ANSWERED),
)  # fmt: skip
# Where the older transport says that its messages are posted to.
ENDPOINT: Final = ("@endpoint",)
HTTP: Final = ("/", "mcp-session-id:", "mcp-protocol-version:", "mcp-method:", "mcp-name:", *MESSAGE, *ENDPOINT)  # fmt: skip
PIPE: Final = ("/", *MESSAGE)


def posted(query: str) -> tuple[str, ...]:
    """An address that the server itself has given is known by its query."""
    return tuple(f"?{pair.partition('=')[0]}" for pair in query.split("&") if pair)
