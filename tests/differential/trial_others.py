"""SDKs with shapes of their own: Cohere (v2, v1), Mistral, Ollama, Azure AI Inference, Hugging Face, Voyage."""

import itertools
import sys
import typing
from pathlib import Path
from typing import Any

import record
import trial_openai as alike
from record import events, lines, whole
from sample import BARE, FULL, NULL, Sampler

WAYS = (FULL, BARE, NULL)
SAID = [{"role": "user", "content": "hi"}]
FRESH = itertools.count()


def cohere_usage(way: str) -> dict[str, Any] | None:
    """Billed and consumed differ: what is billed counts."""
    if way == NULL:
        return None
    found = {
        "billed_units": {"input_tokens": 90, "output_tokens": 40},
        "tokens": {"input_tokens": 100, "output_tokens": 50},
    }
    return found | ({"cached_tokens": 30} if way == FULL else {})


def cohere(trial: record.Trial) -> None:
    """Both chats, whole and streamed; embeddings; rerank."""
    import cohere as sdk
    from cohere.types import ChatFinishReason

    host, v2 = "api.cohere.com", sdk.ClientV2(api_key="PLANTED", base_url=trial.url, max_retries=0)
    v1 = sdk.Client(api_key="PLANTED", base_url=trial.url, max_retries=0)
    for way, reason in itertools.product(WAYS, typing.get_args(typing.get_args(ChatFinishReason)[0])):
        usage = cohere_usage(way)
        calls = [
            {
                "id": f"call_{next(FRESH)}",
                "type": "function",
                "function": {"name": f"tool_{n}", "arguments": "{}"},
            }
            for n in range(2)
        ]
        content = [{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "a"}]
        value = {
            "id": "c_1",
            "finish_reason": reason,
            "message": {
                "role": "assistant",
                "content": content,
                "tool_plan": "p",
                "tool_calls": calls,
                "citations": None,
            },
            "usage": usage,
            "brand_new": 1,
        }

        def said(id_: Any, finish: Any, tools: Any, u: Any, *, stream: bool = False) -> dict[str, Any]:
            billed = u and u.billed_units
            return {"gen_ai.provider.name": "cohere", "gen_ai.response.id": id_, "gen_ai.response.finish_reasons": [finish], "hexr.llm.tool_call.ids": [t.id for t in tools or []],
                    "hexr.llm.tool_call.names": [t.function.name for t in tools or []], "gen_ai.usage.input_tokens": billed and int(billed.input_tokens), "gen_ai.usage.output_tokens": billed and int(billed.output_tokens),
                    "gen_ai.usage.cache_read.input_tokens": None,  # a part of the consumed tokens, not of those that are billed
                    "gen_ai.request.stream": True if stream else None}  # fmt: skip

        def call() -> dict[str, Any]:
            done = v2.chat(model="command-a-03-2025", messages=SAID)
            return said(done.id, done.finish_reason, done.message.tool_calls, done.usage)

        trial.play(f"cohere2/{way}/{reason}", host, whole(value), call)
        pieces: list[Any] = [
            {
                "type": "message-start",
                "id": "c_1",
                "delta": {
                    "message": {
                        "role": "assistant",
                        "content": [],
                        "tool_plan": "",
                        "tool_calls": [],
                        "citations": [],
                    }
                },
            },
            {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "p"}}},
        ]
        for n, tool in enumerate(calls):
            pieces += [{"type": "tool-call-start", "index": n, "delta": {"message": {"tool_calls": {**tool, "function": {**tool["function"], "arguments": ""}}}}},
                       {"type": "tool-call-delta", "index": n, "delta": {"message": {"tool_calls": {"function": {"arguments": "{}"}}}}}, {"type": "tool-call-end", "index": n}]  # fmt: skip
        pieces += [{"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}}, {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "a"}}}}, {"type": "content-end", "index": 0},
                   {"type": "citation-start", "index": 0, "delta": {"message": {"citations": {"start": 0, "end": 1, "text": "a", "sources": []}}}}, {"type": "citation-end", "index": 0}, {"type": "message-end", "id": "c_1", "delta": {"finish_reason": reason, "usage": usage}}]  # fmt: skip

        def streamed() -> dict[str, Any]:
            seen = list(v2.chat_stream(model="command-a-03-2025", messages=SAID))
            tools = [e.delta.message.tool_calls for e in seen if e.type == "tool-call-start"]
            return said(seen[0].id, seen[-1].delta.finish_reason, tools, seen[-1].delta.usage, stream=True)

        trial.play(f"cohere2_stream/{way}/{reason}", host, events(pieces, named=True), streamed)
        old = {
            "response_id": "r_1",
            "generation_id": "g_1",
            "text": "a",
            "finish_reason": reason,
            "chat_history": [],
            "tool_calls": [{"name": "f", "parameters": {"a": 1}}],
            "meta": {"api_version": {"version": "1"}, **(usage or {})},
        }

        def older(done: Any, *, stream: bool = False) -> dict[str, Any]:
            billed = done.meta.billed_units if done.meta else None
            return {"gen_ai.provider.name": "cohere", "gen_ai.response.id": done.response_id, "gen_ai.response.finish_reasons": [done.finish_reason], "hexr.llm.tool_call.names": [t.name for t in done.tool_calls or []],
                    "gen_ai.usage.input_tokens": billed and int(billed.input_tokens), "gen_ai.usage.output_tokens": billed and int(billed.output_tokens), "gen_ai.request.stream": True if stream else None}  # fmt: skip

        trial.play(
            f"cohere1/{way}/{reason}",
            host,
            whole(old),
            lambda: older(v1.chat(model="command-r", message="hi")),
        )
        steps = [{"event_type": "stream-start", "generation_id": "g_1", "is_finished": False}, {"event_type": "text-generation", "text": "a", "is_finished": False},
                 {"event_type": "tool-calls-generation", "tool_calls": old["tool_calls"], "is_finished": False}, {"event_type": "stream-end", "finish_reason": reason, "response": old, "is_finished": True}]  # fmt: skip
        trial.play(
            f"cohere1_stream/{way}/{reason}",
            host,
            lines(steps),
            lambda: older(list(v1.chat_stream(model="command-r", message="hi"))[-1].response, stream=True),
        )
    meta = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 7}}
    vector = {"id": "e_1", "embeddings": {"float": [[0.1]]}, "texts": ["hi"], "meta": meta}
    trial.play(
        "cohere/embed",
        host,
        whole(vector),
        lambda: (
            v2.embed(model="embed-v4.0", input_type="search_query", texts=["hi"], embedding_types=["float"]),
            {"gen_ai.operation.name": "embeddings", "gen_ai.usage.input_tokens": 7},
        )[1],
    )
    order = {
        "id": "k_1",
        "results": [{"index": 0, "relevance_score": 0.5}],
        "meta": {"billed_units": {"search_units": 1}},
    }
    trial.play(
        "cohere/rerank",
        host,
        whole(order),
        lambda: (
            v2.rerank(model="rerank-v3.5", query="q", documents=["a"]),
            {"span": "hexr.llm.rerank", "gen_ai.request.model": "rerank-v3.5"},
        )[1],
    )


