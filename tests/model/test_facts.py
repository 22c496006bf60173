import dataclasses

import pytest

from hexr_autoinst.model import facts as f


@pytest.mark.parametrize("kind", f.Fact.__args__, ids=lambda k: k.__name__)
def test_facts_are_frozen_slotted_and_carry_time_and_source(kind):
    names = [x.name for x in dataclasses.fields(kind)]

    assert names[:2] == ["at", "source"]
    assert kind.__dataclass_params__.frozen
    assert hasattr(kind, "__slots__")


@pytest.mark.parametrize(
    ("host", "networked"), [("10.0.0.1", True), ("::1", True), ("api.example", True), ("pipe:7", False), ("unix:7", False)]
)  # fmt: skip
def test_an_inode_is_no_networks_address(host, networked):
    assert f.Address(host, 0).networked == networked


def test_a_reused_pid_is_another_process():
    assert f.Key(7, 100) != f.Key(7, 101)
