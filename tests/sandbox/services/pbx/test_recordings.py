"""Recordings of calls."""

from __future__ import annotations

import io
import json
import wave

import pytest

from etelecom_async.sandbox.services.pbx import recordings


def test_silence_is_a_recording() -> None:
    """The file is a mono WAV of one second."""
    with wave.open(io.BytesIO(recordings.silence())) as file:
        assert (file.getnchannels(), file.getnframes() / file.getframerate()) == (1, 1.0)
        assert set(file.readframes(8000)) == {0x80}


def test_urls_have_the_origin_of_the_request() -> None:
    """A record is stored without an origin, and returned with the origin that the caller used."""
    doc = f'{{"recording_urls":["{recordings.recording_url(12)}"]}}'
    answered = recordings.at_origin(doc, "http://127.0.0.1:8080")
    assert answered == '{"recording_urls":["http://127.0.0.1:8080/recordings/12.wav"]}'


@pytest.mark.parametrize("origin", ['http://a"b', "http://a\\b", "http://a\n", "http://é"])
def test_the_origin_is_escaped(origin: str) -> None:
    """An origin with characters that JSON escapes keeps the record valid."""
    doc = f'{{"recording_urls":["{recordings.recording_url(12)}"]}}'
    record = json.loads(recordings.at_origin(doc, origin))
    assert record == {"recording_urls": [f"{origin}/recordings/12.wav"]}
