from hexr_autoinst.dissect.claim import Listener
from hexr_autoinst.dissect.effects.quiet import Quiet
from hexr_autoinst.model.exchange import Frame
from tests.dissect.protocols.asking import exchange


def test_it_is_understood_and_is_no_call():
    quiet = Quiet(("/",))

    assert isinstance(quiet, Listener)
    assert () == quiet.begin() == quiet.frame(Frame(1, "json", "", "{}")) == quiet.close(exchange())
