"""A result becomes the JSON of the wire, and a result that the API could not send is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from etelecom_async import Page, Secret
from etelecom_async.models import (
    CallDirection,
    CallLog,
    Extension,
    ExtensionLogin,
    LoginRequired,
    ShopAuthorization,
    ShopKey,
    User,
)
from etelecom_async.operations import OPERATIONS
from etelecom_async.testing import ReplyError
from etelecom_async.testing.results import encode, plain

LOGIN = ExtensionLogin(extension_number="1001", extension_password=Secret("s3cret"))


def encoded(name: str, result: object) -> Any:
    """Return the JSON of a reply."""
    return json.loads(encode(OPERATIONS[name], result))


def refusal(name: str, result: object) -> str:
    """Return the text of the error for a wrong reply."""
    with pytest.raises(ReplyError) as caught:
        encode(OPERATIONS[name], result)
    return str(caught.value)


def test_model() -> None:
    """A model has its names on the wire, texts of secrets, and no field that is not set."""
    login = encoded("shop.extensions.get", LOGIN)
    assert login["extension_number"] == "1001"
    assert login["extension_password"] == "s3cret"
    assert "expires_at" not in login


def test_values() -> None:
    """Enums, times, tuples and nested models become what the API sends."""
    when = datetime(2026, 1, 2, 3, tzinfo=UTC)
    call = plain(
        CallLog(id="1", direction=CallDirection.IN, started_at=when, recording_urls=("https://a/1",))
    )
    assert call["direction"] == "in"
    assert call["started_at"] == "2026-01-02T03:00:00Z"
    assert call["recording_urls"] == ["https://a/1"]
    assert call["call_targets"] == []


def test_fields_of_a_model() -> None:
    """A mapping needs only the fields that matter, by their names in Python or on the wire."""
    assert encoded("shop.users.create", {"id": 7, "full_name": "Lê An"}) == {"id": "7", "full_name": "Lê An"}
    for name in ("shop_key", "auth_token"):
        reply = encoded("partner.shops.authorize", ShopKey.from_dict({name: "shop123456:abcdefghij"}))
        assert reply | {"msg": ""} == {"type": "shop_key", "auth_token": "shop123456:abcdefghij", "msg": ""}


def test_cases() -> None:
    """A result of one case says which case it is; the whole response is accepted, too."""
    page = LoginRequired.from_dict({"auth_url": "https://a/login"})
    assert encoded("partner.shops.authorize", page)["type"] == "shop_request"
    whole = ShopAuthorization.from_dict({"type": "shop_key", "auth_token": "shop123456:abcdefghij"})
    assert encoded("partner.shops.authorize", whole)["type"] == "shop_key"


def test_documented_failure() -> None:
    """A result that says that the call failed is a reply: the client raises its error."""
    assert encoded("shop.extensions.assign", {"updated": 0}) == {"updated": 0}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ([], {"next": "", "prev": ""}),
        ([{"id": "1"}], {"next": "", "prev": ""}),
        ((Extension(id="1"),), {"next": "", "prev": ""}),
        (Page(items=(Extension(id="1"),), next="c2", prev="c0"), {"next": "c2", "prev": "c0"}),
        ({"extensions": [{"id": "1"}], "paging": {"next": "c2"}}, {"next": "c2"}),
        ({"extensions": None, "paging": {"next": ""}}, {"next": ""}),
    ],
    ids=["empty", "items", "tuple of models", "page", "response", "null"],
)
def test_list(result: object, expected: dict[str, str]) -> None:
    """A list is its items, a page, or the whole response."""
    reply = encoded("shop.extensions.list", result)
    assert reply["paging"] == expected
    assert [item["id"] for item in reply["extensions"] or []] in ([], ["1"])


def test_lists_of_other_forms() -> None:
    """A list with page numbers, and one whose array the documentation does not name, are read back."""
    assert encoded("sms.templates.list", [{}]) | {"ListTemp": []} == {
        "ListTemp": [],
        "Page": 1,
        "TotalItem": 1,
    }
    assert encoded("sms.templates.list", Page(items=(), next="4"))["Page"] == 3
    assert encoded("partner.shops.list", [{"id": "1"}])["shops"][0]["id"] == "1"


WRONG = {
    "unknown field": ("shop.extensions.get", {"extension_nubmer": "1"}, "did you mean 'extension_number'?"),
    "unknown nested field": (
        "shop.call_logs.list",
        [{"call_targets": [{"ring_tme": None}]}],
        "did you mean 'ring_time'?",
    ),
    "wrong type": ("shop.extensions.get", {"tenant_domain": {"id": 1}}, "$.tenant_domain"),
    "model of another operation": (
        "shop.extensions.get",
        User(id="1"),
        "a reply takes ExtensionLogin, or its fields",
    ),
    "text": ("shop.extensions.get", "1", "a reply takes ExtensionLogin, or its fields as a mapping, not"),
    "none": (
        "shop.extensions.get",
        None,
        "a reply takes ExtensionLogin, or its fields as a mapping, not None",
    ),
    "one item": ("shop.extensions.list", Extension(id="1"), "takes a list of items, or a Page"),
    "name of the array": ("shop.extensions.list", {"extension": []}, "did you mean 'extensions'?"),
    "text for a list": ("shop.extensions.list", {"extensions": "1"}, "the items are a list"),
    "item of another list": ("shop.extensions.list", [User(id="1")], "a reply takes Extension"),
    "field of the paging": (
        "shop.extensions.list",
        {"paging": {"nxt": ""}},
        "unknown field 'nxt', did you mean 'next'? @ $",
    ),
    "type in the paging": (
        "shop.extensions.list",
        {"extensions": [], "paging": {"next": 7}},
        "shop.extensions.list: Expected `str`, got `int` - at `$.paging.next`",
    ),
    "no JSON": ("account", {"a": {"b": object()}}, "a value that JSON does not have: "),
    "nothing": ("shop.extensions.get", {}, "nothing in it that the documentation shows"),
    "unknown case": ("partner.shops.authorize", {"type": "other", "auth_token": "x"}, "neither a known type"),
    "field without a similar one": ("shop.users.create", {"user_id": "7"}, "the fields are block_reason,"),
}


@pytest.mark.parametrize(("name", "result", "text"), WRONG.values(), ids=WRONG)
def test_wrong_reply(name: str, result: object, text: str) -> None:
    """The error names the operation, the field, and what the test probably means."""
    error = refusal(name, result)
    assert error.startswith(f"{name}: ")
    assert text in error


def test_open_result() -> None:
    """An operation whose result is any JSON takes any mapping; nothing else."""
    assert encoded("account", {"any": [1, {"thing": None}]}) == {"any": [1, {"thing": None}]}
    assert encoded("account", MappingProxyType({"a": (1,)})) == {"a": [1]}
    assert "a reply takes a mapping" in refusal("account", [1])


def test_secret_without_a_text() -> None:
    """A secret from an export has no text any more; the reply has the mask."""
    assert encoded("shop.extensions.get", {"extension_password": "****"}) == {"extension_password": "****"}
