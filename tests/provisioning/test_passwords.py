"""Generated passwords are random, long, and easy to read."""

from __future__ import annotations

from unittest import mock

from etelecom_async.provisioning import passwords


def test_generated() -> None:
    """Each password is another one, has each kind of characters, and none that look like others."""
    texts = [passwords.generate().reveal() for _ in range(200)]
    assert len(set(texts)) == 200
    for text in texts:
        assert len(text) == 16
        assert text.isascii()
        assert text.isalnum()
        assert not set(text) & set("0O1Ilo")
        assert all(set(text) & set(kind) for kind in passwords.KINDS)


def test_kinds() -> None:
    """A password without a digit, or a short one, is generated again."""
    letters = "".join(passwords.KINDS)
    texts = ["abcdefghJKLMNPQR", "abcdefghJKLMNP2", "abcdefghJKLMNP23efghJKLM"]
    drawn = [bytes(map(letters.index, text)) for text in texts]
    with mock.patch("secrets.token_bytes", side_effect=drawn):
        assert passwords.generate().reveal() == "abcdefghJKLMNP23"


def test_each_character_is_as_likely() -> None:
    """A byte that would favour some characters is left out."""
    letters = "".join(passwords.KINDS)
    drawn = bytes(range(222, 256)) + bytes(map(letters.index, "abcdefghJKLMNP"))
    with mock.patch("secrets.token_bytes", return_value=drawn):
        assert passwords.generate().reveal() == "89abcdefghJKLMNP"
