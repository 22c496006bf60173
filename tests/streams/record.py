"""Records what real clients and servers say to each other: `python tests/streams/record.py FOLDER [NAME …]`, in an environment of its own.

It wants httpx[http2], hypercorn, grpcio, websockets, redis, and on the path node, curl, redis-server; what is not there is left
out. Each file holds the reads of each connection, from the client's end, and what the client itself has sent and got: the tests
compare that with what was read off the bytes.
"""

# ruff: noqa: SIM117
import asyncio
import base64
import contextlib
import importlib.metadata
import json
import subprocess
import sys
import tempfile
from pathlib import Path

PLANTED = "sk-planted-0123456789abcdefghij"
NODE = """
const http2 = require('http2');
const server = http2.createServer();
server.on('stream', (s, h) => {
  s.respond({':status': 200, 'content-type': 'application/json', 'x-path': h[':path']}, {waitForTrailers: true});
  s.on('wantTrailers', () => s.sendTrailers({'x-sum': '7'}));
  let got = ''; s.on('data', d => got += d); s.on('end', () => s.end(JSON.stringify({got: got.length})));
});
server.listen(+process.argv[1], '127.0.0.1');
"""
NODE_CLIENT = """
const http2 = require('http2');
const c = http2.connect('http://127.0.0.1:' + process.argv[1], {settings: {headerTableSize: 0}});
let open = 12; const told = [];
for (let n = 0; n < 12; n++) {
  const body = JSON.stringify({n, pad: 'x'.repeat(n * 90)});
  const s = c.request({':method': 'POST', ':path': '/node/' + n, 'content-type': 'application/json', 'authorization': 'Bearer KEY', 'cookie': 'a=' + n});
  let got = ''; let trailers = {};
  s.on('trailers', t => trailers = {'x-sum': t['x-sum']});
  s.on('data', d => got += d);
  s.on('close', () => { told.push({method: 'POST', path: '/node/' + n, status: 200, request: body, response: got, trailers});
    if (!--open) { c.close(); console.log(JSON.stringify(told)); } });
  s.end(body);
}
"""


class Relay:
    """Stands between client and server and notes what passes."""

    def __init__(self, port):
        self.target = port
        self.connections = []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await asyncio.sleep(0.1)

    async def serve(self, reader, writer):
        chunks = []
        self.connections.append(chunks)
        try:
            theirs, ours = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.pump(reader, ours, "out", chunks), self.pump(theirs, writer, "in", chunks))

    async def pump(self, source, sink, direction, chunks):
        with contextlib.suppress(OSError):
            while data := await source.read(16384):
                chunks.append([direction, base64.b64encode(data).decode()])
                sink.write(data)
                await sink.drain()
        with contextlib.suppress(OSError):
            sink.close()


def free_port():
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.asynccontextmanager
async def process(*command, port):
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            await asyncio.sleep(0.05)
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
        yield
    finally:
        started.terminate()
        started.wait()


@contextlib.asynccontextmanager
async def hypercorn(app):
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config, port, over = Config(), free_port(), asyncio.Event()
    config.bind, config.errorlog, config.accesslog = [f"127.0.0.1:{port}"], None, None
    task = asyncio.create_task(serve(app, config, shutdown_trigger=over.wait))
    await asyncio.sleep(0.3)
    try:
        yield port
    finally:
        over.set()
        await task


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        event = await receive()
        body, more = body + event.get("body", b""), event.get("more_body", False)
    kind = b"text/event-stream" if "stream" in scope["path"] else b"application/json"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    for piece in said(scope["path"], body):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b""})


def said(path, body):
    if "stream" in path:
        return [b'data: {"path": "%s", "n": %d}\n\n' % (path.encode(), n) for n in range(5)]
    return [b'{"path": "%s", ' % path.encode(), b'"got": %d}' % len(body)]


async def h2_many():
    """Ten connections, ten streams at once on each."""
    import httpx

    async with hypercorn(app) as port, Relay(port) as relay:

        async def connection(number):
            told = []
            async with httpx.AsyncClient(
                http1=False, http2=True, headers={"authorization": f"Bearer {PLANTED}"}
            ) as client:

                async def ask(n):
                    path = f"/c{number}/{'stream' if n % 3 == 0 else 'whole'}/{n}"
                    body = json.dumps({"model": "m", "n": n, "pad": "y" * (n * 7)}).encode()
                    answer = await client.post(f"http://127.0.0.1:{relay.port}{path}?q={n}", content=body)
                    told.append(exchange("POST", path, answer.status_code, body, answer.content))

                await asyncio.gather(*(ask(n) for n in range(10)))
            return told

        told = await asyncio.gather(*(connection(n) for n in range(10)))
        return "httpx, hypercorn", relay.connections, [one for each in told for one in each]


