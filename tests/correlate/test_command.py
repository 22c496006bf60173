import pytest

from hexr_autoinst.correlate.command import executable, language, program, runtime

PYTHON, NODE = "/usr/bin/python3.11", "/usr/bin/node"


@pytest.mark.parametrize(
    ("exe", "line", "name"),
    [
        (PYTHON, "python -m analyst", "analyst"),
        (PYTHON, "python -manalyst", "analyst"),
        (PYTHON, "python3 -u -W ignore -X dev -m analyst --fast", "analyst"),
        (PYTHON, "python -m shop.agents.__main__", "shop.agents"),
        (PYTHON, "python /x/foo.py --model gpt", "foo"),
        (PYTHON, "python -I -B foo.py", "foo"),
        (PYTHON, "python -Wignore foo.py", "foo"),
        (PYTHON, "python -c print(1)", ""),
        (PYTHON, "python", ""),
        (PYTHON, "python -", ""),
        (PYTHON, "/venv/bin/python /venv/bin/aider --yes", "aider"),
        (PYTHON, "python /srv/analyst/__main__.py", "analyst"),
        (PYTHON, "python /venv/bin/uvicorn shop.main:app --port 80", "shop.main"),
        (PYTHON, "python -m gunicorn -w 4 shop.wsgi:app", "shop.wsgi"),
        (PYTHON, "python -m uvicorn", "uvicorn"),
        ("/usr/bin/python3.11 (deleted)", "python foo.py", "foo"),
        (NODE, "node /srv/foo.mjs", "foo"),
        (NODE, "node --inspect -r dotenv/config --import ./hook.mjs /srv/foo.js", "foo"),
        (NODE, "node --max-old-space-size=4096 /srv/foo.js", "foo"),
        (NODE, "node /srv/analyst/dist/index.js", "analyst"),
        (NODE, "node -e 1", ""),
        (NODE, "node /usr/bin/npx -y @scope/tool@1.2 --flag", "tool"),
        (NODE, "node /usr/lib/node_modules/npm/bin/npx-cli.js cowsay hi", "cowsay"),
        (NODE, "node /app/node_modules/.bin/tsx src/agent.ts", "agent"),
        ("/root/.bun/bin/bun", "bun run agent.ts", "agent"),
        ("/usr/bin/deno", "deno run --allow-net --config deno.json agent.ts", "agent"),
        ("/bin/bash", "bash ./run-agent.sh", "run-agent"),
        ("/bin/sh", "sh -c python foo.py", ""),
        ("/usr/bin/ruby3.1", "ruby -I lib agent.rb", "agent"),
        ("/usr/bin/java", "java -cp a.jar -jar agent.jar", "agent"),
        ("/usr/bin/curl", "curl https://x/foo.py", ""),
        ("/opt/agent/agent", "agent --fast", ""),
    ],
)
def test_the_program_behind_its_interpreter(exe, line, name):
    assert program(tuple(line.split()), exe) == name


def test_npm_rewrites_its_own_command_line():
    assert program(("npm exec @scope/tool@latest --flag",), NODE) == "tool"


def test_the_first_argument_stands_in_for_an_executable_that_could_not_be_read():
    assert program(("/usr/bin/python3", "foo.py"), "") == "foo"


def test_hostile_command_lines_are_bounded_and_never_raise():
    assert len(program(("python", "x" * 100_000), PYTHON)) == 128
    assert program(("npm exec ",), NODE) == ""
    assert program(("python", "-m"), PYTHON) == ""
    assert program(("python", "-W"), PYTHON) == ""
    assert program(("python", "/"), PYTHON) == ""
    assert program((), PYTHON) == ""


@pytest.mark.parametrize(
    ("exe", "name"),
    [
        (PYTHON, "python"),
        ("/opt/pypy3.10", "python"),
        (NODE, "node"),
        ("/usr/bin/nodejs", "node"),
        ("/usr/bin/java", "java"),
        ("/bin/bash", ""),
        ("/usr/bin/curl", ""),
        ("/usr/bin/pythonic", ""),
        ("", ""),
    ],
)
def test_the_runtime_is_read_from_the_executable(exe, name):
    assert runtime(exe) == name


def test_a_deleted_executable_keeps_its_name():
    assert executable("/usr/bin/curl (deleted)") == "curl"


@pytest.mark.parametrize(
    ("exe", "line", "found"),
    [
        (PYTHON, "python3 -c print(1)", "python"),
        (PYTHON, "python3 -u script.py -m x", "python"),
        (PYTHON, "python3 -", "python"),
        (PYTHON, "python3", "python"),
        (PYTHON, "python3 -m pytest", ""),
        (PYTHON, "python3 -mpytest", ""),
        (PYTHON, "python3 -W error -m pytest", ""),
        ("/bin/bash", "bash -lc ls", "bash"),
        ("/usr/bin/dash", "sh -c ls", "dash"),
        (NODE, "node -e 1", "javascript"),
        ("/usr/bin/ruby3.1", "ruby x.rb", "ruby"),
        ("/usr/bin/git", "git status", ""),
        ("/usr/bin/java", "java -jar x.jar", ""),
        ("", "python3 x.py", "python"),
    ],
)
def test_the_language_of_code_that_is_run(exe, line, found):
    assert language(tuple(line.split()), exe) == found


def test_a_worker_of_pythons_own_is_no_code_of_anybodys():
    assert (
        language(("python3", "-c", "from multiprocessing.spawn import spawn_main; spawn_main()"), PYTHON)
        == ""
    )
    assert language((), "") == ""
