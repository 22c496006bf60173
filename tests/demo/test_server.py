import http.client
import json
import subprocess
import sys
import threading

import pytest

from hexr_autoinst.demo.server import serve


@pytest.fixture
def port():
    server = serve()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def post(port, path, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", path, body if isinstance(body, bytes) else json.dumps(body))
    answer = connection.getresponse()
    status, text = answer.status, answer.read().decode()
    connection.close()
    return status, text


def test_it_answers_in_each_vendors_shape(port):
    ask = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "input": "hi"}

    assert json.loads(post(port, "/v1/chat/completions", ask)[1])["object"] == "chat.completion"
    assert json.loads(post(port, "/v1/responses", ask)[1])["object"] == "response"
    assert json.loads(post(port, "/v1/messages", ask)[1])["type"] == "message"


def test_it_streams(port):
    status, text = post(port, "/v1/chat/completions", {"model": "m", "stream": True, "messages": []})

    assert status == 200
    assert text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/nowhere", b"{}", 404), ("/v1/messages", b"{", 400), ("/v1/messages", b"[]", 400)],
)
def test_what_it_does_not_know_it_refuses(port, path, body, status):
    assert status == post(port, path, body)[0]


def test_as_a_program_it_prints_its_port_and_ends_with_its_standard_input():
    with subprocess.Popen(
        [sys.executable, "-m", "hexr_autoinst.demo.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        port = int(run.stdout.readline())
        assert post(port, "/v1/messages", {"model": "m", "messages": []})[0] == 200
        run.stdin.close()

        assert run.wait(10) == 0
