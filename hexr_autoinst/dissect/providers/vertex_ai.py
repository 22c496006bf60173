"""Google's Vertex AI: Gemini, and the models of others, each in its own shape. https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest

The model stands in the path; an endpoint of one's own is the model's name where there is no other.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from hexr_autoinst.dissect.dialects.gemini import GEMINI
from hexr_autoinst.dissect.dialects.gemini_embeddings import GEMINI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.gemini_interactions import GEMINI_AGENTS, GEMINI_INTERACTIONS
from hexr_autoinst.dissect.dialects.gemini_live import GEMINI_LIVE
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_family import openai_family
from hexr_autoinst.dissect.dialects.vertex_predict import VERTEX_EMBEDDINGS, VERTEX_IMAGES, VERTEX_TEXT
from hexr_autoinst.dissect.vendor import Vendor, one_of, post, websocket

_COLON: Final = "(?::|%3[Aa])"
_PLACE: Final = "/v1(?:beta1)?(?:/projects/[^/]+/locations/[^/]+)?"  # without it: express mode
_OWN: Final = f"{_PLACE}/(?P<model>endpoints/[^/:%]+)"
_GOOGLE: Final = f"{_PLACE}/publishers/google/models/(?P<model>[^/:%]+)"
_ANTHROPIC: Final = f"{_PLACE}/publishers/anthropic/models/(?P<model>(?!count-tokens)[^/:%]+)"
_OTHERS: Final = f"{_PLACE}/publishers/[^/]+/models/(?P<model>(?!count-tokens)[^/:%]+)"
_DRAWING: Final = f"{_PLACE}/publishers/google/models/(?P<model>image[^/:%]+)"
_GENERATE: Final = f"{_COLON}(?:generateContent|(?P<stream>streamGenerateContent))"
_RAW: Final = f"{_COLON}(?:rawPredict|(?P<stream>streamRawPredict))"

VENDOR: Final = Vendor(
    name="vertex_ai",
    provider="gcp.vertex_ai",
    hosts=(
        # regional, global, multi-region, private and mutual TLS
        r"~(?:[a-z0-9-]+-)?aiplatform(?:-[a-z0-9-]+)?(?:\.(?:[a-z0-9-]+\.rep|p|mtls|sandbox))?\.googleapis\.com",
        ".prediction.vertexai.goog",  # an endpoint with a name of its own
    ),
    endpoints=(
        post(f"{_GOOGLE}{_GENERATE}", GEMINI),
        post(f"{_OWN}{_GENERATE}", GEMINI),
        post(f"{_GOOGLE}{_COLON}embedContent", GEMINI_EMBEDDINGS),
        post(f"{_DRAWING}{_COLON}predict", VERTEX_IMAGES),
        *one_of(
            post(f"{_GOOGLE}{_COLON}predict", VERTEX_IMAGES),
            post(f"{_GOOGLE}{_COLON}predict", VERTEX_EMBEDDINGS),
            post(f"{_OWN}{_COLON}predict", VERTEX_TEXT),
        ),
        post(f"{_ANTHROPIC}{_RAW}", ANTHROPIC_MESSAGES),
        *one_of(post(f"{_OTHERS}{_RAW}", OPENAI_CHAT), post(f"{_OWN}{_RAW}", OPENAI_CHAT)),
        *one_of(post(f"{_PLACE}/interactions", GEMINI_AGENTS)),
        post(f"{_PLACE}/interactions", GEMINI_INTERACTIONS),
        websocket(
            r"/ws/google\.cloud\.aiplatform\.v1(?:beta1)?\.LlmBidiService/BidiGenerateContent", GEMINI_LIVE
        ),
        *openai_family(f"{_PLACE}/endpoints/[^/]+"),
    ),
    aliases=("vertex", "google_vertex", "google_vertex_ai"),
)
