import pytest

from hexr_autoinst import errors

KINDS = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, errors.HexrError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_every_error_is_one_sentence_with_an_exit_code(kind):
    facts = dict.fromkeys(("detail", "verb", "struct", "field", "what", "address", "key", "path", "pid"), "x")
    message = kind(**facts).message

    assert "{" not in message
    assert "\n" not in message
    assert 0 < kind.exit_code < 128


def test_a_message_holds_its_facts():
    error = errors.LayoutMismatch(struct="hx_chunk", field="seq", detail="offset 8, not 16")

    assert (
        str(error)
        == "The BPF object and this program disagree about `hx_chunk.seq`: offset 8, not 16. Rebuild with `make bpf`."
    )
    assert isinstance(error, errors.CaptureUnavailable)
