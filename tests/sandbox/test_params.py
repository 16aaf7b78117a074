"""Checks that types do not express."""

from __future__ import annotations

import pytest

from etelecom_async.errors import InvalidArgumentError
from etelecom_async.sandbox.params import (
    read_choice,
    read_id,
    read_ids,
    read_number,
    read_optional_id,
    read_optional_text,
    read_text,
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
    """Any other text raises an error that names the field."""
    with pytest.raises(InvalidArgumentError) as caught:
        read_id(text, "hotline_id")
    assert caught.value.meta == {"field": "hotline_id"}


@pytest.mark.parametrize("text", [None, "", "0"])
def test_unset_ids(text: str | None) -> None:
    """An unset id is missing, empty or "0"."""
    assert read_optional_id(text, "user_id") is None


def test_numbers() -> None:
    """A whole number is between its minimum and the maximum of 64 bits."""
    assert read_number(1, "extension_number", minimum=1) == 1
    for number in (None, 0, 2**63):
        with pytest.raises(InvalidArgumentError):
            read_number(number, "extension_number", minimum=1)


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_blank_texts(text: str | None) -> None:
    """A required text is not blank."""
    assert read_text("x", "name") == "x"
    with pytest.raises(InvalidArgumentError, match="name is required"):
        read_text(text, "name")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://example.com/redirect?token=1&shop_id=2"])
def test_urls(url: str) -> None:
    """A URL is returned unchanged."""
    assert read_url(url, "url") == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "/path", "javascript:alert(1)", "https://", "http://[", "ftp://a"),
        *("http://a:x", "http://a:99999", "http://a:-1"),
        *(f"https://a.example/{character}b" for character in "\r\n\0\t\x1f\x7f\x85\u2028\u200b\ufeff\ud800 "),
        *("https://a.example/\r\nSet-Cookie: a=b", " https://a.example", "https://a.example\n", "ht\ntp://a"),
    ],
)
def test_wrong_urls(url: str) -> None:
    """Only an absolute http or https URL is accepted."""
    with pytest.raises(InvalidArgumentError, match="redirect_url"):
        read_url(url, "redirect_url")


def test_texts_have_a_limit() -> None:
    """A limit counts characters, not bytes; a missing optional text is empty."""
    assert read_optional_text("ắ" * 5, "title", max_length=5) == "ắ" * 5
    assert read_optional_text(None, "title", max_length=5) == ""
    with pytest.raises(InvalidArgumentError, match="6 characters, but at most 5 are allowed") as caught:
        read_optional_text("x" * 6, "title", max_length=5)
    assert caught.value.meta == {"field": "title"}


def test_required_texts_have_a_limit() -> None:
    """A required text may have a limit too."""
    assert read_text("x" * 5, "title", max_length=5) == "x" * 5
    with pytest.raises(InvalidArgumentError, match="6 characters, but at most 5 are allowed"):
        read_text("x" * 6, "title", max_length=5)
    with pytest.raises(InvalidArgumentError, match="title is required"):
        read_text(" ", "title", max_length=5)


def test_ids_of_a_list() -> None:
    """Each id of a list is checked; the error names its position."""
    assert read_ids(["1", "0"], "filter.user_ids") == [1, 0]
    with pytest.raises(InvalidArgumentError) as caught:
        read_ids(["1", "x"], "filter.user_ids")
    assert caught.value.meta == {"field": "filter.user_ids[1]"}


@pytest.mark.parametrize("text", [None, "", "c", "A"])
def test_choices(text: str | None) -> None:
    """A choice is one of the known texts; the error lists them."""
    assert read_choice("b", "kind", ("a", "b")) == "b"
    with pytest.raises(InvalidArgumentError, match="kind is not one of a, b") as caught:
        read_choice(text, "kind", ("a", "b"))
    assert caught.value.meta == {"field": "kind"}
