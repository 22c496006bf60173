from hexr_autoinst.semconv.health import measure_health
from hexr_autoinst.semconv.instruments import INSTRUMENTS

FIRST = {
    "account": {
        "issued": 10,
        "told": 6,
        "ignored": {"muted": 3},
        "dropped": {},
        "swallowed": {},
        "open": 1,
        "bytes": 100,
    }
}
NEXT = {
    "account": {"issued": 25, "told": 16, "ignored": {"muted": 3, "process": 2}, "dropped": {"ring": 4}, "swallowed": {"wire": 1}, "open": 0, "bytes": 150},
    "camera": {"attached": [{"library": "libssl.so.3", "probes": 19}, {"library": "libssl.so.3", "probes": 19}], "refused": [{"library": "GnuTLS"}]},
}  # fmt: skip


def rows(before, now):
    return {(m.instrument, *dict(m.labels).values()): m.value for m in measure_health(before, now)}


def test_counters_move_by_what_has_grown_and_gauges_stand():
    assert {
        ("hexr.self.facts.issued",): 15,
        ("hexr.self.facts.told",): 10,
        ("hexr.self.bytes",): 50,
        ("hexr.self.facts.ignored", "process"): 2,
        ("hexr.self.facts.dropped", "ring"): 4,
        ("hexr.self.swallowed", "wire"): 1,
        ("hexr.self.facts.open",): 0,
        ("hexr.self.probes", "libssl.so.3"): 38,
        ("hexr.self.libraries.refused", "GnuTLS"): 1,
    } == rows(FIRST, NEXT)


def test_the_first_report_counts_from_nothing():
    assert rows({}, FIRST)["hexr.self.facts.issued",] == 10


def test_a_report_without_account_or_camera_says_nothing():
    assert {} == rows(FIRST, {})


OTHERS = {
    "export_errors": 3,
    "waiting": {"facts": 7},
    "supervisor": {"restarts": {"camera": 2, "front": 0}},
    "camera": {"programs": {"tls_write": {"runs": 10, "ns": 5_000}, "never": {"runs": 0, "ns": 0}}},
    "front": {
        "counts": {
            "accepted": 9,
            "handed": 4,
            "spliced_not_told": 5,
            "worker_ended": 1,
            "worker_recycled": 1,
        },
        "worker": {"request_heads_timed": 4, "request_added_ns": 2_000_000_000},
    },
}


def test_programs_restarts_and_the_proxy_are_told_once_each():
    assert {
        ("hexr.self.export.errors",): 3,
        ("hexr.self.facts.waiting",): 7,
        ("hexr.self.process.restarts", "camera"): 2,
        ("hexr.self.process.restarts", "worker"): 2,
        ("hexr.self.program.runs", "tls_write"): 10,
        ("hexr.self.program.time", "tls_write"): 5e-6,
        ("hexr.self.proxy.connections", "handed"): 4,
        ("hexr.self.proxy.connections", "spliced_not_told"): 5,
        ("hexr.self.proxy.messages", "request"): 4,
        ("hexr.self.proxy.added_time", "request"): 2.0,
    } == rows({}, OTHERS)
    assert {("hexr.self.facts.waiting",): 7} == rows(OTHERS, OTHERS)


def test_a_process_that_was_started_again_counts_from_nothing():
    again = {"camera": {"programs": {"tls_write": {"runs": 4, "ns": 1_000}}}}

    assert rows(OTHERS, again)["hexr.self.program.runs", "tls_write"] == 4


def test_what_another_process_wrote_is_not_believed_to_be_whole():
    broken = {
        "camera": {"programs": [1]},
        "front": {"counts": None, "worker": "?"},
        "supervisor": {"restarts": {"camera": "two"}},
    }

    assert {} == rows(FIRST, broken)


def test_every_measurement_fits_its_instrument():
    for m in (*measure_health(FIRST, NEXT), *measure_health({}, OTHERS)):
        assert {k for k, _ in m.labels} <= set(INSTRUMENTS[m.instrument].labels)
