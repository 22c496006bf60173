"""Every conversation in `talks` is told as it expects, call by call; nothing else is told, and no planted key comes out."""

from collections import Counter

import pytest

from tests.dissect.protocols.conversation import TALKS, Conversation, script, told

KEY = "sk-planted-0123456789abcdefghij"


def differs(want, found):
    """What of an expected call is not so."""
    wrong = []
    for key, value in want.items():
        if key == "facts":
            wrong += [(k, v, found["facts"].get(k)) for k, v in value.items() if found["facts"].get(k) != v]
        elif key == "absent":
            wrong += [(k, None, found["facts"][k]) for k in value if k in found["facts"]]
        elif key == "missing_any":
            wrong += [] if found["missing"] else [("missing", "something", found["missing"])]
        elif found[key] != value:
            wrong.append((key, value, found[key]))
    return wrong


@pytest.mark.parametrize("path", TALKS, ids=lambda p: p.stem)
def test_a_conversation_is_told(path):
    talk = script(path)
    run = Conversation().run(talk["steps"])
    found = [told(*one) for one in run.done]

    assert [f["operation"] for f in found] == [f["operation"] for f in found[: len(talk["expect"])]]
    assert len(talk["expect"]) == len(found), [(f["of"], f["method"]) for f in found]
    assert [differs(w, f) for w, f in zip(talk["expect"], found, strict=True)] == [[]] * len(found)


@pytest.mark.parametrize("path", TALKS, ids=lambda p: p.stem)
def test_what_begins_ends_once_and_says_the_same_at_both(path):
    run = Conversation().run(script(path)["steps"])
    begun = Counter((e.id, e.part) for e in run.begun)
    done = Counter((e.id, e.part) for e, _ in run.done)

    assert begun == done
    assert set(begun.values()) <= {1}
    assert all(e.facts == 0 for e in run.begun)


@pytest.mark.parametrize("content", [False, True])
@pytest.mark.parametrize("path", TALKS, ids=lambda p: p.stem)
def test_no_planted_key_is_told(path, content):
    talk = script(path)
    run = Conversation(content=content).run(talk["steps"])

    assert (
        KEY in path.read_text(encoding="utf-8") or "pipe" in talk["steps"][0] or "grpc" in str(talk["steps"])
    )
    assert KEY not in repr(run.done) + repr(run.begun)


@pytest.mark.parametrize("path", TALKS, ids=lambda p: p.stem)
def test_content_is_told_only_when_it_may_be(path):
    steps = script(path)["steps"]
    quiet = [call for _, call in Conversation().run(steps).done]
    open_ = [call for _, call in Conversation(content=True).run(steps).done]

    assert [c for c in quiet if c.arguments or c.result] == []
    assert len(quiet) == len(open_)
    answered = [
        c
        for c in open_
        if c.protocol == "mcp" and c.ended and not c.failure and c.method != "subscriptions/listen"
    ]
    assert [c.method for c in answered if c.result is None] == []
