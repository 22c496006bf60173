from hexr_autoinst.dissect.dialects.gemini_proto import GEMINI_ASKED, GEMINI_SAID, VERTEX_ASKED, VERTEX_SAID
from hexr_autoinst.dissect.protocols.proto_json import Field


def names(table, seen=()):
    """Every member that a table can say, by its place."""
    found = set()
    for one in table.values():
        found.add((*seen, one.name))
        if isinstance(one.kind, dict):
            found |= names(one.kind, (*seen, one.name))
    return found


def test_the_two_services_say_the_same_members():
    """But for what Vertex AI's answers do not count apart, and its own tools."""
    assert {n[-1] for n in names(GEMINI_SAID) - names(VERTEX_SAID)} == {"toolUsePromptTokenCount"}
    assert names(VERTEX_SAID) - names(GEMINI_SAID) == set()
    assert {n[-1] for n in names(VERTEX_ASKED) - names(GEMINI_ASKED)} == {"retrieval", "enterpriseWebSearch"}
    assert all(isinstance(f, Field) for t in (GEMINI_ASKED, VERTEX_ASKED) for f in t.values())
