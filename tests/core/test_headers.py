"""Test the headers of the caller: which names and values are valid, and that no error shows a value."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from markupsafe import Markup
from multidict import CIMultiDict
from pydantic import SecretBytes, SecretStr

from etelecom_async import ConfigurationError, KeyKind, Secret
from etelecom_async._core.api_keys import Identity
from etelecom_async._core.headers import OWN, merged, revealed, secrets_of
from tests.test_secrecy import text_forms

CANARY = "canary-3d4c5e"


def test_valid_headers() -> None:
    """Names and values are kept as they are written; values of all kinds of secrets are revealed."""
    given = {"X-Key": SecretStr("a b"), "x_b3!": Secret('{"c": 1}'), "Cookie": "d=e; f", "CF-Id": Markup("&")}
    expected = {"X-Key": "a b", "x_b3!": '{"c": 1}', "Cookie": "d=e; f", "CF-Id": "&"}
    found = revealed(merged({}, given))
    assert found == expected
    assert {type(text) for text in found.values()} == {str}


def test_values_are_secrets() -> None:
    """The repr of the headers shows names only."""
    assert repr(merged({}, {"X-Key": CANARY})) == "{'X-Key': Secret('****')}"


def test_merged() -> None:
    """More headers are added to those before; one with the same name, in any case, replaces it."""
    before = merged({}, {"X-Key": "a", "X-Id": "b"})
    after = merged(before, {"x-key": "c", "X-New": "d"})
    assert revealed(after) == {"x-key": "c", "X-Id": "b", "X-New": "d"}
    assert revealed(before) == {"X-Key": "a", "X-Id": "b"}
    assert merged(before, {}) == before


@pytest.mark.parametrize("kind", KeyKind)
def test_own_headers_are_complete(kind: KeyKind) -> None:
    """Each header that the client sends is one of its own, so a caller cannot replace it."""
    identity = Identity(kind=kind, base_url="https://a.example", secret=Secret("k"))
    assert {name.lower() for name in identity.headers()} <= OWN


@pytest.mark.parametrize("name", sorted(OWN))
def test_own_header(name: str) -> None:
    """A header of the client is refused in any case, with what to do."""
    for form in (name, name.title(), name.upper()):
        with pytest.raises(ConfigurationError, match=f"^headers cannot contain {form}: ") as caught:
            merged({}, {form: CANARY})
        assert CANARY not in text_forms(caught.value)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("Authorization", "the client sends the key there; pass the key as api_key."),
        ("Proxy-Authorization", "pass proxy='http://user:password@host:port'."),
        ("Host", "the client sets it itself; omit it."),
    ],
)
def test_remedy(name: str, remedy: str) -> None:
    """The error says where the value belongs."""
    with pytest.raises(ConfigurationError) as caught:
        merged({}, {name: "a"})
    assert str(caught.value) == f"headers cannot contain {name}: {remedy}"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (CANARY, "headers takes a mapping of names to texts, not str"),
        ([("X-Key", CANARY)], "headers takes a mapping of names to texts, not list of tuple"),
        (None, "headers takes a mapping of names to texts, not None"),
        ({5: CANARY}, "headers takes texts as names, not int"),
        ({b"X-Key": CANARY}, "headers takes texts as names, not bytes"),
        *(
            ({name: "a"}, "headers has an invalid name, which is not shown")
            for name in ("", " ", "X Key", "X-Key:", "X-Key\r\nHost", f"{CANARY}:", "Khóa", "X-\x00")
        ),
        ({"X-Key": "a", "x-key": CANARY}, "headers names 'x-key' twice: names ignore case"),
        (CIMultiDict([("X-Key", "a"), ("X-Key", CANARY)]), "headers names 'X-Key' twice"),
        ({"X-Key": None}, "the value of 'X-Key' takes a text or a Secret, not None"),
        ({"X-Key": 5}, "the value of 'X-Key' takes a text or a Secret, not int"),
        ({"X-Key": CANARY.encode()}, "the value of 'X-Key' takes a text or a Secret, not bytes"),
        ({"X-Key": SecretBytes(CANARY.encode())}, "the value of 'X-Key' takes a text or a Secret, not bytes"),
        ({"X-Key": [CANARY]}, "the value of 'X-Key' takes a text or a Secret, not list of str"),
        ({"X-Key": Secret(None)}, "the value of 'X-Key' takes a text or a Secret, not None"),
        *(({"X-Key": text}, "the value of 'X-Key' is empty") for text in ("", " ", SecretStr(""))),
        *(
            ({"X-Key": text}, "the value of 'X-Key' starts or ends with white space")
            for text in (f" {CANARY}", f"{CANARY}\n", f"{CANARY}\t")
        ),
        *(
            ({"X-Key": f"{CANARY}{text}a"}, "the value of 'X-Key' has line breaks, control characters")
            for text in ("\r", "\n", "\r\nHost: b", "\x00", "\t", "\x7f", "é", "ệ", "\ud800", "\u2028")
        ),
        ({"X-Key": pickle.loads(pickle.dumps(Secret(CANARY)))}, "the value of 'X-Key' was pickled"),
        ({CANARY: ""}, "the value of a name that is not shown is empty"),
    ],
    ids=ascii,
)
def test_invalid_headers(given: Any, problem: str) -> None:
    """A header that HTTP cannot carry is refused; the error shows no value, and no name that may be one."""
    with pytest.raises(ConfigurationError) as caught:
        merged({}, given)
    assert problem in str(caught.value)
    assert CANARY not in text_forms(caught.value)


def test_secrets() -> None:
    """Errors mask the values, and the token after a scheme, but not short values such as `1`."""
    headers = merged({}, {"A": "Bearer canary", "B": "secret", "C": "1", "D": "a b", "E": "to be"})
    assert [*secrets_of(headers.values())] == ["Bearer canary", "canary", "secret", "to be"]
