from hexr_autoinst.front.passes import LIMIT, Passes


def test_only_that_client_is_passed_to_only_that_target():
    passes = Passes()
    passes.learn("/usr/bin/git", "Host.test:443", 100.0)

    assert passes.passed("/usr/bin/git", "host.TEST:443", 50.0)
    assert not passes.passed("/usr/bin/curl", "host.test:443", 50.0)
    assert not passes.passed("/usr/bin/git", "host.test:8443", 50.0)


def test_what_the_server_will_not_have_is_passed_for_everybody():
    passes = Passes()
    passes.learn("", "mtls.test:443", 100.0)

    assert passes.passed("/usr/bin/anything", "mtls.test:443", 50.0)


def test_it_is_forgotten_in_time():
    passes = Passes()
    passes.learn("/x", "h:1", 100.0)

    assert not passes.passed("/x", "h:1", 100.0)
    assert len(passes) == 0


def test_the_table_is_bounded_and_the_oldest_goes_first():
    passes = Passes()
    for n in range(LIMIT + 10):
        passes.learn("/x", f"{n}:443", 100.0)

    assert len(passes) == LIMIT
    assert not passes.passed("/x", "0:443", 1.0)
    assert passes.passed("/x", f"{LIMIT + 9}:443", 1.0)
