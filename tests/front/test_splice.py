import asyncio
import contextlib
import socket

import pytest

from hexr_autoinst.front.splice import reach, splice


async def serving(handler):
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def spliced(port, to_client=b"", to_server=b""):
    """A client socket whose other end is spliced to that port."""
    near, client = socket.socketpair()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near.close(), client.close()
        client = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
    near.setblocking(False)
    far = await reach("127.0.0.1", port)
    task = asyncio.create_task(splice(near, far, to_client, to_server))
    reader, writer = await asyncio.open_connection(sock=client)
    return reader, writer, task


def test_first_words_go_first_and_bytes_go_both_ways():
    async def echo(reader, writer):
        while data := await reader.read(1000):
            writer.write(data.upper())
        writer.close()

    async def main():
        server, port = await serving(echo)
        reader, writer, task = await spliced(port, b"200\r\n", b"first ")
        writer.write(b"then")
        got = await reader.readexactly(len(b"200\r\nFIRST THEN"))
        writer.close()
        await asyncio.wait_for(task, 5)
        server.close()
        return got

    assert asyncio.run(main()) == b"200\r\nFIRST THEN"


def test_a_server_that_speaks_first_is_heard():
    async def greeter(reader, writer):
        writer.write(b"220 hello\r\n")
        await reader.read()
        writer.close()

    async def main():
        server, port = await serving(greeter)
        reader, writer, task = await spliced(port, b"<ok>")
        got = await reader.readexactly(15)
        writer.close()
        await asyncio.wait_for(task, 5)
        server.close()
        return got

    assert asyncio.run(main()) == b"<ok>220 hello\r\n"


def test_a_half_close_is_kept():
    async def counter(reader, writer):
        writer.write(str(len(await reader.read())).encode())
        writer.close()

    async def main():
        server, port = await serving(counter)
        reader, writer, task = await spliced(port)
        writer.write(b"x" * 12345)
        writer.write_eof()
        got = await reader.read()
        writer.close()
        await asyncio.wait_for(task, 5)
        server.close()
        return got

    assert asyncio.run(main()) == b"12345"


def test_a_reset_is_passed_on_as_a_reset():
    async def breaker(reader, writer):
        await reader.readexactly(2)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    async def main():
        server, port = await serving(breaker)
        reader, writer, task = await spliced(port)
        writer.write(b"go")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionResetError):
            await writer.wait_closed()
        await asyncio.wait_for(task, 5)
        server.close()

    asyncio.run(main())


def test_a_slow_reader_slows_the_sender_and_loses_nothing():
    size = 24 << 20
    sent = 0

    async def pourer(reader, writer):
        nonlocal sent
        for _ in range(size >> 16):
            writer.write(b"y" * (1 << 16))
            await writer.drain()
            sent += 1 << 16
        writer.close()

    async def main():
        server, port = await serving(pourer)
        reader, writer, task = await spliced(port)
        await asyncio.sleep(0.5)
        before = sent
        got = len(await reader.read())
        writer.close()
        await asyncio.wait_for(task, 5)
        server.close()
        return before, got

    before, got = asyncio.run(main())

    assert before < size
    assert got == size


def test_nobody_there_is_an_os_error():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(OSError, match=r"."):
            asyncio.run(reach("127.0.0.1", port))
