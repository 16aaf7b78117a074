"""Test that secrets are masked wherever they are printed, and that texts from elsewhere are masked."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import re
import time
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from pydantic import SecretStr

from etelecom_async import Secret, models
from etelecom_async._core.codec import requests
from etelecom_async._core.http.messages import HttpRequest
from etelecom_async._core.secret import (
    MASK,
    MASKED_KEYS,
    is_masked_name,
    mask,
    problem_of,
    to_secret,
    to_secret_or_none,
)
from etelecom_async.operations import OPERATIONS

CANARY = "canary-9d1f"


class Vault:
    """A secret of another library, with a value of any type."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def get_secret_value(self) -> Any:
        """Return the value."""
        return self.value


def test_reveal_gives_the_text() -> None:
    """Only `reveal()` returns the text."""
    assert Secret(CANARY).reveal() == CANARY


def test_nothing_else_shows_the_text(caplog: pytest.LogCaptureFixture) -> None:
    """Repr, str, every kind of formatting, a log line and a traceback's repr show the mask."""
    secret = Secret(CANARY)
    caplog.set_level(logging.DEBUG)
    logging.getLogger("etelecom_async").debug("%s %r", secret, secret)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>20}",
        f"{secret:>9}",
        f"{secret} {[secret]!r}",
    ]
    assert shown == [
        "Secret('****')",
        "****",
        "****",
        "      Secret('****')",
        "     ****",
        "**** [Secret('****')]",
    ]
    assert caplog.messages == ["**** Secret('****')"]
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_equal_texts_are_equal_secrets() -> None:
    """Secrets compare and hash by their text, and are not equal to a plain text."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert {Secret("a"), Secret("a")} == {Secret("a")}


def test_truth_value() -> None:
    """An empty secret is false."""
    assert (bool(Secret("a")), bool(Secret(""))) == (True, False)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_carry_no_text(protocol: int) -> None:
    """A pickle contains no text; an unpickled secret cannot be revealed, and is equal only to itself."""
    data = pickle.dumps(Secret(CANARY), protocol)
    assert CANARY.encode() not in data
    secret = pickle.loads(data)
    assert secret == secret  # noqa: PLR0124 - equality with itself is the subject of the test
    assert secret != Secret("")
    assert secret != Secret(CANARY)
    assert secret
    assert repr(secret) == "Secret('****')"
    with pytest.raises(ValueError, match="pickled or exported without its text"):
        secret.reveal()


def test_empty_secret_survives_pickling() -> None:
    """An empty secret protects nothing, so it stays empty after pickling."""
    assert pickle.loads(pickle.dumps(Secret(""))) == Secret("")


def test_copies_are_the_secret_itself() -> None:
    """Copying within a process returns the same secret."""
    secret = Secret(CANARY)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_converters() -> None:
    """A text becomes a secret, a secret stays the same object, and `None` stays `None`."""
    secret = Secret("a")
    assert Secret.of(secret) is to_secret(secret) is to_secret_or_none(secret) is secret
    assert Secret.of("a") == to_secret("a") == to_secret_or_none("a") == secret
    assert to_secret_or_none(None) is None


@pytest.mark.parametrize(
    "make", [Secret, Secret.of, to_secret, to_secret_or_none], ids=lambda make: make.__name__
)
def test_secret_of_another_library(make: Callable[[Any], Secret]) -> None:
    """What `get_secret_value()` returns is the text, also if it returns a `Secret`."""
    assert make(SecretStr(CANARY)) == make(Vault(CANARY)) == make(Vault(Secret(CANARY))) == Secret(CANARY)
    assert CANARY not in repr(make(SecretStr(CANARY)))


@pytest.mark.parametrize("inner", [None, b"canary", 5, ["canary"]], ids=lambda value: type(value).__name__)
def test_secret_of_another_library_without_a_text(inner: Any) -> None:
    """A secret that hides another type is kept: the place that uses it names the type."""
    assert Secret(Vault(inner)).reveal() == inner


def test_the_class_is_no_secret() -> None:
    """A class with the method, and a text of a class with the method, are what they are."""

    class Text(str):
        __slots__ = ()

        def get_secret_value(self) -> str:
            raise AssertionError

    assert Secret(SecretStr).reveal() is SecretStr
    assert Secret(Text(CANARY)) == Secret(CANARY)


def test_secret_that_cannot_be_read() -> None:
    """
    An error of the other library is named at the place that uses the secret.

    It is not raised at once, because the frames of a call would show the other arguments.
    """

    class Broken:
        def get_secret_value(self) -> str:
            raise LookupError("canary")

    secret = Secret(Broken())
    reason = "cannot be read: get_secret_value() of Broken raised LookupError"
    assert problem_of(secret) == reason
    with pytest.raises(ValueError, match=re.escape(f"this secret {reason}.")):
        secret.reveal()
    assert secret != Secret(Broken())


def test_property_that_fails() -> None:
    """An object whose property `get_secret_value` fails is no secret of another library."""

    class Broken:
        @property
        def get_secret_value(self) -> Any:
            raise LookupError("canary")

    assert problem_of(Secret(Broken())) == "takes a text or a Secret, not Broken"


def test_every_secret_field_of_the_models_is_masked_by_name() -> None:
    """
    In a quoted response, each field that a model holds as a `Secret` is masked by its wire name.

    Errors have a `code`, too. So the OAuth code is masked by its text, see `known_secrets`.
    """
    kinds = [getattr(models, name) for name in models.__all__]
    found = {
        field.metadata.get("wire", field.name).lower()
        for kind in kinds
        if attrs.has(kind)
        for field in attrs.fields(attrs.resolve_types(kind))
        if "Secret" in str(field.type)
    }
    assert found >= {"extension_password", "password", "auth_url"}
    assert {name for name in found if not name.endswith(MASKED_KEYS)} == {"code"}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"password": "abc", "a": 1}', '{"password": "****", "a": 1}'),
        ('{"Password":"a\\"b"}', '{"Password":"****"}'),
        ('{"password": "cut o', '{"password": "****"'),
        ('{"password": 12345}', '{"password": "****"}'),
        ('{"password": null}', '{"password": null}'),
        ('{"auth_token": ["abc", "def"], "a": 1}', '{"auth_token": "****", "a": 1}'),
        ('{"auth_token": {"a": "abc', '{"auth_token": "****"'),
        ('{"auth_token": {"a": {"b": "c"}, "d": "e"}, "f": 1}', '{"auth_token": "****"'),
        ('{"token": ["a]", "b\\"]"], "a": 1}', '{"token": "****", "a": 1}'),
        (
            r'{"msg": "got {\"password\": \"abc\", \"a\": 1}"}',
            r'{"msg": "got {\"password\": \"****\", \"a\": 1}"}',
        ),
        (r'{"msg": "got {\"password\": \"a\\\"b\"}"}', r'{"msg": "got {\"password\": \"****\"}"}'),
        (r'{"msg": "got {\"password\": 123}"}', r'{"msg": "got {\"password\": \"****\"}"}'),
        (
            r'{"a": "{\"b\": \"{\\\"token\\\": \\\"c\\\\\\\"d\\\", \\\"e\\\": 1}\"}"}',
            r'{"a": "{\"b\": \"{\\\"token\\\": \\\"****\\\", \\\"e\\\": 1}\"}"}',
        ),
        (r'{"msg": "cut {\"password\": \"abc", "a": 1}', r'{"msg": "cut {\"password\": \"****\"", "a": 1}'),
        (r'{"msg": "{\"token\": [\"a]b\"], \"c\": 1}"}', r'{"msg": "{\"token\": \"****\", \"c\": 1}"}'),
        (
            '{"access_token": "a", "refreshToken": "b", "client_secret": "c"}',
            '{"access_token": "****", "refreshToken": "****", "client_secret": "****"}',
        ),
        ('{"OTP": "a", "X-Api-Key": "b"}', '{"OTP": "****", "X-Api-Key": "****"}'),
        (
            '{"Authorization": "Basic abc", "Proxy-Authorization": ["Basic abc"], "fee_token": 300}',
            '{"Authorization": "****", "Proxy-Authorization": "****", "fee_token": 300}',
        ),
        ('{"token_type": "a", "tokens": 5}', '{"token_type": "a", "tokens": 5}'),
        ("{'password': 'a\"b', 'token': 5}", "{'password': '****', 'token': '****'}"),
        ("/login?a=1&password=abc&b=2", "/login?a=1&password=****&b=2"),
        ("the password is too short", "the password is too short"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ****"),
        ("Authorization: Basic dXNlcjpwdw==, a", "Authorization: Basic **** a"),
        ("authorization=Bearer abc", "authorization=**** ****"),
        ("X-Api-Key: a,b\r\nX-Request-Id: c", "X-Api-Key: ****\r\nX-Request-Id: c"),
        ("via http://user:pass@proxy:3128/a@b", "via http://****@proxy:3128/a@b"),
        ("URL('https://user:it's@p@proxy')", "URL('https://****@proxy')"),
        (r"http:\/\/token@proxy\/", r"http:\/\/****@proxy\/"),
        ("http://proxy:3128, mail@example.com", "http://proxy:3128, mail@example.com"),
        ("key 1161512386239479010:abcdefgh_X.", "key ****."),
        ("key shop1161512386239479010:abcdefgh", "key ****"),
        ("?token=request:abcdefgh", "?token=****"),
        ("use request:abcdefgh", "use ****"),
        ('"id":"1161512386239479010"', '"id":"1161512386239479010"'),
        ('"at":"2021-03-10T17:07:19.012345678Z"', '"at":"2021-03-10T17:07:19.012345678Z"'),
        ("2021-03-10 07:00:00, 0.0123456789", "2021-03-10 07:00:00, 0.0123456789"),
    ],
)
def test_mask(text: str, masked: str) -> None:
    """Texts that look like secrets are masked: in JSON, in JSON within JSON, in a form, in plain text."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("name", "is_masked"),
    [
        ("password", True),
        ("Shop-Key", True),
        ("extension_password", True),
        ("accessToken", True),
        ("auth_url", True),
        ("template_data", True),
        ("fee_token", False),
        ("passwords", False),
        ("code", False),
        ("", False),
    ],
)
def test_masked_names(name: str, *, is_masked: bool) -> None:
    """The end of a name decides whether its value is masked."""
    assert is_masked_name(name) == is_masked


