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


def test_every_measurement_fits_its_instrument():
    for m in measure_health(FIRST, NEXT):
        assert {k for k, _ in m.labels} <= set(INSTRUMENTS[m.instrument].labels)
