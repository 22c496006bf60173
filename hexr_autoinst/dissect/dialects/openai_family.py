"""The endpoints that OpenAI's many imitators have, below whatever prefix each of them puts first."""

from typing import Final

from hexr_autoinst.dissect.dialects.openai_audio import OPENAI_SPEECH, OPENAI_TRANSCRIPTION
from hexr_autoinst.dissect.dialects.openai_chat import OPENAI_CHAT
from hexr_autoinst.dissect.dialects.openai_completions import OPENAI_COMPLETIONS
from hexr_autoinst.dissect.dialects.openai_embeddings import OPENAI_EMBEDDINGS
from hexr_autoinst.dissect.dialects.openai_images import OPENAI_IMAGES
from hexr_autoinst.dissect.dialects.openai_moderations import OPENAI_MODERATIONS
from hexr_autoinst.dissect.dialects.openai_realtime import OPENAI_REALTIME
from hexr_autoinst.dissect.dialects.openai_responses import OPENAI_RESPONSE_SEEN, OPENAI_RESPONSES
from hexr_autoinst.dissect.dialects.openai_responses_socket import OPENAI_RESPONSES_SOCKET
from hexr_autoinst.dissect.dialects.openai_runs import OPENAI_RUN_SEEN, OPENAI_RUNS
from hexr_autoinst.dissect.vendor import Endpoint, get, post, websocket

_ID: Final = "[^/]+"
_THREAD: Final = "/threads/(?P<conversation>[^/]+)"
# `/responses/input_tokens` counts, `/responses/{id}/cancel` stops: no model is asked.
_RESPONSES: Final = (
    (post, "/responses(?:/compact)?", OPENAI_RESPONSES),
    (get, f"/responses/{_ID}", OPENAI_RESPONSE_SEEN),
    (websocket, "/responses", OPENAI_RESPONSES_SOCKET),
)
_FAMILY: Final = (
    (post, "/chat/completions", OPENAI_CHAT),
    # Not those that end alike: chat's, and code's "fill in the middle", which is Mistral's.
    (post, "(?<!/chat)(?<!/fim)/completions", OPENAI_COMPLETIONS),
    (post, "/embeddings", OPENAI_EMBEDDINGS),
    *_RESPONSES,
    (post, "/images/(?:generations|edits|variations)", OPENAI_IMAGES),
    (post, "/audio/speech", OPENAI_SPEECH),
    (post, "/audio/(?:transcriptions|translations)", OPENAI_TRANSCRIPTION),
    (post, "/moderations", OPENAI_MODERATIONS),
    (websocket, "/realtime", OPENAI_REALTIME),
)
_RUNS: Final = (
    (post, "/threads/runs", OPENAI_RUNS),
    (post, f"{_THREAD}/runs", OPENAI_RUNS),
    (post, f"{_THREAD}/runs/{_ID}/submit_tool_outputs", OPENAI_RUNS),
    (get, f"{_THREAD}/runs/{_ID}", OPENAI_RUN_SEEN),
)


def openai_family(prefix: str = "/v1") -> tuple[Endpoint, ...]:
    """What many of them have, below a prefix (a regular expression)."""
    return tuple(method(f"{prefix}{path}", dialect) for method, path, dialect in _FAMILY)


def openai_runs(prefix: str = "/v1") -> tuple[Endpoint, ...]:
    """Runs of assistants, which are OpenAI's and Azure's."""
    return tuple(method(f"{prefix}{path}", dialect) for method, path, dialect in _RUNS)
