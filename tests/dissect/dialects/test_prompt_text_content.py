import json

import pytest

from hexr_autoinst.dissect.dialects.prompt_text_content import content_of


@pytest.mark.parametrize("name", ["prompt", "inputText", "inputs", "inputPrompt", "message"])
def test_a_prompt_is_what_a_user_said(name):
    found = content_of({name: "x"})

    assert json.loads(found.input_messages) == [{"role": "user", "parts": [{"type": "text", "content": "x"}]}]


def test_a_history_comes_first():
    history = [{"role": "SYSTEM", "message": "s"}, {"role": "CHATBOT", "message": "b"}, {"role": "TOOL"}]
    found = content_of({"message": "x", "chat_history": history})

    assert [m["role"] for m in json.loads(found.input_messages)] == ["system", "assistant", "user"]
