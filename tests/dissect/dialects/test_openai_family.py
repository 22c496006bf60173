from hexr_autoinst.dissect.dialects.openai_family import openai_family


def test_each_endpoint_stands_below_the_prefix():
    found = openai_family("/x(?:/y)?")

    assert [e for e in found if not e.path.fullmatch(e.path.pattern.replace("(?:/y)?", "/y"))] == []
    assert "/x(?:/y)?/chat/completions" in [e.path.pattern for e in found]