def mistral(trial: record.Trial) -> None:
    """Chat by its types; "fill in the middle"; conversations of agents; embeddings; OCR."""
    from mistralai.client import Mistral
    from mistralai.client import models as m

    host, client = "api.mistral.ai", Mistral(api_key="PLANTED", server_url=trial.url)
    chat = type(
        "Chat",
        (),
        {
            "create": staticmethod(
                lambda stream=False, **asked: (
                    client.chat.stream(**asked) if stream else client.chat.complete(**asked)
                )
            )
        },
    )

    def streamed(**asked: Any) -> Any:
        return (e.data for e in client.chat.stream(**asked))

    shim = type(
        "Shim",
        (),
        {
            "chat": type(
                "C",
                (),
                {
                    "completions": type(
                        "Cs",
                        (),
                        {
                            "create": staticmethod(
                                lambda stream=False, **asked: (
                                    streamed(**asked) if stream else chat.create(**asked)
                                )
                            )
                        },
                    )
                },
            )
        },
    )
    before = len(trial.entries)
    alike.chat(trial, shim, host, m.ChatCompletionResponse, "mistral_ai", model="mistral-large")
    alike.chat_streams(
        trial, shim, host, m.CompletionChunk, "mistral_ai", model="mistral-large", parted=False
    )
    for entry in trial.entries[before:]:
        entry["_id"] = entry["_id"].replace("others/", "others/mistral/", 1)
    for way, at in itertools.product(WAYS, range(4)):
        value = Sampler(way, at).model(m.ConversationResponse)
        value["usage"] = {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "total_tokens": 150,
            **({"connector_tokens": 7, "connectors": {"web_search": 1}} if way == FULL else {}),
        }
        for output in value["outputs"]:
            output |= {"tool_call_id": f"call_{next(FRESH)}"} if "tool_call_id" in output else {}

        def conversed() -> dict[str, Any]:
            done = client.beta.conversations.start(inputs="hi", model="mistral-medium")
            calls = [o for o in done.outputs if o.type == "function.call"]
            return {
                "gen_ai.provider.name": "mistral_ai",
                "gen_ai.conversation.id": done.conversation_id,
                "hexr.llm.tool_call.names": [c.name for c in calls],
                "hexr.llm.tool_call.ids": [c.tool_call_id for c in calls],
            }

        trial.play(f"mistral/conversation/{way}/{at}", host, whole(value), conversed)
    value = Sampler(FULL).model(
        m.EmbeddingResponse, usage={"prompt_tokens": 7, "total_tokens": 7, "completion_tokens": 0}
    )
    trial.play(
        "mistral/embed",
        host,
        whole(value),
        lambda: {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.usage.input_tokens": client.embeddings.create(
                model="mistral-embed", inputs=["a"]
            ).usage.prompt_tokens,
        },
    )
    value = Sampler(FULL).model(
        m.FIMCompletionResponse, usage={"prompt_tokens": 7, "total_tokens": 9, "completion_tokens": 2}
    )
    trial.play(
        "mistral/fim",
        host,
        whole(value),
        lambda: {
            "gen_ai.response.id": client.fim.complete(model="codestral", prompt="a").id,
            "gen_ai.usage.output_tokens": 2,
        },
    )
    value = Sampler(FULL).model(m.OCRResponse)
    trial.play(
        "mistral/ocr",
        host,
        whole(value),
        lambda: {
            "gen_ai.response.model": client.ocr.process(
                model="mistral-ocr", document={"type": "document_url", "document_url": "https://x/y.pdf"}
            ).model
        },
    )


