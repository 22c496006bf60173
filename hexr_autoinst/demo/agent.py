"""The demo's agent: an ordinary script on the vendors' own SDKs. It knows nothing of any observer.

python agent.py https://127.0.0.1:PORT/      run by the demo in an environment that has the SDKs
"""

import sys
from typing import Any

_TOOL: Any = {
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
_QUESTION = "What is the weather in Oslo?"


def with_openai(base: str) -> None:
    """Two texts to vectors, a tool call by chat completions, a streamed answer by Responses, and one that nobody reads to its end."""
    import openai

    client = openai.OpenAI(base_url=f"{base}v1", api_key="sk-demo-not-a-real-key-000000", max_retries=0)
    messages: list[Any] = [{"role": "user", "content": _QUESTION}]
    client.embeddings.create(
        model="text-embedding-3-small", input=[_QUESTION, "Oslo"], dimensions=256, encoding_format="float"
    )
    first = client.chat.completions.create(
        model="gpt-4o-mini", messages=messages, tools=[{"type": "function", "function": _TOOL}]
    )
    said: Any = first.choices[0].message
    messages += [said, {"role": "tool", "tool_call_id": said.tool_calls[0].id, "content": "clear, 3 degrees"}]
    client.chat.completions.create(
        model="gpt-4o-mini", messages=messages, tools=[{"type": "function", "function": _TOOL}]
    )
    for _ in client.responses.create(model="gpt-4.1", input="Summarize it. words: 40", stream=True):
        pass
    with client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": "Go on. words: 400"}],
        stream=True,
        extra_headers={"x-pace-ms": "5"},
    ) as stream:
        for n, _ in enumerate(stream):
            if n == 20:  # enough of it
                break


def with_anthropic(base: str) -> None:
    """A streamed message, and a call that the provider refuses."""
    import anthropic

    client = anthropic.Anthropic(base_url=base, api_key="sk-ant-demo-not-a-real-key-000000", max_retries=0)
    with client.messages.stream(
        model="claude-sonnet-4-5",
        max_tokens=256,
        messages=[{"role": "user", "content": "Check it. words: 60"}],
    ) as stream:
        for _ in stream.text_stream:
            pass
    try:
        client.messages.create(
            model="claude-sonnet-4-5", max_tokens=256, messages=[{"role": "user", "content": "fail: 429"}]
        )
    except anthropic.RateLimitError:
        print("the model refused one call, as the script wants it to")


if __name__ == "__main__":
    with_openai(sys.argv[1])
    with_anthropic(sys.argv[1])
