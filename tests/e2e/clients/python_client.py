"""Calls a model as an ordinary program does. usage: python_client.py VENDOR MODE BASE [WORDS]; prints what the SDK says of the answer."""

import asyncio
import json
import sys

TOOL = {"name": "get_weather", "description": "d", "parameters": {"type": "object", "properties": {}}}
ANTHROPIC_TOOL = {
    "name": "get_weather",
    "description": "d",
    "input_schema": {"type": "object", "properties": {}},
}


def said(id_, model, finish, tokens_in, tokens_out, **more):
    print(
        json.dumps({"id": id_, "model": model, "finish": finish, "in": tokens_in, "out": tokens_out, **more}),
        flush=True,
    )


def ask(words):
    return [{"role": "user", "content": f"say it. words: {words}"}]


def openai_sync(base, words, stream, tools=False):
    import openai

    client = openai.OpenAI(base_url=f"{base}/v1", api_key="sk-planted-0123456789abcdefghij", max_retries=0)
    more = {"tools": [{"type": "function", "function": TOOL}]} if tools else {}
    if not stream:
        r = client.chat.completions.create(model="gpt-4o", messages=ask(words), **more)
        calls = [c.function.name for c in r.choices[0].message.tool_calls or []]
        return said(
            r.id,
            r.model,
            r.choices[0].finish_reason,
            r.usage.prompt_tokens,
            r.usage.completion_tokens,
            tools=calls,
        )
    last = finish = None
    for chunk in client.chat.completions.create(
        model="gpt-4o", messages=ask(words), stream=True, stream_options={"include_usage": True}
    ):
        finish = chunk.choices[0].finish_reason or finish if chunk.choices else finish
        last = chunk
    return said(last.id, last.model, finish, last.usage.prompt_tokens, last.usage.completion_tokens)


def responses_sync(base, words, stream):
    import openai

    client = openai.OpenAI(base_url=f"{base}/v1", api_key="sk-planted-0123456789abcdefghij", max_retries=0)
    r = client.responses.create(model="gpt-4.1", input=f"words: {words}", stream=stream)
    if stream:
        r = [e for e in r if e.type == "response.completed"][-1].response
    return said(r.id, r.model, "stop", r.usage.input_tokens, r.usage.output_tokens)


async def openai_async(base, words, stream, streams=1):
    import openai

    async def one(client):
        if not stream:
            r = await client.chat.completions.create(model="gpt-4o", messages=ask(words))
            return said(
                r.id, r.model, r.choices[0].finish_reason, r.usage.prompt_tokens, r.usage.completion_tokens
            )
        finish = last = None
        made = await client.chat.completions.create(
            model="gpt-4o",
            messages=ask(words),
            stream=True,
            stream_options={"include_usage": True},
            extra_headers={"x-pace-ms": "1"},
        )
        async for chunk in made:
            finish = chunk.choices[0].finish_reason or finish if chunk.choices else finish
            last = chunk
        return said(last.id, last.model, finish, last.usage.prompt_tokens, last.usage.completion_tokens)

    async with openai.AsyncOpenAI(
        base_url=f"{base}/v1", api_key="sk-planted-0123456789abcdefghij", max_retries=0
    ) as client:
        await asyncio.gather(*(one(client) for _ in range(streams)))


def anthropic_sync(base, words, stream, tools=False):
    import anthropic

    client = anthropic.Anthropic(base_url=base, api_key="sk-ant-planted-0123456789abcdef", max_retries=0)
    more = {"tools": [ANTHROPIC_TOOL]} if tools else {}
    if stream:
        with client.messages.stream(
            model="claude-sonnet-4-5", max_tokens=64, messages=ask(words), **more
        ) as s:
            for _ in s.text_stream:
                pass
            r = s.get_final_message()
    else:
        r = client.messages.create(model="claude-sonnet-4-5", max_tokens=64, messages=ask(words), **more)
    calls = [b.name for b in r.content if b.type == "tool_use"]
    return said(r.id, r.model, r.stop_reason, r.usage.input_tokens, r.usage.output_tokens, tools=calls)


async def anthropic_async(base, words, stream):
    import anthropic

    async with anthropic.AsyncAnthropic(
        base_url=base, api_key="sk-ant-planted-0123456789abcdef", max_retries=0
    ) as client:
        if stream:
            async with client.messages.stream(
                model="claude-sonnet-4-5", max_tokens=64, messages=ask(words)
            ) as s:
                async for _ in s.text_stream:
                    pass
                r = await s.get_final_message()
        else:
            r = await client.messages.create(model="claude-sonnet-4-5", max_tokens=64, messages=ask(words))
    return said(r.id, r.model, r.stop_reason, r.usage.input_tokens, r.usage.output_tokens)


MODES = {
    "openai": lambda b, w: openai_sync(b, w, stream=False),
    "openai-stream": lambda b, w: openai_sync(b, w, stream=True),
    "openai-tools": lambda b, w: openai_sync(b, w, stream=False, tools=True),
    "openai-async": lambda b, w: asyncio.run(openai_async(b, w, stream=False)),
    "openai-async-stream": lambda b, w: asyncio.run(openai_async(b, w, stream=True)),
    "openai-async-three": lambda b, w: asyncio.run(openai_async(b, w, stream=True, streams=3)),
    "responses": lambda b, w: responses_sync(b, w, stream=False),
    "responses-stream": lambda b, w: responses_sync(b, w, stream=True),
    "anthropic": lambda b, w: anthropic_sync(b, w, stream=False),
    "anthropic-stream": lambda b, w: anthropic_sync(b, w, stream=True),
    "anthropic-tools": lambda b, w: anthropic_sync(b, w, stream=False, tools=True),
    "anthropic-async": lambda b, w: asyncio.run(anthropic_async(b, w, stream=False)),
    "anthropic-async-stream": lambda b, w: asyncio.run(anthropic_async(b, w, stream=True)),
}

if __name__ == "__main__":
    MODES[sys.argv[1]](sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 7)
