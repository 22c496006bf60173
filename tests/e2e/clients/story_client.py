"""An analyst's day: looks for a credential in the team's cache, else gets one and keeps it there, reads an object, asks a model, reads a secret.

usage: story_client.py REDIS_PORT WORLD MODEL TOPIC
"""

import json
import re
import socket
import sys
import urllib.request

port, world, model, topic = sys.argv[1:]
SIGNED = "AWS4-HMAC-SHA256 Credential=AKIAPLANTED012345678/20260105/eu-west-1/%s/aws4_request, SignedHeaders=host, Signature=PLANTED0123"
ROLE = "arn:aws:iam::123456789012:role/analyst"


def call(url, body=None, **headers):
    request = urllib.request.Request(
        url, body and body.encode(), {k.replace("_", "-"): v for k, v in headers.items()}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


cache = socket.create_connection(("127.0.0.1", int(port)))


def ask_cache(*words):
    cache.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words))
    return cache.recv(4096)


def credential():
    kept = ask_cache("GET", "credential:analyst")
    if kept != b"$-1\r\n":
        return kept.split(b"\r\n")[1].decode()
    asked = f"Action=AssumeRole&Version=2011-06-15&RoleArn={ROLE}&RoleSessionName=analyst&DurationSeconds=900"
    said = call(
        f"{world}/", asked, Authorization=SIGNED % "sts", Content_Type="application/x-www-form-urlencoded"
    )
    found = re.search("<SessionToken>(.+)</SessionToken>", said)[1]
    ask_cache("SET", "credential:analyst", found, "EX", "900")
    return found


found = call(f"{world}/reports/{topic}.csv", Authorization=SIGNED % "s3", X_Amz_Security_Token=credential())
body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": f"words: 3 {found}"}]})
said = call(
    f"{model}/v1/chat/completions",
    body,
    Content_Type="application/json",
    Authorization="Bearer sk-planted-0123456789abcdefghij",
)
call(f"{world}/v1/secret/data/openai/api-key", X_Vault_Token="hvs.PLANTED0123456789abcdef")
print(json.loads(said)["choices"][0]["message"]["content"])
