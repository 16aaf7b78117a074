"""Test how errors name values: by their type, without showing them."""

from __future__ import annotations

import math
from enum import Enum
from typing import Any

import pytest

from etelecom_async import Secret
from etelecom_async._core.values import kind_of, quoted_name


class Hostile:
    """A value whose comparison and text fail."""

    def __eq__(self, _: object) -> bool:
        raise AssertionError

    def __hash__(self) -> int:
        raise AssertionError

    def __repr__(self) -> str:
        raise AssertionError


class Text(str):
    """A text of another class."""

    __slots__ = ()


CANARIES: list[tuple[Any, str]] = [
    ("482913", "str"),
    (482913, "int"),
    (4829.13, "float"),
    (b"482913", "bytes"),
    (Text("482913"), "Text"),
    (Secret("482913"), "Secret"),
    ({"otp": "482913"}, "dict"),
    (["482913"], "list of str"),
    (("482913", 482913, None, 4829.13), "tuple of NoneType, float, int"),
    ({"482913"}, "set of str"),
    (frozenset({482913}), "frozenset of int"),
    (Enum("OTP", {"CODE": "482913"}), "EnumType"),
    (Hostile(), "Hostile"),
]


@pytest.mark.parametrize(("value", "kind"), CANARIES, ids=[kind for _, kind in CANARIES])
def test_kind_of(value: object, kind: str) -> None:
    """The text is the type of the value, with the types of the items in a list."""
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "None"), ("", "''"), (math.nan, "nan"), (-math.inf, "-inf"), ([], "empty list"), ({}, "dict")],
)
def test_empty_values(value: object, text: str) -> None:
    """Values without content are shown, because they explain the error."""
    assert kind_of(value) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("customer_name", "'customer_name'"),
        ("tên", "'tên'"),
        ("shop.current", "'shop.current'"),
        ("482913", "str"),
        ("0901234567", "str"),
        ("shop1:canary", "str"),
        ("a b", "str"),
        ("a" * 62, "str"),
        ("", "''"),
        (482913, "int"),
        (None, "None"),
    ],
)
def test_quoted_name(name: object, text: str) -> None:
    """A name is quoted if it looks like one; anything else may be a value in the wrong place."""
    assert quoted_name(name) == text
