import pytest

from tests.dissect.effects.doors import facts, only, post, tell

RUN = ("service", "language", "timeout", "exit_code", "error.type")
URL = "https://emkc.org/api/v2/piston/execute"
ASKED = {"language": "py", "version": "3.10.0", "files": [{"content": "print()"}], "run_timeout": 3000}


@pytest.mark.parametrize(
    ("stages", "want"),
    [
        ({"run": {"code": 0, "signal": None, "stdout": ""}}, {"exit_code": 0}),
        ({"run": {"code": 1, "signal": None}}, {"exit_code": 1, "error.type": "exit_1"}),
        ({"run": {"code": None, "signal": "SIGKILL"}}, {"error.type": "SIGKILL"}),
        ({"compile": {"code": 2}, "run": {}}, {"exit_code": 2, "error.type": "exit_2"}),
        ({"compile": {"code": 0}, "run": {"code": 0}}, {"exit_code": 0}),
        ({"run": "x", "compile": [1]}, {}),
    ],
)
def test_the_stage_that_failed_ends_it(stages, want):
    name, failed, said = only(post(URL, ASKED, {"language": "python", "version": "3.10.0", **stages}))

    assert ("hexr.sandbox.exec", "error.type" in want) == (name, failed)
    assert {"service": "piston", "language": "python", "timeout": 3.0, **want} == facts(said, *RUN)


def test_what_cannot_be_run_is_told_in_the_language_that_was_asked_for():
    _, failed, said = only(
        post(URL, {**ASKED, "language": "klingon"}, {"message": "runtime is unknown"}, status=400)
    )

    assert (True, "klingon", "400") == (failed, said["language"], said["error.type"])


def test_other_things_that_are_executed_are_nobodys():
    assert [] == tell(post("http://h.test/api/v2/execute", {"query": "x"}, {}))
