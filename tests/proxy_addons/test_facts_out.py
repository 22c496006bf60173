import asyncio
import socket

import pytest

from hexr_autoinst.capture import stream
from hexr_autoinst.model.facts import Address, Data, End, Head, Key, Lost
from proxy_addons.facts_out import RESERVE, FactsOut, frame

HEAD = Head(1, "proxy", "f", "request", key=Key(1, 2), conn="c", local=Address("127.0.0.1", 9), method="GET")


def data(n, size=10):
    return Data(n, "proxy", "f", "request", bytes([n % 256]) * size)


class Teller:
    """A listener that reads every connection to its end."""

    def __init__(self, path):
        self.readers, self.facts, self.writers = [], [], []
        self.path = path

    async def __aenter__(self):
        self.server = await asyncio.start_unix_server(self.serve, str(self.path))
        return self

    async def __aexit__(self, *_):
        await self.kill()

    async def serve(self, reader, writer):
        self.writers.append(writer)
        parsed = stream.Reader()
        self.readers.append(parsed)
        while received := await reader.read(1 << 16):
            self.facts += parsed.feed(received)
        writer.close()

    async def kill(self):
        self.server.close()
        for writer in self.writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)
        self.path.unlink(missing_ok=True)


async def until(check, seconds=5):
    async with asyncio.timeout(seconds):
        while not check():
            await asyncio.sleep(0.005)


def play(scene):
    async def main():
        tasks = []

        def start(out):
            tasks.append(asyncio.create_task(out.run()))
            return out

        try:
            return await scene(start)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(main())


@pytest.mark.parametrize(
    "fact",
    [HEAD, data(1), End(3, "proxy", "f", "response", "truncated", (("a", "b"),)), Lost(1, "proxy", "x", 2)],
)
def test_a_frame_is_the_streams_own(fact):
    assert frame(fact) == stream.frame(fact)


def test_facts_arrive_in_order_behind_a_header(tmp_path):
    sent = [HEAD, *(data(n, 10_000) for n in range(300)), End(400, "proxy", "f", "request")]

    async def scene(start):
        async with Teller(tmp_path / "s") as teller:
            out = start(FactsOut(tmp_path / "s", lambda: 7))
            assert [out.offer(fact) for fact in sent] == [True] * len(sent)
            await until(lambda: len(teller.facts) == len(sent))
            await asyncio.wait_for(out.drained(), 1)
            return teller.facts, teller.readers[0].header, out.counts["issued"]

    assert play(scene) == (sent, {"version": 1, "role": "tap"}, len(sent))


def test_what_finds_no_room_is_dropped_counted_and_told(tmp_path):
    async def scene(start):
        out = FactsOut(tmp_path / "s", lambda: 77, room=1000)
        taken = [out.offer(data(n, 100)) for n in range(20)]
        async with Teller(tmp_path / "s") as teller:
            start(out)
            await until(lambda: any(isinstance(f, Lost) for f in teller.facts))
            return taken, teller.facts, out.counts["dropped"]

    taken, facts, dropped = play(scene)
    (lost,) = [f for f in facts if isinstance(f, Lost)]

    assert lost == Lost(77, "proxy", "tap_queue", taken.count(False))
    assert dropped == taken.count(False) > 0
    assert [f for f in facts if isinstance(f, Data)] == [data(n, 100) for n in range(taken.count(True))]


def test_an_end_gets_in_where_data_no_longer_does(tmp_path):
    async def scene(start):
        out = FactsOut(tmp_path / "s", lambda: 0, room=500)
        while out.offer(data(1, 100)):
            pass
        ends = 0
        while out.offer(End(ends, "proxy", "f", "request")):
            ends += 1
        return ends, out._size

    ends, size = play(scene)

    assert ends > 1000
    assert size <= 500 + RESERVE


def test_a_dead_tellers_successor_gets_what_was_not_written(tmp_path):
    async def scene(start):
        first = Teller(tmp_path / "s")
        await first.__aenter__()
        out = start(FactsOut(tmp_path / "s", lambda: 0))
        out.offer(HEAD)
        await until(lambda: first.facts)
        await first.kill()
        for n in range(50):
            out.offer(data(n, 1000))
        async with Teller(tmp_path / "s") as second:
            await until(lambda: len(second.facts) >= 49)
            await asyncio.sleep(0.05)
            return second.facts, second.readers[0].header, out.counts["disconnected"]

    facts, header, disconnected = play(scene)

    # The one that found out that the line was dead may have been written into it.
    assert facts in ([data(n, 1000) for n in range(50)], [data(n, 1000) for n in range(1, 50)])
    assert header["role"] == "tap"
    assert disconnected >= 1


def test_a_fact_half_written_when_the_line_breaks_is_sent_again_whole(tmp_path):
    big = [data(n, 200_000) for n in range(20)]

    async def scene(start):
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.bind(str(tmp_path / "s"))
            deaf.listen()
            deaf.setblocking(False)
            out = start(FactsOut(tmp_path / "s", lambda: 0))
            for fact in big:
                out.offer(fact)
            line, _ = await asyncio.get_running_loop().sock_accept(deaf)
            await asyncio.sleep(0.1)  # its buffer is full of less than one fact
            line.close()
        (tmp_path / "s").unlink()
        async with Teller(tmp_path / "s") as teller:
            await until(lambda: teller.facts and teller.facts[-1] == big[-1])
            return teller.facts

    facts = play(scene)

    assert facts == big[-len(facts) :]
    assert len(facts) >= len(big) - 1
