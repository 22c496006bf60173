from hexr_autoinst.correlate import world as room
from hexr_autoinst.correlate.world import AFTERLIFE, World
from hexr_autoinst.model.facts import Key
from tests.correlate.play import KEY, at, exited, process


def test_a_later_reading_replaces_an_earlier_one():
    world = World()
    world.process(process(0, args=("sh", "-c", "x")))
    world.process(process(1))

    assert world.get(KEY).process.args == ("python3", "/srv/analyst.py")
    assert len(world) == 1


def test_an_exit_alone_makes_no_identity():
    world = World()
    world.exited(exited(1))

    assert not world.known(KEY)
    assert world.get(KEY).gone_at == at(1)


def test_a_gone_process_is_remembered_for_its_afterlife():
    world = World()
    world.process(process(0))
    world.exited(exited(1))

    assert world.forget(at(1) + AFTERLIFE - 1) == []
    assert world.known(KEY)
    assert world.forget(at(1) + AFTERLIFE) == [KEY]
    assert world.get(KEY) is None


def test_a_pid_seen_with_a_later_start_ends_the_one_before():
    world, later = World(), Key(KEY.pid, KEY.start + 1)
    world.process(process(0))
    world.process(process(5, later))

    assert (world.get(KEY).gone_at, world.get(KEY).exited) == (at(5), None)
    assert world.get(later).gone_at is None


def test_an_old_process_heard_of_late_does_not_end_the_living_one():
    world, later = World(), Key(KEY.pid, KEY.start + 1)
    world.process(process(5, later))
    world.process(process(0))

    assert world.get(later).gone_at is None
    assert world.get(KEY).gone_at == at(0)


def test_ancestors_are_walked_to_the_top_and_circles_end():
    world, a, b, c = World(), Key(1, 1), Key(2, 1), Key(3, 1)
    world.process(process(0, a, parent=c))
    world.process(process(0, b, parent=a))
    world.process(process(0, c, parent=b))

    assert list(world.ancestors(c)) == [b, a]


def test_a_line_of_ancestors_is_walked_only_so_far():
    world = World()
    for n in range(1, 100):
        world.process(process(0, Key(n + 1, 1), parent=Key(n, 1)))

    assert len(list(world.ancestors(Key(100, 1)))) == 32


def test_the_gone_make_room_before_the_living(monkeypatch):
    monkeypatch.setattr(room, "REMEMBERED", 3)
    world = World()
    for n in range(1, 4):
        world.process(process(0, Key(n, 1)))
    world.exited(exited(1, Key(2, 1)))

    assert world.process(process(2, Key(9, 1))) == [Key(2, 1)]
    assert world.process(process(2, Key(10, 1))) == [Key(1, 1)]
    assert len(world) == 3


def test_a_process_that_was_only_met_is_remembered_without_an_identity(monkeypatch):
    monkeypatch.setattr(room, "REMEMBERED", 2)
    world = World()

    assert [world.met(Key(n, 1), at(n)) for n in (1, 2, 2, 3)] == [[], [], [], [Key(1, 1)]]
    assert not world.known(Key(3, 1))
