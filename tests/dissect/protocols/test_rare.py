import uuid

import pytest

from hexr_autoinst.dissect.protocols.rare import rare


@pytest.mark.parametrize(
    "id_",
    [
        str(uuid.UUID(int=0x1868A90C7D2E4B5F9C4E3A2B1C0D9E8F)),
        "msg-9229e770-767c-417b-a0b0-f0741243c589",
        "aee52ada47694c8d87ff15ed3262f0e1",
        "01J9ZQ8Y6V3K5M7N9P2R4T6W8X",
        "V1StGXR8_Z5jdHi6B-myT",
    ],
)
def test_drawn_at_random(id_):
    assert rare(id_)


@pytest.mark.parametrize(
    "id_",
    [None, "", "1", "message-1", "00000000-0000-0000-0000-000000000000", "2026-01-15T10:20:30.123456Z", "does-not-exist",
     "message-00000000000000000001", "the-quick-brown-fox-jumps-over", "1767225600000000000"],
)  # fmt: skip
def test_counted_or_thought_up(id_):
    assert not rare(id_)