def ollama(trial: record.Trial) -> None:
    """Chat, generate and embed, whole and as lines."""
    import ollama as sdk

    host, client = "localhost:11434", sdk.Client(host=trial.url)
    for way, reason in itertools.product(WAYS, ("stop", "length", "load", "unload", None)):
        end = {"model": "llama3.2", "created_at": "2026-01-02T03:04:05Z", "done": True, "done_reason": reason}
        counts = (
            {}
            if way == BARE
            else {
                "prompt_eval_count": 100,
                "eval_count": 50,
                "eval_duration": 5,
                "prompt_eval_duration": 5,
                "total_duration": 9,
                "load_duration": 1,
            }
        )
        calls = [{"function": {"name": f"tool_{n}", "arguments": {"a": 1}}} for n in range(2)]

        def said(done: Any, names: Any = (), *, stream: bool = False) -> dict[str, Any]:
            return {"gen_ai.provider.name": "ollama", "gen_ai.response.model": done.model, "gen_ai.response.finish_reasons": [done.done_reason] if done.done_reason else [], "hexr.llm.tool_call.names": list(names),
                    "gen_ai.usage.input_tokens": done.prompt_eval_count, "gen_ai.usage.output_tokens": done.eval_count, "gen_ai.request.stream": True if stream else None}  # fmt: skip

        value = (
            end
            | counts
            | {"message": {"role": "assistant", "content": "a", "thinking": "t", "tool_calls": calls}}
        )

        def call() -> dict[str, Any]:
            done = client.chat(model="llama3.2", messages=SAID)
            return said(done, [c.function.name for c in done.message.tool_calls])

        trial.play(f"ollama/chat/{way}/{reason}", host, whole(value), call)
        part = {"model": "llama3.2", "created_at": "2026-01-02T03:04:05Z", "done": False}
        pieces = [
            {**part, "message": {"role": "assistant", "content": "a"}},
            *({**part, "message": {"role": "assistant", "content": "", "tool_calls": [c]}} for c in calls),
            {**end, **counts, "message": {"role": "assistant", "content": ""}},
        ]

        def streamed() -> dict[str, Any]:
            seen = list(client.chat(model="llama3.2", messages=SAID, stream=True))
            return said(
                seen[-1], [c.function.name for s in seen for c in s.message.tool_calls or []], stream=True
            )

        trial.play(f"ollama/chat_stream/{way}/{reason}", host, lines(pieces), streamed)
        trial.play(
            f"ollama/generate/{way}/{reason}",
            host,
            whole(end | counts | {"response": "a"}),
            lambda: said(client.generate(model="llama3.2", prompt="hi")),
        )
    trial.play(
        "ollama/embed",
        host,
        whole({"model": "m", "embeddings": [[0.1]], "prompt_eval_count": 7}),
        lambda: {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.usage.input_tokens": client.embed(model="m", input="a").prompt_eval_count,
        },
    )
    trial.play(
        "ollama/error",
        host,
        whole({"error": "model 'x' not found"}, 404),
        lambda: _failing(lambda: client.chat(model="x", messages=SAID), "404"),
    )


