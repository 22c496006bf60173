from hexr_autoinst.wire.limits import Limits


def test_one_body_fits_the_budget_and_one_frame_a_body():
    limits = Limits()

    assert limits.frame <= limits.body <= limits.budget
    assert limits.sweep < limits.idle
