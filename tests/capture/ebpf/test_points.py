import pytest

from hexr_autoinst.capture.ebpf import points
from hexr_autoinst.errors import CaptureUnavailable

SECTIONS = [
    "tp_btf/sched_process_fork", "tp_btf/sched_process_exec", "tp_btf/sched_process_exit",
    "tp_btf/vm_unmapped_area", "tp_btf/sock_send_length", "tp_btf/sock_recv_length", "uprobe", "uretprobe",
]  # fmt: skip
MODERN = frozenset(name for names in points.asked(SECTIONS) for name in names)


def without(*names):
    return points.choose(SECTIONS, MODERN - set(names))


def test_a_kernel_that_has_all_gets_all():
    found = without()

    assert all(found.chosen(section) for section in SECTIONS)
    assert (found.silent, found.lacking) == (False, frozenset())


def test_a_missing_tracepoint_leaves_its_program_out_and_is_named():
    found = without("btf_trace_vm_unmapped_area")

    assert not found.chosen("tp_btf/vm_unmapped_area")
    assert found.chosen("uretprobe")
    assert (found.silent, found.lacking) == (False, {"vm_unmapped_area"})


def test_a_kernel_that_does_not_say_what_a_socket_carried_needs_a_stand_in():
    found = without("btf_trace_sock_send_length", "btf_trace_sock_recv_length")

    assert (found.silent, found.lacking) == (True, frozenset())


def test_what_something_older_does_as_well_is_not_missed():
    sections = [*SECTIONS, "tp_btf/sched_prepare_exec"]
    found = points.choose(sections, MODERN)

    assert found.absent == points.NEWER
    assert found.lacking == frozenset()
    assert not found.chosen("tp_btf/sched_prepare_exec")


def test_an_object_of_its_own_needs_no_tracepoint_of_the_others():
    assert points.choose(["tp_btf/sys_exit"], MODERN, points.NONE).absent == {"sys_exit"}


def test_programs_for_tracepoints_are_told_by_their_section():
    found = [s for s in ("tp_btf/sys_exit", "fexit/tcp_sendmsg", "uprobe", "iter/task") if points.is_trace(s)]

    assert found == ["tp_btf/sys_exit", "fexit/tcp_sendmsg"]


def test_a_kernel_too_old_is_told_so_in_one_sentence():
    with pytest.raises(CaptureUnavailable, match=r"needs Linux 5\.17"):
        without("bpf_loop")


def test_a_kernel_that_tells_of_no_process_is_none_of_ours():
    with pytest.raises(CaptureUnavailable, match="no tracepoint sched_process_exec"):
        without("btf_trace_sched_process_exec")


def test_the_running_kernel_is_asked_by_kind():
    """A name of another kind is not what was asked for."""
    asked = points.asked(SECTIONS)

    assert "btf_trace_sock_send_length" in asked.typedefs
    assert asked.structs == (points.MULTI,)
    assert asked.functions == ("bpf_loop",)
