"""An agent that outlives its observer: a paced stream, then a call on the same connection, then one on a new one.

usage: survivor_client.py BASE EVENTS PACE_MS; says `streaming` once the stream has begun, waits for a line when it is over.
"""

import http.client
import json
import ssl
import sys
from urllib.parse import urlsplit

base = urlsplit(sys.argv[1])
context = ssl.create_default_context()


def connected():
    return http.client.HTTPSConnection(base.hostname, base.port, context=context, timeout=60)


def call(connection, model, **more):
    body = json.dumps(
        {"model": model, "messages": [{"role": "user", "content": f"words: {sys.argv[2]}"}], **more}
    )
    headers = {"Content-Type": "application/json", "x-pace-ms": sys.argv[3]}
    connection.request("POST", "/v1/chat/completions", body, headers)
    return connection.getresponse()


first = connected()
answer = call(first, "gpt-4o", stream=True, stream_options={"include_usage": True})
read = answer.read1(65536)
print("streaming", flush=True)
while data := answer.read1(65536):
    read += data
print("whole" if read.endswith(b"data: [DONE]\n\n") else "cut", flush=True)
sys.stdin.readline()
print(json.load(call(first, "gpt-4o-mini"))["model"], flush=True)
print(json.load(call(connected(), "gpt-4.1"))["model"], flush=True)