@pytest.mark.parametrize(
    "phone",
    [
        "0901234567",
        "84901234567",
        "+84901234567",
        "090 123 4567",
        "090.123.4567",
        "+84 90 123 45 67",
        "02871234567",
        "012345678",
    ],
)
@pytest.mark.parametrize("around", [('{"phone":"', '"}'), ('{"phone":', "}"), ("call ", ", please")])
def test_phone_numbers_are_masked(phone: str, around: tuple[str, str]) -> None:
    """In any form of a phone number, only its first and last digits stay readable."""
    before, after = around
    start, stars, end = mask(f"{before}{phone}{after}").partition("***")
    assert stars
    assert phone.startswith(start.removeprefix(before))
    assert phone.endswith(end.removesuffix(after))
    assert len(start.removeprefix(before) + end.removesuffix(after)) <= len(phone) - 3


@pytest.mark.parametrize("ascii_only", [True, False])
@given(text=st.text(min_size=1), name=st.sampled_from(MASKED_KEYS))
def test_any_value_of_a_secret_field_is_masked(text: str, name: str, *, ascii_only: bool) -> None:
    """Any value of a secret field is masked, in plain JSON and in JSON at several levels of quoting."""
    plain = json.dumps({"a": "x", name: text, "z": "y"}, ensure_ascii=ascii_only)
    assert json.loads(mask(plain)) == {"a": "x", name: MASK, "z": "y"}
    nested = json.dumps({"msg": plain}, ensure_ascii=ascii_only)
    assert json.loads(json.loads(mask(nested))["msg"]) == {"a": "x", name: MASK, "z": "y"}
    deeper = json.dumps([nested], ensure_ascii=ascii_only)
    assert json.loads(json.loads(json.loads(mask(deeper))[0])["msg"]) == {"a": "x", name: MASK, "z": "y"}


