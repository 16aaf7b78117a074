"""
Recordings of calls: each is one second of silence.

The documentation does not describe recording URLs. The URLs of the sandbox lead back to it, so no download
leaves the machine. The origin of the sandbox is known only when it responds, so records are stored with a
placeholder.
"""

from __future__ import annotations

import io
import json
import wave
from functools import cache
from typing import Final

_ORIGIN: Final = "{origin}"
PATH: Final = "/recordings/{call_id}.wav"
CONTENT_TYPE: Final = "audio/wav"

_RATE: Final = 8000
_SECONDS: Final = 1


def recording_url(call_id: int) -> str:
    """Return the URL of a recording, with the placeholder for the origin."""
    return _ORIGIN + PATH.format(call_id=call_id)


def at_origin(doc: str, origin: str) -> str:
    """Return the JSON of a record with the origin in its URLs."""
    return doc.replace(_ORIGIN, json.dumps(origin)[1:-1])


@cache
def silence() -> bytes:
    """Return the recording: mono, 8 kHz, 8 bits, as telephone exchanges record it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(1)
        recording.setframerate(_RATE)
        recording.writeframes(b"\x80" * (_RATE * _SECONDS))
    return file.getvalue()
