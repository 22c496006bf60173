import argparse
import json
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hexr_autoinst import trust
from hexr_autoinst.cli import env
from hexr_autoinst.config import Config
from hexr_autoinst.errors import NotRunning

PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"


@pytest.fixture
def config(tmp_path, monkeypatch):
    roots = tmp_path / "roots.pem"
    roots.write_text(PEM.format("SYSTEM"))
    monkeypatch.setattr(trust, "system_roots", lambda: roots)
    monkeypatch.setattr(env, "system_roots", lambda: roots)
    ours = tmp_path / "ours.pem"
    ours.write_text(PEM.format("OURS"))
    trust.export(tmp_path / "state", ours)
    return Config(state_dir=str(tmp_path / "state"), run_dir=str(tmp_path / "run"))


@pytest.fixture
def door(config):
    """Something on loopback that says what it is told to."""
    listener = socket.create_server(("127.0.0.1", 0))
    words = [b"HTTP/1.1 200 OK\r\n\r\nThis is the proxy of hexr-autoinst."]

    def serve():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                line.recv(1000)
                line.sendall(words[0])

    thread = threading.Thread(target=serve)
    thread.start()
    port = listener.getsockname()[1]
    trust.paths(config.state_dir).door.write_text(json.dumps({"host": "127.0.0.1", "port": port, "pid": 1}))
    yield port, words
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def bundle(config):
    return str(trust.paths(config.state_dir).bundle)


def test_every_client_finds_the_proxy_and_what_to_trust(config):
    found = env.variables(config, "127.0.0.1:7718", {})
    ca = str(trust.paths(config.state_dir).ca)

    assert {found[n] for n in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")} == {
        "http://127.0.0.1:7718"
    }
    replaced = (
        "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE",
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "GIT_SSL_CAINFO", "npm_config_cafile",
    )  # fmt: skip
    assert {found[n] for n in replaced} == {bundle(config)}
    assert {found["NODE_EXTRA_CA_CERTS"], found["DENO_CERT"]} == {ca}
    assert found["NODE_USE_ENV_PROXY"] == "1"
    assert "PIP_CERT" not in found
    assert "JAVA_TOOL_OPTIONS" not in found


def test_no_proxy_keeps_the_users_own_and_the_telemetrys_host():
    config = Config(otlp_endpoint="http://collector.corp:4318/v1")
    said = env.not_proxied(config, {"NO_PROXY": "a.corp, b.corp", "no_proxy": "c.corp,a.corp"})

    assert said.split(",") == ["a.corp", "b.corp", "c.corp", *env.NOT_PROXIED, "collector.corp"]


