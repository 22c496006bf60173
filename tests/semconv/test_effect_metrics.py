from dataclasses import replace

import pytest

from hexr_autoinst.model.operation import Effect, Failure
from hexr_autoinst.model.story import Placed
from hexr_autoinst.semconv.effect_metrics import measure_effect
from hexr_autoinst.semconv.instruments import INSTRUMENTS
from tests.semconv.told_for_tests import AGENT, EXCHANGE, PLACE

WHO = {"agent": "analyst", "tenant": "acme"}


def moved(kind, verb="x", **more):
    exchange = replace(EXCHANGE, part=more.pop("part", ""))
    effect = Effect(kind, verb, **more)
    found = list(measure_effect(Placed(AGENT, PLACE, exchange, effect), effect))
    for m in found:
        assert set(dict(m.labels)) - {"agent", "tenant"} <= set(INSTRUMENTS[m.instrument].labels)
    return [(m.instrument, m.value, {k: v for k, v in m.labels if k not in WHO}) for m in found]


def test_a_tool_counts_by_its_service():
    service = {"service": "aws_s3"}

    assert moved("tool", service="aws_s3") == [
        ("hexr.tool.invocations", 1, service),
        ("hexr.tool.duration", 0.25, service),
    ]


def test_a_credential_counts_by_its_provider_and_a_failure_as_both():
    facts = (("provider", "aws"),)

    assert moved("credential", facts=facts) == [("hexr.credential.exchanges", 1, {"provider": "aws"})]
    assert moved("credential", facts=facts, failure=Failure("AccessDenied"))[1] == (
        "hexr.credential.failures", 1, {"provider": "aws", "error.type": "AccessDenied"},
    )  # fmt: skip


@pytest.mark.parametrize(("hit", "name"), [(True, "hits"), (False, "misses"), (None, None)])
def test_a_lookup_is_a_hit_a_miss_or_neither(hit, name):
    facts = (("tier", "L2"), *((("hit", hit),) if hit is not None else ()))
    found = moved("cache", "lookup", facts=facts)

    assert [f"hexr.cache.{name}"] * (hit is not None) == [n for n, _, _ in found[:-1]]
    assert ("hexr.cache.lookup.duration", 0.25, {"tier": "L2"}) == found[-1]


def test_a_scan_counts_for_each_scanner_and_a_block_where_it_was_found_invalid():
    facts = (("guard.what", "prompt"), ("guard.scanners", ("Toxicity", "Secrets")))
    names = [n for n, _, _ in moved("guard", facts=(*facts, ("guard.valid", False)))]

    assert names == ["hexr_guard_scans_total"] * 2 + ["hexr_guard_blocks_total"] * 2 + [
        "hexr_guard_scan_duration_seconds"
    ]
    assert 3 == len(moved("guard", facts=facts))


def test_a_block_is_of_the_scanners_that_found_something_and_a_guard_without_scanners_is_one():
    facts = (("guard.scanners", ("a", "b")), ("guard.valid", False), ("guard.hits", ("b",)))
    blocks = [labels for n, _, labels in moved("guard", facts=facts) if n == "hexr_guard_blocks_total"]

    assert [{"direction": "unknown", "scanner": "b"}] == blocks
    assert "lakera" == moved("guard", service="lakera")[0][2]["scanner"]


def test_a_credential_that_came_unasked_is_a_rotation():
    facts = (("provider", "spiffe"),)

    assert moved("credential", facts=facts, part="1")[1:] == [
        ("hexr.credential.rotations", 1, {"provider": "spiffe"})
    ]
    assert ["hexr.credential.exchanges", "hexr.credential.failures"] == [
        n for n, _, _ in moved("credential", facts=facts, part="1", failure=Failure("7"))
    ]


@pytest.mark.parametrize(("failure", "outcome"), [(None, "ok"), (Failure("403"), "error")])
def test_a_vault_counts_by_verb_and_outcome(failure, outcome):
    labels = {"verb": "get", "outcome": outcome}

    assert moved("vault", "get", failure=failure) == [
        ("hexr.vault.operations", 1, labels),
        ("hexr.vault.duration", 0.25, labels),
    ]


@pytest.mark.parametrize(
    ("verb", "more", "outcome"),
    [
        ("lookup", {"facts": (("db.system", "redis"), ("hit", True))}, "hit"),
        ("lookup", {"facts": (("db.system", "redis"), ("hit", False))}, "miss"),
        ("lookup", {"facts": (("db.system", "redis"),), "failure": Failure("MOVED")}, "error"),
        ("write", {"facts": (("db.system", "redis"),), "counted": True}, "ok"),
    ],
)
def test_a_command_to_a_store_counts_by_what_became_of_it(verb, more, outcome):
    found = moved("cache", verb, **more)

    assert found[0] == (
        "hexr.store.operations",
        1,
        {"system": "redis", "operation": verb, "outcome": outcome},
    )
    assert ("hexr.cache.lookup.duration" in {n for n, _, _ in found}) is (verb == "lookup")


def test_a_lookup_in_memory_is_no_command_to_a_store():
    assert "hexr.store.operations" not in {
        n for n, _, _ in moved("cache", "lookup", facts=(("tier", "L1"), ("hit", True)))
    }
