import os

from hexr_autoinst import live

TOLD = {
    "event": "told",
    "at": 0,
    "agent": "analyst",
    "model": "gpt-4o",
    "in": 1200,
    "out": 45,
    "ms": 310.2,
    "first_ms": 120,
    "finish": "stop",
}
STATUS = {
    "version": "0.1", "only": ["user:alice"], "not": [], "uptime_s": 0.4, "page": "http://127.0.0.1:7717", "proxy_port": 7718,
    "planes": {"ebpf": {"state": "up", "why": ""}, "proxy": {"state": "up", "why": ""}},
}  # fmt: skip


def test_a_told_operation_is_one_line():
    line = live.line(TOLD)

    assert "\n" not in line
    for word in ("analyst", "gpt-4o", "1,200 → 45", "310 ms", "first 120 ms", "stop"):
        assert word in line


def test_an_error_stands_in_place_of_the_finish():
    assert "rate_limit" in live.line({**TOLD, "error": "rate_limit"})
    assert "stop" not in live.line({**TOLD, "error": "rate_limit"})


def test_what_a_server_sent_cannot_drive_the_terminal():
    line = live.line({**TOLD, "model": "\x1b]0;owned\x07\nx", "agent": "a\rb"})

    assert not any(c in line for c in "\x1b\x07\r\n")


def test_colors_only_where_wanted():
    assert "\x1b[" in live.line(TOLD, True)
    assert "\x1b[" not in live.line(TOLD)


def test_the_introduction_names_what_is_watched_attached_and_where_to_look():
    text = "\n".join(
        live.introduction(STATUS, [{"library": "libssl.so.3", "probes": 21, "path": "/lib/libssl.so.3"}])
    )

    for word in ("user:alice", "libssl.so.3, 21 probes", "127.0.0.1:7718", "http://127.0.0.1:7717"):
        assert word in text


def test_where_nothing_is_attached_yet_it_says_what_will_be():
    one = {"library": "libssl.so.3", "probes": 21, "path": "/lib/libssl.so.3"}

    assert "as soon as" in "\n".join(live.introduction(STATUS, []))
    assert "as soon as" not in "\n".join(live.introduction(STATUS, [one]))


def test_a_plane_that_cannot_run_says_why():
    planes = {
        "ebpf": {"state": "unavailable", "why": "the kernel has no BTF"},
        "proxy": {"state": "off", "why": "turned off"},
    }
    text = "\n".join(live.introduction({**STATUS, "planes": planes, "proxy_port": None}, []))

    assert "the kernel has no BTF" in text
    assert "as soon as" not in text
    assert "off: turned off" in text


def test_a_signal_is_named():
    assert "SIGKILL" in live.died("camera", -9, "")
    assert "exit code 1 (boom)" in live.died("camera", 1, "boom")
    assert "the camera did not end in 4 s" in live.stuck("camera", 4.0)


def test_other_events_need_no_line():
    assert live.line({"event": "ready"}) is None
    assert "why" in live.line({"event": "refused", "library": "x", "reason": "why"})


def test_a_reader_that_stopped_loses_lines_not_the_daemon():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    printer = live.Printer(writer, color=False)
    for _ in range(3000):
        printer.say("x" * 100)
    os.close(reader)
    printer.say("nobody is there")
    os.close(writer)

    assert printer.dropped > 1000


def test_durations_keep_the_digits_that_mean_something():
    assert [live.seconds(x) for x in (None, 999, 1500)] == ["0 ms", "999 ms", "1.50 s"]
