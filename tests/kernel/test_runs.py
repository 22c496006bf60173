"""The kernel's own statistics of our programs: counted while asked for, by the number of runs that were made."""

from pathlib import Path

from hexr_autoinst.model.facts import Exited


def some_children(plane, cage):
    for _ in range(23):
        cage.spawn(["true"]).wait()
    assert plane.until(lambda: len(plane.of(Exited)) >= 23)


def test_runs_are_counted_with_their_time_while_asked_for(plane, cage):
    watch = plane(bpf_stats=True)
    before = watch.objects.runs()
    some_children(watch, cage)
    after = watch.objects.runs()
    grown = {name: (one.runs - before[name].runs, one.ns - before[name].ns) for name, one in after.items()}

    assert watch.objects.uncounted == ""
    # Other processes of this host come and go as well.
    assert grown["became"][0] >= 23
    assert grown["ended"][0] >= 23
    assert grown["became"][1] > 0
    assert grown["ended"][1] > 0


def test_nothing_is_counted_unasked(plane, cage):
    watch = plane()
    others = Path("/proc/sys/kernel/bpf_stats_enabled").read_text().strip()
    some_children(watch, cage)

    assert {} == watch.objects.runs()
    assert others == "0"
