"""Know which responses are recordings, and which suffix their files get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

UNKNOWN: Final = "bin"
"""Suffix of a file whose format is unknown."""
_UNTYPED: Final = ("", "application/octet-stream", "binary/octet-stream")
_BY_TYPE: Final[Mapping[str, str]] = {
    "application/ogg": "ogg",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/basic": "au",
    "audio/flac": "flac",
    "audio/gsm": "gsm",
    "audio/mp3": "mp3",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/vnd.wave": "wav",
    "audio/wav": "wav",
    "audio/wave": "wav",
    "audio/webm": "webm",
    "audio/x-flac": "flac",
    "audio/x-gsm": "gsm",
    "audio/x-m4a": "m4a",
    "audio/x-wav": "wav",
    # Addresses of recordings that end with `.avi` were seen in public.
    "video/avi": "avi",
    "video/msvideo": "avi",
    "video/x-msvideo": "avi",
}
_FIRST_BYTES: Final = (
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (0, b"\xff\xfb", "mp3"),
    (0, b"fLaC", "flac"),
    (0, b"#!AMR", "amr"),
    (0, b".snd", "au"),
    (4, b"ftyp", "m4a"),
    (8, b"WAVE", "wav"),
    (8, b"AVI ", "avi"),
)
"""Where a format has its mark."""
_PAGES: Final = (b"<!doctype", b"<html", b"<?xml")
HEAD: Final = 512
"""Bytes of a file that tell its format, and an error page."""


def accepts(content_type: str) -> bool:
    """Return whether a recording may have a type of content; an empty one is not known."""
    return content_type.startswith("audio/") or content_type in _UNTYPED or content_type in _BY_TYPE


def is_page(head: bytes) -> bool:
    """Return whether a file is a page for people, whatever its type of content says."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES)


def suffix_of(content_type: str, head: bytes) -> str:
    """Return the suffix of a recording, by the type of its content, or else by its first bytes."""
    suffix = _BY_TYPE.get(content_type)
    if suffix is not None:
        return suffix
    return next((suffix for at, mark, suffix in _FIRST_BYTES if head.startswith(mark, at)), UNKNOWN)
