"""
Recordings of calls: each is a moment of silence.

The platform does not say how its recording URLs are made; here they lead back to the sandbox, so that nothing
that follows them leaves the machine. Where the sandbox listens is known only when it answers, so records are
kept with a mark in place of it.
"""

from __future__ import annotations

import io
import wave
from functools import cache
from typing import Final

_ORIGIN: Final = "{origin}"
PATH: Final = "/recordings/{call_id}.wav"
CONTENT_TYPE: Final = "audio/wav"

_RATE: Final = 8000
_SECONDS: Final = 1


def recording_url(call_id: int) -> str:
    """Return a URL as records are kept with it."""
    return _ORIGIN + PATH.format(call_id=call_id)


def at_origin(doc: str, origin: str) -> str:
    """Return a record's JSON with URLs that can be followed."""
    return doc.replace(_ORIGIN, origin)


@cache
def silence() -> bytes:
    """Return the recording: mono, 8 kHz, 8 bits, as telephone exchanges write it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(1)
        recording.setframerate(_RATE)
        recording.writeframes(b"\x80" * (_RATE * _SECONDS))
    return file.getvalue()
