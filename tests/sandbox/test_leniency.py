"""What a lenient sandbox accepts, and what a strict one answers."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async._core.codec import requests
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import Model, fields_of
from etelecom_async.errors import InvalidArgumentError
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import leniency
from etelecom_async.sandbox.leniency import LENIENCIES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from etelecom_async._core.operation import Operation
    from tests.sandbox.conftest import Peer

CONTENT: Final = {"users": 6, "extensions": 5, "call_logs": 60, "followers": 40, "zns_messages": 60}
CALLS: Final = "Etelecom/ListCallLogs"
SEND: Final = "OmniMessage/SendMessage"
ROWS: Final = [row for row in OPERATIONS.values() if row.request is not dict and not row.multipart]
REFUSED: Final = (400, "invalid_argument")
OTP: Final = {"templatecode": "OTP", "list_param": {"otp": "123456"}, "phonenumber": "0901234560"}
PHONE: Final = "0901234560"


@attrs.frozen(kw_only=True)
class World:
    """Records that both sandboxes have."""

    oa_id: str
    otp: int
    """Id of a template with one parameter."""
    cursors: tuple[str, str]
    """The cursor after the first three calls, and the one before the next three."""


@attrs.frozen(kw_only=True)
class Case:
    """A request that only a lenient sandbox accepts."""

    leniency: str
    method: str
    body: Callable[[World], dict[str, Any]]
    means: Callable[[World], dict[str, Any]] | None = None
    """The request in the documented form with the same response; `None` if each response differs."""
    strict: tuple[int, str] = REFUSED
    """HTTP status, and the code of the error or the status of the SMS service."""


CASES: Final = (
    Case(
        leniency="service spelling",
        method="ETelecom/GetExtensions",
        body=lambda _: {},
        strict=(404, "bad_route"),
    ),
    Case(
        leniency="texts for numbers",
        method=CALLS,
        body=lambda _: {"filter": {"duration": at_most("60")}, "paging": {"limit": " 7 "}},
        means=lambda _: {"filter": {"duration": at_most(60)}, "paging": {"limit": 7}},
    ),
    *(
        Case(
            leniency="texts for numbers",
            method="Shop/GetAccountUsers",
            body=lambda _, text=text: {"filter": {"has_extension": text}},
            means=lambda _, text=text: {"filter": {"has_extension": str(text).lower() in ("true", "1")}},
        )
        for text in ("true", "False", "1", "0", 1, 0)
    ),
    Case(
        leniency="texts for numbers",
        method="Zalo/SendZNS",
        body=lambda world: zns(world) | {"template_id": str(world.otp)},
    ),
    Case(
        leniency="numbers for texts",
        method="Zalo/GetShopOA",
        body=lambda world: {"oa_id": int(world.oa_id)},
        means=lambda world: {"oa_id": world.oa_id},
    ),
    Case(
        leniency="numbers for texts",
        method=CALLS,
        body=lambda _: {"filter": {"call_number": 1001, "extension_ids": [0]}},
        means=lambda _: {"filter": {"call_number": "1001", "extension_ids": ["0"]}},
    ),
    Case(
        leniency="numbers for texts",
        method="Zalo/SendZNS",
        body=lambda world: zns(world) | {"template_data": {"otp": 123456}, "phone": 84901234560},
    ),
    Case(
        leniency="numbers for texts",
        method=SEND,
        body=lambda _: OTP | {"phonenumber": 84901234560, "routerule": ["3"]},
        strict=(200, "-1"),
    ),
    Case(
        leniency="numbers for texts",
        method=SEND,
        body=lambda _: OTP | {"list_param": {"otp": 123456}, "routerule": ["3"]},
        strict=(200, "-2"),
    ),
    Case(
        leniency="numbers for texts", method=SEND, body=lambda _: OTP | {"routerule": [3]}, strict=(200, "-8")
    ),
    *(
        Case(leniency="blank values", method=CALLS, body=lambda _, blank=blank: blank, means=lambda _: {})
        for blank in (
            {"paging": {"limit": ""}},
            {"paging": {"limit": "  "}},
            {"paging": ""},
            {"paging": [], "filter": []},
            {"filter": {"duration": []}},
            {"filter": {"date_from": "", "date_to": ""}},
            {"filter": {"duration": ""}},
        )
    ),
    Case(
        leniency="blank values",
        method="Zalo/ListFollowers",
        body=lambda _: {"filter": {"has_conversation": ""}},
        means=lambda _: {},
    ),
    *(
        Case(leniency="null", method=CALLS, body=lambda _, blank=blank: blank, means=lambda _: {})
        for blank in (
            {"filter": None, "paging": None},
            {"filter": {"duration": None, "extension_ids": None, "call_number": None, "date_to": None}},
            {"filter": {"duration": {"comparison": None, "value": None}}},
            {"paging": {"after": None, "before": None, "limit": None, "sort": None}},
            {"something_new": None},
        )
    ),
    Case(
        leniency="null",
        method="Zalo/SendZNS",
        body=lambda world: zns(world) | {"template_data": {"otp": "123456", "note": None}},
    ),
    Case(
        leniency="null",
        method=SEND,
        body=lambda _: OTP | {"list_param": {"otp": "123456", "name": None}, "routerule": ["3"]},
        strict=(200, "-2"),
    ),
    *(
        Case(leniency="no template data", method="Zalo/SendZNS", body=body)
        for body in (
            lambda world: without(zns(world), "template_data"),
            lambda world: zns(world) | {"template_data": None},
            lambda world: zns(world) | {"template_data": []},
            lambda world: zns(world) | {"template_data": ""},
        )
    ),
    Case(
        leniency="maps as text",
        method="Zalo/SendZNS",
        body=lambda world: zns(world) | {"template_data": '{"otp": 123456}'},
    ),
    Case(
        leniency="maps as text",
        method=SEND,
        body=lambda _: OTP | {"list_param": '{"otp":"123456"}', "routerule": ["3"]},
        strict=(200, "-2"),
    ),
    Case(
        leniency="both cursors",
        method=CALLS,
        body=lambda world: {"paging": {"after": world.cursors[0], "before": world.cursors[1], "limit": 3}},
        means=lambda world: {"paging": {"after": world.cursors[0], "limit": 3}},
    ),
    Case(
        leniency="both cursors",
        method=CALLS,
        body=lambda world: {"paging": {"before": "string", "after": world.cursors[0]}},
        means=lambda world: {"paging": {"after": world.cursors[0]}},
    ),
    Case(
        leniency="blank webhook",
        method="Zalo/UpdateShopOA",
        body=lambda world: {"oa_id": world.oa_id, "webhook_url": ""},
    ),
    Case(
        leniency="case of SMS fields",
        method=SEND,
        body=lambda _: {"TemplateCode": "OTP", **without(OTP, "templatecode"), "routerule": ["3"]},
        strict=(200, "-6"),
    ),
    Case(
        leniency="case of SMS fields",
        method=SEND,
        body=lambda _: OTP | {"RouteRule": ["3"]},
        strict=(200, "-8"),
    ),
    *(
        Case(
            leniency="single channel",
            method=SEND,
            body=lambda _, rule=rule: OTP | {"routerule": rule},
            strict=(200, "-8"),
        )
        for rule in ("3", 3)
    ),
    Case(
        leniency="missing channels",
        method=SEND,
        body=lambda _: OTP | {"templatecode": "OTP_SMS", "routerule": ["1", "2", "3"]},
        strict=(200, "-9"),
    ),
)
OTHERS: Final = {"unknown in filters", "values in reports"}
"""Leniencies with tests of their own."""


def at_most(value: int | str) -> dict[str, Any]:
    """Returns a filter of the duration."""
    return {"comparison": "less_than_or_equal_to", "value": value}


def zns(world: World) -> dict[str, Any]:
    """Returns a ZNS in the documented form."""
    data = {"otp": "123456"}
    return {"oa_id": world.oa_id, "phone": PHONE, "template_id": world.otp, "template_data": data}


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    """Returns a body without a field."""
    return {field: value for field, value in body.items() if field != name}


@pytest.fixture
async def lenient(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> AsyncIterator[Peer]:
    """Returns the peer of a lenient sandbox, which is the default."""
    async with open_peer(**CONTENT) as peer:
        yield peer


@pytest.fixture
async def strict(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> AsyncIterator[Peer]:
    """Returns the peer of a strict sandbox."""
    async with open_peer(**CONTENT, strict=True) as peer:
        yield peer


async def look_around(peer: Peer) -> World:
    """Returns the records of a sandbox."""
    oa_id = (await peer.oas())[0]["oa_id"]
    otp = (await peer.templates(oa_id))["otp"]["template_id"]
    first = (await peer.shop(CALLS, paging={"limit": 3}))["paging"]
    second = (await peer.shop(CALLS, paging={"limit": 3, "after": first["next"]}))["paging"]
    return World(oa_id=oa_id, otp=otp, cursors=(first["next"], second["prev"]))


async def call(peer: Peer, method: str, body: dict[str, Any]) -> tuple[int, str, Any]:
    """Returns the status, the code and the JSON of a response."""
    if method == SEND:
        found = await peer.sms(method, **body)
        return 200, found["status"], found
    status, found = await peer.post(f"partner.{method}", body, key=peer.service.shop_key)
    return status, found.get("code", ""), found


def test_every_leniency_is_tested() -> None:
    """The cases below and two other tests cover each leniency, and no other name."""
    names = [one.name for one in LENIENCIES]
    assert len(names) == len(set(names))
    assert {case.leniency for case in CASES} | OTHERS == set(names)


async def test_a_lenient_sandbox_accepts(lenient: Peer) -> None:
    """Each request succeeds, and a read has the response of the same request in the documented form."""
    world = await look_around(lenient)
    for case in CASES:
        status, code, found = await call(lenient, case.method, case.body(world))
        assert status == 200, (case, found)
        assert code in ("", "1"), (case, found)
        if case.leniency == "no template data":
            assert found["error_code"] == -111, case  # Zalo misses the data; the request itself is accepted
        else:
            assert found.get("error_code", 0) == 0, (case, found)
        if case.means:
            assert found == (await call(lenient, case.method, case.means(world)))[2], case


async def test_a_strict_sandbox_refuses(strict: Peer) -> None:
    """Each request gets the documented code, and the documented form of it succeeds."""
    world = await look_around(strict)
    for case in CASES:
        status, code, found = await call(strict, case.method, case.body(world))
        assert (status, code) == case.strict, (case, found)
        if case.means:
            assert (await call(strict, case.method, case.means(world)))[0] == 200, case


def filtered_enums() -> dict[str, tuple[str, ...]]:
    """Returns the fields of filters that are enums, by the public name of the list."""
    found: dict[str, tuple[str, ...]] = {}
    for row in OPERATIONS.values():
        for wanted in () if row.request is dict else fields_of(row.request):
            if wanted.name == "filter":
                parts = {
                    field.name: leniency._part(field.type) for field in fields_of(leniency._part(wanted.type))
                }
                found[row.name] = tuple(name for name, part in parts.items() if leniency._is(part, OpenEnum))
    return {name: fields for name, fields in found.items() if fields}


async def test_unknown_in_filters(lenient: Peer, strict: Peer) -> None:
    """In each list, an enum that is `unknown` does not filter; a strict sandbox compares it."""
    lists = filtered_enums()
    assert lists["shop.zalo.followers.list"] == ("gender", "state")
    assert len(lists) >= 5
    names = {"msg_type": "type"}
    selected = 0
    for name, fields in lists.items():
        row = OPERATIONS[name]
        everything = (await lenient.shop(row.wire_name))[row.items]
        for field in fields:
            wanted = {field: "unknown"}
            assert (await lenient.shop(row.wire_name, filter=wanted))[row.items] == everything, (name, field)
            if field == "time_type":  # not compared with a record
                continue
            found = (await strict.shop(row.wire_name, filter=wanted))[row.items]
            selected += len(found)
            assert all(one[names.get(field, field)] == "unknown" for one in found), (name, field)
            assert len(found) < len(everything) or not everything
    assert selected


async def test_a_duration_without_a_comparison(lenient: Peer, strict: Peer) -> None:
    """A duration whose comparison is unknown does not filter, whatever its value; the page has `unknow`."""
    everything = await lenient.calls()
    for word in ("unknown", "unknow"):
        assert await lenient.calls(duration={"comparison": word, "value": 1}) == everything
    assert len(await strict.calls(duration={"comparison": "unknow", "value": 1})) == len(everything)
    wanted = {"duration": {"comparison": "unknown", "value": 1}}
    assert await strict.shop_error(CALLS, filter=wanted) == REFUSED


async def test_values_in_reports(lenient: Peer, strict: Peer) -> None:
    """A report has `list_param` as text or as an object; a strict sandbox always sends text."""
    for peer, kinds in ((lenient, [str, dict]), (strict, [str, str])):
        found = []
        for digit in (0, 1):
            sent = await peer.sms(SEND, **OTP | {"routerule": ["3"], "phonenumber": f"090123456{digit}"})
            report = await peer.sms("OmniReport/GetStatusOmni", idOmniMess=sent["idOmniMess"])
            found.append(type(report["list_param"]))
        assert found == kinds


@pytest.mark.parametrize("name", ["UserName", "USERNAME", "Username"])
async def test_names_of_sms_credentials(lenient: Peer, strict: Peer, name: str) -> None:
    """A lenient service reads `username` in any case; a strict one needs the spelling of the operation."""
    for peer, expected in ((lenient, 200), (strict, 200 if name == "Username" else 401)):
        account = {name: peer.service.sms_username, "Password": peer.service.sms_password}
        url = f"{peer.service.sms_base_url}/api/TemplateOmni/GetTemplate"
        async with peer.http.post(url, json=account) as response:
            assert response.status == expected


OTHER_VALUES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    (CALLS, {"paging": {"limit": "many"}}),
    (CALLS, {"paging": {"limit": "1.5"}}),
    (CALLS, {"paging": {"limit": 1.5}}),
    (CALLS, {"paging": {"limit": "9" * 5000}}),
    (CALLS, {"paging": {"limit": "٣"}}),
    (CALLS, {"paging": {"limit": True}}),
    (CALLS, {"paging": [1]}),
    (CALLS, {"filter": "unknown"}),
    (CALLS, {"filter": {"extension_ids": "1"}}),
    (CALLS, {"filter": {"extension_ids": [None]}}),
    (CALLS, {"filter": {"user_id": 1e300}}),
    ("Zalo/SendZNSTxn", {"oa_id": "1", "recipient": {"user_id": "1"}, "message": {"buttons": [""]}}),
    (CALLS, {"filter": {"user_id": True}}),
    (CALLS, {"filter": {"call_state": {"is": "unknown"}}}),
    (CALLS, {"filter": {"duration": {"comparison": ["unknown"], "value": 1}}}),
    (CALLS, {"filter": {"duration": [[]]}}),
    (CALLS, {"filter": {"date_from": 0}}),
    ("Zalo/ListFollowers", {"filter": {"has_conversation": "yes"}}),
    ("Zalo/ListFollowers", {"filter": {"has_conversation": 2}}),
    ("Zalo/ListFollowers", {"filter": {"has_conversation": 1.0}}),
    ("Zalo/SendZNS", {"oa_id": "1", "phone": PHONE, "template_id": 1, "template_data": "otp=1"}),
    ("Zalo/SendZNS", {"oa_id": "1", "phone": PHONE, "template_id": 1, "template_data": "[1]"}),
    (
        "Zalo/SendZNS",
        {"oa_id": "1", "phone": PHONE, "template_id": 1, "template_data": '{"a":"\\ud800"}'},
    ),
    ("Zalo/OASendText", {"oa_id": "1", "message": None, "recipient": None}),
)


async def test_other_values_stay_refused(newcomer: Peer) -> None:
    """A lenient sandbox refuses a value that is none of the leniencies, as a strict one does."""
    for method, body in OTHER_VALUES:
        assert await newcomer.shop_error(method, **body) == REFUSED, body


def names_in(kind: Any) -> set[str]:
    """Returns the names of the fields of a request, at any depth."""
    found: set[str] = set()
    for field in fields_of(kind):
        part = leniency._part(field.type)
        parts = [leniency._part(one) for one in get_args(part)] or [part]
        found |= {field.metadata.get("wire", field.name)}
        found |= {name for one in parts if leniency._is(one, Model) for name in names_in(one)}
    return found


NAMES: Final = sorted({name for row in ROWS for name in names_in(row.request)} | {"Username", "unheard_of"})
JSON: Final = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(
            ["", " ", "0", " 12 ", "true", "unknown", "unknow", "{}", '{"a": 1}', "[", "2025-01-01T00:00:00Z"]
        ),
        st.text(st.characters(codec="utf-8"), max_size=5),
    ),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(NAMES), part, max_size=5),
    max_leaves=12,
)
BODIES: Final = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8)


@given(row=st.sampled_from(ROWS), body=BODIES)
def test_any_body(row: Operation[Any, Any], body: dict[str, Any]) -> None:
    """No body is a failure of the sandbox, and a body in the documented form stays as it is."""
    relaxed = leniency.relax(row, body)
    assert leniency.relax(row, relaxed) == relaxed
    with contextlib.suppress(InvalidArgumentError):
        requests.structure(row, relaxed)
    for strict in (False, True):
        assert all(name == name.lower() for name in leniency.sms_fields(row, body, strict=strict))


def test_an_open_body_is_unchanged() -> None:
    """A request without documented fields stays as it is."""
    body = {"name": None, "filter": {"state": "unknown"}, "paging": {"after": "a", "before": "b"}}
    row = attrs.evolve(OPERATIONS["partner.shops.create"], request_type=lambda: dict)
    assert leniency.relax(row, body) == body


@pytest.mark.parametrize(
    ("body", "path"),
    [({"a": None}, "a"), ({"a": {"b": [{}, {"c": None}]}}, r"a\.b\[1\]\.c"), ({"a": [None]}, r"a\[0\]")],
    ids=["field", "deep", "item"],
)
def test_null_is_named(body: dict[str, Any], path: str) -> None:
    """The error of a strict sandbox names the path of a null."""
    with pytest.raises(InvalidArgumentError, match=f"^{path} is null; leave the field out"):
        leniency.require_values(body)
    leniency.require_values({"a": [{"b": ""}, 0, False]})


async def test_a_deep_body_is_no_failure(strict: Peer) -> None:
    """A body that is nested deeply gets an error of the API, in an open body, too."""
    deep: dict[str, Any] = {}
    for _ in range(400):
        deep = {"a": deep}
    assert await strict.shop_error(CALLS, filter=[deep]) == REFUSED
    await strict.partner("Shop/CreateShopAccount", name="A", other=deep)
