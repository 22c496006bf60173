import pytest

from hexr_autoinst.wire.kind import Kind, kind


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", Kind("", b"", form=False, grpc=False)),
        (" Text/Event-Stream ; charset=utf-8", Kind("text/event-stream", b"", form=False, grpc=False)),
        ("multipart/form-data; boundary=Xy", Kind("multipart/form-data", b"Xy", form=False, grpc=False)),
        (
            "Application/x-www-form-urlencoded;charset=utf-8",
            Kind("application/x-www-form-urlencoded", b"", form=True, grpc=False),
        ),
        ("application/GRPC+proto", Kind("application/grpc+proto", b"", form=False, grpc=True)),
        ("a/" + "b" * 1000, Kind("a/" + "b" * 1000, b"", form=False, grpc=False)),
    ],
)
def test_a_type_is_read_alike_each_time(said, expected):
    assert kind(said) == kind(said) == expected
