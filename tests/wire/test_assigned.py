import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexr_autoinst.wire import redact
from hexr_autoinst.wire.assigned import ASSIGNMENTS
from hexr_autoinst.wire.looks import Looks

K = "hunter2-Planted"
M = redact.MARK

SHELL = [
    ("OPENAI_API_KEY={} python x.py", None),
    ("export X_TOKEN={}\nexport A=b", None),
    ("export GITHUB_TOKEN='{}'; ls", None),
    ('set DB_PASS="{}" && run', None),
    ("MY_KEY = {}", None),
    ("api_key: {}", None),
    ("password={}", None),
    ("secret={};next", None),
    ("$env:AZURE_CLIENT_SECRET='{}'", None),
    ("curl -H 'x-api-key: {}' https://h/", None),
    ('curl -H "X-Auth-Token: {}" https://h/', None),
    ("Authorization: Basic {}", None),
    ("authorization: {}", None),
    ("{{'api_key': '{}', 'n': 1}}", None),
    ("{{'Authorization': 'Bearer {}'}}", None),
    ('Client(api_key="{}", model="m")', None),
    ("run --api-key {} --verbose", None),
    ("run --api-key={}", None),
    ("run --openai-api-key '{}'", None),
    ('run --password "{}" -x', None),
    ("run --token {}", "run --token {}"),
    ("gh --with-token {} x", None),
    ("Cookie: sid={}; theme={}\nNext: x", "Cookie: {}\nNext: x"),
]  # fmt: skip


def nested(text, depth):
    """The text as a prompt, or inside of a tool's arguments, escaped again and again."""
    for _ in range(depth):
        text = json.dumps({"command": text, "id": "call_1"})
    return text


def unnested(text, depth):
    for _ in range(depth):
        text = json.loads(text)["command"]
    return text


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize(("text", "expected"), [t for t in SHELL if "--token" not in t[0]])
def test_what_a_text_assigns_goes_and_json_stays_json(text, expected, depth):
    clean = redact.plain(nested(text.format(K, K), depth))

    assert K not in clean
    assert unnested(clean, depth) == (expected or text).format(M, M)


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens=5 top_k=3 sort_key=name key=lambda pad_token=x",
        "OPENAI_API_KEY=$KEY and X_TOKEN=${TOKEN} and api_key=",
        "if api_key == None",
        "| a |---| key |---|--- token",
        "--max-tokens 5 --key-file x --password --verbose",
        "the token: a word; a key: it opens; the code: 3",
        "tokenizer=x monkey=banana",
        '{"required": ["password", "email"], "type": "object"}',
        '{"name": "api_key", "description": "the key", "type": "string"}',
        '{"name": "city", "value": "Oslo"}',
        '{"a": "OPENAI_API_KEY=", "b": ["--api-key", "", 1]}',
        '{"a": "{\\"x\\": \\"API_KEY=\\", \\"y\\": 1}"}',
    ],
)
@pytest.mark.parametrize("depth", [0, 1])
def test_what_only_sounds_so_stays(text, depth):
    assert redact.plain(nested(text, depth)) == nested(text, depth)


LISTS = [
    {"name": "API_KEY", "value": K},
    {"value": K, "name": "api-key"},
    {"key": "Authorization", "value": f"Bearer {K}"},
    {"name": "X_TOKEN", "type": "secret", "required": True, "value": K},
    {"value": K, "masked": False, "note": "n", "key": "client_secret"},
    {"header": "Cookie", "value": f"a={K}; b={K}"},
    {"Name": "DB_PASSWORD", "Value": f'with "quotes" and \\ {K}'},
    {"name": "FOO_KEY", "value": f"a\nb{K}"},
]


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(
    "pair", LISTS, ids=lambda p: next(v for v in p.values() if isinstance(v, str) and K not in v)
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_list_of_names_and_values_loses_the_values_of_secrets(pair, depth, separators):
    listed = [{"name": "CITY", "value": "Oslo"}, pair, {"name": "CITY", "value": "Rome"}]
    clean = redact.plain(nested(json.dumps({"env": listed}, separators=separators), depth))

    expected = {k: M if isinstance(v, str) and K in v else v for k, v in pair.items()}
    assert K not in clean
    assert json.loads(unnested(clean, depth))["env"] == [listed[0], expected, listed[2]]


@pytest.mark.parametrize("depth", [0, 1])
def test_a_list_of_arguments_loses_the_value_behind_a_flag(depth):
    clean = redact.plain(
        nested(json.dumps({"args": ["run", "--api-key", K, "--city", "Oslo", "--auth-token", K]}), depth)
    )

    assert json.loads(unnested(clean, depth))["args"] == [
        "run",
        "--api-key",
        M,
        "--city",
        "Oslo",
        "--auth-token",
        M,
    ]


def test_a_variable_in_capitals_is_a_secret_member():
    assert json.loads(
        redact.text(json.dumps({"env": {"FOO_TOKEN": K, "foo_token": "x", "FOO_KEY": K}}).encode())
    ) == {"env": {"FOO_TOKEN": M, "foo_token": "x", "FOO_KEY": M}}


@pytest.mark.parametrize("text", [t.format(K, K) for t, _ in SHELL if "--" not in t])
def test_every_assignment_is_seen_by_the_quick_look(text):
    found = [p for _, p in ASSIGNMENTS if p.search(text.encode())]
    assert found
    assert set(found) <= set(Looks(ASSIGNMENTS).worth(text.encode()))


def test_what_is_marked_is_marked_once():
    for text, _ in SHELL:
        once = redact.plain(text.format(K, K))
        assert redact.plain(once) == once


PIECES = st.lists(
    st.sampled_from(["API_KEY", "password", "--api-key", "=", ":", " ", "'", '"', "\\", ",", "{", "}", "[", "]", "\n", "$", "value", "name", "x", "--", "Bearer ", "cookie: a="]),
    max_size=30,
)  # fmt: skip


@given(PIECES, st.sampled_from([0, 1, 2]), st.sampled_from(["command", "API_KEY", "value", "name"]))
def test_json_stays_json_whatever_a_text_says(pieces, depth, name):
    text = json.dumps({name: nested("".join(pieces), depth), "name": "API_KEY", "value": "".join(pieces)})

    assert set(json.loads(redact.text(text.encode()))) == {name, "name", "value"}


@pytest.mark.parametrize(
    "text",
    ["API_KEY=" * 40_000, "--" * 160_000, "--api" * 60_000, '"name":"' * 40_000, '"value":"x",' * 30_000, "password: " * 30_000,
     '\\"name\\":\\"' * 30_000, "'" * 320_000 + "key=", "key= " * 60_000, "cookie: " * 40_000, '"name":"API_KEY","a":1,' * 15_000,
     '"a":"b","name":"api_key",' * 12_000 + '"value"', "_KEY" * 80_000 + "=", "a_" * 160_000 + "KEY=x value"],
    ids=lambda t: t[:20],
)  # fmt: skip
def test_time_is_linear_in_the_text(text):
    begin = time.perf_counter()
    redact.text(text.encode())

    assert time.perf_counter() - begin < 3
