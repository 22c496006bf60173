"""The Model Context Protocol: what of the traffic is its own. Every revision, over HTTP and over pipes."""

from hexr_autoinst.dissect.claim import Claim, Listener
from hexr_autoinst.dissect.protocols import a2a_rest
from hexr_autoinst.dissect.protocols.jsonrpc import messages
from hexr_autoinst.dissect.protocols.mcp_http import Post
from hexr_autoinst.dissect.protocols.mcp_session import endpoint, known, posted_to
from hexr_autoinst.dissect.protocols.mcp_stdio import Pipes
from hexr_autoinst.dissect.protocols.mcp_stream import Ending, Fetched
from hexr_autoinst.dissect.protocols.whose import by_header, by_message, whose
from hexr_autoinst.dissect.question import Question


class Mcp:
    """MCP's dissector."""

    name = "mcp"

    def claim(self, question: Question) -> Claim:
        """Sure by a header field or a method of its own; a stream of the oldest transport shows itself with its first event."""
        request = question.exchange.request
        match request.method:
            case "POST":
                return Claim.HOST if self._posted(question) else Claim.NO
            case "GET" if by_header(request) == "mcp":
                return Claim.HOST
            case "GET":
                stream = "event-stream" in request.headers.get("accept").lower()
                free = question.owner is None and a2a_rest.route(request) is None
                return Claim.SHAPE if stream and free else Claim.NO
            case "DELETE":
                return Claim.HOST if "mcp-session-id" in request.headers else Claim.NO
            case "STREAM" if request.scheme == "stdio":
                return self._piped(question)
            case _:
                return Claim.NO

    def open(self, question: Question, *, content: bool) -> Listener:
        """Begin to listen."""
        match question.exchange.request.method:
            case "POST":
                return Post(question, content=content)
            case "GET":
                return Fetched(question, content=content)
            case "DELETE":
                return Ending(question, content=content)
            case _:
                return Pipes(question, content=content)

    def _posted(self, question: Question) -> bool:
        if whose(question) == "mcp":
            return True
        # To a session's own address everything that is posted is its: answers too, which have no method.
        there = known(question.memory, endpoint(question.exchange, posted_to(question.exchange.request)))
        return there is not None and any(True for _ in messages(question.body))

    def _piped(self, question: Question) -> Claim:
        """By the first line, where it has been read; else by what is heard."""
        if not question.exchange.request.body:
            return Claim.SHAPE
        sure = any(by_message(m) == "mcp" for m in messages(question.body))
        return Claim.HOST if sure else Claim.NO


PROTOCOL = Mcp()
