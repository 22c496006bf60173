from hexr_autoinst.model.operation import ModelCall, Usage


def test_what_is_not_stated_is_absent_not_zero():
    call = ModelCall("chat", "chat", "openai")

    assert Usage(None, None, None, None, None) == call.usage
    assert call.finish_reasons == ()
    assert call.response_id is None
