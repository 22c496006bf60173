"""ElevenLabs: speech, sounds and music from text, text from speech. https://elevenlabs.io/docs/api-reference"""

from typing import Final

from hexr_autoinst.dissect.dialects.speech import SPEECH, TRANSCRIPTION
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="elevenlabs",
    provider="elevenlabs",
    hosts=("api.elevenlabs.io", ".elevenlabs.io"),
    endpoints=(
        post("/v1/text-to-speech/[^/]+(?P<stream>/stream)?(?:/with-timestamps)?", SPEECH),
        post("/v1/(?:text-to-dialogue|sound-generation)(?P<stream>/stream)?", SPEECH),
        post("/v1/speech-to-text", TRANSCRIPTION),
    ),
    aliases=("eleven_labs",),
)
