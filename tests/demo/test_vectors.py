from hexr_autoinst.demo import vectors


def test_each_text_has_a_vector_of_the_length_that_was_asked_for():
    told = vectors.embeddings({"model": "m", "input": ["a b", "c"], "dimensions": 4})

    assert [len(one["embedding"]) for one in told["data"]] == [4, 4]
    assert told["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
