"""What a type does not say about an argument."""

from __future__ import annotations

import pytest

from etelecom_async.errors import InvalidArgumentError
from etelecom_async.sandbox.arguments import (
    read_id,
    read_number,
    read_optional_id,
    read_text,
    read_text_of,
    read_url,
)


@pytest.mark.parametrize("text", ["0", "1", "1415096549774721835", str(2**63 - 1)])
def test_ids(text: str) -> None:
    """An id is a whole number of 64 bits as text."""
    assert read_id(text, "id") == int(text)


@pytest.mark.parametrize(
    "text", [None, "", " ", "-1", "1.0", "1_0", "\u0661", "x", "1 ", str(2**63), "9" * 5000]
)
def test_wrong_ids(text: str | None) -> None:
    """Anything else is refused by the name of its field."""
    with pytest.raises(InvalidArgumentError) as caught:
        read_id(text, "hotline_id")
    assert caught.value.meta == {"field": "hotline_id"}


@pytest.mark.parametrize("text", [None, "", "0"])
def test_unset_ids(text: str | None) -> None:
    """An id that is left out may be absent, empty or the platform's "0"."""
    assert read_optional_id(text, "user_id") is None


def test_numbers() -> None:
    """A whole number is between its least value and the greatest of 64 bits."""
    assert read_number(1, "extension_number", least=1) == 1
    for number in (None, 0, 2**63):
        with pytest.raises(InvalidArgumentError):
            read_number(number, "extension_number", least=1)


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_blank_texts(text: str | None) -> None:
    """A text that has to be there is not blank."""
    assert read_text("x", "name") == "x"
    with pytest.raises(InvalidArgumentError, match="name is required"):
        read_text(text, "name")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://example.com/redirect?token=1&shop_id=2"])
def test_urls(url: str) -> None:
    """A URL is taken as it is."""
    assert read_url(url, "url") == url


@pytest.mark.parametrize(
    "url", ["", "example.com", "/path", "javascript:alert(1)", "https://", "http://[", "ftp://a"]
)
def test_wrong_urls(url: str) -> None:
    """Only a whole http or https URL is one that a browser may be sent to."""
    with pytest.raises(InvalidArgumentError, match="redirect_url"):
        read_url(url, "redirect_url")


def test_texts_have_a_limit() -> None:
    """Characters are counted, not bytes; a text that is left out is empty."""
    assert read_text_of("ắ" * 5, "title", longest=5) == "ắ" * 5
    assert read_text_of(None, "title", longest=5) == ""
    with pytest.raises(InvalidArgumentError, match="6 characters, but may have 5") as caught:
        read_text_of("x" * 6, "title", longest=5)
    assert caught.value.meta == {"field": "title"}
