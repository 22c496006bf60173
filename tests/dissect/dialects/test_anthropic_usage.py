from hexr_autoinst.dissect.answer import Answer
from hexr_autoinst.dissect.dialects.anthropic_usage import take_usage
from hexr_autoinst.model.operation import Usage


def taken(*said):
    answer = Answer()
    for one in said:
        take_usage(answer, one)
    return answer


def test_the_cache_is_part_of_the_input():
    found = taken(
        {
            "input_tokens": 9,
            "output_tokens": 1,
            "cache_read_input_tokens": 100,
            "cache_creation_input_tokens": 50,
        }
    )

    assert Usage(input=159, output=1, cache_read=100, cache_write=50) == found.usage


def test_a_later_number_overwrites_and_a_silent_one_takes_nothing_back():
    found = taken({"input_tokens": 9, "output_tokens": 1}, {"output_tokens": 20}, {"input_tokens": 9})

    assert Usage(input=9, output=20) == found.usage


def test_what_compacting_has_used_is_added_once_and_an_advisors_is_not():
    steps = [
        {"type": "compaction", "input_tokens": 1000, "output_tokens": 100, "cache_read_input_tokens": 7},
        {"type": "message", "input_tokens": 9, "output_tokens": 3},
        {"type": "advisor_message", "input_tokens": 500, "output_tokens": 50},
    ]
    said = {"input_tokens": 9, "output_tokens": 3, "cache_read_input_tokens": 0, "iterations": steps}

    assert Usage(input=1016, output=103, cache_read=7) == taken(said, said).usage


def test_nothing_said_is_nothing_told():
    assert Usage() == taken({}, {"iterations": [{"type": "compaction", "input_tokens": 5}]}).usage


def test_what_is_billed_otherwise_stands_aside():
    found = taken(
        {
            "cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 2},
            "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 0, "other": 9},
            "service_tier": "batch",
        }
    )

    assert found.extras == {"cache_write.hour": 2, "server.web_search_requests": 3, "response_tier": "batch"}
