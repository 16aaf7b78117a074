"""Test which values of a request are secrets, and which are data of a template."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from etelecom_async import Secret
from etelecom_async._core.call_secrets import known_secrets, secret_values, with_secrets
from etelecom_async.models import (
    AuthorizeOARequest,
    ConnectOARequest,
    CreateAccountUserRequest,
    SendSmsRequest,
    SendZNSRequest,
)

ZNS: dict[str, Any] = {"oa_id": "1", "phone": "0901234567", "template_id": 1}
SMS: dict[str, Any] = {"username": "u", "password": "p", "phonenumber": "84", "routerule": ["3"]}


def hides(request: object, text: str, *of_client: str) -> bool:
    """Return whether a text inside a longer word is replaced in a response to the request."""
    return text not in known_secrets(of_client, request).replace(f"x{text}x", "*")


def hides_word(request: object, text: str) -> bool:
    """Return whether a text is replaced as a whole word."""
    return text not in known_secrets((), request).replace(f"x {text} x", "*")


@pytest.mark.parametrize(
    "request_",
    [
        CreateAccountUserRequest(full_name="Lan", phone="0901234567", password="canary-1234"),
        AuthorizeOARequest(app_id="1", app_secret="canary-1234", redirect_uri="https://a.example"),
        ConnectOARequest(code="canary-1234", oa_id="1"),
        CreateAccountUserRequest(full_name="Lan", phone="0901234567", password=SecretStr("canary-1234")),
        {"password": "canary-1234"},
        {"a": SecretStr("canary-1234")},
        {"a": [{"shop_key": "canary-1234"}]},
        {"a": {"accessToken": ["canary-1234"]}},
        {"a": (Secret("canary-1234"),)},
    ],
    ids=["user", "Zalo app", "OAuth code", "pydantic", "open", "open pydantic", "list", "token", "Secret"],
)
def test_secrets(request_: object) -> None:
    """`Secret` fields and values with a masked name are secrets, at any depth."""
    assert hides(request_, "canary-1234")
    assert not hides_word(request_, "other-1234")


@pytest.mark.parametrize(
    "request_",
    [
        SendZNSRequest(**ZNS, template_data={"otp": "482913", "name": "Lan Anh"}),
        SendSmsRequest(**SMS, templatecode="T", list_param={"otp": "482913", "name": "Lan Anh"}),
        {"template_data": {"otp": 482913, "name": "Lan Anh"}},
        {"a": [{"list_param": '{"otp": 482913, "name": "Lan Anh"}'}]},
        {"a": [{"list_param": ' ["482913", {"name": "Lan Anh"}]'}]},
        {"template_data": ["482913", "Lan Anh"]},
    ],
    ids=["ZNS", "SMS", "numbers", "JSON object", "JSON list", "list"],
)
def test_data_of_templates(request_: object) -> None:
    """The values of a template's data are whole words, as texts, as numbers, and in JSON."""
    assert hides_word(request_, "482913")
    assert hides_word(request_, "Lan Anh")
    assert not hides(request_, "482913")
    assert not hides_word(request_, "name")


@pytest.mark.parametrize("text", ["{482913", "[482913", "[" * 100_000], ids=["object", "list", "bomb"])
def test_text_that_is_no_json(text: str) -> None:
    """A text that only starts like JSON counts as a whole."""
    assert known_secrets((), {"template_data": text}).replace(text, "*") == "*"


@pytest.mark.parametrize(
    "value", [True, None, b"canary-1234", object()], ids=["bool", "None", "bytes", "object"]
)
def test_other_values(value: object) -> None:
    """Values that are no texts and no numbers hold no secret."""
    request = {"password": value, "template_data": value}
    assert known_secrets((), request).replace("True None", "*") == "True None"


def test_other_fields_stay() -> None:
    """Ids, names and addresses outside of secrets stay readable."""
    request = CreateAccountUserRequest(full_name="Lan Anh", phone="0901234567", password="canary-1234")
    assert not hides_word(request, "Lan Anh")
    assert known_secrets((), {"fee_token": "12345678", "code": "12345678"}).longest == 0


@pytest.mark.parametrize("secret", [Secret._left_behind(), Secret("")], ids=["pickled", "empty"])
def test_secret_without_text(secret: Secret) -> None:
    """A secret without text hides nothing."""
    assert known_secrets((), {"a": secret}).longest == 0


def test_deep_request() -> None:
    """The depth of a request does not matter."""
    request: Any = {"password": "canary-1234"}
    for _ in range(100_000):
        request = [request]
    assert hides({"a": request}, "canary-1234")


def test_secrets_of_the_client() -> None:
    """The key and the passwords of the client are secrets of every call."""
    assert hides(None, "canary-1234", "canary-1234", "other")
    assert hides({}, "canary-1234", "canary-1234")


def test_declared_secrets_of_a_plain_body() -> None:
    """A secret whose name does not show it is found by the model, also in a plain body."""
    body = {"code": "canary-1234", "oa_id": "1"}
    assert secret_values(ConnectOARequest, body) == ["canary-1234"]
    assert secret_values(ConnectOARequest, {"code": None}) == []
    assert secret_values(ConnectOARequest, "canary-1234") == []
    assert secret_values(dict, body) == []
    assert secret_values(SendZNSRequest, body) == []


def test_plain_body_with_its_secrets() -> None:
    """Only the texts that the model declares become secrets; the caller's mapping stays as it is."""
    body = {"code": "canary-1234", "oa_id": "1"}
    assert with_secrets(ConnectOARequest, body) == {"code": Secret("canary-1234"), "oa_id": "1"}
    assert body["code"] == "canary-1234"
    for other in ({"code": 7}, {"code": ""}, {}, "canary-1234"):
        assert with_secrets(ConnectOARequest, other) is other
    assert with_secrets(dict, body) is body
