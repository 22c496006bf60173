"""An MCP client over stdio: starts its server, greets it, calls its tools. Prints what it was answered. usage: stdio_client.py SERVER"""

import json
import subprocess
import sys
import time

with subprocess.Popen(
    [sys.executable, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
) as server:

    def say(**message):
        server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        server.stdin.flush()

    def ask(number, method, **params):
        say(id=number, method=method, params=params)
        return json.loads(server.stdout.readline())["result"]

    ask(
        1,
        "initialize",
        protocolVersion="2025-06-18",
        capabilities={},
        clientInfo={"name": "c", "version": "1"},
    )
    say(method="notifications/initialized")
    ask(2, "tools/list")
    for number in (3, 4, 5):
        found = ask(number, "tools/call", name="add", arguments={"a": number, "b": 1})
        print(json.dumps(found["content"][0]["text"]), flush=True)
    ask(6, "tools/call", name="fail", arguments={})
    # Servers are kept for a while: of one that is gone before it could be looked at only its program's name is told.
    time.sleep(1)
    server.stdin.close()
    server.stdout.read()
