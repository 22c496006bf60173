import pytest

from hexr_autoinst.dissect.claim import Claim, question
from hexr_autoinst.dissect.providers.aws_bedrock import VENDOR as BEDROCK
from tests.dissect.asked import asked, chosen

HOST = "bedrock-runtime.eu-west-1.amazonaws.com"
CHAT = {"messages": [{"role": "user", "content": "x"}]}
NOVA = {"messages": [{"role": "user", "content": [{"text": "x"}]}]}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (HOST, "aws_bedrock"),
        ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "aws_bedrock"),
        ("bedrock-runtime.cn-north-1.amazonaws.com.cn", "aws_bedrock"),
        ("bedrock-runtime.us-east-1.api.aws", "aws_bedrock"),
        ("vpce-0a1b-2c3d.bedrock-runtime.us-east-1.vpce.amazonaws.com", "aws_bedrock"),
        ("bedrock-mantle.us-east-1.api.aws", "aws_bedrock"),
        ("bedrock-agent-runtime.us-east-1.amazonaws.com", "aws_bedrock_agent"),
        ("runtime.sagemaker.us-east-1.amazonaws.com", "aws_sagemaker"),
        ("runtime-fips.sagemaker.us-east-1.amazonaws.com", "aws_sagemaker"),
        ("bedrock.us-east-1.amazonaws.com", None),
        ("bedrock-agent.us-east-1.amazonaws.com", None),
        ("api.sagemaker.us-east-1.amazonaws.com", None),
        ("bedrock-runtime.us-east-1.amazonaws.com.example.com", None),
    ],
)
def test_every_door_is_known(host, expected):
    assert expected == question(asked(host, "/", {}).exchange).owner


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/model/m/converse", b"", "bedrock_converse"),
        ("/model/m/converse-stream", {}, "bedrock_converse"),
        ("/model/m/invoke", {"anthropic_version": "bedrock-2023-05-31", **CHAT}, "bedrock_anthropic"),
        ("/model/m/invoke", {"prompt": "x", "max_tokens_to_sample": 9}, "bedrock_anthropic_complete"),
        ("/model/m/invoke", NOVA, "bedrock_nova"),
        ("/model/m/invoke", CHAT, "bedrock_chat"),
        ("/model/m/invoke", {"message": "x"}, "bedrock_command"),
        ("/model/m/invoke", {"query": "x", "documents": ["a"]}, "bedrock_rerank"),
        ("/model/m/invoke", {"inputText": "x"}, "bedrock_embeddings"),
        ("/model/amazon.titan-embed-text-v1/invoke", {"inputText": "x"}, "bedrock_embeddings"),
        ("/model/m/invoke", {"inputText": "x", "textGenerationConfig": {}}, "bedrock_text"),
        ("/model/m/invoke", {"taskType": "TEXT_IMAGE"}, "bedrock_images"),
        ("/model/stability.stable-image-core-v1:1/invoke", {"prompt": "x"}, "bedrock_images"),
        ("/model/m/invoke", {"prompt": "x"}, "bedrock_text"),
        ("/model/m/invoke-with-response-stream", b"\x00", "bedrock_text"),
        ("/model/m/count-tokens", NOVA, None),
        ("/model/m/invoke-with-bidirectional-stream", b"", None),
        ("/guardrail/g/version/1/apply", {"source": "INPUT"}, None),
        ("/async-invoke", {"modelId": "luma.ray-v2:0"}, None),
        ("/openai/v1/chat/completions", CHAT, "openai_chat"),
        ("/openai/v1/responses", {"model": "m", "input": "x"}, "openai_responses"),
        ("/anthropic/v1/messages", {}, "anthropic_messages"),
        ("/anthropic/v1/messages/count_tokens", {}, None),
    ],
)
def test_path_and_body_name_the_shape(path, body, expected):
    about = question(asked(HOST, path, body).exchange)
    claim = BEDROCK.claim(about)

    assert claim is (Claim.HOST if expected else Claim.NO)
    assert (expected is None) is (chosen(about) is None)
    assert expected is None or expected == BEDROCK.open(about, content=False).dialect.name


@pytest.mark.parametrize(
    ("said", "model"),
    [
        ("anthropic.claude-v2%3A1", "anthropic.claude-v2:1"),
        ("anthropic.claude-v2:1", "anthropic.claude-v2:1"),
        ("arn%3Aaws%3Abedrock%3Aus-east-1%3A012345678901%3Aprompt-router%2Fa", "arn:aws:bedrock:us-east-1:012345678901:prompt-router/a"),
        ("arn:aws:bedrock:us-east-1:012345678901:inference-profile/us.m", "arn:aws:bedrock:us-east-1:012345678901:inference-profile/us.m"),
    ],
)  # fmt: skip
def test_the_model_is_the_exact_string_that_was_sent(said, model):
    for verb, stream in (("converse-stream", True), ("invoke", False)):
        found = BEDROCK.open(question(asked(HOST, f"/model/{said}/{verb}", NOVA).exchange), content=False).ask

        assert (model, stream) == (found.model, found.stream)
