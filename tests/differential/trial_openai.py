"""OpenAI's SDK: chat, Responses, completions, embeddings, images, audio, moderations, runs; and calls that are none."""

import itertools
import sys
import typing
from pathlib import Path
from typing import Any

import openai
import record
from openai.types import (
    Completion,
    CreateEmbeddingResponse,
    ImagesResponse,
    ModerationCreateResponse,
)
from openai.types.audio import Transcription, TranscriptionVerbose
from openai.types.beta.threads import Run
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseOutputItem, ResponseStreamEvent
from record import events, whole
from sample import BARE, FULL, NULL, Sampler

HOST = "api.openai.com"
ASKED = {"model": "gpt-5", "messages": [{"role": "user", "content": "hi"}]}
WAYS = (FULL, BARE, NULL)
FRESH = itertools.count()


def settle(
    usage: dict[str, Any] | None, *, inp: str = "prompt_tokens", out: str = "completion_tokens"
) -> None:
    """Numbers that can be true together."""
    if usage is None:
        return
    usage |= {
        inp: 100,
        out: 50,
        "total_tokens": 150,
        **({"reasoning_tokens": 20} if "reasoning_tokens" in usage else {}),
    }
    for key, most in (
        (f"{inp}_details", 30),
        ("prompt_token_details", 30),
        (f"{out}_details", 20),
        ("completion_token_details", 20),
    ):
        if isinstance(details := usage.get(key), dict):
            for at, name in enumerate(details):
                details[name] = most - at if isinstance(details[name], int) else details[name]


def used(usage: Any, inp: str = "prompt_tokens", out: str = "completion_tokens") -> dict[str, Any]:
    """What the SDK says of usage."""
    if usage is None:
        return {"gen_ai.usage.input_tokens": None, "gen_ai.usage.output_tokens": None}
    asked = getattr(usage, f"{inp}_details", None) or getattr(usage, "prompt_token_details", None)  # Writer's
    told = getattr(usage, f"{out}_details", None) or (
        usage if hasattr(usage, "reasoning_tokens") else None
    )  # Perplexity's
    return {
        "gen_ai.usage.input_tokens": getattr(usage, inp),
        "gen_ai.usage.output_tokens": getattr(usage, out, None),
        "gen_ai.usage.cache_read.input_tokens": getattr(asked, "cached_tokens", None),
        "gen_ai.usage.cache_creation.input_tokens": getattr(asked, "cache_write_tokens", None),
        "gen_ai.usage.reasoning.output_tokens": getattr(told, "reasoning_tokens", None),
    }


def chat_facts(done: Any, *, provider: str = "openai") -> dict[str, Any]:
    """What the SDK makes of a whole answer."""
    choices = sorted(done.choices or [], key=lambda c: c.index or 0)
    calls = [
        t for c in choices for t in ((getattr(c.message, "tool_calls", None) or []) if c.message else [])
    ]
    named = [getattr(t, t.type, None) or getattr(t, "function", None) for t in calls]
    legacy = [
        c.message.function_call for c in choices if c.message and getattr(c.message, "function_call", None)
    ]
    filtered = any(c.finish_reason == "content_filter" for c in choices)
    return {
        "gen_ai.provider.name": provider,
        "gen_ai.operation.name": "chat",
        "gen_ai.response.id": done.id,
        "gen_ai.response.model": done.model,
        "gen_ai.response.finish_reasons": [c.finish_reason for c in choices if c.finish_reason],
        "hexr.llm.tool_call.ids": [t.id for t in calls if t.id],
        "hexr.llm.tool_call.names": [f.name for f in named if f] + [f.name for f in legacy],
        "status": "ERROR" if filtered else "UNSET",
        "error.type": "content_filter" if filtered else None,
        **used(done.usage),
    }


def chat(
    trial: record.Trial,
    client: Any,
    host: str = HOST,
    kind: Any = ChatCompletion,
    provider: str = "openai",
    model: str = "gpt-5",
) -> None:
    """Whole answers: each finish reason, each kind of tool call, one to three choices."""
    create = client.chat.completions.create
    asked = {**ASKED, "model": model}
    for way, at, choices in itertools.product(WAYS, range(6), (1, 3)):
        value = Sampler(way, at).model(kind)
        settle(value.get("usage"))
        one = value["choices"][0]
        value["choices"] = [Sampler(way, at + n).model(_choice(kind)) | {"index": n} for n in range(choices)][
            ::-1
        ]
        for n, choice in enumerate(value["choices"]):
            _ids(choice, n)
        del one
        value["brand_new"] = {"nested": [1]}
        trial.play(
            f"chat/{way}/{at}/{choices}",
            host,
            whole(value),
            lambda: chat_facts(create(**asked), provider=provider),
        )


