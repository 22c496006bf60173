"""A program that gets a token, reads a secret and calls a cloud, twice; with `model` it then asks one. usage: effects_client.py WORLD MODEL [model]"""

import json
import sys
import urllib.request

world, model, *asks = sys.argv[1:]
SIGNED = "AWS4-HMAC-SHA256 Credential=AKIAPLANTED012345678/20260105/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=PLANTED0123"


def call(url, body=None, **headers):
    fields = {k.replace("_", "-"): v for k, v in headers.items()}
    request = urllib.request.Request(url, body and body.encode(), fields)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


token = call(
    f"{world}/oauth2/token", "grant_type=client_credentials&client_id=svc-hidden&client_secret=PLANTEDsecret"
)
call(f"{world}/v1/secret/data/agents/db", X_Vault_Token="hvs.PLANTED0123456789abcdef")
for _ in range(2):
    call(f"{world}/bucket/key", Authorization=SIGNED)
if asks:
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "words: 3"}]})
    call(
        f"{model}/v1/chat/completions",
        body,
        Content_Type="application/json",
        Authorization="Bearer sk-planted-0123456789abcdefghij",
    )
print(json.dumps(token))
