"""Google's SDK: generateContent with every part and reason on both services, embeddings, Interactions; and calls that are none."""

import itertools
import sys
import typing
from pathlib import Path
from typing import Any

import record
from google import genai
from google.genai import errors, types
from google.genai._gaos.types import interactions as acts
from record import events, whole
from sample import BARE, FULL, NULL, Sampler

GEMINI, VERTEX = "generativelanguage.googleapis.com", "us-central1-aiplatform.googleapis.com"
WAYS = (FULL, BARE, NULL)
MODEL = "gemini-2.5-flash"
# They mean that a filter took the answer away, by what the API's own words for them say.
FILTERS = {
    "SAFETY",
    "RECITATION",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "MODEL_ARMOR",
}
PARTS = (
    "text",
    "thought",
    "function_call",
    "executable_code",
    "code_execution_result",
    "inline_data",
    "file_data",
    "tool_call",
    "tool_response",
)


def usage(way: str) -> dict[str, Any]:
    """Numbers that can be true together: cached is a part of the prompt, thoughts and tools are beside."""
    if way == BARE:
        return {"promptTokenCount": 100, "candidatesTokenCount": 50, "totalTokenCount": 150}
    text, image = {"modality": "TEXT"}, {"modality": "IMAGE"}
    return {"promptTokenCount": 100, "candidatesTokenCount": 50, "totalTokenCount": 177, "cachedContentTokenCount": 30, "thoughtsTokenCount": 20,
            "toolUsePromptTokenCount": 7, "trafficType": "ON_DEMAND", "promptTokensDetails": [text | {"tokenCount": 60}, image | {"tokenCount": 40}],
            "cacheTokensDetails": [text | {"tokenCount": 30}], "candidatesTokensDetails": [text | {"tokenCount": 50}],
            "toolUsePromptTokensDetails": [text | {"tokenCount": 7}]}  # fmt: skip


def parts(way: str, at: int = 0) -> list[dict[str, Any]]:
    """One part of each kind."""
    out = []
    for name in PARTS:
        hint = types.Part.model_fields["text" if name == "thought" else name].annotation
        sampler = Sampler(way if way != NULL else BARE, at)
        kind = next(a for a in typing.get_args(hint) if a is not type(None))
        value = (
            {"text": sampler.value(kind, name)}
            if name in ("text", "thought")
            else {_camel(name): sampler.value(kind, name)}
        )
        out.append(
            value
            | ({"thought": True} if name == "thought" else {})
            | ({"thoughtSignature": "c2ln"} if way == FULL else {})
        )
    for n, call in enumerate(p["functionCall"] for p in out if "functionCall" in p):
        call |= {"name": f"tool_{n}", "args": {"a": 1}} | ({"id": f"fc_{n}"} if way == FULL else {})
        for piece in ("partialArgs", "willContinue"):
            call.pop(piece, None)
    return out


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def facts(
    done: Any, provider: str, *, stream: bool = False, counted: Any = None, chunks: Any = ()
) -> dict[str, Any]:
    """What the SDK makes of an answer, or of its chunks."""
    chunks = chunks or [done]
    finishes: dict[int, str] = {}
    calls: list[Any] = []
    for chunk in chunks:
        for place, c in enumerate(chunk.candidates or []):
            if c.finish_reason:
                finishes[c.index if c.index is not None else place] = c.finish_reason.value
            calls += [p.function_call for p in ((c.content and c.content.parts) or []) if p.function_call]
    u = (
        next((c.usage_metadata for c in reversed(chunks) if c.usage_metadata), None)
        or types.GenerateContentResponseUsageMetadata()
    )
    feedback = next(
        (c.prompt_feedback for c in chunks if c.prompt_feedback and c.prompt_feedback.block_reason), None
    )
    blocked = bool(set(finishes.values()) & FILTERS) or feedback is not None
    unset = "FINISH_REASON_UNSPECIFIED"
    return {
        "gen_ai.provider.name": provider, "gen_ai.operation.name": "generate_content", "gen_ai.request.model": MODEL,
        "gen_ai.response.id": chunks[0].response_id, "gen_ai.response.model": chunks[0].model_version,
        "gen_ai.response.finish_reasons": [finishes[k] for k in sorted(finishes) if finishes[k] != unset],
        "hexr.llm.tool_call.names": [c.name for c in calls if c.name], "hexr.llm.tool_call.ids": [c.id for c in calls if c.id],
        "gen_ai.usage.input_tokens": (u.prompt_token_count or 0) + (u.tool_use_prompt_token_count or 0),
        "gen_ai.usage.output_tokens": (u.candidates_token_count or 0) + (u.thoughts_token_count or 0),
        "gen_ai.usage.cache_read.input_tokens": u.cached_content_token_count, "gen_ai.usage.reasoning.output_tokens": u.thoughts_token_count,
        "gen_ai.request.stream": True if stream else None, "status": "ERROR" if blocked else "UNSET", "error.type": "content_filter" if blocked else None,
    }  # fmt: skip


