import pytest

from hexr_autoinst.dissect.dialects.openai_family import openai_family, openai_runs


def spoken(found, method, path):
    return [e.dialect.name for e in found if e.method == method and e.path.fullmatch(path)]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/chat/completions", ["openai_chat"]),
        ("POST", "/completions", ["openai_completions"]),
        ("POST", "/embeddings", ["openai_embeddings"]),
        ("POST", "/responses", ["openai_responses"]),
        ("POST", "/responses/compact", ["openai_responses"]),
        ("POST", "/responses/input_tokens", []),
        ("GET", "/responses/resp_1", ["openai_response_seen"]),
        ("POST", "/images/edits", ["openai_images"]),
        ("POST", "/audio/speech", ["openai_speech"]),
        ("POST", "/audio/translations", ["openai_transcription"]),
        ("POST", "/moderations", ["openai_moderations"]),
        ("POST", "/threads/t/runs", []),
        ("GET", "/models", []),
    ],
)
def test_each_endpoint_stands_once_below_the_prefix(method, path, expected):
    assert expected == spoken(openai_family("/x(?:/y)?"), method, f"/x/y{path}")
    assert spoken(openai_family("/x"), method, path) == []


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/v1/threads/runs", ["openai_runs"]),
        ("POST", "/v1/threads/t/runs", ["openai_runs"]),
        ("POST", "/v1/threads/t/runs/r/submit_tool_outputs", ["openai_runs"]),
        ("GET", "/v1/threads/t/runs/r", ["openai_run_seen"]),
        ("POST", "/v1/threads/t/runs/r", []),
        ("POST", "/v1/threads/t/runs/r/cancel", []),
        ("GET", "/v1/threads/t/runs", []),
    ],
)
def test_a_run_is_made_continued_or_looked_at(method, path, expected):
    assert expected == spoken(openai_runs(), method, path)


def test_the_path_of_a_run_names_its_thread():
    found = [m["conversation"] for e in openai_runs() if (m := e.path.fullmatch("/v1/threads/thread_1/runs"))]

    assert found == ["thread_1"]