async def h2_node():
    port = free_port()
    async with process("node", "-e", NODE, str(port), port=port), Relay(port) as relay:
        done = await asyncio.to_thread(
            subprocess.run,
            ["node", "-e", NODE_CLIENT.replace("KEY", PLANTED), str(relay.port)],
            capture_output=True, check=True, timeout=20,
        )  # fmt: skip
        version = subprocess.run(
            ["node", "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
        return f"node {version}", relay.connections, json.loads(done.stdout)


async def h2c_upgrade():
    async with hypercorn(app) as port, Relay(port) as relay:
        url = f"http://127.0.0.1:{relay.port}"
        done = await asyncio.to_thread(
            subprocess.run,
            ["curl", "-s", "--http2", f"{url}/up/1", f"{url}/up/2"],
            capture_output=True,
            check=True,
            timeout=20,
        )
        bodies = [b"".join(said(path, b"")) for path in ("/up/1", "/up/2")]
        assert done.stdout == b"".join(bodies)
        told = [exchange("GET", f"/up/{n}", 200, b"", body) for n, body in enumerate(bodies, 1)]
        return "curl, hypercorn", relay.connections, told


def exchange(method, path, status, request, response, **more):
    return {
        "method": method, "path": path, "status": status, "request": request.decode(), "response": response.decode(), **more
    }  # fmt: skip


async def grpc_calls():
    import grpc

    class Handler(grpc.GenericRpcHandler):
        def service(self, details):
            name = details.method.rpartition("/")[2]
            made = {
                "Unary": grpc.unary_unary_rpc_method_handler(self.unary),
                "Fail": grpc.unary_unary_rpc_method_handler(self.fail),
                "Stream": grpc.unary_stream_rpc_method_handler(self.stream),
                "Both": grpc.stream_stream_rpc_method_handler(self.both),
            }
            return made.get(name)

        async def unary(self, request, context):
            context.set_trailing_metadata((("x-took", "3"), ("x-raw-bin", b"\xff\x00\x01")))
            return b"re:" + request

        async def fail(self, request, context):
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such task")

        async def stream(self, request, context):
            for n in range(4):
                yield request * n

        async def both(self, requests, context):
            async for one in requests:
                yield b"<" + one + b">"

    server = grpc.aio.server(compression=grpc.Compression.Gzip)
    server.add_generic_rpc_handlers((Handler(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    told = []

    def call(name, sent, got, **trailers):
        told.append(
            {
                "path": f"/corpus.v1.Echo/{name}",
                "sent": [hexed(x) for x in sent],
                "got": [hexed(x) for x in got],
                "trailers": trailers,
            }
        )

    async with Relay(port) as relay:
        for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate):
            async with grpc.aio.insecure_channel(
                f"127.0.0.1:{relay.port}", compression=compression
            ) as channel:
                unary = channel.unary_unary("/corpus.v1.Echo/Unary")
                for size in (0, 5, 4_000):
                    body = b"\x0a" + bytes(n % 251 for n in range(size))
                    call(
                        "Unary",
                        [body],
                        [await unary(body, metadata=(("authorization", f"Bearer {PLANTED}"),))],
                        **{"grpc-status": "0"},
                    )
                with contextlib.suppress(grpc.aio.AioRpcError):
                    await channel.unary_unary("/corpus.v1.Echo/Fail")(b"x")
                call("Fail", [b"x"], [], **{"grpc-status": "5", "grpc-message": "no such task"})
                with contextlib.suppress(grpc.aio.AioRpcError):
                    await channel.unary_unary("/corpus.v1.Echo/Nothing")(b"x")
                call("Nothing", [b"x"], [], **{"grpc-status": "12"})
                call(
                    "Stream",
                    [b"ab"],
                    [x async for x in channel.unary_stream("/corpus.v1.Echo/Stream")(b"ab")],
                    **{"grpc-status": "0"},
                )
                both, got = channel.stream_stream("/corpus.v1.Echo/Both")(), []
                for one in (b"1", b"22", b"333"):
                    await both.write(one)
                    got.append(await both.read())
                await both.done_writing()
                assert await both.read() is grpc.aio.EOF
                call("Both", [b"1", b"22", b"333"], got, **{"grpc-status": "0"})
        await server.stop(1)
        return f"grpcio {importlib.metadata.version('grpcio')}", relay.connections, told


def hexed(data):
    return bytes(data).hex()


async def websocket(compression, **more):
    import websockets
    from websockets.asyncio.client import connect
    from websockets.asyncio.server import serve

    async def echo(socket):
        async for message in socket:
            if message == "fragments":
                await socket.send(["one ", "two ", "three"])
            else:
                await socket.send(message.upper() if isinstance(message, str) else message[::-1])

    told = []
    async with serve(echo, "127.0.0.1", 0, compression=compression, **more) as server:
        async with Relay(next(iter(server.sockets)).getsockname()[1]) as relay:
            async with connect(
                f"ws://127.0.0.1:{relay.port}/realtime?model=m",
                compression=compression,
                additional_headers={"authorization": f"Bearer {PLANTED}"},
            ) as socket:
                for message in (
                    "hello",
                    "hello again, hello again",
                    b"\x00\x01\xfe",
                    "x" * 300,
                    "é" * 200,
                    "fragments",
                    "",
                    '{"type": "session.update"}',
                ):
                    if message == "é" * 200:
                        await (await socket.ping())
                        await socket.send([message[:7], message[7:]])
                    else:
                        await socket.send(message)
                    told.append(
                        ["request", "text" if isinstance(message, str) else "binary", written(message)]
                    )
                    answer = await socket.recv()
                    told.append(
                        ["response", "text" if isinstance(answer, str) else "binary", written(answer)]
                    )
                await socket.close(4001, "enough")
                told.append(["request", "close", "4001 enough"])
    return f"websockets {websockets.__version__}", relay.connections, told


def written(message):
    return message if isinstance(message, str) else message.hex()


async def ws_deflate():
    return await websocket("deflate")


async def ws_plain():
    return await websocket(None)


async def ws_fresh():
    from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

    factory = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
    return await fresh(factory)


async def fresh(factory):
    from websockets.asyncio.client import connect
    from websockets.asyncio.server import serve
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

    async def echo(socket):
        async for message in socket:
            await socket.send(message.upper())

    told = []
    async with serve(echo, "127.0.0.1", 0, compression=None, extensions=[factory]) as server:
        async with Relay(next(iter(server.sockets)).getsockname()[1]) as relay:
            client = ClientPerMessageDeflateFactory(
                server_no_context_takeover=True, client_no_context_takeover=True
            )
            async with connect(
                f"ws://127.0.0.1:{relay.port}/live", compression=None, extensions=[client]
            ) as socket:
                for n in range(4):
                    message = f"the same words, {n}, the same words"
                    await socket.send(message)
                    told += [["request", "text", message], ["response", "text", await socket.recv()]]
            told.append(["request", "close", "1000"])
    return "websockets, no_context_takeover", relay.connections, told


async def redis(protocol):
    import redis.asyncio as client_of

    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = (
            "redis-server",
            "--port",
            str(port),
            "--dir",
            folder,
            "--requirepass",
            PLANTED,
            "--save",
            "",
        )
        async with process(*server, port=port), Relay(port) as relay:
            client = client_of.Redis(
                port=relay.port, password=PLANTED, protocol=protocol, single_connection_client=True
            )
            await client.set("agent:1", "VALUE-one", ex=60)
            await client.get("agent:1")
            await client.get("agent:none")
            await client.mget("agent:1", "agent:none", "agent:1")
            await client.set("agent:2", "VALUE" * 300)
            await client.get("agent:2")
            await client.hset("h:1", mapping={"f": "VALUE-f", "g": "VALUE-g"})
            await client.hgetall("h:1")
            await client.exists("agent:1")
            await client.ttl("agent:1")
            async with client.pipeline(transaction=True) as pipe:
                await pipe.get("agent:1").get("agent:none").setex("agent:3", 30, "VALUE-three").execute()
            with contextlib.suppress(Exception):
                await client.lpush("agent:1", "VALUE-wrong")
            await client.config_set("requirepass", PLANTED + "2")
            await client.aclose()
    # Names and keys of each connection after its handshake: a pipeline has one of its own.
    told = [
        [["SET", "agent:1"], ["GET", "agent:1"], ["GET", "agent:none"], ["MGET", "agent:1", "agent:none", "agent:1"], ["SET", "agent:2"],
         ["GET", "agent:2"], ["HSET", "h:1"], ["HGETALL", "h:1"], ["EXISTS", "agent:1"], ["TTL", "agent:1"], ["LPUSH", "agent:1"],
         ["CONFIG", "SET"]],
        [["MULTI"], ["GET", "agent:1"], ["GET", "agent:none"], ["SETEX", "agent:3"], ["EXEC"]],
    ]  # fmt: skip
    version = importlib.metadata.version("redis")
    return f"redis-py {version}, Redis 7.0, RESP {protocol}", relay.connections, told


async def resp2():
    return await redis(2)


async def resp3():
    return await redis(3)


SCENES = {
    f.__name__: f
    for f in (h2_many, h2_node, h2c_upgrade, grpc_calls, ws_deflate, ws_plain, ws_fresh, resp2, resp3)
}


async def main(folder, *names):
    for name in names or SCENES:
        made_with, connections, told = await SCENES[name]()
        found = {"made_with": made_with, "told": told, "connections": [c for c in connections if c]}
        (Path(folder) / f"{name}.json").write_text(json.dumps(found, indent=0) + "\n")
        print(name, made_with, len(found["connections"]), sum(len(c) for c in connections))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
