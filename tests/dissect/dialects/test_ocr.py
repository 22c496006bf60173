import json

from hexr_autoinst.dissect.dialects.ocr import OCR, shaped
from tests.dissect.dialects.asking import call


def test_pages_are_counted_and_their_text_is_the_output():
    found = call(
        OCR,
        {
            "model": "m",
            "document": {"type": "document_url"},
            "document_annotation_format": {"type": "json_schema"},
        },
        whole={
            "model": "m",
            "pages": [{"markdown": "a"}, {"markdown": "b"}, {}],
            "usage_info": {"pages_processed": 3},
        },
        content=True,
    )

    assert dict(found.extras) == {"documents": 1, "pages": 3}
    assert (found.kind, found.operation, found.sampling.output_type) == ("completion", "ocr", "json")
    assert json.loads(found.content.output_messages)[0]["parts"] == [{"type": "text", "content": "ab"}]


def test_a_document_is_an_object():
    assert [shaped({"model": "m", "document": d}) for d in ({}, "x")] == [True, False]
