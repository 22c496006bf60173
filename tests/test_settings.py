from hexr_autoinst.config import Config, Session
from hexr_autoinst.settings import settings


def test_a_configuration_and_a_session_are_what_the_rooms_need():
    session = Session(0, "00" * 4, "11" * 4, "host")
    made = settings(Config(content=True, prices=False, turn_silence=2.0, span_names="semconv"), session)

    assert (made.content, made.prices) == (True, None)
    assert (made.rules.host, made.rules.salt, made.rules.key) == ("host", bytes(4), b"\x11" * 4)
    assert made.rules.turn_silence_ns == 2_000_000_000
    assert (made.style.span_names, made.style.content) == ("semconv", True)


def test_prices_are_there_unless_they_are_turned_off():
    assert settings(Config(), Session(0, "", "", "host")).prices is not None
