import socket
import urllib.error
import urllib.request

import pytest

from hexr_autoinst.errors import AddressInUse
from hexr_autoinst.export.scrape import ScrapeServer


@pytest.fixture
def server():
    server = ScrapeServer(0, lambda openmetrics: f"openmetrics={openmetrics}", fixed=False)
    yield server
    server.shutdown()


def ask(server, path="/metrics", accept="*/*"):
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def test_the_scraper_gets_the_format_it_asks_for(server):
    assert ask(server) == ("text/plain; version=0.0.4; charset=utf-8", "openmetrics=False")
    assert ask(server, accept="application/openmetrics-text;version=1.0.0")[1] == "openmetrics=True"


def test_everything_else_is_not_found(server):
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        ask(server, "/")
    caught.value.close()


def test_a_configured_port_that_is_taken_is_an_error_and_a_default_one_moves_on():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUse, match=f"127.0.0.1:{port}"):
            ScrapeServer(port, str, fixed=True)
        moved = ScrapeServer(port, str, fixed=False)
        moved.shutdown()

        assert port < moved.port <= port + 10
