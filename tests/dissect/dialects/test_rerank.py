import json
from dataclasses import replace

import pytest

from hexr_autoinst.dissect.dialects.rerank import NIM_RANKING, RERANK, TEI_RERANK
from hexr_autoinst.model.exchange import Response
from hexr_autoinst.model.operation import Usage
from tests.dissect.dialects.asking import EXCHANGE, begun, call

RANKED = [{"index": 1, "relevance_score": 0.9}]


@pytest.mark.parametrize(
    ("dialect", "body", "expected"),
    [
        (RERANK, {"query": "q", "documents": ["a"]}, True),
        (RERANK, {"query": "q", "documents": [{"text": "a"}]}, True),
        (RERANK, {"query": {"text": "q"}, "documents": ["a"]}, True),
        (RERANK, {"query": "q", "documents": []}, False),
        (RERANK, {"query": "q", "documents": [1]}, False),
        (RERANK, {"query": "q", "documents": 10}, False),
        (RERANK, {"query": "q", "top_k": 5}, False),
        (RERANK, {"query": "q", "texts": ["a"]}, False),
        (RERANK, {"documents": ["a"]}, False),
        (TEI_RERANK, {"query": "q", "texts": ["a"]}, True),
        (TEI_RERANK, {"query": "q", "documents": ["a"]}, False),
        (NIM_RANKING, {"query": {"text": "q"}, "passages": [{"text": "a"}]}, True),
        (NIM_RANKING, None, False),
    ],
)
def test_a_search_has_no_documents_in_its_question(dialect, body, expected):
    assert expected is dialect.shaped(body)


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ({"id": "r", "results": RANKED, "usage": {"total_tokens": 17}}, Usage(17)),
        ({"data": RANKED, "model": "m", "usage": {"prompt_tokens": 9, "total_tokens": 9}}, Usage(9)),
        ({"results": RANKED, "total_tokens": 11}, Usage(11)),
        ({"rankings": [{"index": 0, "logit": -1.5}], "usage": {"prompt_tokens": 3}}, Usage(3)),
        ({"results": RANKED, "meta": {"billed_units": {"search_units": 1}}}, Usage()),
        ({"data": RANKED, "usage": {"rerank_units": 1}}, Usage()),
    ],
)
def test_all_tokens_of_a_ranking_are_its_input(whole, expected):
    assert expected == call(RERANK, {"query": "q", "documents": ["a", "b"]}, whole=whole).usage


@pytest.mark.parametrize(
    ("whole", "told"),
    [
        ({"results": RANKED}, True),
        (RANKED, True),
        ([{"index": 0, "score": 1.0}], True),
        ({"results": []}, False),
        ({"results": [{"title": "a page", "url": "https://h"}]}, False),
        ({"hits": [], "total": 0}, False),
        ([], False),
    ],
)
def test_on_a_host_that_nobody_owns_the_answer_must_be_a_ranking(whole, told):
    reading = begun(RERANK, {"query": "q", "documents": ["a"]}, inferred=True)
    answer = Response(1, 200, body=json.dumps(whole).encode(), ended=2)

    assert told is (reading.close(replace(EXCHANGE, response=answer)) is not None)


@pytest.mark.parametrize("kept", ["top_n", "top_k"])
def test_how_many_are_kept_has_two_names(kept):
    found = call(RERANK, {"query": "q", "documents": ["a", "b"], kept: 1}, whole={"results": RANKED})

    assert found.extras == (("inputs", 2), ("rerank.kept", 1))
