"""YandexGPT: its own API, and OpenAI's shapes beside it. https://yandex.cloud/en/docs/ai-studio/"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.yandex import YANDEX, YANDEX_EMBEDDING
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="yandex",
    provider="yandex",
    hosts=("llm.api.cloud.yandex.net", "ai.api.cloud.yandex.net"),
    endpoints=(
        post("/foundationModels/v1/completion", YANDEX),
        post("/foundationModels/v1/textEmbedding", YANDEX_EMBEDDING),
        *openai_family(),
    ),
    aliases=("yandexgpt", "yandex_cloud"),
)
