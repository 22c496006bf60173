import json

import pytest

from hexr_autoinst.wire import redact

SECRET = "wJalrXUtnFEMI/K7MDENG+bPx=="


@pytest.mark.parametrize(
    "name", ["SecretAccessKey", "SessionToken", "sts:SecretAccessKey", "Password", "client_secret"]
)
def test_a_secret_element_goes_and_its_neighbours_stay(name):
    text = f"<?xml version='1.0'?>\n<A><{name}>{SECRET}</{name}><Expiration>2026-01-01T00:00:00Z</Expiration></A>"
    clean = redact.text(text.encode()).decode()

    assert clean == text.replace(SECRET, redact.MARK)


def test_an_element_with_attributes_or_cut_in_its_value_loses_it_too():
    assert b"<Password type='x'>[redacted]" == redact.text(b"<Password type='x'>hunter2")
    assert b" \n<token>[redacted]</token>" == redact.text(
        b" \n<session-token>hunter2</session-token>"
    ).replace(b"session-", b"")


def test_a_page_is_not_harmed():
    page = b"<html><body>Your token count<p class='key'>a</p></body></html>"

    assert page == redact.text(page)


def test_beside_a_secret_key_a_token_is_one():
    keys = {
        "AccessKeyId": "x",
        "SecretAccessKey": SECRET,
        "Token": SECRET,
        "Expiration": "2026-01-01T00:00:00Z",
    }
    clean = json.loads(redact.text(json.dumps(keys).encode()))

    assert {
        "AccessKeyId": "x",
        "SecretAccessKey": redact.MARK,
        "Token": redact.MARK,
        "Expiration": "2026-01-01T00:00:00Z",
    } == clean
    assert b'{"token": " the"}' == redact.text(b'{"token": " the"}')


@pytest.mark.parametrize("name", ["device_code", "deviceCode"])
def test_the_code_of_a_device_goes(name):
    assert {name: redact.MARK, "interval": 5} == json.loads(
        redact.text(json.dumps({name: SECRET, "interval": 5}).encode())
    )


@pytest.mark.parametrize(
    "name",
    [
        "device_code",
        "user_code",
        "code_verifier",
        "SAMLAssertion",
        "SAMLResponse",
        "WebIdentityToken",
        "TokenCode",
        "secret_id",
        "otp",
    ],
)
@pytest.mark.parametrize("place", ["%s=hunter2&a=1", "a=1&%s=hunter2"])
def test_a_parameter_of_a_form_goes(name, place):
    assert (place % name).replace("hunter2", redact.MARK).encode() == redact.form((place % name).encode())


def test_other_parameters_stay():
    form = b"Action=AssumeRole&RoleArn=arn&country_code=DE&grant_type=urn:x"

    assert form == redact.form(form)
