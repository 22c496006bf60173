import pytest

from hexr_autoinst.capture.ebpf import perf


def test_a_device_that_the_kernel_lacks_is_an_error_with_its_name():
    with pytest.raises(OSError, match="no_such_device"):
        perf.link(0, perf.Spot("no_such_device", b"/bin/true", 0, returns=False))


def test_a_file_that_is_not_there_is_refused_by_the_kernel():
    with pytest.raises(OSError):
        perf.link(0, perf.Spot("uprobe", b"/nowhere/at/all", 64, returns=True))
