"""Several agents at one time in one process, on OpenAI's asynchronous SDK. They know of no observer.

python crowd_client.py BASE_URL FIRST COUNT      what the model will say is in each one's task: see tests/e2e/scripted.py
"""

import asyncio
import sys

import openai

PARAMETERS = {"type": "object", "properties": {"what": {"type": "string"}}}
TOOLS = [{"type": "function", "function": {"name": "wait", "parameters": PARAMETERS}}]


def task(number):
    return f"be yourself: wait={number} ; wait={number} again + wait=all the same ; say"


async def agent(client, number, together):
    """Its first tool waits for the others' first: nobody is done before all have begun."""
    messages = [{"role": "user", "content": task(number)}]
    while True:
        answer = await client.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS)
        said = answer.choices[0].message
        messages.append(said)
        if not said.tool_calls:
            return
        if len(messages) == 2:
            await together.wait()
        messages += [{"role": "tool", "tool_call_id": tool.id, "content": "done"} for tool in said.tool_calls]


async def main(base, first, count):
    client = openai.AsyncOpenAI(
        base_url=f"{base}v1", api_key="sk-planted-0123456789abcdefghij", max_retries=0
    )
    together = asyncio.Barrier(count)
    await asyncio.gather(*(agent(client, n, together) for n in range(first, first + count)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
