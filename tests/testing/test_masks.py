"""What a recorder writes holds no secret and no phone number, and still decodes."""

from __future__ import annotations

import json
from typing import Any, get_args

import attrs
import pytest

from etelecom_async._core.http.messages import HttpRequest
from etelecom_async._core.model import Model, parts_of
from etelecom_async._core.secret import Secret, is_masked_name
from etelecom_async._core.tracebacks import Hidden
from etelecom_async.operations import OPERATIONS
from etelecom_async.testing.masks import UNIQUE, Masks, with_unique_id

PLAIN = {"duration": 95, "fee": 1.5, "ok": True, "none": None}
UNIQUE_ID = "0123456789abcdef0123456789abcdef"


def masks_of(
    body: Any, *names: str, url: str = "https://api.etelecom.vn/v1/shop.A/B", operation: str = "A/B"
) -> Masks:
    """Return the masks of a request with this JSON."""
    request = HttpRequest(
        url, {}, json.dumps(body).encode(), lambda _: ["canary-key"], Hidden(body), operation=operation
    )
    return Masks.of(request, body, frozenset(names))


def masked(value: Any, *names: str, body: Any = None) -> Any:
    """Return a value with the masks of a request."""
    return masks_of(body or {}, *names).apply(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"phone": "0901234567"}, {"phone": "090***567"}),
        ({"note": "gọi 0901 234 567 nhé"}, {"note": "gọi 090*** 567 nhé"}),
        ({"phone": 84901234567}, {"phone": 0}),
        (PLAIN, PLAIN),
        ({"extension_password": "s3cret"}, {"extension_password": "****"}),
        ({"password": ""}, {"password": ""}),
        ({"otp": 123456}, {"otp": 0}),
        ({"template_data": {"name": "Lê An", "code": 7}}, {"template_data": {"name": "****", "code": 0}}),
        ({"list_param": '{"otp": "12"}'}, {"list_param": '{"otp": "****"}'}),
        ({"list_param": '["12"]'}, {"list_param": "****"}),
        ({"text": "it was canary-key"}, {"text": "it was ****"}),
        (
            {"recording_urls": ["https://a/1?sig=x", "https://a/2"]},
            {
                "recording_urls": [
                    "https://masked.invalid/recording-1.mp3",
                    "https://masked.invalid/recording-2.mp3",
                ]
            },
        ),
        ({"recording_url": "https://a/1"}, {"recording_url": "https://masked.invalid/recording-1.mp3"}),
        (
            {"recordingUrls": {"mp3": "https://a/1", "all": ["https://a/2"]}},
            {
                "recordingUrls": {
                    "mp3": "https://masked.invalid/recording-1.mp3",
                    "all": ["https://masked.invalid/recording-1.mp3"],
                }
            },
        ),
        ({"recording_urls": None}, {"recording_urls": None}),
        ({"recording_urls": []}, {"recording_urls": []}),
        ([["0901234567"]], [["090***567"]]),
        ({"0901234567": 1}, {"090***567": 1}),
        ({"id": "1477467695937435054"}, {"id": "1477467695937435054"}),
    ],
)
def test_masks(value: Any, expected: Any) -> None:
    """Each value keeps its type, so the response decodes; masked once, it does not change any more."""
    found = masked(value)
    assert found == expected or json.dumps(found) == json.dumps(expected)
    assert masked(found) == found


def test_secrets_of_the_request() -> None:
    """A response that repeats a secret or a value of a template shows neither."""
    body = {"app_secret": "canary-secret", "template_data": {"name": "Nguyễn Văn Bình"}}
    found = masked({"echo": "canary-secret for Nguyễn Văn Bình"}, body=body)
    assert found == {"echo": "**** for ****"}


def test_more_fields() -> None:
    """A test can name more fields, at any depth."""
    value = {"full_name": "Lê An", "users": [{"full_name": "Bình", "id": "1"}]}
    assert masked(value, "full_name") == {"full_name": "****", "users": [{"full_name": "****", "id": "1"}]}


def test_port_of_a_server_on_this_machine() -> None:
    """The port of a sandbox changes in each run, so it is not kept; another host is."""
    masks = masks_of({}, url="http://127.0.0.1:4711/v1/shop.A/B")
    assert masks.apply({"url": "http://127.0.0.1:4711/login"}) == {"url": "http://sandbox.invalid/login"}
    assert masked({"url": "https://api.etelecom.vn/login"}) == {"url": "https://api.etelecom.vn/login"}


def test_text() -> None:
    """A body that is no JSON is masked, too."""
    assert masks_of({}).text("no canary-key for 0901234567") == "no **** for 090***567"


def test_id_of_a_message() -> None:
    """The id that the client makes for a message has a mark; one that the caller gave stays."""
    name = "shop.zns.messages.send"
    masks = masks_of({"tracking_id": UNIQUE_ID}, operation=name)
    assert masks.apply({"tracking_id": UNIQUE_ID}) == {"tracking_id": UNIQUE}
    assert with_unique_id({"tracking_id": UNIQUE}, UNIQUE_ID) == {"tracking_id": UNIQUE_ID}
    own = masks_of({"tracking_id": "order-7"}, operation=name)
    assert own.apply({"tracking_id": "order-7"}) == {"tracking_id": "order-7"}
    assert with_unique_id({"a": UNIQUE}, own.unique_id) == {"a": UNIQUE}
    assert masks_of({"tracking_id": UNIQUE_ID}, operation="account").unique_id == ""


def secret_fields(kind: Any) -> list[str]:
    """Return the names on the wire of the secrets of a model, and of its parts."""
    names: list[str] = []
    for field in attrs.fields(attrs.resolve_types(kind)):
        parts = parts_of(field.type)
        if Secret in parts:
            names.append(field.metadata.get("wire", field.name))
        for part in parts:
            for inner in (part, *get_args(part)):
                if is_model(inner):
                    names += secret_fields(inner)
    return names


def is_model(kind: Any) -> bool:
    """Return whether a type is a class of models."""
    return isinstance(kind, type) and issubclass(kind, Model)


def test_secrets_of_all_results() -> None:
    """Each secret field of a result has a name that is masked, whatever its text looks like."""
    kinds = {kind for row in OPERATIONS.values() for kind in (row.response, *row.results)}
    names = {name for kind in kinds if is_model(kind) for name in secret_fields(kind)}
    assert "extension_password" in names
    assert [name for name in names if not is_masked_name(name)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("could not connect: localhost:35889: refused ('127.0.0.1', 35889).",) * 2,
        ("[Errno 9] ('::1', 35889, 0, 0)", "[Errno 9] ('::1', 0, 0, 0)"),
        ("http://localhost:35889/x", "http://localhost:0/x"),
    ],
)
def test_failure_on_this_machine(text: str, expected: str) -> None:
    """The text of a failed connection has no port of a server on this machine, because it changes."""
    expected = expected.replace("35889", "0")
    assert masks_of({}, url="http://localhost:35889/v1/shop.A/B").failure(text) == expected
    assert masks_of({}, url="https://a.example:35889/v1/shop.A/B").failure(text) == text
