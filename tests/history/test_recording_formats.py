"""Test which responses are recordings, and the suffixes of their files."""

from __future__ import annotations

import pytest

from etelecom_async.history.recording_formats import accepts, is_page, suffix_of


@pytest.mark.parametrize(
    "kind",
    ["audio/wav", "audio/x-anything", "application/octet-stream", "", "application/ogg", "video/x-msvideo"],
)
def test_accepted(kind: str) -> None:
    """Audio is accepted, and bytes without a type; AVI, too, because such recordings were seen."""
    assert accepts(kind)


@pytest.mark.parametrize(
    "kind", ["text/html", "application/json", "multipart/byteranges", "image/png", "video/mp4"]
)
def test_not_accepted(kind: str) -> None:
    """Pages and other types are not."""
    assert not accepts(kind)


@pytest.mark.parametrize(
    "head", [b"<!DOCTYPE html><p>", b"\xef\xbb\xbf\r\n <HTML>", b"<?xml version='1.0'?><Error/>"]
)
def test_page(head: bytes) -> None:
    """A page is known by its first bytes, whatever the server calls it."""
    assert is_page(head)


def test_no_page() -> None:
    """Sound is no page, also if it begins with the sign of a tag."""
    assert not is_page(b"RIFF\0\0\0\0WAVE")
    assert not is_page(b"<<<<<<<<")
    assert not is_page(b"")


@pytest.mark.parametrize(
    ("kind", "head", "suffix"),
    [
        ("audio/x-wav", b"", "wav"),
        ("audio/mpeg", b"RIFF", "mp3"),
        ("video/x-msvideo", b"", "avi"),
        ("", b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        ("application/octet-stream", b"RIFF\0\0\0\0AVI LIST", "avi"),
        ("audio/unknown", b"OggS", "ogg"),
        ("", b"ID3\4", "mp3"),
        ("", b"\0\0\0\x20ftypM4A ", "m4a"),
        ("audio/../../x", b"anything", "bin"),
        ("", b"", "bin"),
    ],
)
def test_suffix(kind: str, head: bytes, suffix: str) -> None:
    """The suffix is one of a list: by the type, or else by the first bytes."""
    assert suffix_of(kind, head) == suffix
