"""Baidu's Qianfan: ERNIE's first API with the model in the path, and OpenAI's shape since. https://cloud.baidu.com/doc/qianfan-api/index.html"""

from typing import Final

from hexr_autoinst.dissect.dialects.ernie import ERNIE
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.rerank import RERANK
from hexr_autoinst.dissect.vendor import Vendor, post

_FIRST: Final = "/(?:rpc/2[.]0/ai_custom/v1/)?wenxinworkshop"
_MODEL: Final = "(?P<model>[^/]+)"

VENDOR: Final = Vendor(
    name="baidu",
    provider="baidu",
    hosts=("aip.baidubce.com", "qianfan.baidubce.com"),
    endpoints=(
        post(f"{_FIRST}/(?:chat|completions)/{_MODEL}", ERNIE),
        post(f"{_FIRST}/embeddings/{_MODEL}", OPENAI_EMBEDDINGS),
        post(f"{_FIRST}/reranker/{_MODEL}", RERANK),
        post("/v2/rerank", RERANK),
        *openai_family("/v2"),
    ),
    aliases=("qianfan", "ernie", "baiducloud"),
)
