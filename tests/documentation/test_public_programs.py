"""
Requests of public programs that use the service, made again in our own words.

A lenient sandbox accepts each of them. A strict one refuses those that the documentation does not have, with
the documented code. The sources tell the language of few programs. Where they do not, a row names a language
whose programs usually have this form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.documentation.conftest import Docs

ACCEPTED: Final = (200, "")
REFUSED: Final = (400, "invalid_argument")
CALLS: Final = "Etelecom/ListCallLogs"
SEND: Final = "OmniMessage/SendMessage"


@attrs.frozen(kw_only=True)
class Request:
    """A request of a public program."""

    program: str
    habit: str
    path: str
    """Service and method; the base URL is the shop's for `shop_key` false."""
    body: Callable[[Docs], dict[str, Any]]
    shop_key: bool = False
    """Whether a partner calls for the shop."""
    strict: tuple[int, str] = REFUSED
    """Status and code of a strict sandbox, or the status of the SMS service."""

    def __str__(self) -> str:
        """Return the id of the test."""
        return f"{self.program}: {self.habit}"


def oa_of(docs: Docs) -> str:
    """Return the id of an official account that can send."""
    found: str = docs.shop("Zalo/ListOA", paging={"sort": "created_at"})["accounts"][0]["oa_id"]
    return found


def otp(docs: Docs) -> dict[str, Any]:
    """Return a ZNS in the documented form."""
    oa_id = oa_of(docs)
    templates = docs.shop("Zalo/ListTemplates", filter={"oa_id": oa_id, "type": "otp"})["templates"]
    sent = next(one for one in templates if one["template_status"] == "ENABLE")
    data = {"otp": "123456"}
    return {"oa_id": oa_id, "phone": "84901234560", "template_id": sent["template_id"], "template_data": data}


def account(docs: Docs, user: str = "username", password: str = "password") -> dict[str, str]:
    """Return the credentials of the SMS service."""
    return {user: docs.service.sms_username, password: docs.service.sms_password}


def message(docs: Docs, **fields: Any) -> dict[str, Any]:
    """Return a message of the SMS service in the documented form."""
    return account(docs) | {
        "phonenumber": "84901234560",
        "routerule": ["3"],
        "templatecode": "OTP_SMS",
        "list_param": {"otp": "123456"},
        **fields,
    }


def a_text_to(docs: Docs) -> dict[str, Any]:
    """Return a consulting message."""
    oa_id = oa_of(docs)
    follower = docs.shop("Zalo/ListFollowers", filter={"oa_id": oa_id})["followers"][0]
    return {"message": {"text": "Xin chào"}, "oa_id": oa_id, "recipient": {"user_id": follower["zl_user_id"]}}


