"""Sber's GigaChat: OpenAI's shape below a path of its own. https://developers.sber.ru/docs/ru/gigachat/api/reference/rest/gigachat-api"""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.vendor import Vendor

VENDOR: Final = Vendor(
    name="gigachat",
    provider="gigachat",
    hosts=("gigachat.devices.sberbank.ru", "api.giga.chat"),
    endpoints=openai_family("(?:/api)?/v1"),
    aliases=("sber",),
)
