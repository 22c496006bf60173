from hexr_autoinst.capture.errands import Errands


def test_an_errand_is_done_when_it_is_due_and_not_before():
    done, errands = [], Errands()
    errands.after((1.0,), lambda: done.append(1) is None, 10.0)
    errands.run(10.9)
    assert (done, round(errands.wait(10.9), 6)) == ([], 0.1)
    errands.run(11.0)
    assert (done, errands.wait(11.0)) == ([1], None)


def test_it_is_tried_again_after_each_delay_until_it_is_done():
    tries, errands = [], Errands()

    def errand():
        tries.append(now)
        return len(tries) == 3

    errands.after((0.0, 1.0, 2.0, 4.0), errand, 0.0)
    for now in range(10):
        errands.run(float(now))
    assert tries == [0, 1, 3]


def test_it_is_given_up_when_no_delay_is_left():
    tries, errands = [], Errands()
    errands.after((0.0, 1.0), lambda: bool(tries.append(1)), 0.0)
    for now in range(5):
        errands.run(float(now))
    assert (len(tries), errands.wait(5.0)) == (2, None)


def test_what_finds_no_room_is_counted():
    errands = Errands(most=2)
    for _ in range(5):
        errands.after((1.0,), lambda: True, 0.0)
    assert errands.skipped == 3


def test_errands_of_one_moment_are_done_in_the_order_they_came():
    done, errands = [], Errands()
    for n in range(5):
        errands.after((1.0,), lambda n=n: done.append(n) is None, 0.0)
    errands.run(1.0)
    assert done == [0, 1, 2, 3, 4]


def test_the_wait_is_never_negative():
    errands = Errands()
    errands.after((1.0,), lambda: True, 0.0)
    assert errands.wait(50.0) == 0.0
