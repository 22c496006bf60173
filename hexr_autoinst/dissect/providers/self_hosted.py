"""Model servers that speak a vendor's shape at a host of your own, where an answer shows which of them it is. Deduced, and marked so.

Ollama's fingerprint, the timings of llama.cpp's server, LM Studio's statistics, members that vLLM and SGLang alone put into a choice; else the
name of the server in the answer's head.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from hexr_autoinst.dissect.gateway import answered
from hexr_autoinst.dissect.lenient import mapping, objects
from hexr_autoinst.dissect.vendor import Vendor
from hexr_autoinst.dissect.who import Provider
from hexr_autoinst.model.exchange import Exchange

Marks = Callable[[Mapping[str, Any]], bool]


def _in_choice(*members: str) -> Marks:
    return lambda value: any(m in c for c in objects(value.get("choices"), 1) for m in members)


_MARKS: Final[tuple[tuple[str, Marks], ...]] = (
    # https://github.com/ollama/ollama/blob/main/openai/openai.go
    ("ollama", lambda value: value.get("system_fingerprint") == "fp_ollama"),
    # https://github.com/ggml-org/llama.cpp/tree/master/tools/server
    ("llama_cpp", lambda value: "predicted_per_second" in mapping(value, "timings")),
    # https://lmstudio.ai/docs/developer/rest-api
    ("lm_studio", lambda value: "tokens_per_second" in mapping(value, "stats") and "model_info" in value),
    # https://docs.sglang.ai/basic_usage/openai_api_completions.html
    ("sglang", _in_choice("matched_stop")),
    # https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
    ("vllm", lambda value: "kv_transfer_params" in value or "prompt_logprobs" in value),
    ("vllm", _in_choice("stop_reason")),
    # https://huggingface.co/docs/text-generation-inference/messages_api
    (
        "tgi",
        lambda value: (
            str(value.get("system_fingerprint")).endswith(("-native", "-sha-")) or _versioned(value)
        ),
    ),
)
_SERVERS: Final = {"llama.cpp": "llama_cpp", "ollama": "ollama", "vllm": "vllm", "localai": "localai"}


def _versioned(value: Mapping[str, Any]) -> bool:
    """TGI's fingerprint is its version and commit: 3.0.1-sha-bb9095a."""
    return "-sha-" in str(value.get("system_fingerprint"))


def _tells(exchange: Exchange, value: Mapping[str, Any]) -> Provider | None:
    found = next((name for name, marks in _MARKS if marks(value)), None)
    server = answered(exchange).get("server").lower().partition("/")[0]
    name = found or _SERVERS.get(server)
    return Provider(name, inferred=True) if name else None


VENDOR: Final = Vendor(
    name="self_hosted",
    provider="",
    tells=_tells,
    kept=("system_fingerprint", "timings.predicted_per_second", "stats.tokens_per_second"),
)
