from hexr_autoinst.dissect.protocols.a2a_seen import Seen


def test_only_a_change_of_state_is_a_moment():
    seen = Seen()
    for at, state in enumerate(["SUBMITTED", "WORKING", None, "WORKING", "COMPLETED"]):
        seen.stands(state, at)

    assert [(m.at, dict(m.facts)["a2a.state"]) for m in seen.moments] == [
        (0, "submitted"),
        (1, "working"),
        (4, "completed"),
    ]
    assert (seen.state, seen.final) == ("COMPLETED", True)


def test_moments_are_bounded_and_the_state_is_not():
    seen = Seen()
    for at in range(1000):
        seen.stands("WORKING" if at % 2 else "INPUT_REQUIRED", at)

    assert (len(seen.moments), seen.state, seen.final) == (64, "WORKING", False)


def test_an_answer_outdoes_the_request():
    seen = Seen(task="asked", context="c")
    seen.answered(task="real", context=None)

    assert (seen.task, seen.context) == ("real", "c")
