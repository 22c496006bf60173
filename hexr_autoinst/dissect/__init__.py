"""What an exchange meant. Dissectors are listed here and nowhere else; their order means nothing."""

from typing import Final

from hexr_autoinst.dissect.claim import Dissector
from hexr_autoinst.dissect.providers.anthropic import ANTHROPIC
from hexr_autoinst.dissect.providers.openai import OPENAI

DISSECTORS: Final[tuple[Dissector, ...]] = (OPENAI, ANTHROPIC)
