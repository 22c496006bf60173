import pytest

from hexr_autoinst.config import load
from hexr_autoinst.errors import ConfigError


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"HEXR_PAGE_PORT": "70000"}, "`page_port` is a port"),
        ({"HEXR_PAGE_HOST": "0.0.0.0"}, "loopback"),
        ({"HEXR_RING_MB": "3"}, "power of two"),
        ({"HEXR_TURN_SILENCE": "0"}, "`turn_silence` must be more than 0"),
        ({"HEXR_GUARD_TIMEOUT": "0"}, "`guard_timeout` must be more than 0"),
        ({"HEXR_GUARD": "guard:8000"}, "`guard` is an address such as http://"),
        ({"HEXR_GUARD_MODE": "shout"}, "one of monitor, enforce"),
    ],
)
def test_a_value_out_of_its_bounds_is_one_sentence(env, says):
    with pytest.raises(ConfigError) as caught:
        load({}, env)

    assert says in caught.value.message