def answers() -> Any:
    """Whole answers by name."""
    reasons = [r.value for r in types.FinishReason]
    for way, (at, reason) in itertools.product(WAYS, enumerate(reasons)):
        candidate = Sampler(way, at).model(
            types.Candidate, finishReason=reason, content={"role": "model", "parts": parts(way, at)}, index=0
        )
        second = {"content": {"role": "model", "parts": [{"text": "b"}]}, "finishReason": "STOP", "index": 1}
        value = {"responseId": f"r_{way}_{at}", "modelVersion": f"{MODEL}-001", "usageMetadata": usage(way), "brandNew": [1],
                 "candidates": [candidate] if at % 2 else [second, candidate]}  # fmt: skip
        yield f"{way}/{reason}", value
    for reason in [
        r for r in types.BlockedReason if r.value != "BLOCKED_REASON_UNSPECIFIED"
    ]:  # which is never sent
        yield (
            f"blocked/{reason.value}",
            {
                "promptFeedback": {"blockReason": reason.value, "safetyRatings": []},
                "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9},
                "modelVersion": MODEL,
                "responseId": "r",
            },
        )


def generate(trial: record.Trial, client: Any, host: str, provider: str) -> None:
    """Whole and as a stream, usage in each chunk or in the last."""
    for name, value in answers():
        trial.play(
            f"{provider}/{name}",
            host,
            whole(value),
            lambda: facts(client.models.generate_content(model=MODEL, contents="hi"), provider),
        )
        for every in (True, False):
            pieces = []
            for c in value.get("candidates", []):
                for part in c["content"]["parts"]:
                    piece = {
                        "candidates": [{"content": {"role": "model", "parts": [part]}, "index": c["index"]}],
                        "responseId": value["responseId"],
                        "modelVersion": value["modelVersion"],
                    }
                    pieces.append(
                        piece
                        | (
                            {"usageMetadata": {"promptTokenCount": 100, "totalTokenCount": 100}}
                            if every
                            else {}
                        )
                    )
            last = (
                {
                    **value,
                    "candidates": [
                        {**c, "content": {"role": "model", "parts": [{"text": ""}]}}
                        for c in value["candidates"]
                    ],
                }
                if "candidates" in value
                else value
            )
            answer = events([*pieces, last])

            def call() -> dict[str, Any]:
                chunks = list(client.models.generate_content_stream(model=MODEL, contents="hi"))
                return facts(None, provider, stream=True, chunks=chunks)

            trial.play(f"{provider}_stream/{name}/{every}", host, answer, call)
    for status, code in (
        (400, "INVALID_ARGUMENT"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (503, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED"),
    ):
        error = {
            "error": {
                "code": status,
                "message": "m",
                "status": code,
                "details": [
                    {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
                ],
            }
        }
        for listed, stream in itertools.product((False, True), (False, True)):

            def fail() -> dict[str, Any]:
                try:
                    list(
                        client.models.generate_content_stream(model=MODEL, contents="hi")
                    ) if stream else client.models.generate_content(model=MODEL, contents="hi")
                except errors.APIError as failed:
                    return {
                        "error.type": failed.status or code,
                        "http.response.status_code": failed.code,
                        "status": "ERROR",
                    }
                raise AssertionError("no error")

            trial.play(
                f"{provider}_error/{status}/{listed}/{stream}",
                host,
                whole([error] if listed else error, status),
                fail,
            )


def others(trial: record.Trial, client: Any, vertex: Any) -> None:
    """Embeddings and images; and what asks no model anything."""

    def embedded() -> dict[str, Any]:
        client.models.embed_content(
            model="gemini-embedding-001", contents=["a", "b"], config={"output_dimensionality": 8}
        )
        return {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.request.model": "gemini-embedding-001",
            "gen_ai.embeddings.dimension.count": 8,
        }

    trial.play("embed", GEMINI, whole({"embeddings": [{"values": [1.0]}, {"values": [2.0]}]}), embedded)

    def embedded_there() -> dict[str, Any]:
        done = vertex.models.embed_content(model="text-embedding-005", contents=["a", "b"])
        counts = [e.statistics.token_count for e in done.embeddings]
        return {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.request.model": "text-embedding-005",
            "gen_ai.usage.input_tokens": int(sum(counts)),
        }

    one = {"embeddings": {"values": [1.0], "statistics": {"token_count": 4, "truncated": False}}}
    trial.play(
        "embed_vertex",
        VERTEX,
        whole({"predictions": [one, one], "metadata": {"billableCharacterCount": 8}}),
        embedded_there,
    )
    trial.play("image", GEMINI, whole({"predictions": [{"mimeType": "image/png", "bytesBase64Encoded": "aGk="}]}),
               lambda: (client.models.generate_images(model="imagen-4.0-generate-001", prompt="hi"), {"span": "hexr.llm.image", "gen_ai.request.model": "imagen-4.0-generate-001"})[1])  # fmt: skip
    for name, call in {
        "count": lambda: client.models.count_tokens(model=MODEL, contents="hi"), "count_vertex": lambda: vertex.models.count_tokens(model=MODEL, contents="hi"),
        "compute": lambda: vertex.models.compute_tokens(model=MODEL, contents="hi"), "models": lambda: list(client.models.list()),
        "model": lambda: client.models.get(model=MODEL), "files": lambda: list(client.files.list()), "caches": lambda: list(client.caches.list()),
        "cache": lambda: client.caches.create(model=MODEL, config={"contents": "hi"}), "batches": lambda: list(client.batches.list()),
        "tunings": lambda: list(client.tunings.list()), "stores": lambda: list(client.file_search_stores.list()),
        "batch": lambda: client.batches.create(model=MODEL, src=[{"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}]),
        "video": lambda: client.models.generate_videos(model="veo-3.0", prompt="hi"), "agents": lambda: client.agents.list(),
    }.items():  # fmt: skip
        trial.play(
            f"none/{name}",
            VERTEX if "vertex" in name or name == "compute" else GEMINI,
            whole({"totalTokens": 3, "name": "x/y"}),
            lambda call=call: (call(), None)[1],
        )


STATUSES = (
    "completed",
    "requires_action",
    "failed",
    "cancelled",
    "incomplete",
    "budget_exceeded",
    "in_progress",
)


def interact(trial: record.Trial, client: Any) -> None:
    """Interactions with every step, whole and by every event."""
    for way, at in itertools.product(WAYS, range(len(STATUSES))):
        value = Sampler(way, at).model(
            acts.Interaction, status=STATUSES[at], id=f"int_{way}_{at}", model=MODEL
        )
        for extra in (
            "agent",
            "errors",
            "output_text",
            "output_audio",
            "output_image",
            "output_video",
            "continuation_ids",
            "input",
            "tools",
            "response_format",
            "generation_config",
        ):
            value.pop(extra, None)
        value["steps"] = [Sampler(way, at).model(k) for k in Sampler()._variants(acts.Step)]
        for n, step in enumerate(value["steps"]):
            step |= {"id": f"step_{way}_{at}_{n}"} if "id" in step else {}
        value["usage"] = (
            {
                "total_input_tokens": 100,
                "total_output_tokens": 50,
                "total_thought_tokens": 20,
                "total_cached_tokens": 30,
                "total_tool_use_tokens": 7,
                "total_tokens": 177,
            }
            if way != BARE
            else None
        )

        def said(done: Any, stream: bool = False) -> dict[str, Any]:
            calls = [s for s in done.steps or [] if getattr(s, "type", "") == "function_call"]
            u = done.usage
            return {"gen_ai.provider.name": "gcp.gemini", "gen_ai.response.id": done.id, "gen_ai.response.model": done.model,
                    "gen_ai.response.finish_reasons": [] if done.status == "in_progress" else [done.status],
                    "hexr.llm.tool_call.names": [c.name for c in calls], "hexr.llm.tool_call.ids": [c.id for c in calls],
                    "gen_ai.usage.input_tokens": u and u.total_input_tokens + u.total_tool_use_tokens, "gen_ai.usage.output_tokens": u and u.total_output_tokens + u.total_thought_tokens,
                    "gen_ai.usage.cache_read.input_tokens": u and u.total_cached_tokens, "gen_ai.usage.reasoning.output_tokens": u and u.total_thought_tokens,
                    "gen_ai.request.stream": True if stream else None, "status": "ERROR" if done.status == "failed" else "UNSET"}  # fmt: skip

        trial.play(
            f"interactions/{way}/{STATUSES[at]}",
            GEMINI,
            whole(value),
            lambda: said(client.interactions.create(model=MODEL, input="hi")),
        )
        if value["status"] == "in_progress":
            continue
        pieces: list[Any] = [
            {
                "event_type": "interaction.created",
                "interaction": {k: v for k, v in value.items() if k not in ("steps", "usage")}
                | {"status": "in_progress"},
            }
        ]
        for n, step in enumerate(value["steps"]):
            begun = dict(step)
            deltas = []
            if step["type"] == "function_call":
                begun["arguments"] = {}
                deltas = [{"type": "arguments_delta", "arguments": a} for a in ('{"a":', "1}")]
            elif step["type"] == "model_output":
                begun["content"] = []
                deltas = [
                    Sampler(way).model(k)
                    for k in Sampler()._variants(acts.StepDeltaData)
                    if k.__name__ in ("TextDelta", "ImageDelta", "AudioDelta", "DocumentDelta", "VideoDelta")
                ]
            pieces.append({"event_type": "step.start", "index": n, "step": begun})
            pieces += [{"event_type": "step.delta", "index": n, "delta": d} for d in deltas]
            pieces.append({"event_type": "step.stop", "index": n})
        pieces.append(
            {
                "event_type": "interaction.status_update",
                "interaction_id": value["id"],
                "status": value["status"],
            }
        )
        pieces.append({"event_type": "brand.new", "thing": 1})
        full = at % 2 == 0
        pieces.append(
            {
                "event_type": "interaction.completed",
                "interaction": value if full else {k: v for k, v in value.items() if k != "steps"},
            }
        )

        def streamed() -> dict[str, Any]:
            last, kinds = None, set()
            for event in client.interactions.create(model=MODEL, input="hi", stream=True):
                kinds.add(type(event).__name__)
                last = getattr(event, "interaction", None) or last
            told = said(last, stream=True)
            if not full:
                calls = [s for s in value["steps"] if s["type"] == "function_call"]
                told |= {
                    "hexr.llm.tool_call.names": [c["name"] for c in calls],
                    "hexr.llm.tool_call.ids": [c["id"] for c in calls],
                }
            return told

        trial.play(f"interactions_stream/{way}/{STATUSES[at]}", GEMINI, events(pieces), streamed)


def main() -> None:
    trial = record.Trial("google")
    options = {"base_url": trial.url}
    client = genai.Client(api_key="AIzaPLANTED", http_options=options)
    vertex = genai.Client(
        vertexai=True, project="p", location="us-central1", http_options=options, credentials=_credentials()
    )
    generate(trial, client, GEMINI, "gcp.gemini")
    generate(trial, vertex, VERTEX, "gcp.vertex_ai")
    others(trial, client, vertex)
    interact(trial, client)
    trial.write(Path(sys.argv[1]))


def _credentials() -> Any:
    from google.oauth2.credentials import Credentials

    return Credentials(token="PLANTED")


if __name__ == "__main__":
    main()
