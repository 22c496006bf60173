"""Anthropic's SDK: messages with every block and reason, whole and streamed, stable and beta; errors; and calls that are none."""

import sys
import typing
from pathlib import Path
from typing import Any

import anthropic
import record
from anthropic.types import ContentBlock, Message, StopReason
from anthropic.types.beta import BetaContentBlock, BetaMessage, BetaStopReason
from anthropic.types.shared import error_object
from record import events, whole
from sample import BARE, FULL, NULL, Sampler

HOST = "api.anthropic.com"
WAYS = (FULL, BARE, NULL)
ASKED = {"model": "claude-opus-5", "max_tokens": 64, "messages": [{"role": "user", "content": "hi"}]}
CLIENT_RUN = {"tool_use"}
# What is cut out of a block that begins, and comes in these deltas.
DELTAS = {
    "text": ("text", "text_delta", "text"), "thinking": ("thinking", "thinking_delta", "thinking"),
    "compaction": ("content", "compaction_delta", "content"),
}  # fmt: skip


def settle(usage: dict[str, Any]) -> dict[str, Any]:
    """Numbers that can be true together."""
    usage |= {"input_tokens": 100, "output_tokens": 50}
    if isinstance(usage.get("output_tokens_details"), dict):
        usage["output_tokens_details"] = {"thinking_tokens": 20}
    return usage


def facts(done: Any, *, provider: str = "anthropic", stream: bool = False) -> dict[str, Any]:
    """What the SDK makes of a message."""
    calls = [b for b in done.content if b.type in CLIENT_RUN]
    u = done.usage
    compacted = [i for i in getattr(u, "iterations", None) or [] if i.type == "compaction"]
    total = lambda key: (getattr(u, key) or 0) + sum(getattr(i, key) or 0 for i in compacted)
    keys = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    refused = done.stop_reason == "refusal"
    return {
        "gen_ai.provider.name": provider,
        "gen_ai.response.id": done.id,
        "gen_ai.response.model": done.model,
        "gen_ai.response.finish_reasons": [done.stop_reason] if done.stop_reason else [],
        "hexr.llm.tool_call.ids": [b.id for b in calls],
        "hexr.llm.tool_call.names": [b.name for b in calls],
        "gen_ai.usage.input_tokens": sum(map(total, keys)),
        "gen_ai.usage.output_tokens": total("output_tokens"),
        "gen_ai.usage.cache_read.input_tokens": total(keys[1]),
        "gen_ai.usage.cache_creation.input_tokens": total(keys[2]),
        "gen_ai.usage.reasoning.output_tokens": u.output_tokens_details and u.output_tokens_details.thinking_tokens,
        "gen_ai.request.stream": True if stream else None,
        "status": "ERROR" if refused else "UNSET",
        "error.type": "content_filter" if refused else None,
    }  # fmt: skip


def message(kind: Any, way: str, at: int, **more: Any) -> dict[str, Any]:
    """A message with every block."""
    value = Sampler(way, at).model(kind, **more)
    settle(value["usage"])
    for n, block in enumerate(value["content"]):
        if "id" in block:
            block["id"] = f"toolu_{n}"
    return value


def stream(value: dict[str, Any], *, repeat: bool) -> list[dict[str, Any]]:
    """A message as its stream. `repeat`: the last event says the whole usage again, as newer models do; else what has grown."""
    start = {
        **value,
        "content": [],
        "stop_reason": None,
        "usage": {**value["usage"], "output_tokens": 1, "output_tokens_details": None, "iterations": None},
    }
    out: list[dict[str, Any]] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for index, block in enumerate(value["content"]):
        kind = block["type"]
        begin, deltas = dict(block), []
        if kind in DELTAS:
            member, delta, key = DELTAS[kind]
            said = block.get(member) or "said"
            begin[member] = None if kind == "compaction" else ""
            deltas = (
                [{"type": delta, key: said}]
                if kind == "compaction"
                else [{"type": delta, key: p} for p in (said[:2], said[2:])]
            )
        elif "input" in block:
            begin["input"] = {}
            deltas = [{"type": "input_json_delta", "partial_json": p} for p in ("", '{"some": ', '"value"}')]
        if kind == "text" and isinstance(block.get("citations"), list):
            begin["citations"] = []
            deltas += [{"type": "citations_delta", "citation": c} for c in block["citations"]]
        if kind == "thinking":
            deltas.append({"type": "signature_delta", "signature": "sig"})
        deltas.append({"type": "text_delta", "text": ""}) if kind == "text" else None
        out.append({"type": "content_block_start", "index": index, "content_block": begin})
        out += [{"type": "content_block_delta", "index": index, "delta": d} for d in deltas]
        out.append({"type": "content_block_stop", "index": index})
    last = value["usage"] if repeat else {"output_tokens": value["usage"]["output_tokens"]}
    last = {
        k: v for k, v in last.items() if k not in ("cache_creation", "service_tier", "inference_geo", "speed")
    }
    delta = {"stop_reason": value["stop_reason"], "stop_sequence": value.get("stop_sequence")}
    out.append({"type": "message_delta", "delta": delta, "usage": last})
    return [*out, {"type": "message_stop"}]


