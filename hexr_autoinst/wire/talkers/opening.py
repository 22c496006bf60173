"""A header block of HTTP/2 from its frames to a message's head (RFC 9113 sections 4.3 and 8.3)."""

from dataclasses import dataclass, field
from typing import NamedTuple

from hexr_autoinst.model.facts import Head, Side
from hexr_autoinst.wire.framing import http2
from hexr_autoinst.wire.framing.blocks import Block
from hexr_autoinst.wire.framing.http2 import Frame


@dataclass(slots=True)
class Opening:
    """A block that is not whole yet; its first frame says of what it is. `cut`: more came than is kept."""

    stream: int
    at: int
    ends: bool
    pushed: bool
    data: bytearray = field(default_factory=bytearray)
    cut: bool = False

    @classmethod
    def of(cls, frame: Frame, at: int) -> "Opening":
        """As HEADERS or PUSH_PROMISE begins it."""
        pushed = frame.kind == http2.PUSH
        return cls(frame.stream, at, bool(frame.flags & http2.END_STREAM) and not pushed, pushed)

    def add(self, frame: Frame, most: int) -> None:
        """Its part of the block; no more than `most` bytes are held in all."""
        fragment = http2.fragment(frame)
        room = most - len(self.data)
        self.data += fragment[: max(0, room)]
        self.cut = self.cut or frame.cut or len(fragment) > room


class Fields(NamedTuple):
    """What a block says: pseudo-header fields by name, all others in order. `known`: this is all of it."""

    pseudo: dict[str, str]
    plain: tuple[tuple[str, str], ...]
    known: bool

    @classmethod
    def of(cls, block: Block) -> "Fields":
        """Pseudo-header fields stand first; who put one later is not told apart from who did not."""
        pseudo = {name: value for name, value in block.fields if name[:1] == ":"}
        return cls(pseudo, tuple([f for f in block.fields if f[0][:1] != ":"]), block.known)

    def head(self, side: Side, at: int, scheme: str = "") -> Head:
        """As a plane that parses would tell it. `scheme`: the connection's, where the block does not say."""
        get = self.pseudo.get
        status, protocol = get(":status", ""), get(":protocol")
        return Head(
            at, "ebpf", "", side, method=get(":method", ""), scheme=get(":scheme", scheme),
            authority=get(":authority") or next((v for k, v in self.plain if k == "host"), ""),
            target=get(":path", ""), status=int(status) if status.isdecimal() else 0, version="HTTP/2",
            headers=(*self.plain, (":protocol", protocol)) if protocol else self.plain,
        )  # fmt: skip
