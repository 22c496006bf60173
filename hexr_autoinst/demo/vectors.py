"""Scripted embeddings in OpenAI's shape."""

from typing import Any

Json = dict[str, Any]


def embeddings(request: Json) -> Json:
    """OpenAI's embeddings: a vector for each text, of as many numbers as were asked for."""
    said = request["input"]
    texts = [said] if isinstance(said, str) else list(said)
    size = min(int(request.get("dimensions") or 8), 3072)
    tokens = sum(max(1, len(t) // 4) for t in texts)
    return {
        "object": "list",
        "model": request["model"],
        "data": [
            {"object": "embedding", "index": n, "embedding": [round(1 / (n + k + 1), 6) for k in range(size)]}
            for n in range(len(texts))
        ],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
