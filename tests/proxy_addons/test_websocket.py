"""A WebSocket through the real mitmproxy: what the tap tells of it means what was said."""

import base64
import json
import subprocess
import sys

import pytest

pytest.importorskip("mitmproxy", reason="mitmproxy's environment is not here (HEXR_PROXY_PYTHON names it)")

from hexr_autoinst.model.codec import decode
from tests.wire.stage import ended, play
from tests.wire.talkers.test_duplex import said, ws

SCRIPT = """
import asyncio, base64, json, sys, time
from pathlib import Path
sys.path[:0] = {path!r}
from hexr_autoinst.model.codec import encode
from proxy_addons import embed
from proxy_addons.tap import Tap
CLIENT, SERVER = (base64.b64decode(x) for x in {turns!r})
facts = []
async def serve(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 101 S\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: x\\r\\n\\r\\n")
    await reader.readexactly(len(CLIENT) - {close})
    writer.write(SERVER)
    await reader.read(100)
    writer.close()
async def main():
    tap = Tap(lambda fact: facts.append(encode(fact)) or True, time.time_ns)
    master = embed.build(asyncio.get_running_loop(), Path({confdir!r}), "", tap)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    master.options.update(listen_host="127.0.0.1", listen_port=0, mode=["regular"], server=True)
    task = asyncio.create_task(master.run())
    for _ in range(100):
        await asyncio.sleep(0.05)
        if listens := master.addons.get("proxyserver").listen_addrs():
            break
    reader, writer = await asyncio.open_connection(*listens[0][:2])
    writer.write(b"GET http://127.0.0.1:%d/realtime?model=m HTTP/1.1\\r\\nHost: 127.0.0.1:%d\\r\\nUpgrade: websocket\\r\\n"
                 b"Connection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: eA==\\r\\n\\r\\n" % (port, port))
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(CLIENT[:-{close}])
    await reader.readexactly(len(SERVER))
    writer.write(CLIENT[-{close}:])
    while await reader.read(100):
        pass
    writer.close()
    await asyncio.sleep(0.3)
    master.shutdown()
    await task
    print(json.dumps(facts, default=lambda data: {{"b64": base64.b64encode(data).decode()}}))
asyncio.run(main())
"""


def bytes_again(plain):
    return [base64.b64decode(x["b64"]) if isinstance(x, dict) and "b64" in x else x for x in plain]


def test_messages_of_both_sides_and_the_close(tmp_path):
    mask, last = b"\x01\x02\x03\x04", ws(8, b"\x0f\xa1enough", mask=b"\x01\x02\x03\x04")
    client = (
        ws(1, b'{"type": "session.update"}', mask=mask)
        + ws(9, b"ping", mask=mask)
        + ws(2, b"\0bin", mask=mask)
        + last
    )
    server = ws(1, b'{"type": ', final=False) + ws(0, b'"session.updated"}') + ws(1, b"caf\xc3\xa9")
    turns = tuple(base64.b64encode(x).decode() for x in (client, server))
    code = SCRIPT.format(path=sys.path, turns=turns, close=len(last), confdir=str(tmp_path))

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    facts = [decode(bytes_again(plain)) for plain in json.loads(done.stdout.splitlines()[-1])]

    heard = play(facts)

    assert said(heard) == [
        ("request", "", '{"type": "session.update"}'), ("request", "", b"\0bin".hex()), ("response", "", '{"type": "session.updated"}'),
        ("response", "", "café"), ("request", "close", "4001 enough"),
    ]  # fmt: skip
    (e,) = ended(heard)
    assert (e.request.path, e.response.status, e.missing) == ("/realtime", 101, ())
