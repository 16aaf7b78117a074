"""Test reading of JSON that is almost valid; `test_responses` has more."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async._core.codec import lenient_json

_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    # No half surrogates: valid JSON has none.
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(value=_JSON)
def test_valid_json_is_unchanged(value: Any) -> None:
    """Valid JSON is read as it is, without repairs, with and without a byte order mark."""
    body = json.dumps(value).encode()
    for mark in (b"", lenient_json.BYTE_ORDER_MARK):
        assert lenient_json.read(mark + body) == (msgspec.json.decode(body), {})


@given(text=st.text(st.characters(exclude_categories=())), is_escaped=st.booleans())
def test_any_text(text: str, *, is_escaped: bool) -> None:
    """A text with any code points, escaped or raw, is read as text that UTF-8 can write."""
    if is_escaped:
        body = json.dumps({"a": text}).encode()
    else:
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        body = f'{{"a": "{quoted}"}}'.encode(errors="surrogatepass")
    value, repairs = lenient_json.read(body)
    (read,) = value.values()  # type: ignore[attr-defined] - an object, as it was written
    read.encode()
    is_bad = any("\ud800" <= letter <= "\udfff" for letter in json.loads(json.dumps(text)))
    has_control = not is_escaped and any(letter < " " for letter in text)
    assert bool(repairs) == (is_bad or has_control)
    if not is_bad:
        assert read == text


@given(data=st.binary(max_size=20))
def test_any_bytes_in_a_text(data: bytes) -> None:
    """Any bytes in a text are read as Python reads them with replacements."""
    data = data.replace(b"\\", b"").replace(b'"', b"")
    value, repairs = lenient_json.read(b'["' + data + b'"]')
    assert value == [data.decode(errors="replace")]
    is_whole = data.decode(errors="ignore").encode() == data
    assert bool(repairs) == (not is_whole or any(byte < ord(" ") for byte in data))


@given(data=st.binary(max_size=50))
def test_any_bytes(data: bytes) -> None:
    """Any bytes are read, or refused as no JSON."""
    try:
        value, _ = lenient_json.read(data)
    except ValueError:
        return
    json.dumps(value, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("body", "value", "repairs"),
    [
        (b"NaN", None, {(): "Number that is not finite"}),
        (b"[%b, -1]" % (b"9" * 5000), [None, -1], {(0,): "Number that is not finite"}),
        (b'{"a": [1, -Infinity]}', {"a": [1, None]}, {("a", 1): "Number that is not finite"}),
        (b'[{"a\nb": "\x01"}]', [{"a\nb": "\x01"}], [(0, "?"), (0, "a\udfff\udc0ab")]),
        (b'{"a": "{"b": "c"}"}', {"a": {"b": "c"}}, {(): "Object in quotes without escapes"}),
        (b'{"a": "{"b": "c\n"}"}', {"a": {"b": "c\n"}}, [(), ("a", "b")]),
        (b'{\n"a": "{"b":\n"c"}"\n}', {"a": {"b": "c"}}, {(): "Object in quotes without escapes"}),
        (b'"\\"\n"', '"\n', {(): "Invalid characters in a text"}),
        (b'["\\\\", "\n"]', ["\\", "\n"], {(1,): "Invalid characters in a text"}),
        (b'"\\udcc3\\udca9"', "é", {(): "Invalid characters in a text"}),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_repairs(body: bytes, value: object, repairs: Any) -> None:
    """Each repaired part is named by its place."""
    reading = lenient_json.read(body)
    assert reading.value == value
    if isinstance(repairs, list):
        assert set(reading.repairs) == set(repairs)
    else:
        assert reading.repairs == repairs


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Input data was truncated"),
        (b'{"a": "b"', "Input data was truncated"),
        (b'{"a": NaN} x', "JSON is malformed: invalid character (byte 6)"),
        (b'{"a": "\n', "JSON is malformed: invalid character (byte 7)"),
        (b'{"a": "{"b": "c"}" x}', "JSON is malformed: expected ',' or '}' (byte 9)"),
        (b"9" * 5000 + b"x", "Integer value out of range"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_no_json(body: bytes, reason: str) -> None:
    """Anything else is refused, with the reason of a strict reader, which names the first place."""
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        lenient_json.read(body)


def test_deep_json() -> None:
    """JSON that is too deep raises RecursionError, as every reader does."""
    with pytest.raises(RecursionError):
        lenient_json.read(b"[" * 100_000)


def test_path() -> None:
    """A path shows plain keys, and hides indexes and unusual keys."""
    assert lenient_json.show(()) == "$"
    assert lenient_json.show(("call_logs", 5, "note")) == "$.call_logs[...].note"
    assert lenient_json.show(("a", "0901234567", "b c", "é")) == "$.a[...][...].é"
