"""Node carries its own OpenSSL, drives handshakes by reads and writes, and merges its sends."""

import shutil
from pathlib import Path

import pytest

from hexr_autoinst.model.facts import Chunk, Exited, Handshake, Opened

FETCH = """
const https = require("https");
const agent = new https.Agent({ rejectUnauthorized: false });
const port = process.argv[2], count = Number(process.argv[3]);
let left = count;
for (let n = 0; n < count; n++) {
  const request = https.request(
    { port, host: "localhost", path: "/" + n, method: "POST", agent, servername: "localhost" },
    (answer) => {
      let got = 0;
      answer.on("data", (d) => (got += d.length));
      answer.on("end", () => {
        console.log(n + " " + answer.socket.localPort);
        if (--left === 0) agent.destroy();
      });
    },
  );
  request.end("b".repeat(n + 1));
}
"""


def answer(head, body):
    said = b"y" * (3000 + len(body))
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said


@pytest.fixture
def node(tmp_path, node_program):
    copy = tmp_path / "node"
    shutil.copy(Path(node_program).resolve(), copy)
    return copy


def test_node_is_told_with_handshakes_and_the_right_sockets(plane, cage, node, serve, tmp_path):
    seen = plane()
    attached = seen.attach(node)
    server = serve(answer)
    (tmp_path / "fetch.js").write_text(FETCH)

    child = cage.spawn([node, tmp_path / "fetch.js", str(server.port), "7"])
    said = child.communicate(timeout=40)[0]

    ports = dict(tuple(map(int, line.split())) for line in said.splitlines())
    assert attached.refused == ()
    assert seen.until(lambda: seen.of(Exited))
    out = {}
    for chunk in seen.of(Chunk):
        if chunk.direction == "out":
            out[chunk.conn] = out.get(chunk.conn, b"") + chunk.data
    assert sorted(server.seen) == sorted(out.values())
    assert {("client", "ok", "localhost")} == {(h.role, h.outcome, h.sni) for h in seen.of(Handshake)}
    assert out.keys() == {h.conn for h in seen.of(Handshake)}
    numbers = {conn: int(data.split()[1][1:]) for conn, data in out.items()}
    tied = {numbers[o.conn]: o.local.port for o in seen.of(Opened) if o.conn in numbers}
    assert {n: p for n, p in tied.items() if ports[n] != p} == {}
    assert ports == tied, f"{seen.objects.stats()}"