def _choice(kind: Any) -> Any:
    hint = kind.model_fields["choices"].annotation
    while typing.get_origin(hint) is not list:
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
    return typing.get_args(hint)[0]


def _ids(choice: dict[str, Any], n: int) -> None:
    message = choice.get("message") or choice.get("delta") or {}
    if message.get("tool_calls"):
        message["function_call"] = None
    for at, call in enumerate(message.get("tool_calls") or []):
        call["id"] = f"call_{n}_{at}"


def chat_streams(
    trial: record.Trial,
    client: Any,
    host: str = HOST,
    kind: Any = ChatCompletionChunk,
    provider: str = "openai",
    model: str = "gpt-5",
    parted: bool = True,
) -> None:
    """Streams (`parted`: arguments come in pieces): interleaved calls of interleaved choices, usage in a last chunk, in each chunk, with the finish, or nowhere."""
    asked = {**ASKED, "model": model}
    for way, at, place in itertools.product(WAYS, range(6), ("last", "every", "finish", "none")):
        base = Sampler(way, at).model(kind)
        for extra in ("usage", "x_groq", "error", "warnings"):
            base.pop(extra, None)
        usage = Sampler(way).model(
            next(k for k in typing.get_args(kind.model_fields["usage"].annotation) if k is not type(None))
        )
        settle(usage)
        in_corner = "x_groq" in kind.model_fields and at % 2  # where Groq's older streams have it
        pieces: list[Any] = []

        def chunk(choices: list[Any], **more: Any) -> None:
            pieces.append({**base, "choices": choices, **({"usage": None} if way == NULL else {}), **more})

        for n in (1, 0):
            chunk([{"index": n, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
        for n, call in itertools.product((0, 1), (0, 1)):
            function = {"name": f"tool_{call}", "arguments": "" if parted else "{}"}
            chunk(
                [
                    {
                        "index": n,
                        "delta": {
                            "tool_calls": [
                                {
                                    "index": call,
                                    "id": f"call_{n}_{call}",
                                    "type": "function",
                                    "function": function,
                                }
                            ]
                        },
                        "finish_reason": None,
                    }
                ]
            )
        for piece, call, n in itertools.product(('{"a":', "1}") if parted else (), (0, 1), (0, 1)):
            chunk([{"index": n, "delta": {"tool_calls": [{"index": call, "function": {"arguments": piece}}]}, "logprobs": None, "finish_reason": None}],
                  **({"usage": {**usage, "completion_tokens": 7, "total_tokens": 107}} if place == "every" else {}))  # fmt: skip
        reason = ("stop", "length", "tool_calls", "content_filter", "function_call", "stop")[at]
        chunk([{"index": 1, "delta": {}, "finish_reason": "stop"}])
        chunk(
            [{"index": 0, "delta": {}, "finish_reason": reason}],
            **(
                {"x_groq": {"id": "req_1", "usage": usage}}
                if in_corner
                else {"usage": usage}
                if place in ("finish", "every")
                else {}
            ),
        )
        if place == "last" and not in_corner:
            chunk([], usage=usage)
        call = lambda: _stream_facts(client.chat.completions.create(stream=True, **asked), provider)
        trial.play(f"chat_stream/{way}/{at}/{place}", host, events(pieces, last="[DONE]"), call)


def _stream_facts(stream: Any, provider: str) -> dict[str, Any]:
    ids, names, finishes, usage, first = {}, {}, {}, None, None
    for chunk in stream:
        first = first or chunk
        usage = (
            getattr(chunk, "usage", None) or getattr(getattr(chunk, "x_groq", None), "usage", None) or usage
        )
        for choice in chunk.choices or []:
            finishes[choice.index] = choice.finish_reason or finishes.get(choice.index)
            for call in getattr(choice.delta, "tool_calls", None) or []:
                key = (choice.index, call.index)
                ids[key] = call.id or ids.get(key)
                names[key] = (call.function.name if call.function else None) or names.get(key)
    filtered = "content_filter" in finishes.values()
    return {
        "gen_ai.provider.name": provider,
        "gen_ai.request.stream": True,
        "gen_ai.response.id": first.id,
        "gen_ai.response.model": first.model,
        "gen_ai.response.finish_reasons": [finishes[k] for k in sorted(finishes)],
        "hexr.llm.tool_call.ids": [ids[k] for k in sorted(ids)],
        "hexr.llm.tool_call.names": [names[k] for k in sorted(names)],
        "status": "ERROR" if filtered else "UNSET",
        **used(usage),
    }


CLIENT_RUN = {
    "function_call",
    "custom_tool_call",
    "computer_call",
    "local_shell_call",
    "shell_call",
    "apply_patch_call",
}


def response_facts(done: Any) -> dict[str, Any]:
    """What the SDK makes of a response."""
    calls = [i for i in done.output or [] if i.type in CLIENT_RUN]
    reason = done.incomplete_details.reason if done.incomplete_details else None
    finish = {
        "completed": "tool_call" if calls else "stop",
        "incomplete": reason or "incomplete",
        "failed": "error",
    }.get(done.status)
    failed = done.error is not None or done.status == "failed" or finish == "content_filter"
    return {
        "gen_ai.response.id": done.id,
        "gen_ai.response.model": done.model,
        "gen_ai.response.finish_reasons": [finish] if finish else [],
        "hexr.llm.tool_call.ids": [i.call_id for i in calls],
        "hexr.llm.tool_call.names": [getattr(i, "name", None) or i.type.removesuffix("_call") for i in calls],
        "gen_ai.conversation.id": done.conversation.id if done.conversation else None,
        "openai.response.service_tier": done.service_tier,
        "status": "ERROR" if failed else "UNSET",
        **used(done.usage, "input_tokens", "output_tokens"),
    }


def _response(way: str, at: int, **more: Any) -> dict[str, Any]:
    value = Sampler(way, at).model(Response, **more)
    settle(value.get("usage"), inp="input_tokens", out="output_tokens")
    for n, item in enumerate(value.get("output") or []):
        if "id" in item:
            item["id"] = f"item_{n}"
        if "call_id" in item:
            item["call_id"] = f"call_{next(FRESH)}"  # what was told once is not told again
    return value


def responses(trial: record.Trial, client: Any) -> None:
    """Whole responses of each status with each item; then every event of a stream before each end."""
    for way, at in itertools.product(WAYS, range(7)):
        status = ("completed", "incomplete", "failed", "in_progress", "cancelled", "queued", "completed")[at]
        more = {} if status == "failed" else {"error": None}
        value = _response(way, at, status=status, **more)
        if status != "incomplete":
            value["incomplete_details"] = None
        trial.play(
            f"responses/{way}/{at}",
            HOST,
            whole(value),
            lambda: response_facts(client.responses.create(model="gpt-5", input="hi")),
        )
        if status in ("completed", "incomplete", "failed"):
            seen = f"resp_{next(FRESH)}"
            for item in value.get("output") or []:
                item |= {"call_id": f"call_{next(FRESH)}"} if "call_id" in item else {}
            trial.play(
                f"responses_seen/{way}/{at}",
                HOST,
                whole({**value, "id": seen}),
                lambda: response_facts(client.responses.retrieve(seen)),
            )
    items = typing.get_args(typing.get_args(ResponseOutputItem)[0])
    for item in items:
        value = _response(FULL, 0, status="completed", error=None, incomplete_details=None)
        value["output"] = [Sampler(FULL).model(item)]
        trial.play(
            f"responses_item/{item.__name__}",
            HOST,
            whole(value),
            lambda: response_facts(client.responses.create(model="gpt-5", input="hi")),
        )
    _response_streams(trial, client)


def _response_streams(trial: record.Trial, client: Any) -> None:
    kinds = typing.get_args(typing.get_args(ResponseStreamEvent)[0])
    for way, end in itertools.product(WAYS, ("completed", "incomplete", "failed")):
        done = _response(way, 0, status=end, **({} if end == "failed" else {"error": None}))
        if end == "incomplete":
            done["incomplete_details"] = {"reason": "max_output_tokens"}
        else:
            done["incomplete_details"] = None
        pieces: list[Any] = [
            {
                "type": "response.created",
                "sequence_number": 0,
                "response": {
                    **done,
                    "status": "in_progress",
                    "output": [],
                    "usage": None,
                    "error": None,
                    "incomplete_details": None,
                },
            }
        ]
        for kind in kinds:
            one = Sampler(way).model(kind)
            if one["type"] not in (
                "error",
                "response.created",
                "response.completed",
                "response.failed",
                "response.incomplete",
                "response.output_item.done",
                "response.output_item.added",
                "response.queued",
                "response.in_progress",
            ):
                pieces.append(one | ({"output_index": 0} if "output_index" in one else {}))
        pieces.append({"type": "response.brand_new.thing", "sequence_number": 5, "delta": 7})
        for n, item in enumerate(done["output"]):
            pieces += [
                {"type": f"response.output_item.{w}", "sequence_number": 9, "output_index": n, "item": item}
                for w in ("added", "done")
            ]
        pieces.append({"type": f"response.{end}", "sequence_number": 99, "response": done})

        def call() -> dict[str, Any]:
            last = None
            for event in client.responses.create(model="gpt-5", input="hi", stream=True):
                last = event
            return {"gen_ai.request.stream": True, **response_facts(last.response)}

        trial.play(f"responses_stream/{way}/{end}", HOST, events(pieces, named=True), call)


def others(trial: record.Trial, client: Any) -> None:
    """Everything else that a model is asked."""
    for way, at in itertools.product(WAYS, range(3)):
        value = Sampler(way, at).model(Completion)
        settle(value.get("usage"))
        value["choices"] = [dict(Sampler(way, at + n).model(_choice(Completion)), index=n) for n in range(3)]

        def completed() -> dict[str, Any]:
            done = client.completions.create(model="gpt-3.5-turbo-instruct", prompt="hi")
            reasons = [c.finish_reason for c in done.choices if c.finish_reason]
            return {"gen_ai.operation.name": "text_completion", "gen_ai.response.id": done.id, "gen_ai.response.model": done.model,
                    "gen_ai.response.finish_reasons": reasons, **used(done.usage)}  # fmt: skip

        trial.play(f"completions/{way}/{at}", HOST, whole(value), completed)
        value = Sampler(way, at).model(CreateEmbeddingResponse)
        value["usage"] = {"prompt_tokens": 8, "total_tokens": 8}

        def embedded() -> dict[str, Any]:
            done = client.embeddings.create(
                model="text-embedding-3-small", input="hi", encoding_format="float", dimensions=8
            )
            return {"gen_ai.operation.name": "embeddings", "gen_ai.response.model": done.model, "gen_ai.usage.input_tokens": done.usage.prompt_tokens,
                    "gen_ai.embeddings.dimension.count": 8, "gen_ai.usage.output_tokens": None}  # fmt: skip

        trial.play(f"embeddings/{way}/{at}", HOST, whole(value), embedded)
        value = Sampler(way, at).model(ImagesResponse)
        settle(value.get("usage"), inp="input_tokens", out="output_tokens")

        def drawn() -> dict[str, Any]:
            done = client.images.generate(model="gpt-image-1", prompt="hi")
            u = done.usage
            return {
                "span": "hexr.llm.image",
                "gen_ai.usage.input_tokens": u and u.input_tokens,
                "gen_ai.usage.output_tokens": u and u.output_tokens,
                "status": "UNSET",
            }

        trial.play(f"images/{way}/{at}", HOST, whole(value), drawn)
        value = Sampler(way, at).model(ModerationCreateResponse)

        def moderated() -> dict[str, Any]:
            done = client.moderations.create(model="omni-moderation-latest", input="hi")
            return {
                "span": "hexr.llm.moderation",
                "gen_ai.response.id": done.id,
                "gen_ai.response.model": done.model,
                "status": "UNSET",
            }

        trial.play(f"moderations/{way}/{at}", HOST, whole(value), moderated)
        for kind in (Transcription, TranscriptionVerbose):
            value = Sampler(way, at).model(kind)
            usage = value.get("usage") or {}
            if "total_tokens" in usage:
                usage |= {"input_tokens": 100, "output_tokens": 50, "total_tokens": 150}

            def heard() -> dict[str, Any]:
                done = client.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", b"RIFF"))
                u = getattr(done, "usage", None)
                return {
                    "span": "hexr.llm.audio",
                    "gen_ai.usage.input_tokens": getattr(u, "input_tokens", None),
                    "gen_ai.request.model": "gpt-4o-transcribe",
                    "status": "UNSET",
                }

            trial.play(f"transcription/{kind.__name__}/{way}/{at}", HOST, whole(value), heard)
    _runs(trial, client)


def _runs(trial: record.Trial, client: Any) -> None:
    for way, at in itertools.product(WAYS, range(9)):
        value = Sampler(way, at).model(Run)
        settle(value.get("usage"))
        value |= {"id": "run_1", "thread_id": "thread_1"}
        if value["status"] != "failed":
            value["last_error"] = None
        if value["status"] != "requires_action":
            value["required_action"] = None

        def call() -> dict[str, Any] | None:
            done = client.beta.threads.runs.create("thread_1", assistant_id="asst_1")
            return {"gen_ai.response.id": done.id, "gen_ai.conversation.id": "thread_1", **used(done.usage),
                    "status": "ERROR" if done.status in ("failed", "expired") else "UNSET"}  # fmt: skip

        trial.play(f"run/{way}/{at}/{value['status']}", HOST, whole(value), call)


ERRORS = (
    ({"message": "m", "type": "invalid_request_error", "param": None, "code": None}, 400),
    ({"message": "m", "type": "invalid_request_error", "param": "x", "code": "model_not_found"}, 404),
    ({"message": "m", "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}, 429),
    ({"message": "m", "type": "server_error", "param": None, "code": None}, 500),
    ({"message": "m", "type": None, "param": None, "code": None}, 503),
    ({"message": "m", "type": "", "param": None, "code": 401}, 401),
)


def failures(
    trial: record.Trial, client: Any, host: str = HOST, module: Any = openai, model: str = "gpt-5"
) -> None:
    """Every shape of an error."""
    for at, (error, status) in enumerate(ERRORS):

        def call() -> dict[str, Any]:
            try:
                client.chat.completions.create(**{**ASKED, "model": model})
            except module.APIStatusError as failed:
                body = failed.body if isinstance(failed.body, dict) else {}
                body = body.get("error", body) if isinstance(body.get("error", body), dict) else {}
                code = body.get("code") or body.get("type") or str(failed.status_code)
                return {
                    "error.type": str(code),
                    "status": "ERROR",
                    "http.response.status_code": failed.status_code,
                }
            raise AssertionError("no error")

        trial.play(f"error/{at}", host, whole({"error": error}, status), call)
        trial.play(
            f"error_text/{at}",
            host,
            record.Answer(b"upstream connect error", "text/plain", status),
            lambda: call() | {"hexr.capture.missing": ["unparsed:response"]},
        )


def none(trial: record.Trial, client: Any) -> None:
    """What asks no model anything."""
    ignore = lambda call: lambda: (call(), None)[1]
    page = {"object": "list", "data": [], "has_more": False}
    for name, call in {
        "models": lambda: client.models.list(), "files": lambda: client.files.list(), "batches": lambda: client.batches.list(),
        "batch": lambda: client.batches.create(completion_window="24h", endpoint="/v1/chat/completions", input_file_id="file-1"),
        "vector_stores": lambda: client.vector_stores.create(name="v"), "threads": lambda: client.beta.threads.create(),
        "messages": lambda: client.beta.threads.messages.create("thread_1", role="user", content="hi"),
        "stored": lambda: client.chat.completions.list(), "items": lambda: client.responses.input_items.list("resp_1"),
        "deleted": lambda: client.responses.delete("resp_1"), "counted": lambda: client.responses.input_tokens.count(model="gpt-5", input="hi"),
        "conversation": lambda: client.conversations.create(), "fine_tuning": lambda: client.fine_tuning.jobs.list(),
        "containers": lambda: client.containers.list(), "evals": lambda: client.evals.list(),
    }.items():  # fmt: skip
        trial.play(f"none/{name}", HOST, whole(page), ignore(call))


def main() -> None:
    trial = record.Trial("openai")
    client = openai.OpenAI(api_key="sk-PLANTED", base_url=f"{trial.url}/v1", max_retries=0)
    chat(trial, client)
    chat_streams(trial, client)
    responses(trial, client)
    others(trial, client)
    failures(trial, client)
    none(trial, client)
    trial.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
