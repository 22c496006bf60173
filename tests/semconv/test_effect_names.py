from typing import get_args

from hexr_autoinst.model.operation import EffectKind
from hexr_autoinst.semconv import effect_names


def test_every_kind_has_a_span_and_no_two_facts_share_a_key():
    assert set(get_args(EffectKind)) == set(effect_names.SPANS)
    keys = [k for keys in effect_names.FACTS.values() for k in keys]
    assert len(keys) == len(set(keys))
