import asyncio
import contextlib
import itertools
import ssl
import subprocess

import pytest

from proxy_addons import preflight
from proxy_addons.preflight import Preflight


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def asked(questions, certificate, roots, clock=lambda: 0.0, speaks_tls=True):
    """(answers, handshakes) of these questions, one after the other or, as a list, at once."""

    class Counting(Preflight):
        handshakes = 0

        async def _handshake(self, target):
            self.handshakes += 1
            return await super()._handshake(target)

    async def serve(reader, writer):
        if not speaks_tls:
            writer.write(b"220 this is mail\r\n")
        with contextlib.suppress(ConnectionError):  # a preflight says no good-bye
            await reader.read(100)
        writer.close()

    async def main():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context if speaks_tls else None)
        port = server.sockets[0].getsockname()[1]
        flight = Counting(roots, clock)
        answers = []
        for at_once in questions:
            answers += await asyncio.gather(*(flight.verified("127.0.0.1", port, name) for name in at_once))
        await asyncio.sleep(0.05)
        server.close()
        return answers, flight.handshakes

    return asyncio.run(main())


def test_a_server_of_a_known_authority_is_verified_once(certificate):
    assert asked([["localhost"], ["localhost"]], certificate, certificate[0]) == ([True, True], 1)


def test_many_at_once_share_one_handshake(certificate):
    assert asked([["localhost"] * 10], certificate, certificate[0]) == ([True] * 10, 1)


def test_an_unknown_authority_is_not_verified(certificate):
    answers, _ = asked([["localhost"]], certificate, None)

    assert answers == [False]


def test_another_name_is_another_question(certificate):
    answers, _ = asked([["localhost"], ["other.test"]], certificate, certificate[0])

    assert answers == [True, False]


def test_a_server_that_speaks_no_tls_is_not_verified(certificate):
    answers, _ = asked([["localhost"]], certificate, certificate[0], speaks_tls=False)

    assert answers == [False]


def test_a_server_that_is_not_reached_is_not_judged(certificate):
    async def main():
        return await Preflight(str(certificate[0])).verified("127.0.0.1", 1, "localhost")

    assert asyncio.run(main()) is True


def test_a_silent_server_is_not_judged_and_not_waited_for(certificate, monkeypatch):
    monkeypatch.setattr(preflight, "PATIENCE_S", 0.1)

    async def main():
        writers = []
        server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        found = await Preflight(str(certificate[0])).verified("127.0.0.1", port, "localhost")
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)
        return found

    assert asyncio.run(main()) is True


def test_a_verdict_is_asked_again_in_time(certificate):
    times = itertools.count(0, preflight.GOOD_S + 1)
    answers, handshakes = asked(
        [["localhost"], ["localhost"]], certificate, certificate[0], lambda: next(times)
    )

    assert (answers, handshakes) == ([True, True], 2)
