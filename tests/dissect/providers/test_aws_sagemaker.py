import pytest

from hexr_autoinst.dissect.claim import question
from tests.dissect.asked import asked, chosen

CHAT = {"messages": [{"role": "user", "content": "x"}]}


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/endpoints/e/invocations", CHAT, "sagemaker_chat"),
        ("/endpoints/e/invocations-response-stream", CHAT, "sagemaker_chat"),
        ("/endpoints/e/invocations", {"inputs": "x", "parameters": {"max_new_tokens": 9}}, "sagemaker_text"),
        ("/endpoints/e/invocations", {"prompt": "x", "max_tokens": 9}, "sagemaker_text"),
        ("/endpoints/e/invocations", {"inputs": "to be classified"}, None),
        ("/endpoints/e/invocations", {"instances": [[1, 2]]}, None),
        ("/endpoints/e/invocations", b"1.0,2.0,3.0", None),
        ("/endpoints/e/async-invocations", CHAT, None),
    ],
)
def test_only_what_is_clearly_asked_of_a_language_model_is_a_model_call(path, body, expected):
    about = question(asked("runtime.sagemaker.us-east-1.amazonaws.com", path, body).exchange)
    found = chosen(about)

    assert expected == (found and found.open(about, content=False).dialect.name)
    assert found is None or found.open(about, content=False).ask.model == "e"