def messages(
    trial: record.Trial,
    client: Any,
    api: Any,
    kind: Any,
    blocks: Any,
    reasons: Any,
    name: str,
    host: str = HOST,
    provider: str = "anthropic",
) -> None:
    """Each reason with all blocks, each block alone; whole and as a stream."""
    reasons, blocks = typing.get_args(reasons), typing.get_args(typing.get_args(blocks)[0])
    cases = [
        (f"{way}/{reason}", message(kind, way, at, stop_reason=reason))
        for way in WAYS
        for at, reason in enumerate(reasons)
    ]
    for block in blocks:
        for way in WAYS:
            value = message(kind, BARE, 0, stop_reason="end_turn")
            value["content"] = [Sampler(way).model(block)]
            cases.append((f"{block.__name__}/{way}", value))
    for case, value in cases:
        trial.play(
            f"{name}/{case}", host, whole(value), lambda: facts(api.create(**ASKED), provider=provider)
        )
        for repeat in (True, False):
            answer = events([*stream(value, repeat=repeat)], named=True)

            def call() -> dict[str, Any]:
                with api.stream(**ASKED) as s:
                    return facts(s.get_final_message(), provider=provider, stream=True)

            trial.play(f"{name}_stream/{case}/{'all' if repeat else 'grown'}", host, answer, call)


def failures(trial: record.Trial, client: Any) -> None:
    """Each type of error, as an answer and in a stream."""
    kinds = typing.get_args(typing.get_args(error_object.ErrorObject)[0])
    for status, kind in zip((400, 401, 402, 403, 404, 429, 504, 500, 529), kinds, strict=True):
        value = {"type": "error", "error": Sampler().model(kind), "request_id": "req_1"}

        def call(api: Any = client.messages) -> dict[str, Any]:
            try:
                api.create(**ASKED)
            except anthropic.APIStatusError as failed:
                return {
                    "error.type": failed.body["error"]["type"],
                    "status": "ERROR",
                    "http.response.status_code": failed.status_code,
                }
            raise AssertionError("no error")

        trial.play(f"error/{status}", HOST, whole(value, status), call)
        begun = stream(message(Message, BARE, 0, stop_reason="end_turn"), repeat=False)[:5]

        def streamed() -> dict[str, Any]:
            try:
                with client.messages.stream(**ASKED) as s:
                    s.get_final_message()
            except anthropic.APIStatusError as failed:
                return {
                    "error.type": failed.body["error"]["type"],
                    "status": "ERROR",
                    "gen_ai.usage.input_tokens": "*",
                }
            raise AssertionError("no error")

        trial.play(f"error_stream/{status}", HOST, events([*begun, value], named=True), streamed)


def none(trial: record.Trial, client: Any) -> None:
    """What asks no model anything."""
    page = {"data": [], "has_more": False, "input_tokens": 5, "id": "msgbatch_1", "type": "message_batch"}
    one = {"custom_id": "a", "params": ASKED}
    for name, call in {
        "count": lambda: client.messages.count_tokens(model="claude-opus-5", messages=ASKED["messages"]),
        "beta_count": lambda: client.beta.messages.count_tokens(model="claude-opus-5", messages=ASKED["messages"]),
        "batch": lambda: client.messages.batches.create(requests=[one]), "batches": lambda: client.messages.batches.list(),
        "batch_seen": lambda: client.messages.batches.retrieve("msgbatch_1"), "models": lambda: client.models.list(),
        "cancelled": lambda: client.messages.batches.cancel("msgbatch_1"), "files": lambda: client.beta.files.list(),
        "skills": lambda: client.beta.skills.list(), "agents": lambda: client.beta.agents.list(), "vaults": lambda: client.beta.vaults.list(),
        "sessions": lambda: client.beta.sessions.list(), "stores": lambda: client.beta.memory_stores.list(),
    }.items():  # fmt: skip
        trial.play(f"none/{name}", HOST, whole(page), lambda call=call: (call(), None)[1])


def main() -> None:
    trial = record.Trial("anthropic")
    client = anthropic.Anthropic(api_key="sk-ant-PLANTED", base_url=trial.url, max_retries=0)
    messages(trial, client, client.messages, Message, ContentBlock, StopReason, "messages")
    messages(trial, client, client.beta.messages, BetaMessage, BetaContentBlock, BetaStopReason, "beta")
    vertex = anthropic.AnthropicVertex(
        region="us-east5", project_id="p", base_url=f"{trial.url}/v1", access_token="PLANTED", max_retries=0
    )
    messages(
        trial,
        vertex,
        vertex.messages,
        Message,
        ContentBlock,
        StopReason,
        "vertex",
        "us-east5-aiplatform.googleapis.com",
        "gcp.vertex_ai",
    )
    failures(trial, client)
    none(trial, client)
    trial.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
