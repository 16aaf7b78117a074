"""Test the check of a ZNS message's data against the template before anything is sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from etelecom_async import ShopClient
from etelecom_async._core.codec.template_data import with_template
from etelecom_async.errors import InvalidRequestError
from etelecom_async.models import SendZNSJourneyRequest, SendZNSRequest, TemplateParam, ZNSTemplate

if TYPE_CHECKING:
    from tests.conftest import Peer

TEMPLATE = ZNSTemplate(
    template_id=7895417,
    template_params=(
        TemplateParam(name="customer", require=True, accept_null=False, min_length=1, max_length=10),
        TemplateParam(name="note", require=False, accept_null=True, min_length=3, max_length=5),
        TemplateParam(name="code", min_length=0, max_length=0),
    ),
)
UNKNOWN = "template_data has '{}', which is not a parameter of the template; it has customer, note, code"


def send(template_data: Any, **given: Any) -> SendZNSRequest:
    """Return a request."""
    return SendZNSRequest(oa_id="1", phone="0901234567", template_data=template_data, **given)


def problems(template_data: Any, template: Any = TEMPLATE, **given: Any) -> tuple[str, ...]:
    """Return the problems of a request with the template."""
    return with_template(send(template_data, template=template, **given))[1]


@pytest.mark.parametrize("kind", [SendZNSRequest, SendZNSJourneyRequest])
def test_template_gives_its_id(kind: Any) -> None:
    """If only the template is passed, its id is filled in, in both requests that take a template."""
    journey = {"journey_id": "5"} if kind is SendZNSJourneyRequest else {}
    given = kind(oa_id="1", phone="090", template_data={"customer": "An"}, template=TEMPLATE, **journey)
    request, wrong = with_template(given)
    assert wrong == ()
    assert request == attrs.evolve(given, template_id=7895417)


@pytest.mark.parametrize("template", [TEMPLATE, attrs.evolve(TEMPLATE, template_id=None)])
def test_both_that_agree(template: ZNSTemplate) -> None:
    """A template_id beside a template is accepted if both are equal, or if the template has no id."""
    given = send({"customer": "An"}, template_id=7895417, template=template)
    assert with_template(given) == (given, ())


def test_id_alone() -> None:
    """With only template_id the parameters are unknown, so the data is not checked."""
    given = send({"any": "thing"}, template_id=5)
    assert with_template(given) == (given, ())


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "template_id or template is required"),
        ({"template": ZNSTemplate()}, "template has no template_id: pass template_id too"),
        (
            {"template": TEMPLATE, "template_id": 5},
            "template_id is 5, and template is 7895417: pass one",
        ),
    ],
)
def test_no_id_or_two(given: dict[str, Any], problem: str) -> None:
    """Without an id, or with two different ones, the template is not known, so this is an error."""
    assert with_template(send({"customer": "An"}, **given))[1] == (problem,)


@pytest.mark.parametrize(
    "data",
    [
        {"customer": "An"},
        {"customer": "0123456789", "note": "12345", "code": "any length" * 9},
        {"customer": "Đỗ Thị Ánh", "note": ""},
        {"customer": "x", "note": "abc", "code": ""},
    ],
)
def test_good_data(data: dict[str, str]) -> None:
    """Data for all parameters is accepted; a limit of 0 is no limit; an empty text is accepted if allowed."""
    assert problems(data) == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, ["template_data lacks 'customer', which the template requires"]),
        (
            {"customer": "An", "customr": "An"},
            [UNKNOWN.format("customr")],
        ),
        (
            {"customer": "01234567890"},
            ["template_data['customer'] has 11 characters; the template allows at most 10"],
        ),
        (
            {"customer": "An", "note": "ab"},
            ["template_data['note'] has 2 characters; the template requires at least 3"],
        ),
        ({"customer": ""}, ["template_data['customer'] is empty, but the template requires a text"]),
        (
            {"cust": "An", "note": "123456"},
            [
                UNKNOWN.format("cust"),
                "template_data lacks 'customer', which the template requires",
                "template_data['note'] has 6 characters; the template allows at most 5",
            ],
        ),
    ],
)
def test_bad_data(data: dict[str, str], expected: list[str]) -> None:
    """Unknown, missing, too long, too short, empty: the errors name each parameter, all together."""
    assert problems(data) == tuple(expected)


def test_characters_are_counted_in_nfc() -> None:
    """Characters are counted in the form NFC, and the counted text is sent; the caller's data stays."""
    text = unicodedata.normalize("NFD", "Đỗ Thị Ánh")
    assert len(text) > 10
    data = {"customer": text}
    given = send(data, template=TEMPLATE)
    request, wrong = with_template(given)
    assert wrong == ()
    assert (request.template_data, data["customer"]) == ({"customer": "Đỗ Thị Ánh"}, text)


