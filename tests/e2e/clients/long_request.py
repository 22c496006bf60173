"""A request of 600 KB in one write. usage: long_request.py BASE"""

import http.client
import json
import ssl
import sys
from urllib.parse import urlsplit

base = urlsplit(sys.argv[1])
connection = http.client.HTTPSConnection(
    base.hostname, base.port, context=ssl.create_default_context(), timeout=60
)
body = json.dumps(
    {"model": "gpt-4o", "messages": [{"role": "user", "content": "word " * 120_000 + "words: 4"}]}
).encode()
head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {base.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
connection.connect()
connection.sock.sendall(head.encode() + body)
answer = http.client.HTTPResponse(connection.sock, method="POST")
answer.begin()
print(json.loads(answer.read())["usage"]["prompt_tokens"])