@pytest.mark.parametrize(
    ("name", "fields", "masked"),
    [
        (
            "sms.send",
            {
                "phonenumber": "84901234567",
                "routerule": ["3"],
                "templatecode": "OTP-1",
                "list_param": {"otp": "123456", "name": '}"], Lan'},
            },
            {"phonenumber": "8490***567", "list_param": MASK},
        ),
        (
            "shop.zns.messages.send",
            {
                "oa_id": "1",
                "phone": "0901234567",
                "template_id": 7,
                "template_data": {"code": "123456", "name": 'a\\" Lan'},
                "tracking_id": "0912345678abcdef0912345678abcdef",
            },
            {"phone": "090***567", "template_data": MASK},
        ),
    ],
    ids=["sms", "zns"],
)
def test_template_data_is_masked(name: str, fields: dict[str, object], masked: dict[str, object]) -> None:
    """A quoted request shows the template's code and the tracking id, but no one-time passwords or names."""
    row = OPERATIONS[name]
    shown = HttpRequest("", {}, requests.encode(row, row.request(**fields))).shown()
    assert json.loads(shown) == fields | masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            '{"list_param": "{\\"otp\\":\\"1\\"}", "status": "FAIL"}',
            '{"list_param": "****", "status": "FAIL"}',
        ),
        ('{"list_param":"{"a":"1","b":"2"}", "status": "FAIL"}', '{"list_param":"****", "status": "FAIL"}'),
        ('{"list_param":"{"a":"1","b":"cut o', '{"list_param":"****"'),
        ('{"list_param": "{", "status": "FAIL"}', '{"list_param": "****", "status": "FAIL"}'),
    ],
    ids=["escaped", "as printed", "cut off", "a text"],
)
def test_template_data_in_an_sms_report(text: str, masked: str) -> None:
    """The SMS service returns the template data as a text, with or without escaped quotes; it is masked."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    "piece",
    [
        '"',
        "\\",
        '\\"',
        '"password":',
        '"password":"',
        '"password":[',
        '"password":["',
        "password" + "\\" * 500 + '"',
        "password=",
        "-key: ",
        "http://",
        "bearer ",
        "0" + " " * 500,
        "1234567",
    ],
)
def test_long_texts(piece: str) -> None:
    """The time for masking grows only linearly with the length of any text."""
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    mask(text)
    mask(text[:1000] + " " * 200_000 + text[:1000])
    assert time.process_time() - started < 10  # a few tenths of a second; backtracking would take hours


@given(st.text())
def test_mask_takes_any_text(text: str) -> None:
    """Masking never fails, and masking a masked text again does not change it."""
    once = mask(text)
    assert mask(once) == once


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        (Secret(CANARY), None),
        (Secret(""), None),
        (Secret.from_export("****"), "was pickled or exported without its text: read it again"),
        (Secret(None), "takes a text or a Secret, not None"),
        (Secret(Vault(b"canary")), "takes a text or a Secret, not bytes"),
    ],
    ids=["text", "empty", "masked", "none", "bytes"],
)
def test_problem(secret: Secret, problem: str | None) -> None:
    """Errors say in the same words why a secret has no text, and do not show what it has."""
    found = problem_of(secret)
    assert found is None if problem is None else str(found).startswith(problem)


def test_secret_without_a_text() -> None:
    """A secret of None, for example of a variable that is not set, was not pickled, and protects nothing."""
    secret = Secret(None)
    assert secret.reveal() is None
    assert not secret
    assert secret == secret  # noqa: PLR0124 - equality with itself is the subject of the test
    assert secret != Secret("")
    assert secret != Secret(None)


@pytest.mark.parametrize("text", [Markup(CANARY), np.str_(CANARY)], ids=repr)
def test_text_of_a_subclass(text: str) -> None:
    """A text of a subclass becomes a plain text, which prints what it contains."""
    assert type(Secret(text).reveal()) is str
    assert Secret(text) == Secret(CANARY)


def test_lone_surrogates_are_compared() -> None:
    """Secrets with a lone surrogate can be compared."""
    assert Secret("\ud800") == Secret("\ud800") != Secret("\udfff")
