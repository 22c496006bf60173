"""SDKs of vendors whose chat is OpenAI's under another prefix, each by its own types: Groq, Together, Cerebras, Writer, Perplexity, Fireworks."""

import importlib
import sys
from pathlib import Path
from typing import Any

import record
import trial_openai as alike


def _perplexity(url: str) -> Any:
    return importlib.import_module("perplexity").Perplexity(
        api_key="pplx-PLANTED", base_url=url, max_retries=0
    )


def _types(name: str, whole: str, chunk: str) -> tuple[Any, Any]:
    module = importlib.import_module(name)
    return getattr(module, whole), getattr(module, chunk)


# name: host, provider, types, and how its client is made.
VENDORS: dict[str, tuple[str, str, tuple[str, str, str], Any]] = {
    "groq": ("api.groq.com", "groq", ("groq.types.chat", "ChatCompletion", "ChatCompletionChunk"), lambda url: importlib.import_module("groq").Groq(api_key="gsk_PLANTED", base_url=url, max_retries=0)),
    "together": ("api.together.xyz", "together_ai", ("together.types.chat", "ChatCompletion", "ChatCompletionChunk"), lambda url: importlib.import_module("together").Together(api_key="PLANTED", base_url=f"{url}/v1", max_retries=0)),
    "cerebras": ("api.cerebras.ai", "cerebras", ("cerebras.cloud.sdk.types.chat.chat_completion", "ChatCompletionResponse", "ChatChunkResponse"), lambda url: importlib.import_module("cerebras.cloud.sdk").Cerebras(api_key="csk-PLANTED", base_url=url, max_retries=0, warm_tcp_connection=False)),
    "fireworks": ("api.fireworks.ai", "fireworks", ("fireworks.types.chat", "CompletionCreateResponse", "ChatCompletionChunk"), lambda url: importlib.import_module("fireworks").Fireworks(api_key="fw_PLANTED", base_url=f"{url}/inference", max_retries=0)),
    "writer": ("api.writer.com", "writer", ("writerai.types", "ChatCompletion", "ChatCompletionChunk"), None),
    "perplexity": ("api.perplexity.ai", "perplexity", ("perplexity.types", "StreamChunk", "StreamChunk"), _perplexity),
}  # fmt: skip


class _Writer:
    """Writer's chat is called as OpenAI's is not: `chat.chat`."""

    def __init__(self, url: str) -> None:
        client = importlib.import_module("writerai").Writer(api_key="PLANTED", base_url=url, max_retries=0)
        self.chat = type(
            "Chat", (), {"completions": type("Completions", (), {"create": staticmethod(client.chat.chat)})}
        )


def main() -> None:
    trial = record.Trial("alike")
    for name, (host, provider, where, make) in VENDORS.items():
        try:
            kinds = _types(*where)
            client = make(trial.url) if make else _Writer(trial.url)
        except ImportError as missing:
            print(f"{name}: {missing}")
            continue
        before = len(trial.entries)
        for at, play in enumerate((alike.chat, alike.chat_streams)):
            play(trial, client, host, kinds[at], provider, model="m-1")
        alike.failures(
            trial, client, host, importlib.import_module(where[0].partition(".types")[0]), model="m-1"
        )
        for entry in trial.entries[before:]:
            entry["_id"] = entry["_id"].replace("alike/", f"alike/{name}/", 1)
    trial.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
