import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hexr_autoinst.config import Config
from hexr_autoinst.errors import AddressInUse
from hexr_autoinst.export.store import StoreExporter
from hexr_autoinst.web import page as module
from tests.export.spans_for_tests import invocation, span
from tests.web.conftest import ROOT, Page


def get(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def ask(port, path):
    status, _, body = get(port, path)
    assert status == 200
    return json.loads(body)


def test_it_says_where_it_listens_to_the_supervisor_and_to_everyone(page):
    assert page.said == {
        "event": "ready",
        "url": f"http://127.0.0.1:{page.port}/",
        "port": page.port,
        "published": True,
    }
    published = json.loads((page.run / "page.json").read_text())
    assert (published["port"], published["url"]) == (page.port, f"http://127.0.0.1:{page.port}/")
    assert (page.run / "page.json").stat().st_mode & 0o777 == 0o644


def test_it_listens_on_loopback_only(page):
    sockets = subprocess.run(
        ["ss", "-Hltn", f"sport = :{page.port}"], capture_output=True, text=True, check=True
    )

    assert [line.split()[3] for line in sockets.stdout.splitlines()] == [f"127.0.0.1:{page.port}"]


def test_spans_told_while_it_runs_are_shown(page, store):
    assert ask(page.port, "/api/overview")["traces"] == []

    store.export([span(1, 2, 1, error="429"), invocation(1, 1)])

    found = ask(page.port, "/api/overview?errors=1")
    (trace,) = found["traces"]
    assert (trace["agent"], trace["models"], trace["errors"], trace["first_ms"]) == (
        "analyst",
        "gpt-4o",
        1,
        250,
    )
    assert [a["agent"] for a in found["agents"]] == ["analyst"]
    spans = ask(page.port, f"/api/trace/{1:032x}")["spans"]
    assert {s["kind_of"] for s in spans} == {"agent", "model"}
    assert ask(page.port, f"/api/span/{1:032x}/{2:016x}")["error_type"] == "429"


def test_without_a_store_it_says_so_and_finds_it_once_it_is_there(page, tmp_path):
    assert ask(page.port, "/api/overview")["store"]["state"] == "absent"

    exporter = StoreExporter(tmp_path / "state" / "store" / "spans.db", 64, 7)
    assert ask(page.port, "/api/overview")["store"]["state"] == "ok"
    exporter.shutdown()


def test_what_was_seen_comes_from_the_teller_and_the_status_files(page, store):
    store.put_health({"account": {"issued": 7}})
    (page.run / "camera.json").write_text('{"attached": [{"library": "OpenSSL 3"}]}')
    (page.run / "front.json").write_text("not json")

    found = ask(page.port, "/api/seen")
    assert found["alive"] is True
    assert found["teller"]["account"] == {"issued": 7}
    assert found["camera"]["attached"][0]["library"] == "OpenSSL 3"
    assert found["front"] is None


def test_every_file_that_a_file_names_is_there(page):
    _, _, index = get(page.port, "/")
    named = [part.split(b'"')[0].decode() for part in index.split(b'"/static/')[1:]]

    assert named
    for name in {
        *named,
        *(e.name for e in (Path(module.__file__).parent / "static").iterdir() if e.name != "index.html"),
    }:
        status, headers, body = get(page.port, f"/static/{name}")
        assert (status, bool(body)) == (200, True), name
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert get(page.port, "/static/index.html")[0] == 404


def test_a_configured_port_that_is_taken_is_an_error(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = Page(tmp_path, port)
        assert refused.process.wait(10) == AddressInUse.exit_code
        refused.process.stdout.close()

    assert refused.said["event"] == "unavailable"
    assert "page_port" in refused.said["why"]


def test_the_default_port_that_is_taken_gives_the_next(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(module, "DEFAULT_PORT", port)
        server = module.bind(Config(page_port=port), module.Routes({}, ()))
        server.server_close()

    assert port < server.port < port + module.PORTS_TO_TRY


def test_it_ends_with_its_supervisor(tmp_path):
    ours, theirs = os.pipe()
    served = Page(tmp_path, HEXR_LIFELINE_FD=str(ours))
    os.close(ours)
    assert served.process.poll() is None

    os.close(theirs)

    assert served.process.wait(5) == 0
    served.process.stdout.close()


def test_it_ends_when_told(tmp_path):
    assert Page(tmp_path).end() == 0


def test_it_loads_neither_the_sdk_nor_a_plane():
    code = "import sys, hexr_autoinst.web.page; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "http" in loaded.stdout.split()
    assert not {"opentelemetry", "ctypes", "msgpack", "psutil"} & set(loaded.stdout.split())


EVIL = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>"


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
def test_hostile_names_reach_the_browser_as_text_only(page, store, tmp_path):
    now = time.time_ns()
    evil = {
        "agent": EVIL,
        "model": EVIL,
        "name": EVIL,
        "error": EVIL,
        "text": EVIL,
        "tenant": EVIL,
        "start": now,
    }
    store.export([span(1, 2, 1, **evil, attributes={EVIL: EVIL}), invocation(1, 1, **evil)])
    store.put_health(
        {
            "account": {"issued": 1, "told": 0, "ignored": {EVIL: 1}, "dropped": {}, "open": 0},
            "last_error": EVIL,
        }
    )

    for view in ("/", f"/#/trace/{1:032x}/{2:016x}", "/#/seen"):
        dom = dumped(f"http://127.0.0.1:{page.port}{view}", tmp_path)
        assert "&lt;img src=x onerror" in dom, view
        assert '<img src="x"' not in dom
        assert "<title>pwned" not in dom


def dumped(url, tmp_path):
    profile = tmp_path / f"chromium-{time.monotonic_ns()}"
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--virtual-time-budget=3000", f"--user-data-dir={profile}", "--dump-dom", url,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    with contextlib.suppress(OSError):
        shutil.rmtree(profile)
    return done.stdout
