"""A dialogue of messages, without a wire: what is said by whom, and the calls that it is told as."""

import json

from hexr_autoinst.dissect.claim import Done
from hexr_autoinst.dissect.dialogue import Dialogue
from hexr_autoinst.dissect.question import Question
from hexr_autoinst.model.exchange import Exchange, Frame, Headers, Request, Response


def talk(dialect, *said, content=False, query=""):
    """The calls that are over. `said`: (whether the server says it, the message); message n comes at n."""
    head = Headers((("upgrade", "websocket"),))
    request = Request(0, "GET", "https", "h.example", 0, "/x", query, headers=head, ended=0)
    exchange = Exchange("x", "ebpf", None, "c", 0, "client", request)
    one = Dialogue(Question(exchange, "openai"), dialect, "openai", content=content)
    heard = []
    for at, (server, value) in enumerate(said, 1):
        side = "response" if server else "request"
        heard += one.frame(Frame(at, "ws", "", json.dumps(value), side=side))
    whole = Exchange("x", "ebpf", None, "c", 0, "client", request, Response(0, 101, ended=99))
    heard += one.close(whole) or ()
    return [(h.exchange, h.operation) for h in heard if isinstance(h, Done)]