def _failing(call: Any, code: str) -> dict[str, Any]:
    try:
        call()
    except Exception:
        return {"error.type": code, "status": "ERROR"}
    raise AssertionError("no error")


def azure(trial: record.Trial) -> None:
    """Azure AI Inference: chat whole and streamed, embeddings."""
    from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, models
    from azure.core.credentials import AzureKeyCredential

    host, key = "res.services.ai.azure.com", AzureKeyCredential("PLANTED")
    options = {"endpoint": f"{trial.url}/models", "credential": key}
    client = ChatCompletionsClient(**options)
    for reason in [r.value for r in models.CompletionsFinishReason]:
        calls = [
            {
                "id": f"call_{next(FRESH)}",
                "type": "function",
                "function": {"name": f"tool_{n}", "arguments": "{}"},
            }
            for n in range(2)
        ]
        value = {
            "id": "a_1",
            "created": 1,
            "model": "phi-4",
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": reason,
                    "message": {"role": "assistant", "content": "a", "tool_calls": calls},
                }
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
        }

        def call() -> dict[str, Any]:
            done = client.complete(messages=SAID, model="phi-4")
            tools = done.choices[0].message.tool_calls
            return {"gen_ai.provider.name": "azure.ai.inference", "gen_ai.response.id": done.id, "gen_ai.response.model": done.model, "gen_ai.response.finish_reasons": [str(getattr(done.choices[0].finish_reason, "value", done.choices[0].finish_reason))],
                    "gen_ai.usage.input_tokens": done.usage.prompt_tokens, "gen_ai.usage.output_tokens": done.usage.completion_tokens, "hexr.llm.tool_call.ids": [t.id for t in tools], "hexr.llm.tool_call.names": [t.function.name for t in tools]}  # fmt: skip

        trial.play(f"azure/{reason}", host, whole(value), call)
    vectors = EmbeddingsClient(**options)
    value = {
        "id": "e",
        "model": "emb",
        "data": [{"index": 0, "embedding": [0.1], "object": "embedding"}],
        "usage": {"prompt_tokens": 7, "total_tokens": 7},
        "object": "list",
    }
    trial.play(
        "azure/embed",
        host,
        whole(value),
        lambda: {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.usage.input_tokens": vectors.embed(input=["a"], model="emb").usage.prompt_tokens,
        },
    )


def voyage(trial: record.Trial) -> None:
    """Embeddings and rerank."""
    import voyageai as sdk

    host = "api.voyageai.com"
    client = sdk.Client(api_key="PLANTED", base_url=f"{trial.url}/v1")
    value = {
        "object": "list",
        "data": [{"object": "embedding", "embedding": [0.1], "index": 0}],
        "model": "voyage-3.5",
        "usage": {"total_tokens": 7},
    }
    trial.play(
        "voyage/embed",
        host,
        whole(value),
        lambda: {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.usage.input_tokens": client.embed(["a"], model="voyage-3.5").total_tokens,
        },
    )
    value = {
        "object": "list",
        "data": [{"relevance_score": 0.5, "index": 0}],
        "model": "rerank-2.5",
        "usage": {"total_tokens": 9},
    }
    trial.play(
        "voyage/rerank",
        host,
        whole(value),
        lambda: {
            "span": "hexr.llm.rerank",
            "gen_ai.usage.input_tokens": client.rerank("q", ["a"], model="rerank-2.5").total_tokens,
        },
    )


def main() -> None:
    trial = record.Trial("others")
    for play in (cohere, mistral, ollama, azure, voyage):
        try:
            play(trial)
        except ImportError as missing:
            print(f"{play.__name__}: {missing}")
    trial.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
