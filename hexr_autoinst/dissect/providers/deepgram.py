"""Deepgram, where it is asked over HTTP: text from a recording, speech from text. https://developers.deepgram.com/reference

The model is asked for in the query, which the answer's own name for it stands beside.
"""

from typing import Final

from hexr_autoinst.dissect.dialects.speech import SPEECH, TRANSCRIPTION
from hexr_autoinst.dissect.vendor import Vendor, post

VENDOR: Final = Vendor(
    name="deepgram",
    provider="deepgram",
    hosts=("api.deepgram.com", "api.eu.deepgram.com"),
    endpoints=(post("/v1/listen", TRANSCRIPTION), post("/v1/speak", SPEECH)),
)
