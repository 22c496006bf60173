from hexr_autoinst.capture.ebpf.decode import Look
from hexr_autoinst.capture.ebpf.talkers import PATIENCE, Talkers
from hexr_autoinst.model.facts import Key

AGENT, SERVER = Key(7, 1), Key(8, 2)


def look(kind, key=SERVER, pipes=0):
    return Look(kind, 0, key, pipes=pipes)


def test_nobody_talks_and_nothing_is_watched():
    assert not Talkers().wanted(0.0)


def test_a_program_that_has_just_begun_may_start_a_server():
    talkers = Talkers()
    talkers.heard(look("exec", AGENT), 100.0)

    assert talkers.wanted(100.0)
    assert not talkers.wanted(100.0 + PATIENCE)


def test_a_parent_that_made_pipes_and_forks_is_about_to_talk_and_one_that_only_forks_is_not():
    talkers = Talkers()
    talkers.heard(look("fork", pipes=2), 100.0)
    assert not talkers.wanted(100.0)

    talkers.heard(look("fork", pipes=4), 100.0)
    assert talkers.wanted(100.1)


def test_as_long_as_a_child_with_pipes_lives_they_are_watched():
    talkers = Talkers()
    talkers.heard(look("exec", pipes=1), 100.0)
    assert talkers.wanted(1e9)

    talkers.heard(look("exit"), 1e9)
    assert not talkers.wanted(1e9)


def test_another_program_without_pipes_talks_no_more():
    talkers = Talkers()
    talkers.heard(look("exec", pipes=1), 0.0)
    talkers.heard(look("exec"), 0.0)

    assert not talkers.wanted(PATIENCE)


def test_who_was_there_before_counts_until_it_is_known_to_be_gone():
    talkers = Talkers()
    talkers.found(AGENT)
    talkers.found(SERVER)
    talkers.keep([SERVER])
    assert talkers.wanted(0.0)

    talkers.keep([])
    assert not talkers.wanted(0.0)