REQUESTS: Final = (
    Request(
        program="n8n node",
        habit="tests a credential with an empty object",
        path="Misc/CurrentAccount",
        body=lambda _: {},
        strict=ACCEPTED,
    ),
    Request(
        program="n8n node",
        habit="lists accounts with an empty object",
        path="Zalo/ListOA",
        body=lambda _: {},
        strict=ACCEPTED,
    ),
    Request(
        program="n8n node", habit="sends a text", path="Zalo/OASendText", body=a_text_to, strict=ACCEPTED
    ),
    Request(
        program="n8n node",
        habit="removes a webhook by an empty URL",
        path="Zalo/UpdateShopOA",
        body=lambda docs: {"oa_id": oa_of(docs), "webhook_url": ""},
    ),
    Request(
        program="PHP",
        habit="reads call logs from an empty cursor, in UTC with milliseconds",
        path=CALLS,
        body=lambda _: {
            "filter": {"date_from": "2025-01-01T00:00:00.000Z", "date_to": "2027-01-01T00:00:00.000Z"},
            "paging": {"limit": 100, "after": ""},
        },
        shop_key=True,
        strict=ACCEPTED,
    ),
    Request(
        program="PHP",
        habit="looks for the calls of an extension",
        path=CALLS,
        body=lambda _: {"filter": {"call_number": "1001"}},
        shop_key=True,
        strict=ACCEPTED,
    ),
    Request(
        program="PHP",
        habit="passes the number of an extension on as a number",
        path=CALLS,
        body=lambda _: {"filter": {"call_number": 1001}},
        shop_key=True,
    ),
    Request(
        program="PHP",
        habit="writes an empty filter as an array",
        path=CALLS,
        body=lambda _: {"filter": [], "paging": {"limit": 10}},
        shop_key=True,
    ),
    Request(
        program="PHP",
        habit="sends a ZNS without data",
        path="Zalo/SendZNS",
        body=lambda docs: {name: value for name, value in otp(docs).items() if name != "template_data"},
    ),
    Request(
        program="Python (Odoo)",
        habit="sends a ZNS for a shop with the template's id as text",
        path="Zalo/SendZNS",
        body=lambda docs: otp(docs) | {"template_id": str(otp(docs)["template_id"])},
        shop_key=True,
    ),
    Request(
        program="Python",
        habit="sends numbers as values of a template",
        path="Zalo/SendZNS",
        body=lambda docs: otp(docs) | {"template_data": {"otp": 123456}},
    ),
    Request(
        program="Python",
        habit="passes None on for objects",
        path="Zalo/ListTemplates",
        body=lambda _: {"filter": None, "paging": None},
    ),
    Request(
        program="TypeScript",
        habit="passes a query string on: a boolean and a limit",
        path="Shop/GetAccountUsers",
        body=lambda _: {"filter": {"has_extension": "true"}, "paging": {"limit": "20"}},
        shop_key=True,
    ),
    Request(
        program="TypeScript",
        habit="passes a query string on: a blank limit",
        path=CALLS,
        body=lambda _: {"paging": {"limit": "", "after": ""}},
    ),
    Request(
        program="TypeScript",
        habit="fills both cursors",
        path=CALLS,
        body=lambda docs: {"paging": dict.fromkeys(("after", "before"), cursor(docs))},
    ),
    Request(
        program="C#",
        habit="lists templates with names in capitals",
        path="TemplateOmni/GetTemplate",
        body=lambda docs: (
            account(docs, "Username", "Password") | {"TemplateCode": "", "Page": 1, "ItemCount": 10}
        ),
        strict=ACCEPTED,
    ),
    Request(
        program="C#",
        habit="sends a message with names in capitals",
        path=SEND,
        body=lambda docs: {name.capitalize(): value for name, value in message(docs).items()},
        strict=(401, "Unauthorized"),
    ),
    Request(
        program="C#",
        habit="sends a message over all three channels",
        path=SEND,
        body=lambda docs: message(docs, routerule=["1", "2", "3"]),
        strict=(200, "-9"),
    ),
    Request(
        program="C#",
        habit="sends a message with the values as JSON text",
        path=SEND,
        body=lambda docs: message(docs, list_param='{"otp":"123456"}'),
        strict=(200, "-2"),
    ),
    Request(
        program="C#",
        habit="sends a message to a number that is a number",
        path=SEND,
        body=lambda docs: message(docs, phonenumber=84901234560),
        strict=(200, "-1"),
    ),
)


def cursor(docs: Docs) -> str:
    """Return a cursor of the call logs."""
    found: str = docs.shop(CALLS, paging={"limit": 1})["paging"]["next"]
    return found


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_requests(docs: Docs, request_: Request) -> None:
    """A lenient sandbox accepts the request; a strict one has the documented answer."""
    body = request_.body(docs)
    if request_.path.startswith(("Omni", "Template")):
        found = docs.sms(request_.path, body)
        accepted = {(200, "1")} if request_.path == SEND else {ACCEPTED}
    else:
        scope, key = "shop", docs.service.shop_api_key
        if request_.shop_key:
            scope, key = "partner", docs.service.shop_key
        status, response = docs.post(f"{scope}.{request_.path}", body, key=key)
        found, accepted = (status, response.get("code", "")), {ACCEPTED}
    if docs.strict:
        assert found == request_.strict
    else:
        assert found in accepted


def test_a_gender_beside_a_phone_number(docs: Docs) -> None:
    """
    A program always sends the gender `unknown` beside a phone number, and means any gender.

    A strict sandbox takes the word as a gender, so it finds no other follower.
    """
    followers = docs.shop("Zalo/ListFollowers")["followers"]
    one = next(one for one in followers if one["phone"] and one["gender"] != "unknown")
    found = docs.shop("Zalo/ListFollowers", filter={"phone": one["phone"], "gender": "unknown"})["followers"]
    assert found == ([] if docs.strict else [one])


def test_every_language_has_a_refused_request() -> None:
    """Each kind of program has a request that only a lenient sandbox accepts."""
    refused = {one.program for one in REQUESTS if one.strict not in (ACCEPTED, (200, "1"))}
    assert {one.program for one in REQUESTS} - refused == set()
    assert {name.partition(" ")[0] for name in refused} == {"n8n", "PHP", "Python", "TypeScript", "C#"}