def test_the_programs_own_telemetry_endpoint_is_not_proxied_either():
    said = env.not_proxied(Config(), {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://otlp.corp"})

    assert said.endswith(",otlp.corp")


def test_an_empty_no_proxy_means_no_exceptions():
    assert env.not_proxied(Config(), {"NO_PROXY": ""}) == ""
    assert env.not_proxied(Config(), {}) == ",".join(env.NOT_PROXIED)


def test_a_users_own_authority_is_merged_into_a_bundle_of_the_users(config, tmp_path):
    corporate = tmp_path / "corporate.pem"
    corporate.write_text(PEM.format("CORPORATE"))
    found = env.variables(
        config,
        "127.0.0.1:1",
        {
            "REQUESTS_CA_BUNDLE": str(corporate),
            "NODE_EXTRA_CA_CERTS": str(corporate),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        },
    )
    merged = Path(found["SSL_CERT_FILE"])

    assert merged.parent == tmp_path / "cache" / "hexr-autoinst"
    assert [merged.read_text().count(word) for word in ("SYSTEM", "CORPORATE", "OURS")] == [1, 1, 1]
    assert found["NODE_EXTRA_CA_CERTS"] == str(merged)
    assert found["DENO_CERT"] == str(trust.paths(config.state_dir).ca)


def test_variables_that_name_only_the_systems_roots_need_no_merging(config):
    roots = str(env.system_roots())
    found = env.variables(config, "127.0.0.1:1", {"SSL_CERT_FILE": roots, "PIP_CERT": roots})

    assert found["SSL_CERT_FILE"] == bundle(config)
    assert found["PIP_CERT"] == bundle(config)


def test_a_folder_of_authorities_is_merged_too(config, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "one.pem").write_text(PEM.format("FOLDER"))
    found = env.variables(
        config, "h:1", {"REQUESTS_CA_BUNDLE": str(tmp_path / "folder"), "HOME": str(tmp_path)}
    )

    assert "FOLDER" in Path(found["REQUESTS_CA_BUNDLE"]).read_text()
    assert Path(found["REQUESTS_CA_BUNDLE"]).is_relative_to(tmp_path / ".cache")


def test_java_gets_a_keystore_where_there_is_one_and_keeps_its_options(config):
    trust.paths(config.state_dir).keystore.write_bytes(b"p12")
    found = env.variables(config, "127.0.0.1:7718", {"JAVA_TOOL_OPTIONS": "-Xmx1g"})["JAVA_TOOL_OPTIONS"]

    assert found.startswith("-Xmx1g ")
    assert "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=7718" in found
    assert f"-Djavax.net.ssl.trustStore={trust.paths(config.state_dir).keystore}" in found


def test_a_second_time_changes_nothing(config):
    trust.paths(config.state_dir).keystore.write_bytes(b"p12")
    once = env.variables(config, "127.0.0.1:7718", {})

    assert env.variables(config, "127.0.0.1:7718", once) == once


def test_the_running_proxy_is_found(config, door):
    assert env.find(config) == f"127.0.0.1:{door[0]}"


def test_another_program_on_its_port_is_not_taken_for_it(config, door):
    door[1][0] = b"HTTP/1.1 200 OK\r\n\r\nsomebody else"
    with pytest.raises(NotRunning):
        env.find(config)


@pytest.mark.parametrize(
    "words",
    [
        None,
        "{",
        "[]",
        '{"host": "127.0.0.1"}',
        '{"host": "127.0.0.1", "port": 1}',
        '{"host": "127.0.0.1", "port": "x"}',
    ],
)
def test_without_a_proxy_it_says_that_nothing_runs(config, words):
    file = trust.paths(config.state_dir).door
    if words is not None:
        file.write_text(words)
    with pytest.raises(NotRunning):
        env.find(config)


ODD = {"A": 'it\'s $HOME `x` \\ "q"', "B": "plain"}


def test_bash_reads_what_is_printed():
    script = env.render(ODD, "bash") + "\nexec env -0"
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env={}).stdout

    assert f"A={ODD['A']}" in said.split("\0")


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not here")
def test_fish_reads_what_is_printed():
    script = env.render(ODD, "fish") + "\nexec env -0"
    said = subprocess.run(["fish", "-c", script], capture_output=True, text=True, check=True).stdout

    assert f"A={ODD['A']}" in said.split("\0")


def test_fish_is_quoted_as_fish_wants_it():
    assert env.render({"A": "it's \\ $x"}, "fish") == r"set -gx A 'it\'s \\ $x'"


def test_json_is_json():
    assert json.loads(env.render(ODD, "json")) == ODD


def test_the_verb_prints_them_and_needs_no_root(config, door):
    done = subprocess.run(
        [sys.executable, "-m", "hexr_autoinst.cli", "env", "--shell", "json"],
        capture_output=True, text=True, check=False,
        env={"HEXR_STATE_DIR": config.state_dir, "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": config.state_dir},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["HTTPS_PROXY"] == f"http://127.0.0.1:{door[0]}"


def test_the_verb_without_a_daemon_is_one_sentence_and_exit_3(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "hexr_autoinst.cli", "env"], capture_output=True, text=True, check=False,
        env={"HEXR_STATE_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert "not running" in done.stderr


def test_the_shell_is_guessed_from_the_users_own(monkeypatch):
    for shell, expected in (("/usr/bin/fish", "fish"), ("/bin/zsh", "bash")):
        monkeypatch.setenv("SHELL", shell)
        parser = argparse.ArgumentParser()
        env.add_arguments(parser)

        assert parser.parse_args([]).shell == expected
