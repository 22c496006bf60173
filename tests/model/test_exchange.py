from hexr_autoinst.model.exchange import Exchange, Headers, Request, Response

REQUEST = Request(at=100, method="POST", scheme="https", host="h", port=0, path="/", ended=150)


def exchange(response=None, missing=()):
    return Exchange("id", "har", None, "c", 0, "client", REQUEST, response, missing=missing)


def test_header_names_compare_without_case_and_keep_repeats():
    headers = Headers((("Set-Cookie", "a"), ("set-cookie", "b")))

    assert headers.get("SET-COOKIE") == "a"
    assert headers.all("set-cookie") == ("a", "b")
    assert headers.get("x", "none") == "none"
    assert "x" not in headers


def test_an_exchange_ends_with_its_last_byte():
    assert exchange().ended == 150
    assert exchange(Response(at=180, status=200)).ended == 180
    assert exchange(Response(at=180, status=200, ended=260)).ended == 260


def test_an_exchange_is_complete_unless_something_is_missing():
    assert exchange().complete
    assert not exchange(missing=("lost_events",)).complete
