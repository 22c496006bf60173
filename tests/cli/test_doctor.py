import json

import pytest

from hexr_autoinst.cli import main
from hexr_autoinst.cli.doctor import checks, render
from hexr_autoinst.config import Config


@pytest.fixture
def run_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("HEXR_RUN_DIR", str(tmp_path))
    return tmp_path


ACCOUNT = {
    "issued": 14,
    "told": 6,
    "ignored": {"muted": 3},
    "dropped": {"ring": 4},
    "open": 1,
    "balanced": True,
    "swallowed": {},
}


def test_it_prints_the_equation_the_libraries_and_why_one_is_not_read(run_dir, capsys):
    (run_dir / "teller.json").write_text(json.dumps({"account": ACCOUNT}))
    camera = {
        "attached": [
            {
                "library": "libssl.so.3",
                "path": "/usr/lib/libssl.so.3",
                "rung": "dynsym",
                "probes": 21,
                "unprobed": [{"function": "SSL_do_handshake", "reason": "return probes kill here"}],
            }
        ],
        "refused": [
            {
                "library": "libgnutls",
                "path": "/usr/lib/libgnutls.so",
                "reason": "GnuTLS",
                "advice": "use the proxy",
            }
        ],
    }
    (run_dir / "camera.json").write_text(json.dumps(camera))
    main(["doctor"])
    said = capsys.readouterr().out

    assert "issued 14 = told 6 + ignored 3 + dropped 4 + open 1   (holds)" in said
    assert "dropped: ring 4" in said
    assert "libssl.so.3" in said
    assert "without SSL_do_handshake: return probes kill here" in said
    assert "→ use the proxy" in said


def test_it_says_how_itself_fares(run_dir, capsys):
    for name, value in {
        "teller": {
            "account": ACCOUNT,
            "export_errors": 2,
            "last_error": "refused",
            "sinks": {"otlp": {"delivered": 5, "queued": 1, "failed": 3, "dropped": 0}},
        },
        "supervisor": {"restarts": {"camera": 0, "front": 2}},
        "front": {
            "worker": {
                "request_heads_timed": 4,
                "request_added_ns": 2_000_000,
                "guard_answers": 3,
                "guard_timeouts": 1,
            }
        },
        "camera": {"programs": {"tls_write": {"runs": 10, "ns": 5_000}, "idle": {"runs": 0, "ns": 0}}},
    }.items():
        (run_dir / f"{name}.json").write_text(json.dumps(value))
    main(["doctor"])
    said = capsys.readouterr().out

    assert "restarts: front 2" in said
    assert "export to otlp: delivered 5, waiting 1, failed 3, dropped 0" in said
    assert "export errors: 2, the last: refused" in said
    assert "0.50 ms to a request's first byte (4)" in said
    assert "10 runs,      500 ns each" in said
    assert "idle" not in said


def test_a_kernel_that_does_not_count_says_why(run_dir):
    report = {
        "checks": [],
        "camera": {"uncounted": "Operation not permitted"},
        "teller": None,
        "front": None,
        "supervisor": None,
    }

    assert "does not count their runs: Operation not permitted" in render(report)


def test_a_broken_equation_is_shouted(run_dir):
    report = {
        "checks": [], "camera": None, "teller": {"account": {**ACCOUNT, "balanced": False}}, "front": None, "supervisor": None,
    }  # fmt: skip

    assert "DOES NOT HOLD" in render(report)


def test_without_a_daemon_it_says_what_to_do(run_dir, capsys):
    code = main(["doctor"])
    said = capsys.readouterr().out

    assert code in (0, 69)
    assert "sudo hexr-autoinst start" in said


def test_json_holds_the_same(run_dir, capsys):
    (run_dir / "teller.json").write_text("not json")
    main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)

    assert {"checks", "camera", "teller", "front", "supervisor"} == set(report)
    assert report["teller"] is None


def test_every_failed_check_says_what_to_do(run_dir):
    assert [] == [c["what"] for c in checks(Config()) if c["ok"] is False and not c["advice"]]


DOWN = {"teller": None, "front": None, "supervisor": None}


@pytest.mark.parametrize(
    ("carried", "said"),
    [
        ("functions", "TCP's functions say which socket carries a stream"),
        ("nothing: no trampoline", "which socket carries a stream is said by nothing: no trampoline"),
    ],
)
def test_what_an_older_kernel_does_not_say_is_told(carried, said):
    camera = {"attached": [], "refused": [], "absent": ["cgroup_attach_task"], "carried": carried}
    text = render({"checks": [], "camera": camera, **DOWN})

    assert said in text
    assert "no tracepoint cgroup_attach_task" in text


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"stdio": "", "clear": "", "pipe": "", "watching_pipes": False}, "pipes when a process begins to talk by one"),
        ({"stdio": "", "clear": "", "pipe": "", "watching_pipes": True}, "unix sockets, pipes\n"),
        ({"stdio": "off", "clear": "off", "pipe": "off", "watching_pipes": False}, "`cleartext` is switched off"),
        ({"stdio": "", "clear": "this kernel has no tracepoint x", "pipe": ""}, "sockets in the clear are not read: this kernel has no tracepoint x"),
    ],
)  # fmt: skip
def test_what_is_read_without_tls_is_told(found, said):
    assert said in render({"checks": [], "camera": {"cleartext": found}, **DOWN})


def test_a_kernel_that_says_all_needs_no_word():
    text = render({"checks": [], "camera": {"absent": [], "carried": "tracepoints"}, **DOWN})

    assert "kernel" not in text
