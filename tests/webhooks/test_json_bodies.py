"""JSON of deliveries: lenient with values, strict with structure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etelecom_async.errors import InvalidWebhookError
from etelecom_async.webhooks.json_bodies import DEEPEST, read


def first(body: bytes) -> Any:
    """Return the only object of a body."""
    ((path, value),) = read(body)
    assert path == "$"
    return value


ACCEPTED: list[tuple[bytes, object]] = [
    (b"{}", {}),
    (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
    (b' \n{"a": 1}\t', {"a": 1}),
    (b'{"a": NaN, "b": Infinity, "c": -Infinity, "d": 1e999}', {"a": None, "b": None, "c": None, "d": None}),
    (b'{"a": 12345678901234567890123, "b": -1.5e3}', {"a": 12345678901234567890123, "b": -1500.0}),
    (b'{"a": ' + b"9" * 5000 + b"}", {"a": None}),
    (b'{"a": "\\ud800x", "\\udc00": 1}', {"a": "\ufffdx", "\ufffd": 1}),
    (b'{"a": "caf\xe9"}', {"a": "caf\ufffd"}),
    (b'{"a": "one\ntwo\x00"}', {"a": "one\ntwo\x00"}),
    (b'{"a": {"x": 1}, "b": {"x": 2}}', {"a": {"x": 1}, "b": {"x": 2}}),
]


@pytest.mark.parametrize(("body", "expected"), ACCEPTED, ids=range(len(ACCEPTED)))
def test_accepted(body: bytes, expected: object) -> None:
    """Values that almost fit are read as the client reads those of a response."""
    assert first(body) == expected


def test_array() -> None:
    """Each object of an array has its path; an empty array has none."""
    assert read(b'[{"a": 1}, {}]') == (("$[0]", {"a": 1}), ("$[1]", {}))
    assert read(b"[]") == ()


REFUSED = [
    (b"", "the body is not JSON in UTF-8 @ $"),
    (b'{"a": 1', "the body is not JSON in UTF-8 @ $"),
    (b"{'a': 1}", "the body is not JSON in UTF-8 @ $"),
    (b'{"a": 1,}', "the body is not JSON in UTF-8 @ $"),
    (b'{"a": 01}', "the body is not JSON in UTF-8 @ $"),
    ('{"a": 1}'.encode("utf-16"), "the body is not JSON in UTF-8 @ $"),
    (b"12", "number in place of an object @ $"),
    (b'"0912345678"', "text in place of an object @ $"),
    (b"true", "boolean in place of an object @ $"),
    (b"null", "null in place of an object @ $"),
    (b"[[]]", "array in place of an object @ $[0]"),
    (b'{"a": 1, "a": 1}', "an object has the same name twice @ $"),
    (b'[{"b": [{"a": 1, "\\u0061": 2}]}]', "an object has the same name twice @ $"),
    (b"[" * 300_000, "more than 100 objects and arrays inside one another @ $"),
]


@pytest.mark.parametrize(("body", "problem"), REFUSED, ids=range(len(REFUSED)))
def test_refused(body: bytes, problem: str) -> None:
    """Everything else is refused with its problem. The error shows nothing of the body, and has no cause."""
    with pytest.raises(InvalidWebhookError) as caught:
        read(body)
    assert caught.value.problems == (problem,)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_problems_are_few() -> None:
    """At most ten problems are named."""
    with pytest.raises(InvalidWebhookError) as caught:
        read(json.dumps([1] * 50).encode())
    assert len(caught.value.problems) == 10


@pytest.mark.parametrize(("opening", "closing"), [(b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_depth(opening: bytes, closing: bytes) -> None:
    """The deepest body is accepted, and one level more is refused."""
    levels = DEEPEST // len(closing)
    read(opening * 1 + b"[" * (DEEPEST - len(closing)) + b"]" * (DEEPEST - len(closing)) + closing)
    with pytest.raises(InvalidWebhookError, match="more than 100"):
        read(opening * (levels + 1) + b"1" + closing * (levels + 1))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
    max_leaves=20,
)


@settings(max_examples=30)
@given(st.dictionaries(st.text(), JSON))
def test_valid_json_is_unchanged(value: dict[str, Any]) -> None:
    """Any valid object is read unchanged, however its texts are escaped."""
    for ascii_only in (True, False):
        assert first(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@settings(max_examples=30)
@given(st.binary())
def test_any_bytes(body: bytes) -> None:
    """Any bytes are read, or raise the one error."""
    try:
        units = read(body)
    except InvalidWebhookError:
        return
    json.dumps(units)
