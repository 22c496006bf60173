"""An agent that lives a fraction of a second: standard library alone, one call. usage: tiny_client.py BASE"""

import json
import sys
import urllib.request

body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "words: 3"}]}).encode()
request = urllib.request.Request(
    f"{sys.argv[1]}/v1/chat/completions",
    body,
    {"Content-Type": "application/json", "Authorization": "Bearer sk-planted-0123456789abcdefghij"},
)
with urllib.request.urlopen(request, timeout=10) as answer:
    r = json.load(answer)
print(
    json.dumps(
        {
            "id": r["id"],
            "model": r["model"],
            "finish": r["choices"][0]["finish_reason"],
            "in": r["usage"]["prompt_tokens"],
            "out": r["usage"]["completion_tokens"],
        }
    )
)
