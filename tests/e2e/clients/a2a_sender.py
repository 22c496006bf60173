"""Sends one message to an agent (A2A 0.3, JSON-RPC). usage: a2a_sender.py PORT; prints the task's state."""

import http.client
import json
import sys

part = {"kind": "text", "text": "hello"}
message = {
    "kind": "message",
    "role": "user",
    "messageId": "5f0e8a52-9c1d-4b57-8a58-0d2a7c7f11aa",
    "parts": [part],
}
body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": message}})
conn = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
conn.request("POST", "/", body, {"Content-Type": "application/json"})
print(json.dumps(json.loads(conn.getresponse().read())["result"]["status"]["state"]))