@pytest.mark.parametrize(
    ("require", "accept_null", "expected"),
    [
        (True, None, True),
        (True, False, True),
        (True, True, False),
        (False, False, True),
        (None, False, True),
        (False, None, False),
        (None, None, False),
        (False, True, False),
    ],
)
def test_empty_text(*, require: bool | None, accept_null: bool | None, expected: bool) -> None:
    """An empty text is refused for a required parameter, and for one that does not accept null."""
    parameter = TemplateParam(name="a", require=require, accept_null=accept_null)
    template = ZNSTemplate(template_id=1, template_params=(parameter,))
    wanted = ("template_data['a'] is empty, but the template requires a text",)
    assert problems({"a": ""}, template) == (wanted if expected else ())


def test_template_without_parameters() -> None:
    """A template without parameters accepts no data."""
    template = ZNSTemplate(template_id=1)
    assert problems({}, template) == ()
    assert problems({"a": "b"}, template) == (
        "template_data has 'a', which is not a parameter of the template; it has none",
    )


@pytest.mark.parametrize("data", [None, "text", {"customer": 5}, {"customer": None}])
def test_types_are_for_the_check(data: object) -> None:
    """A value of a wrong type is reported only by the check of types."""
    assert problems(data) == ()


@pytest.mark.parametrize("template", [7895417, "text", {"template_id": 5}])
def test_template_of_a_wrong_type(template: object) -> None:
    """A value that is not a template is reported only by the check of types."""
    assert problems({"customer": "An"}, template) == ()


@pytest.mark.parametrize("template_id", ["7895417", 7895417.0, np.array([1, 2]), [7895417]], ids=repr)
def test_id_of_a_wrong_type(template_id: object) -> None:
    """An id of a wrong type is reported only by the check of types, and a number of numpy is an id."""
    assert problems({}, template_id=template_id) == ()
    assert problems({"customer": "An"}, template_id=np.int64(7895417)) == ()
    assert problems({}, template_id=np.int64(5)) == ("template_id is 5, and template is 7895417: pass one",)


Send = Callable[[ShopClient, dict[str, Any]], Awaitable[object]]


@pytest.fixture(params=["send", "send_journey"])
def call(request: pytest.FixtureRequest) -> Send:
    """Make one of the two calls that take a template."""
    journey = {"journey_id": "5"} if request.param == "send_journey" else {}

    def call(shop: ShopClient, given: dict[str, Any]) -> Awaitable[object]:
        method = getattr(shop.zns.messages, request.param)
        return method(**{"oa_id": "1", "phone": "0901234567", **journey, **given})

    return call


async def test_template_is_not_sent(shop: ShopClient, peer: Peer, call: Send) -> None:
    """The request contains the template's id and the data, but not the template."""
    peer.respond_with(peer.json({"id": "1"}))
    await call(shop, {"template": TEMPLATE, "template_data": {"customer": "An"}, "tracking_id": "t"})
    (request,) = peer.requests
    sent = {"oa_id": "1", "phone": "0901234567", "tracking_id": "t", "template_id": 7895417}
    assert {**request.json, "journey_id": "5"} == {
        **sent,
        "template_data": {"customer": "An"},
        "journey_id": "5",
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"template": TEMPLATE, "template_data": {}},
            "template_data lacks 'customer', which the template requires.",
        ),
        ({"template_data": {}}, "template_id or template is required."),
        (
            {"template": 5, "template_data": {"a": 5}},
            (
                "template_data['a'] is a text, not a number: convert it with str() (ids are texts); "
                "template takes a ZNSTemplate, not int."
            ),
        ),
        (
            {"template_id": "5", "template_data": {}},
            "template_id takes a whole number, not str.",
        ),
    ],
)
async def test_wrong_data_is_not_sent(
    shop: ShopClient, peer: Peer, call: Send, given: dict[str, Any], expected: str
) -> None:
    """Data that does not fit the template raises a clear error before anything is sent."""
    with pytest.raises(InvalidRequestError) as caught:
        await call(shop, given)
    assert str(caught.value).endswith(expected)
    assert str(caught.value).startswith("shop.zns.messages.send")
    assert peer.requests == []
