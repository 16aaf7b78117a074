"""Secrets do not show themselves, and text from elsewhere is masked."""

from __future__ import annotations

import copy
import json
import logging
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import Secret, models
from etelecom_async._core.secret import MASK, MASKED_KEYS, mask, to_secret, to_secret_or_none

CANARY = "canary-9d1f"


def test_reveal_gives_the_text() -> None:
    """The one way to the text is to ask for it by name."""
    assert Secret(CANARY).reveal() == CANARY


def test_nothing_else_shows_the_text(caplog: pytest.LogCaptureFixture) -> None:
    """Repr, str, every kind of formatting, a log line and a traceback's repr give the mask."""
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
    """Secrets compare and hash by their text, and are equal to no text."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert {Secret("a"), Secret("a")} == {Secret("a")}


def test_truth_is_that_of_the_text() -> None:
    """An empty secret is false."""
    assert (bool(Secret("a")), bool(Secret(""))) == (True, False)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_carry_no_text(protocol: int) -> None:
    """A pickle holds no text; what comes out of it says so, and is equal to itself only."""
    data = pickle.dumps(Secret(CANARY), protocol)
    assert CANARY.encode() not in data
    secret = pickle.loads(data)
    assert secret == secret  # noqa: PLR0124
    assert secret != Secret("")
    assert secret != Secret(CANARY)
    assert secret
    assert repr(secret) == "Secret('****')"
    with pytest.raises(ValueError, match="pickles carry no secrets"):
        secret.reveal()


def test_empty_secret_survives_pickling() -> None:
    """An empty secret hides nothing, and is still the empty one after pickling."""
    assert pickle.loads(pickle.dumps(Secret(""))) == Secret("")


def test_copies_are_the_secret_itself() -> None:
    """Copying within a process loses nothing."""
    secret = Secret(CANARY)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_converters() -> None:
    """Text becomes a secret, a secret stays what it is, and `None` stays `None`."""
    secret = Secret("a")
    assert Secret.of(secret) is to_secret(secret) is to_secret_or_none(secret) is secret
    assert Secret.of("a") == to_secret("a") == to_secret_or_none("a") == secret
    assert to_secret_or_none(None) is None


def test_every_secret_field_of_the_models_is_masked_by_name() -> None:
    """A quoted answer masks each field that a model holds as a `Secret`, by its name on the wire."""
    kinds = [getattr(models, name) for name in models.__all__]
    found = {
        field.metadata.get("wire", field.name).lower()
        for kind in kinds
        if attrs.has(kind)
        for field in attrs.fields(attrs.resolve_types(kind))
        if "Secret" in str(field.type)
    }
    assert found >= {"extension_password", "password"}
    assert found <= set(MASKED_KEYS)


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
        (
            r'{"msg": "got {\"password\": \"abc\", \"a\": 1}"}',
            r'{"msg": "got {\"password\": \"****\", \"a\": 1}"}',
        ),
        (r'{"msg": "got {\"password\": \"a\\\"b\"}"}', r'{"msg": "got {\"password\": \"****\"}"}'),
        (r'{"msg": "got {\"password\": 123}"}', r'{"msg": "got {\"password\": \"****\"}"}'),
        ("/login?a=1&password=abc&b=2", "/login?a=1&password=****&b=2"),
        ("the password is too short", "the password is too short"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ****"),
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
    """What looks like a secret is masked, in JSON, in JSON within JSON, in a form, in free text."""
    assert mask(text) == masked


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
    """Of a phone number, however it is written, no more than its first and last digits stay."""
    before, after = around
    start, stars, end = mask(f"{before}{phone}{after}").partition("***")
    assert stars
    assert phone.startswith(start.removeprefix(before))
    assert phone.endswith(end.removesuffix(after))
    assert len(start.removeprefix(before) + end.removesuffix(after)) <= len(phone) - 3


@pytest.mark.parametrize("ascii_only", [True, False])
@given(text=st.text(min_size=1), name=st.sampled_from(MASKED_KEYS))
def test_json_secrets_are_masked_whatever_they_hold(text: str, name: str, ascii_only: bool) -> None:  # noqa: FBT001
    """No text in the place of a secret, plain or in JSON within JSON, comes through."""
    plain = json.dumps({"a": "x", name: text, "z": "y"}, ensure_ascii=ascii_only)
    assert json.loads(mask(plain)) == {"a": "x", name: MASK, "z": "y"}
    nested = json.dumps({"msg": plain}, ensure_ascii=ascii_only)
    assert json.loads(json.loads(mask(nested))["msg"])[name] == MASK


@given(st.text())
def test_mask_takes_any_text(text: str) -> None:
    """Masking never fails, and what is masked stays as it is when it is masked again."""
    once = mask(text)
    assert mask(once) == once
