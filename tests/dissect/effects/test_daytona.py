import pytest

from tests.dissect.effects.doors import facts, only, post, tell

RUN = ("service", "language", "timeout", "exit_code", "error.type")
AT = "https://proxy.app.daytona.io/toolbox/0a1b/process/"


@pytest.mark.parametrize("url", [AT, "http://localhost:3000/api/toolbox/0a1b/toolbox/process/"])
@pytest.mark.parametrize(("exit_code", "error"), [(0, None), (127, "exit_127")])
def test_a_command_ends_with_its_code(url, exit_code, error):
    talk = post(
        f"{url}execute", {"command": "ls", "cwd": "/", "timeout": 10}, {"exitCode": exit_code, "result": "x"}
    )
    name, failed, said = only(talk)

    assert ("hexr.sandbox.exec", bool(error)) == (name, failed)
    want = {"service": "daytona", "timeout": 10.0, "exit_code": exit_code} | (
        {"error.type": error} if error else {}
    )
    assert want == facts(said, *RUN)


def test_code_has_a_language():
    _, _, said = only(
        post(f"{AT}code-run", {"code": "print()", "language": "python"}, {"exitCode": 0, "result": ""})
    )

    assert {"service": "daytona", "language": "python", "exit_code": 0} == facts(said, *RUN)


def test_what_runs_on_by_itself_has_no_end_here():
    talk = post(f"{AT}session/s1/exec", {"command": "serve", "runAsync": True}, {"cmdId": "c"}, status=202)
    _, failed, said = only(talk)

    assert (False, {"service": "daytona"}) == (failed, facts(said, *RUN))


def test_a_sandbox_that_is_gone_is_a_failure_by_its_status():
    _, failed, said = only(post(f"{AT}execute", {"command": "ls"}, {"message": "not found"}, status=404))

    assert (True, "404") == (failed, said["error.type"])


def test_files_are_no_runs():
    assert [] == tell(post("https://proxy.app.daytona.io/toolbox/0a1b/files/folder", {"path": "/x"}, {}))
