"""Google's Gemini API, and its shape wherever else it is spoken. https://ai.google.dev/api

countTokens, files, cached contents, batches and long-running predictions (Veo) are no calls of a model that is answered.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.gemini import GEMINI
from hexr_autoinst.dissect.dialects.gemini_embeddings import GEMINI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.gemini_interactions import GEMINI_AGENTS, GEMINI_INTERACTIONS
from hexr_autoinst.dissect.dialects.gemini_live import GEMINI_LIVE
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.vertex_predict import VERTEX_IMAGES
from hexr_autoinst.dissect.vendor import Vendor, anywhere, one_of, post, websocket

# Tuned and dynamic models are named with their kind: it is no other model's name.
_MODEL: Final = "/(?:models/)?(?P<model>(?:tunedModels/|dynamic/)?[^/:%]+)"
_COLON: Final = "(?::|%3[Aa])"
_GENERATE: Final = post(
    f"{_MODEL}{_COLON}(?:generateContent|generateAnswer|(?P<stream>streamGenerateContent))", GEMINI
)
_EMBED: Final = post(f"{_MODEL}{_COLON}(?:embedContent|batchEmbedContents)", GEMINI_EMBEDDINGS)
_VERSION: Final = "/v1(?:alpha|beta[0-9]*)?"
# With a token of a few minutes' life, its constraints are part of the method's name.
_LIVE: Final = websocket(
    r"/ws/google\.ai\.generativelanguage\.v1(?:alpha|beta[0-9]*)?\.GenerativeService[./]BidiGenerateContent(?:Constrained)?",
    GEMINI_LIVE,
)

VENDOR: Final = Vendor(
    name="gemini",
    provider="gcp.gemini",
    hosts=("generativelanguage.googleapis.com", "generativelanguage.mtls.googleapis.com"),
    endpoints=(
        post(f"{_VERSION}{_GENERATE.path.pattern}", GEMINI),
        post(f"{_VERSION}{_EMBED.path.pattern}", GEMINI_EMBEDDINGS),
        post(f"{_VERSION}{_MODEL}{_COLON}predict", VERTEX_IMAGES),
        *one_of(post(f"{_VERSION}/interactions", GEMINI_AGENTS)),
        post(f"{_VERSION}/interactions", GEMINI_INTERACTIONS),
        _LIVE,
        *openai_family(f"{_VERSION}/openai"),
    ),
    elsewhere=anywhere(_GENERATE, _EMBED, _LIVE),
    aliases=("google", "google_genai", "googleaistudio", "google_ai_studio"),
)
