"""The sender of a request: its test and its key."""

from __future__ import annotations

from typing import Any

import pytest
from multidict import CIMultiDict

from etelecom_async.sandbox.sender import EVERYONE, Sender, encode_test_name, read_key, read_test_name


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Sender()),
        ({"x-sandbox-test": " a ", "authorization": "bearer  k:1 "}, Sender("a", "k:1")),
        ({"X-Sandbox-Test": " ", "Authorization": "Bearer "}, Sender()),
        ({"Authorization": "Basic k:1"}, Sender()),
    ],
)
def test_head(headers: dict[str, str], expected: Sender) -> None:
    """The headers name test and key; a blank value, or a key of another scheme, is none."""
    assert Sender.of_head(CIMultiDict(headers)) == expected


def test_filters() -> None:
    """A field of a filter has to be equal; a field that is missing matches every value."""
    sender = Sender("a", "k")
    matching = [EVERYONE, Sender("a"), Sender(key="k"), sender]
    assert all(wanted.matches(sender) for wanted in matching)
    assert not any(wanted.matches(sender) for wanted in (Sender("b"), Sender("a", "l"), Sender(key="l")))
    assert not Sender("a").matches(Sender())


def test_a_key_is_not_printed() -> None:
    """The repr does not show the key."""
    assert "k:1" not in repr(Sender("a", "k:1"))


@pytest.mark.parametrize("name", ["", " ", " a", "a\n", "a\ud800", "a" * 501, None, 5])
def test_wrong_names_of_tests(name: Any) -> None:
    """A name that is blank, too long or not printable is refused."""
    with pytest.raises(ValueError, match=r"^test "):
        read_test_name(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tests/test_a.py::test_b[x-1 2]", "tests/test_a.py::test_b[x-1 2]"),
        ("test_gọi_nhỡ", "test_g%E1%BB%8Di_nh%E1%BB%A1"),
        ("a%20b", "a%2520b"),
        ("100%", "100%25"),
    ],
)
def test_names_of_pytest(name: str, value: str) -> None:
    """A node id is a name, with Vietnamese letters too; the header has it in ASCII, and returns it."""
    assert read_test_name(name) == name
    assert encode_test_name(name) == value
    assert Sender.of_head(CIMultiDict({"X-Sandbox-Test": value})) == Sender(name)


@pytest.mark.parametrize("key", ["", "Bearer canary", "can\nary", "canäry", None, 5])
def test_wrong_keys(key: Any) -> None:
    """A text that cannot be a key is refused, and the error does not quote it."""
    with pytest.raises(ValueError, match=r"^key ") as caught:
        read_key(key)
    assert "canary" not in str(caught.value)
