"""One of many: streams of unpaced events, read as fast as they come. usage: flood_client.py BASE EVENTS STREAMS"""

import http.client
import json
import ssl
import sys
from urllib.parse import urlsplit

base, events, streams = urlsplit(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
connection = http.client.HTTPSConnection(
    base.hostname, base.port, context=ssl.create_default_context(), timeout=60
)
body = json.dumps(
    {
        "model": "gpt-4o",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [{"role": "user", "content": f"words: {events}"}],
    }
)
for _ in range(streams):
    connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    size = 0
    while data := answer.read1(65536):
        size += len(data)
print(size)
