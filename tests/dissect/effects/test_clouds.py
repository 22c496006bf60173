import pytest

from hexr_autoinst.dissect.effects.clouds import Service, by_host, domain, service
from tests.dissect.effects.asking import request

SIGNED = "AWS4-HMAC-SHA256 Credential=[redacted]/20260105/{}/aws4_request, SignedHeaders=host, Signature=[redacted]"


def test_a_signature_says_more_than_a_host():
    asked = request("http://127.0.0.1:5000/b/k", headers={"authorization": SIGNED.format("eu-west-1/s3")})

    assert Service("aws_s3", "eu-west-1", "aws") == service(asked)


def test_who_is_asked_before_there_is_a_credential_names_itself():
    headers = {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth"}

    assert Service("aws_cognito-idp", None, "aws") == service(
        request("http://127.0.0.1:5000/", "POST", headers)
    )
    assert (
        "us-east-1"
        == service(request("https://cognito-idp.us-east-1.amazonaws.com/", "POST", headers)).region
    )


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("s3.amazonaws.com", ("aws_s3", None)),
        ("bucket.s3.eu-west-1.amazonaws.com", ("aws_s3", "eu-west-1")),
        ("my.dotted.bucket.s3.us-gov-west-1.amazonaws.com", ("aws_s3", "us-gov-west-1")),
        ("bucket.s3-us-west-2.amazonaws.com", ("aws_s3", "us-west-2")),
        ("dynamodb.us-east-1.amazonaws.com", ("aws_dynamodb", "us-east-1")),
        ("sqs-fips.us-east-1.amazonaws.com", ("aws_sqs", "us-east-1")),
        ("ec2.cn-north-1.amazonaws.com.cn", ("aws_ec2", "cn-north-1")),
        ("abc123.execute-api.eu-west-1.amazonaws.com", ("aws_execute-api", "eu-west-1")),
        ("id.lambda-url.eu-west-1.on.aws", ("aws_lambda-url", "eu-west-1")),
        ("s3.dualstack.us-west-2.amazonaws.com", ("aws_s3", "us-west-2")),
        ("search-logs-x.us-east-1.es.amazonaws.com", ("aws_es", "us-east-1")),
        ("bedrock.us-east-1.api.aws", ("aws_bedrock", "us-east-1")),
        ("storage.googleapis.com", ("gcp_storage", None)),
        ("bucket.storage.googleapis.com", ("gcp_storage", None)),
        ("bigquery.googleapis.com", ("gcp_bigquery", None)),
        ("us-central1-aiplatform.googleapis.com", ("gcp_aiplatform", "us-central1")),
        ("spanner.europe-west4.rep.googleapis.com", ("gcp_spanner", "europe-west4")),
        ("pubsub.mtls.googleapis.com", ("gcp_pubsub", None)),
        ("acct.blob.core.windows.net", ("azure_blob", None)),
        ("v.vault.azure.net", ("azure_keyvault", None)),
        ("westeurope.api.cognitive.microsoft.com", ("azure_cognitiveservices", None)),
        ("graph.microsoft.com", ("azure_graph", None)),
        ("management.azure.com", ("azure_management", None)),
        ("api.stripe.com", ("stripe.com", None)),
        ("data.weather.co.uk", ("weather.co.uk", None)),
        ("proj.supabase.co", ("supabase.co", None)),
        ("notamazonaws.com", ("notamazonaws.com", None)),
        ("googleapis.com.evil.test", ("googleapis.com.evil.test", None)),
        ("localhost", ("localhost", None)),
        ("orders.shop.svc.cluster.local", ("orders.shop.svc.cluster.local", None)),
        ("10.1.2.3", ("10.1.2.3", None)),
        ("2001:db8::0:1", ("2001:db8::1", None)),
    ],
)
def test_a_host_says_whose_it_is(host, expected):
    found = by_host(host)

    assert expected == (found.name, found.region)
    assert found.cloud == (found.name.partition("_")[0] if "_" in found.name else "")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/calendar/v3/calendars/primary", "gcp_calendar"), ("/upload/drive/v3/files", "gcp_drive"), ("/batch/gmail/v1", "gcp_gmail"),
        ("/", "gcp_www"), ("/A%20b/v1", "gcp_www"),
    ],
)  # fmt: skip
def test_the_old_host_of_google_names_the_api_in_the_path(path, expected):
    assert expected == service(request(f"https://www.googleapis.com{path}")).name


@pytest.mark.parametrize(
    "host", ["", ".", "..", "a..b", "-", "x" * 300, "ü.example", "1.2.3", "::ffff:1.2.3.4"]
)
def test_any_host_has_a_service(host):
    assert isinstance(domain(host), str)
    assert by_host(host).cloud == ""
